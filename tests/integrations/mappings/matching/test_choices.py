"""Choices are paired by value or label, whatever their case, spelling of "and", or plural."""

import pytest

from integrations.enums import FieldType as T
from integrations.mappings.matching.choices import is_yes_or_no, pair_choices, share_of_numbers, share_paired
from tests.integrations.mappings.matching.making import make_field


def make_choice(*choices, labels=()):
    return make_field("x", kind=T.CHOICE, choices=choices, choice_labels=labels)


@pytest.mark.parametrize(
    ("source", "destination", "pairs"),
    [
        (make_choice("BANKING"), make_choice("Banking"), {"BANKING": "Banking"}),
        (make_choice("fb", labels=("Food & Beverages",)), make_choice("Food/Beverage"), {"fb": "Food/Beverage"}),
        (make_choice("Germany"), make_choice("DE", labels=("Germany",)), {"Germany": "DE"}),
        (make_choice("x", labels=("Hot",)), make_choice("1", "2", labels=("Hot", "Cold")), {"x": "1"}),
        (make_choice("Warm"), make_choice("Hot", "Cold"), {}),
        (make_choice("", "–"), make_choice("", "–"), {}),
        (make_choice(), make_choice("Hot"), {}),
    ],
)
def test_choices_that_are_called_the_same_are_paired(source, destination, pairs):
    assert pair_choices(source, destination) == pairs


def test_a_value_counts_before_a_label():
    destination = make_choice("a", "b", labels=("b", "a"))
    assert pair_choices(make_choice("a", "b"), destination) == {"a": "a", "b": "b"}


def test_the_share_is_that_of_the_smaller_side():
    assert share_paired(make_choice("a", "b", "c", "d"), make_choice("A", "X")) == 0.5
    assert share_paired(make_choice("a"), make_choice("b")) == 0.0
    assert share_paired(make_choice(), make_choice("b")) == 1.0


@pytest.mark.parametrize(
    ("values", "is_one"),
    [(("true", "false"), True), (("Yes", "No"), True), (("yes",), False), (("yes", "no", "maybe"), False), ((), False)],
)
def test_a_picklist_of_a_yes_and_a_no_is_recognised(values, is_one):
    assert is_yes_or_no(make_choice(*values)) is is_one


@pytest.mark.parametrize(("values", "share"), [(("1", "2"), 1.0), (("1-5", "6"), 0.5), ((), 0.0)])
def test_choices_that_are_numbers_are_counted(values, share):
    assert share_of_numbers(make_choice(*values)) == share
