"""From a correction on the Fix-it list to a wish and examples for the mapping."""

import pytest

from integrations.exceptions import RefusedTransitionError
from integrations.models import FailedRecord, MappingExample, MappingSample
from integrations.models.blobs import pack, unpack
from integrations.orchestrator.rules import MOST, propose_rule
from tests.factories import make_failure, make_job

pytestmark = pytest.mark.django_db


def test_a_corrected_value_becomes_a_wish_and_an_example() -> None:
    row = make_failure(
        mapped=pack({"Country": "Deutschland", "LastName": "Doe"}), corrections={"sent": {"Country": "Germany"}}
    )
    rule = propose_rule([row.pk], "ann")
    assert rule.mapping_id == row.sync.mapping_id
    assert rule.wish == "When Country is “Deutschland”, send “Germany”."
    assert unpack(MappingExample.objects.get().expected) == {"Country": "Germany", "LastName": "Doe"}
    assert MappingSample.objects.get().is_picked


@pytest.mark.parametrize(
    ("mapped", "corrections", "wish"),
    [
        ({"Company": ""}, {"sent": {"Company": "None"}}, "When Company is empty, send “None”."),
        ({"Phone": "x"}, {"sent": {"Phone": ""}}, "When Phone is “x”, send nothing."),
        (None, {"received": {"company": "Acme"}}, "When company is empty, take it as “Acme”."),
        ({"Company": ""}, {}, "Company is missing. In that case, "),
    ],
    ids=["was empty", "becomes empty", "came in wrong", "not corrected"],
)
def test_what_was_done_is_said_in_words(mapped: object, corrections: dict, wish: str) -> None:
    row = make_failure(mapped=pack(mapped) if mapped else None, corrections=corrections)
    assert propose_rule([row.pk], "").wish == wish


def test_the_same_correction_of_many_is_one_wish_and_each_is_tried() -> None:
    job = make_job()
    rows = [make_failure(job, corrections={"sent": {"Company": "None"}}) for _ in range(MOST + 3)]
    rule = propose_rule([row.pk for row in rows], "")
    assert rule.wish == "When Company is empty, send “None”."
    assert MappingSample.objects.count() == MappingExample.objects.count() == MOST


def test_a_correction_of_what_came_in_is_no_example() -> None:
    propose_rule([make_failure(corrections={"received": {"company": "Acme"}}).pk], "")
    assert not MappingExample.objects.exists()


def test_whose_data_is_forgotten_cannot_become_a_rule() -> None:
    row = make_failure()
    FailedRecord.objects.update(received=None)
    with pytest.raises(RefusedTransitionError, match="no longer kept"):
        propose_rule([row.pk], "")
