"""Both sides changed the same: the Fix-it list shows both values, and a person says which one is right."""

import pytest

from integrations.enums import FailureStatus, Stage, Status
from integrations.models import Agreement, FailedRecord, Sync, SyncJob, TwoWay, WaitingChange
from integrations.models.blobs import pack
from integrations.orchestrator.schemas import keep
from tests.factories import make_agreement, make_failure, make_job, make_two_way
from tests.syncpanel.views.people import BENCH, LEAD

GROUP = "/failures/?reason=conflict:Company"


@pytest.fixture
def row(db) -> TwoWay:
    return make_two_way()


def make_conflict(row: TwoWay, job: SyncJob, number: int = 1, **values) -> FailedRecord:
    make_agreement(row, str(number), f"00Q{number}", company__Company="Acme")
    held = {
        "source_id": str(number),
        "label": f"Ann {number}",
        "code": "conflict",
        "field": "Company",
        "title": "Company was changed on both sides",
        "received": pack({"id": str(number), "company": "Globex"}),
        "there": pack({"id": f"00Q{number}", "Company": "Initech"}),
    }
    return make_failure(job, **held | values)


@pytest.fixture
def job(row) -> SyncJob:
    job = make_job(row.rightward, status=Status.PARTIAL, stage=Stage.FINISHED, failures_open=900)
    keep(job.sync.destination, LEAD)
    return job


@pytest.fixture
def conflict(row, job) -> FailedRecord:
    return make_conflict(row, job)


def page_of(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_both_values_are_shown_with_their_platforms_and_what_both_last_had(signed_in, conflict):
    page = page_of(signed_in("Fixer").get(f"/failures/?record={conflict.pk}"))
    assert "Which one is right?" in page
    for words in ("Globex", "Initech", "Both last had: Acme", "HubSpot&#x27;s is right", "Salesforce&#x27;s is right"):
        assert words in page
    assert "Fix and retry" not in page
    assert f'action="/failures/{conflict.pk}/retry/' not in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"there": None}, "forgotten by now; look there"),
        ({"code": "ping_pong"}, "Each time we write it, it is changed back."),
        ({"received": pack({"id": "1", "company": ""})}, "Empty"),
    ],
)
def test_what_is_not_known_or_empty_is_said(signed_in, conflict, changes, words):
    FailedRecord.objects.update(**changes)
    assert words in page_of(signed_in("Fixer").get(f"/failures/?record={conflict.pk}"))


def test_who_never_was_the_same_is_told_so(signed_in, conflict):
    Agreement.objects.update(values=pack({}))
    page = page_of(signed_in("Fixer").get(f"/failures/?record={conflict.pk}"))
    assert "They were different from the start." in page
    assert "Never the same before" in page


def test_who_may_only_look_sees_the_values_and_no_buttons(signed_in, conflict):
    page = page_of(signed_in("Viewer").get(f"/failures/?record={conflict.pk}"))
    assert "Initech" in page
    assert "/decide/" not in page


@pytest.mark.parametrize(
    ("keep_side", "said"),
    [
        ("here", "HubSpot&#x27;s value is right for Ann 1. Salesforce gets it within seconds."),
        ("there", "Salesforce&#x27;s value is right for Ann 1. HubSpot gets it within seconds."),
    ],
)
def test_one_is_decided(signed_in, row, conflict, keep_side, said):
    path = f"/failures/{conflict.pk}/decide/?reason=conflict%3ACompany"
    answer = signed_in("Fixer").post(path, {"keep": keep_side}, follow=True)
    assert said in answer.content.decode()
    assert answer.redirect_chain[0][0].startswith("/failures/?reason=conflict%3ACompany")
    conflict.refresh_from_db()
    assert conflict.status == FailureStatus.FIXED
    assert set(WaitingChange.objects.values_list("sync", "record_id")) == {
        (row.rightward_id, "1"),
        (row.leftward_id, "00Q1"),
    }
    sides = {"here": "left", "there": "right"}
    assert Agreement.objects.get().decisions == {"company Company": sides[keep_side]}


def test_a_direction_that_is_switched_off_is_named(signed_in, row, conflict):
    Sync.objects.filter(pk=row.leftward_id).update(is_enabled=False)
    answer = signed_in("Fixer").post(f"/failures/{conflict.pk}/decide/", {"keep": "there"}, follow=True)
    assert f"HubSpot gets it once “{row.leftward.name}” is switched on." in answer.content.decode()


@pytest.mark.parametrize("keep_side", ["", "nonsense"])
def test_a_decision_without_sense_is_refused_with_a_sentence(signed_in, conflict, keep_side):
    answer = signed_in("Fixer").post(f"/failures/{conflict.pk}/decide/", {"keep": keep_side}, follow=True)
    assert "Say which of the two values is right." in answer.content.decode()
    conflict.refresh_from_db()
    assert conflict.status == FailureStatus.OPEN


def test_what_is_no_conflict_cannot_be_decided(signed_in, job):
    plain = make_failure(job)
    answer = signed_in("Fixer").post(f"/failures/{plain.pk}/decide/", {"keep": "here"}, follow=True)
    assert "There is nothing to decide about this one any more." in answer.content.decode()


def test_the_group_offers_both_answers_for_all_and_no_plain_retry(signed_in, row, conflict):
    page = page_of(signed_in("Fixer").get(GROUP, headers=BENCH))
    assert f'value="decide:{row.pk}:left">HubSpot&#x27;s is right for all of these<' in page
    assert f'value="decide:{row.pk}:right">Salesforce&#x27;s is right for all of these<' in page
    assert 'value="retry"' not in page
    assert "for all selected" not in page


def test_a_group_of_two_pairs_of_connections_asks_to_choose_one_sync(signed_in, row, conflict):
    other = make_two_way()
    make_conflict(other, make_job(other.rightward, status=Status.PARTIAL), 2)
    page = page_of(signed_in("Fixer").get(GROUP))
    assert "Choose one sync" in page
    assert "decide:" not in page
    assert f"decide:{row.pk}:left" in page_of(signed_in("Fixer").get(f"{GROUP}&sync={row.rightward_id}"))


def test_many_are_decided_at_once_and_what_is_no_conflict_stays(signed_in, row, job, conflict):
    make_conflict(row, job, 2)
    plain = make_failure(job)
    posted = {"do": f"decide:{row.pk}:right", "ids": list(FailedRecord.objects.values_list("pk", flat=True))}
    answer = signed_in("Fixer").post("/failures/bulk/?reason=conflict:Company", posted, follow=True)
    said = "Salesforce&#x27;s value is right for 2. HubSpot gets it within seconds. 1 had nothing to decide and stays here."
    assert said in answer.content.decode()
    assert {row.decisions["company Company"] for row in Agreement.objects.all()} == {"right"}
    plain.refresh_from_db()
    assert plain.status == FailureStatus.OPEN


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("decide", "not kept equal in both directions any more"),
        ("decide:999999:left", "not kept equal in both directions any more"),
        ("decide:{row}:up", "Say which of the two sides is right."),
        ("decide:{row}", "Say which of the two sides is right."),
        ("decide:{row}:left:right", "HubSpot&#x27;s value is right for 1."),
    ],
)
def test_a_bulk_decision_is_read_with_care(signed_in, row, conflict, do, said):
    posted = {"do": do.format(row=row.pk), "all": "1"}
    assert said in signed_in("Fixer").post("/failures/bulk/", posted, follow=True).content.decode()


def test_the_group_costs_the_same_for_one_conflict_and_for_fifty(
    signed_in, row, job, conflict, django_assert_max_num_queries
):
    client = signed_in("Fixer")
    with django_assert_max_num_queries(40) as few:
        page_of(client.get(GROUP))
    for number in range(2, 51):
        make_conflict(row, job, number)
    with django_assert_max_num_queries(40) as many:
        page_of(client.get(GROUP))
    assert len(many) - len(few) <= 1
