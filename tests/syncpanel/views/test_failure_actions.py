"""Correcting, retrying and setting aside, one and many: through the engine's own commands."""

from urllib.parse import parse_qs, urlparse

import pytest
from django.test import Client
from django.utils import timezone

from integrations.enums import FailureStatus, Kind, Status
from integrations.models import Event, FailedRecord, RecordEvent
from syncpanel.views.failure_actions import GONE, GRACE, TOO_LATE
from tests.syncpanel.views.people import BENCH, statuses, undo_in

ONE = ["fix", "retry", "dismiss", "restore", "withdraw", "decide"]
PATHS = [*(f"/failures/{{0}}/{act}/" for act in ONE), "/failures/bulk/", "/failures/undo/"]
VALUES = {"LastName": "Okafor", "HubSpot_Email__c": "t@kestrel.example"}


@pytest.mark.parametrize("path", PATHS)
def test_a_change_refuses_get(signed_in, records, path):
    assert signed_in("Admin").get(path.format(records[0].pk)).status_code == 405


@pytest.mark.parametrize("path", PATHS)
def test_a_change_needs_sign_in(client, make_user, records, path):
    make_user()
    assert client.post(path.format(records[0].pk))["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("path", PATHS)
def test_a_change_needs_the_right(signed_in, records, path):
    assert signed_in("Viewer").post(path.format(records[0].pk), {"do": "retry", "all": "1"}).status_code == 403
    assert set(statuses()) == {FailureStatus.OPEN}


@pytest.mark.parametrize("path", PATHS)
def test_a_change_without_the_csrf_token_is_refused(make_user, records, path):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("Admin"))
    assert client.post(path.format(records[0].pk)).status_code == 403


@pytest.mark.parametrize("path", PATHS[: len(ONE)])
def test_what_does_not_exist_is_not_found(signed_in, db, path):
    assert signed_in("Fixer").post(path.format(999)).status_code == 404


def test_a_correction_is_kept_and_only_this_record_goes_out(signed_in, job, records):
    answer = signed_in("Fixer").post(f"/failures/{records[1].pk}/fix/", {"Company": "Kestrel", **VALUES}, follow=True)
    row = FailedRecord.objects.get(pk=records[1].pk)
    assert (row.status, row.corrections) == (FailureStatus.RETRYING, {"received": {}, "sent": {"Company": "Kestrel"}})
    assert statuses().count(FailureStatus.OPEN) == 2
    assert "Tomasz Okafor is on the way to Salesforce." in answer.content.decode()
    assert Event.objects.filter(stream=job.stream, kind=Kind.JOB_RETRY_REQUESTED).count() == 1
    assert RecordEvent.objects.get(source_id=row.source_id).detail == "Company"


def test_after_a_fix_the_next_person_opens_with_the_same_filter(signed_in, records):
    path = f"/failures/{records[1].pk}/fix/?reason=required_missing%3ACompany&record={records[1].pk}"
    answer = signed_in("Fixer").post(path, {"Company": "Kestrel", **VALUES})
    query = parse_qs(urlparse(answer["Location"]).query)
    assert query == {"reason": ["required_missing:Company"], "record": [str(records[0].pk)]}


@pytest.mark.parametrize("headers", [{}, BENCH], ids=["browser", "htmx"])
def test_a_correction_that_would_be_refused_is_told_at_its_field(signed_in, records, headers):
    posted = {"Company": "", "LastName": "Okafor", "HubSpot_Email__c": "not an address"}
    answer = signed_in("Fixer").post(f"/failures/{records[0].pk}/fix/", posted, headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in page
    assert 'value="not an address"' in page
    assert set(statuses()) == {FailureStatus.OPEN}
    assert ("<html" in page) is not bool(headers)
    if headers:
        assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#drawer", "outerHTML")


def test_htmx_gets_all_panes_after_a_fix(signed_in, records):
    posted = {"Company": "Kestrel", **VALUES}
    path = f"/failures/{records[0].pk}/fix/"
    page = signed_in("Fixer").post(path, posted, headers=BENCH, follow=True).content.decode()
    assert page.lstrip().startswith('<div class="bench" id="bench"')
    assert f'data-record="{records[0].pk}"' not in page
    assert "is on the way to Salesforce." in page


@pytest.mark.parametrize(
    ("action", "after", "said"),
    [
        ("retry", FailureStatus.RETRYING, "is on the way to Salesforce."),
        ("dismiss", FailureStatus.DISMISSED, "is set aside."),
    ],
)
def test_one_record_is_retried_or_set_aside(signed_in, records, action, after, said):
    client = signed_in("Fixer")
    answer = client.post(f"/failures/{records[0].pk}/{action}/", follow=True)
    assert statuses() == [after, FailureStatus.OPEN, FailureStatus.OPEN]
    assert f"Tomasz Okafor {said}" in answer.content.decode()
    again = client.post(f"/failures/{records[0].pk}/{action}/", follow=True)
    assert "Somebody else dealt with this one a moment ago." in again.content.decode()
    assert statuses() == [after, FailureStatus.OPEN, FailureStatus.OPEN]


@pytest.mark.parametrize("path", ["/failures/{0}/fix/", "/failures/{0}/retry/", "/failures/bulk/"])
def test_a_cancelled_job_sends_nothing_more_and_says_so(signed_in, job, records, path):
    type(job).objects.filter(pk=job.pk).update(status=Status.CANCELLED)
    posted = {"Company": "Kestrel", **VALUES, "do": "retry", "all": "1"}
    answer = signed_in("Fixer").post(path.format(records[0].pk), posted, follow=True)
    assert answer.status_code == 200
    assert "was cancelled" in answer.content.decode()
    assert set(statuses()) == {FailureStatus.OPEN}


@pytest.mark.parametrize("act", ["fix", "retry"])
def test_what_is_to_be_sent_again_is_taken_back_with_one_press(signed_in, job, records, act):
    client, pk = signed_in("Fixer"), records[1].pk
    page = client.post(
        f"/failures/{pk}/{act}/?reason=required_missing:Company", {"Company": "Kestrel", **VALUES}, follow=True
    )
    answer = client.post(undo_in(page), follow=True)
    assert "Tomasz Okafor is back on the list. Nothing was sent." in answer.content.decode()
    assert answer.redirect_chain == [(f"/failures/?reason=required_missing%3ACompany&record={pk}", 302)]
    assert statuses() == [FailureStatus.OPEN] * 3
    job.refresh_from_db()
    assert (job.failures_open, job.failures_retrying) == (900, 0)


def test_a_person_has_time_to_take_it_back_before_anything_is_sent(signed_in, job, records):
    before = timezone.now()
    signed_in("Fixer").post(f"/failures/{records[0].pk}/retry/")
    job.refresh_from_db()
    assert job.status == Status.QUEUED
    assert job.wake_at >= before + GRACE


def test_it_is_too_late_once_it_is_in_a_batch(signed_in, records):
    client = signed_in("Fixer")
    page = client.post(f"/failures/{records[0].pk}/retry/", follow=True)
    FailedRecord.objects.filter(pk=records[0].pk).update(repair_batch=1)
    assert TOO_LATE in client.post(undo_in(page), follow=True).content.decode()
    assert statuses()[0] == FailureStatus.RETRYING


def test_one_set_aside_is_put_back_by_undo_or_from_its_own_list(signed_in, job, records):
    client, pk = signed_in("Fixer"), records[1].pk
    page = client.post(f"/failures/{pk}/dismiss/", follow=True)
    assert "1 person is back on the list." in client.post(undo_in(page), follow=True).content.decode()
    assert statuses() == [FailureStatus.OPEN] * 3
    client.post(f"/failures/{pk}/dismiss/")
    answer = client.post(f"/failures/{pk}/restore/?status=dismissed", follow=True)
    assert "Tomasz Okafor is back on the list." in answer.content.decode()
    assert answer.redirect_chain == [("/failures/?status=dismissed", 302)]
    assert statuses() == [FailureStatus.OPEN] * 3


@pytest.mark.parametrize("at", ["", "?at=nonsense", "?at=2026-01-01T00:00:00", "?at=2026-01-01T00:00:00%2B00:00"])
def test_there_is_nothing_to_undo_of_a_moment_at_which_nothing_was_done(signed_in, records, at):
    FailedRecord.objects.update(status=FailureStatus.DISMISSED, resolved_at=timezone.now(), resolved_by="x")
    assert GONE in signed_in("Fixer").post(f"/failures/undo/{at}", follow=True).content.decode()
    assert set(statuses()) == {FailureStatus.DISMISSED}


def test_nobody_undoes_what_another_person_set_aside_at_the_same_moment(signed_in, records):
    page = signed_in("Fixer").post(f"/failures/{records[0].pk}/dismiss/", follow=True)
    assert GONE in signed_in("Fixer").post(undo_in(page), follow=True).content.decode()
    assert statuses()[0] == FailureStatus.DISMISSED


def test_htmx_gets_undo_with_the_message(signed_in, records):
    page = signed_in("Fixer").post(f"/failures/{records[0].pk}/dismiss/", headers=BENCH, follow=True)
    assert "/failures/undo/?at=" in undo_in(page)
    assert "csrfmiddlewaretoken" in page.content.decode()
