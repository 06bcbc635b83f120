"""Many at once: those ticked, or everybody the list describes."""

from typing import Any

import pytest

from integrations.enums import FailureStatus, Status
from integrations.models import FailedRecord
from integrations.models.blobs import pack
from syncpanel.views.failure_bulk import MOST
from tests.factories import make_job
from tests.syncpanel.views.people import make_open, statuses, undo_in


@pytest.mark.parametrize(
    ("do", "after", "said"),
    [
        ("retry", FailureStatus.RETRYING, "2 on the way again."),
        ("dismiss", FailureStatus.DISMISSED, "2 set aside."),
    ],
)
def test_those_ticked_are_dealt_with_and_no_other(signed_in, records, do, after, said):
    posted = {"do": do, "ids": [records[0].pk, records[2].pk]}
    answer = signed_in("Fixer").post("/failures/bulk/", posted, follow=True)
    assert statuses() == [after, FailureStatus.OPEN, after]
    assert said in answer.content.decode()


def test_those_whose_job_was_cancelled_stay_and_are_told(signed_in, job, records):
    cancelled = make_job(status=Status.CANCELLED)
    stays = make_open(cancelled)
    answer = signed_in("Fixer").post("/failures/bulk/", {"do": "retry", "all": "1"}, follow=True)
    assert "3 on the way again. 1 stays here: its job was cancelled." in answer.content.decode()
    assert FailedRecord.objects.get(status=FailureStatus.OPEN).pk == stays.pk


def test_many_set_aside_at_once_are_put_back_with_one_press(signed_in, job, records):
    client = signed_in("Fixer")
    aside = make_open(job)
    client.post(f"/failures/{aside.pk}/dismiss/", follow=True)
    page = client.post("/failures/bulk/?reason=x:y", {"do": "dismiss", "ids": [r.pk for r in records]}, follow=True)
    undo = undo_in(page)
    answer = client.post(undo, follow=True)
    assert "3 people are back on the list." in answer.content.decode()
    assert statuses() == [FailureStatus.OPEN] * 3 + [FailureStatus.DISMISSED]
    assert answer.redirect_chain == [("/failures/?reason=x%3Ay", 302)]


@pytest.mark.parametrize(
    ("status", "do", "said"),
    [
        (
            FailureStatus.DISMISSED,
            "restore",
            "2 people are back on the list. 1 was forgotten meanwhile and stays aside.",
        ),
        (FailureStatus.RETRYING, "withdraw", "2 people are back on the list. 1 is on its way already."),
    ],
)
def test_those_that_can_be_taken_back_are_and_the_others_are_told(signed_in, job, records, status, do, said):
    FailedRecord.objects.update(status=status, resolved_at=job.created_at)
    FailedRecord.objects.filter(pk=records[1].pk).update(received=None, technical="", repair_batch=9)
    type(job).objects.filter(pk=job.pk).update(failures_retrying=9)
    answer = signed_in("Fixer").post(f"/failures/bulk/?status={status}", {"do": do, "all": "1"}, follow=True)
    assert said in answer.content.decode()
    assert statuses() == [FailureStatus.OPEN, status, FailureStatus.OPEN]


def test_suggestions_are_used_for_all_who_have_one(signed_in, job, records):
    fix = {"values": {"Company": "Kestrel"}, "why": "it is nearly the same"}
    FailedRecord.objects.filter(pk__in=[records[0].pk, records[2].pk]).update(suggestion=fix, has_suggestion=True)
    FailedRecord.objects.filter(pk=records[2].pk).update(
        mapped=pack({"LastName": None, "HubSpot_Email__c": "t@x.example"})
    )
    answer = signed_in("Fixer").post("/failures/bulk/", {"do": "suggest", "all": "1"}, follow=True)
    assert "1 mended as suggested and on the way. 2 without a suggestion stay here." in answer.content.decode()
    assert statuses() == [FailureStatus.RETRYING, FailureStatus.OPEN, FailureStatus.OPEN]
    assert FailedRecord.objects.get(pk=records[0].pk).corrections["sent"] == {"Company": "Kestrel"}


def test_everybody_of_the_list_means_the_filter_and_not_the_page(signed_in, job, records):
    others = [make_open(job, code="too_long", field="LastName") for _ in range(60)]
    answer = signed_in("Fixer").post("/failures/bulk/?reason=too_long:LastName", {"do": "dismiss", "all": "1"})
    assert FailedRecord.objects.filter(status=FailureStatus.DISMISSED).count() == len(others)
    assert answer["Location"] == "/failures/?reason=too_long%3ALastName"


def test_one_field_is_set_for_many_and_the_rest_stays(signed_in, job, records):
    stays = make_open(job, mapped=pack({"Company": None, "LastName": None, "HubSpot_Email__c": "t@kestrel.example"}))
    posted = {"do": "correct", "value": " Kestrel ", "all": "1"}
    answer = signed_in("Fixer").post("/failures/bulk/?reason=required_missing:Company", posted, follow=True)
    assert "3 corrected and on the way. 1 would still be refused and stay here." in answer.content.decode()
    assert FailedRecord.objects.get(status=FailureStatus.OPEN).pk == stays.pk
    assert FailedRecord.objects.get(pk=records[0].pk).corrections["sent"] == {"Company": "Kestrel"}


@pytest.mark.parametrize(
    ("query", "posted", "said"),
    [
        ("", {"do": "correct", "value": "x", "all": "1"}, "Choose one reason first"),
        ("", {"do": "retry"}, "Nobody was selected."),
        ("", {"do": "retry", "ids": "nonsense"}, "Nobody was selected."),
        ("", {"do": "nonsense", "all": "1"}, "Nobody was selected."),
        ("?q=nobody", {"do": "retry", "all": "1"}, "Nobody was selected."),
    ],
)
def test_a_bulk_change_without_sense_changes_nothing(signed_in, records, query, posted, said):
    answer = signed_in("Fixer").post(f"/failures/bulk/{query}", posted, follow=True)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert set(statuses()) == {FailureStatus.OPEN}


def test_one_press_does_no_more_than_a_request_can_carry(signed_in, job):
    type(job).objects.filter(pk=job.pk).update(failures_open=MOST + 1)
    first = make_open(job)
    others = [FailedRecord(**{**vars_of(first), "source_id": f"x{place}"}) for place in range(MOST)]
    FailedRecord.objects.bulk_create(others, batch_size=500)
    answer = signed_in("Fixer").post("/failures/bulk/", {"do": "dismiss", "all": "1"}, follow=True)
    assert f"{MOST:,} set aside. These were the oldest {MOST:,}; press again for the next." in answer.content.decode()
    assert statuses().count(FailureStatus.OPEN) == 1


def vars_of(record: FailedRecord) -> dict[str, Any]:
    """The columns of a row, without its key."""
    return {f.attname: getattr(record, f.attname) for f in record._meta.concrete_fields if not f.primary_key}
