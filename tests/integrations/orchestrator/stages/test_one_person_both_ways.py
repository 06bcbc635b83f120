"""In both directions: a match that contradicts what both sides agreed on is held, and follows what a person says."""

import pytest

from integrations.enums import DuplicateKind, DuplicateVerdict, FailureStatus
from integrations.models import Agreement, Duplicate, FailedRecord
from integrations.orchestrator.duplicates import decide


@pytest.fixture
def taken(both, portal) -> Duplicate:
    """Ann's lead got the address of Bob, who comes to the source only now."""
    portal.change_lead(both.lead["Id"], HubSpot_Email__c="bob@x.org")
    portal.add(email="bob@x.org", firstname="Bob", lastname="Lee", company="Acme")
    both.right()
    return Duplicate.objects.get(kind=DuplicateKind.TAKEN)


def test_nobody_is_written_over_and_a_person_is_asked(both, taken, portal) -> None:
    assert taken.other_id == both.ann and taken.why == "same key"
    assert FailedRecord.objects.open().get(source_id=taken.source_id).code == "match_taken"
    assert portal.lead("bob@x.org")["FirstName"] == "Ann"


def test_two_people_means_that_the_second_is_left_out_and_nobody_is_asked_again(both, taken, portal) -> None:
    decide(taken.pk, DuplicateVerdict.DIFFERENT, "dana")
    both.run(FailedRecord.objects.get(source_id=taken.source_id).job)
    assert FailedRecord.objects.get(source_id=taken.source_id).status == FailureStatus.FIXED
    assert portal.lead("bob@x.org")["FirstName"] == "Ann"
    both.settle()
    assert not Duplicate.objects.undecided().exists()
    assert not FailedRecord.objects.open().filter(code="match_taken").exists()


def test_one_person_means_that_the_one_that_is_kept_takes_over(both, taken, portal) -> None:
    lead_id = portal.lead("bob@x.org")["Id"]
    decide(taken.pk, DuplicateVerdict.SAME, "dana", keeps=taken.source_id)
    both.run(FailedRecord.objects.get(source_id=taken.source_id).job)
    both.settle()
    assert Agreement.objects.get(right_id=lead_id).left_id == taken.source_id
    assert not Agreement.objects.filter(left_id=both.ann).exists()
    assert not FailedRecord.objects.open().filter(code__startswith="match").exists()
