"""Correcting, retrying and setting aside, one and many: through the engine's own commands."""

from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from django.test import Client

from integrations.enums import FailureStatus, Kind, Stage, Status
from integrations.models import Event, FailedRecord, RecordEvent
from integrations.models.blobs import pack
from integrations.orchestrator.schemas import keep
from syncpanel.views.failure_actions import MOST
from tests.factories import make_failure, make_job, make_sync
from tests.syncpanel.views.test_failures import BENCH, LEAD

PATHS = ["/failures/{0}/fix/", "/failures/{0}/retry/", "/failures/{0}/dismiss/", "/failures/bulk/"]
VALUES = {"LastName": "Okafor", "HubSpot_Email__c": "t@kestrel.example"}


def make_open(job, **values) -> FailedRecord:
    mapped = {"Company": None, "LastName": "Okafor", "HubSpot_Email__c": "t@kestrel.example"}
    return make_failure(job, **{"label": "Tomasz Okafor", "mapped": pack(mapped)} | values)


@pytest.fixture
def job(db):
    job = make_job(make_sync(), status=Status.PARTIAL, stage=Stage.FINISHED, failures_open=900)
    keep(job.sync.destination, LEAD)
    return job


@pytest.fixture
def records(job) -> list[FailedRecord]:
    return [make_open(job) for _ in range(3)]


def statuses() -> list[str]:
    return list(FailedRecord.objects.order_by("pk").values_list("status", flat=True))


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


@pytest.mark.parametrize("path", PATHS[:3])
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
