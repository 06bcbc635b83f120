"""What two mappings make of the same records, compared."""

import pytest

from integrations.mappings.outcomes import MappedBatch, MappingFailure
from integrations.mappings.rehearsal import SAMPLES, Comparison, Outcome, differing_fields, outcomes
from integrations.mappings.validation import Problem

SENT = Outcome("sent", {"Email": "a", "City": "Rome"})
OTHER = Outcome("sent", {"Email": "b", "City": "Rome"})
HELD = Outcome("held", {}, "Company is empty.", "Company is missing")
LEFT_OUT = Outcome("left_out", {}, "no e-mail")


@pytest.mark.parametrize(
    ("old", "new", "counted"),
    [
        (SENT, SENT, {"same": 1}),
        (SENT, OTHER, {"changed": 1}),
        (HELD, HELD, {"same": 1}),
        (SENT, HELD, {"newly_held": 1}),
        (SENT, LEFT_OUT, {"newly_left_out": 1}),
        (LEFT_OUT, SENT, {"newly_sent": 1}),
        (HELD, SENT, {"newly_sent": 1, "no_longer_held": 1}),
        (HELD, LEFT_OUT, {"newly_left_out": 1, "no_longer_held": 1}),
        (LEFT_OUT, HELD, {"newly_held": 1}),
    ],
)
def test_a_record_is_counted_where_it_belongs(old: Outcome, new: Outcome, counted: dict[str, int]) -> None:
    comparison = Comparison()
    comparison.add({"id": "1"}, old, new)
    plain = comparison.dump()
    numbers = ("same", "changed", "newly_sent", "newly_held", "newly_left_out", "no_longer_held")
    assert {name: plain[name] for name in numbers if plain[name]} == counted
    assert comparison.records == 1


def test_the_fields_and_reasons_that_differ_are_counted() -> None:
    comparison = Comparison()
    for _ in range(2):
        comparison.add({"id": "1"}, SENT, OTHER)
    comparison.add({"id": "2"}, SENT, HELD)
    assert comparison.fields == {"Email": 2}
    assert comparison.reasons == {"Company is missing": 1}
    assert comparison.samples["changed"][0]["old"] == {"Email": "a"}
    assert comparison.samples["newly_held"][0]["problem"] == "Company is empty."


def test_only_a_few_of_each_sort_are_kept() -> None:
    comparison = Comparison()
    for number in range(SAMPLES + 5):
        comparison.add({"id": str(number)}, SENT, OTHER)
    assert len(comparison.samples["changed"]) == SAMPLES
    assert comparison.changed == SAMPLES + 5


def test_a_comparison_goes_on_after_it_was_stored() -> None:
    comparison = Comparison()
    comparison.add({"id": "1"}, SENT, OTHER)
    again = Comparison.load(comparison.dump())
    again.add({"id": "2"}, SENT, OTHER)
    assert (again.changed, again.fields) == (2, {"Email": 2})


def test_a_field_that_is_missing_is_not_a_field_that_is_emptied() -> None:
    assert differing_fields({"a": None}, {}) == ["a"]
    assert differing_fields({"a": None}, {"a": None}) == []


def test_each_record_of_a_batch_has_its_outcome() -> None:
    batch = MappedBatch(
        outputs=[{"ok": 1}, None, None, {"bad": 1}],
        left_out={1: "no e-mail"},
        failed={2: MappingFailure("mapping_raised", "It stops.")},
    )
    problem = Problem("required_missing", "Company", "Company is empty.", "Company is missing")
    found = outcomes(batch, lambda record: [problem] if "bad" in record else [])
    assert [(one.fate, one.problem) for one in found] == [
        ("sent", ""),
        ("left_out", "no e-mail"),
        ("held", "It stops."),
        ("held", "Company is empty."),
    ]
