"""The field lists and the right pairs hold together, so that a misspelt name cannot pass for a good result."""

import pytest

from tests.integrations.mappings.matching.field_lists import NAMES, read_object
from tests.integrations.mappings.matching.gold import GOLD, read_pairs

IDS = [gold.name for gold in GOLD]


@pytest.mark.parametrize("name", NAMES)
def test_a_field_list_names_each_field_once(name):
    names = [field.name for field in read_object(name).fields]
    assert len(names) == len(set(names)) > 10


@pytest.mark.parametrize("gold", GOLD, ids=IDS)
def test_every_pair_names_fields_that_exist(gold):
    source, destination = read_object(gold.source), read_object(gold.destination)
    for a, b in read_pairs(gold.right) | read_pairs(gold.acceptable) | read_pairs(gold.traps):
        assert source.field(a), f"{gold.source} has no {a}"
        assert destination.field(b), f"{gold.destination} has no {b}"


@pytest.mark.parametrize("gold", GOLD, ids=IDS)
def test_right_pairs_can_be_read_and_written_and_name_a_destination_once(gold):
    source, destination = read_object(gold.source), read_object(gold.destination)
    right = read_pairs(gold.right)
    assert all(source.field(a).readable and destination.field(b).writable for a, b in right)
    assert len({b for _, b in right}) == len(right)
    assert not right & read_pairs(gold.acceptable) and not right & read_pairs(gold.traps)


def test_at_least_half_of_the_pairs_are_held_out():
    assert sum(gold.held_out for gold in GOLD) * 2 >= len(GOLD)
