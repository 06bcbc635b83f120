"""The pages of overview, syncs and jobs: strict, live, the same for a viewer and for somebody who may act."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from integrations.enums import BatchStatus, Stage, Status
from integrations.models import Sync, SyncJob
from integrations.models.blobs import pack
from tests.factories import make_connection, make_failure, make_job, make_sync
from tests.integrations.queries.rows import make_batch
from tests.syncpanel.views.test_every_page import assert_strict

PAGES = [
    "/",
    "/syncs/",
    "/syncs/{sync}/",
    "/syncs/{sync}/changes/",
    "/syncs/{sync}/people/",
    "/syncs/{sync}/settings/",
    "/jobs/",
    "/jobs/?status=running&sync={sync}",
    "/jobs/{job}/",
    "/jobs/{job}/?events=all",
    "/jobs/{job}/events/",
    "/jobs/{job}/batches/",
    "/jobs/{job}/batches/1/",
    "/failures/",
    "/failures/?record={failure}",
    "/failures/?reason=required_missing:Company",
    "/failures/?status=dismissed",
    "/failures/?q=nobody",
]
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()


@pytest.fixture
def job(db) -> SyncJob:
    job = make_job(status=Status.RUNNING, stage=Stage.UPLOADING, started_at=timezone.now(), planned=100, batches=5)
    make_batch(
        job, 1, calls=[{"method": "PATCH", "url": "/composite", "request": "{}", "status": 200, "response": "{}"}]
    )
    make_failure(job)
    return job


def addressed(path: str, job: SyncJob) -> str:
    return path.format(sync=job.sync_id, job=job.pk, failure=job.failed_records.get().pk)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", ["Fixer", "Admin"])
def test_a_page_is_strict(signed_in, job, role, path):
    answer = signed_in(role).get(addressed(path, job))
    assert answer.status_code == 200
    assert_strict(answer)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_sign_in(client, make_user, job, path):
    make_user()
    assert client.get(addressed(path, job))["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("path", PAGES)
def test_a_viewer_sees_pages_and_no_button_that_changes_anything(signed_in, job, path):
    answer = signed_in("Viewer").get(addressed(path, job))
    if "/batches/1/" in path:
        assert answer.status_code == 403
        return
    posts = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', answer.content.decode())
    assert set(posts) == {"/sign-out/"}


@pytest.mark.parametrize(
    "path",
    ["/syncs/999/", "/jobs/999/", "/jobs/999/live/", "/jobs/999/events/", "/jobs/999/batches/", "/jobs/999/batches/1/"],
)
def test_what_does_not_exist_is_not_found(signed_in, db, path):
    assert signed_in("Admin").get(path).status_code == 404


def test_a_batch_that_does_not_exist_is_not_found(signed_in, job):
    assert signed_in("Admin").get(f"/jobs/{job.pk}/batches/77/").status_code == 404


@pytest.mark.parametrize("query", ["sync=x", "before=-1", "status=no", "before=99999999999999999999", "sync=%C2%B2"])
def test_nonsense_in_an_address_asks_for_nothing(signed_in, job, query):
    assert signed_in().get(f"/jobs/?{query}").status_code == 200
    assert signed_in().get(f"/failures/?{query}&record=999").status_code == 404


def test_the_live_part_is_the_page_without_its_shell(signed_in, job):
    page = signed_in().get(f"/jobs/{job.pk}/").content.decode()
    part = signed_in().get(f"/jobs/{job.pk}/live/?v=0", headers=HTMX).content.decode()
    assert part.lstrip().startswith('<div id="job-live"')
    assert "<html" not in part
    assert 'id="job-live"' in page


@pytest.mark.parametrize(
    ("status", "stage", "asks_again"),
    [
        (Status.RUNNING, Stage.UPLOADING, True),
        (Status.STUCK, Stage.UPLOADING, True),
        (Status.SUCCEEDED, Stage.FINISHED, False),
        (Status.CANCELLED, Stage.UPLOADING, False),
    ],
)
def test_a_live_part_asks_again_only_while_there_is_something_to_wait_for(signed_in, db, status, stage, asks_again):
    job = make_job(status=status, stage=stage, started_at=timezone.now(), finished_at=timezone.now())
    part = signed_in().get(f"/jobs/{job.pk}/", headers=HTMX).content.decode()
    assert ('hx-trigger="live:tick from:body"' in part) is asks_again


def test_a_finished_job_whose_repairs_are_on_their_way_asks_again(signed_in, db):
    job = make_job(status=Status.PARTIAL, stage=Stage.FINISHED, failures_retrying=1, started_at=timezone.now())
    assert "live:tick" in signed_in().get(f"/jobs/{job.pk}/", headers=HTMX).content.decode()


def test_the_overview_answers_204_when_nothing_happened_anywhere(signed_in, job):
    client = signed_in()
    version = re.search(r'/live/\?v=([\d.]+)"', client.get("/").content.decode())[1]
    assert client.get(f"/live/?v={version}", headers=HTMX).status_code == 204
    make_job(make_sync(name="Another"))
    answer = client.get(f"/live/?v={version}", headers=HTMX)
    assert answer.status_code == 200
    assert answer.content.decode().startswith('<div id="overview-live"')


def test_the_overview_shows_a_sync_that_did_not_start_though_no_event_tells_of_it(signed_in):
    sync = make_sync(name="Newsletter", every_minutes=60)
    client = signed_in("Fixer")
    version = re.search(r'/live/\?v=([\d.]+)"', client.get("/").content.decode())[1]
    Sync.objects.update(next_due_at=timezone.now() - timedelta(minutes=5))
    page = client.get(f"/live/?v={version}", headers=HTMX).content.decode()
    assert "Newsletter was expected" in page
    assert f'action="/syncs/{sync.pk}/start/"' in page
    assert "is not running" in page, "no beat has shown any sign of life"


def test_an_overview_without_syncs_says_what_to_do_first(signed_in, db):
    page = signed_in("Admin").get("/").content.decode()
    assert 'href="/connections/add/"' in page
    assert "live:tick" not in page
    assert 'href="/syncs/new/"' not in page
    make_connection()
    page = signed_in("Admin").get("/").content.decode()
    assert "1 system is connected." in page
    assert 'href="/syncs/new/"' in page


@pytest.mark.parametrize(("role", "offered"), [("Admin", True), ("Viewer", False)])
def test_the_overview_offers_a_new_sync_to_who_may_make_one(signed_in, job, role, offered):
    assert ('href="/syncs/new/"' in signed_in(role).get("/").content.decode()) is offered


@pytest.mark.parametrize(("status", "stage", "shown", "hidden"), [
    (Status.RUNNING, Stage.UPLOADING, {"pause", "cancel"}, {"resume", "release", "restart"}),
    (Status.STUCK, Stage.UPLOADING, {"resume", "restart", "cancel"}, {"pause", "release"}),
    (Status.PAUSED, Stage.MAPPING, {"resume", "restart", "cancel"}, {"pause", "release"}),
    (Status.WAITING, Stage.UPLOADING, {"resume", "pause", "cancel"}, {"release", "restart"}),
    (Status.WAITING, Stage.APPROVING, {"release", "cancel"}, {"resume", "pause", "restart"}),
    (Status.SUCCEEDED, Stage.FINISHED, set(), {"resume", "pause", "cancel", "release", "restart"}),
])  # fmt: skip
def test_a_job_offers_what_is_possible_now(signed_in, db, status, stage, shown, hidden):
    job = make_job(status=status, stage=stage, started_at=timezone.now())
    page = signed_in("Fixer").get(f"/jobs/{job.pk}/").content.decode()
    offered = set(re.findall(rf'action="/jobs/{job.pk}/(\w+)/"', page))
    assert shown <= offered
    assert not hidden & offered


@pytest.mark.parametrize("wish", ["pause_requested", "cancel_requested"])
def test_a_wish_is_said_and_not_offered_again(signed_in, db, wish):
    job = make_job(status=Status.RUNNING, stage=Stage.UPLOADING, started_at=timezone.now(), **{wish: True})
    page = signed_in("Fixer").get(f"/jobs/{job.pk}/").content.decode()
    assert "Finishing the batch under way, then" in page
    assert f"/jobs/{job.pk}/pause/" not in page


def test_a_batch_in_doubt_asks_what_became_of_it(signed_in, db):
    job = make_job(status=Status.STUCK, stage=Stage.UPLOADING, reason_code="in_doubt", started_at=timezone.now())
    make_batch(job, 3, status=BatchStatus.SENDING, count=25)
    page = signed_in("Fixer").get(f"/jobs/{job.pk}/").content.decode()
    assert re.findall(r'name="in_doubt" value="(\w+)"', page) == ["arrived", "again"]
    assert "did batch 3 arrive at Salesforce?" in page
    assert f'href="/jobs/{job.pk}/batches/3/"' in page
    assert 'name="in_doubt"' not in signed_in("Viewer").get(f"/jobs/{job.pk}/").content.decode()


@pytest.mark.parametrize(("status", "is_told"), [(BatchStatus.SENDING, True), (BatchStatus.SENT, False)])
def test_a_batch_that_has_not_come_back_says_who_is_in_it(signed_in, job, status, is_told):
    entries = [[str(n), "", "", {"HubSpot_Email__c": f"p{n}@kestrel.example"}, 0, n, 0] for n in range(25)]
    make_batch(job, 2, status=status, count=25, payload=pack(entries))
    page = signed_in("Fixer").get(f"/jobs/{job.pk}/batches/2/").content.decode()
    assert ("p0@kestrel.example" in page and "the first 20 of 25" in page) is is_told
    assert "p20@kestrel.example" not in page


@pytest.mark.parametrize(("answer", "became"), [("again", BatchStatus.PENDING), ("arrived", BatchStatus.HELD)])
def test_the_answer_about_a_batch_in_doubt_is_passed_on(signed_in, db, answer, became):
    job = make_job(status=Status.STUCK, stage=Stage.UPLOADING, reason_code="in_doubt", started_at=timezone.now())
    batch = make_batch(job, 3, status=BatchStatus.SENDING)
    client = signed_in("Fixer")
    refused = client.post(f"/jobs/{job.pk}/resume/", follow=True).content.decode()
    assert "Say first whether the batch in doubt arrived" in refused
    client.post(f"/jobs/{job.pk}/resume/", {"in_doubt": answer})
    batch.refresh_from_db()
    assert batch.status == became
    job.refresh_from_db()
    assert job.status == Status.QUEUED


def test_the_exact_call_is_shown_and_escaped(signed_in, job):
    make_batch(job, 2, calls=[{"method": "POST", "url": "/x", "request": "<b>&", "status": 207, "response": "ok"}])
    page = signed_in("Fixer").get(f"/jobs/{job.pk}/batches/2/").content.decode()
    assert "&lt;b&gt;&amp;" in page
    assert "answered 207" in page


def test_a_call_that_nobody_answered_says_so(signed_in, job):
    make_batch(job, 2, calls=[{"method": "POST", "url": "/x", "request": "{}", "status": 0, "response": ""}])
    page = signed_in("Fixer").get(f"/jobs/{job.pk}/batches/2/").content.decode()
    assert "no answer after" in page
    assert "answered 0" not in page


@pytest.mark.parametrize(("role", "is_told"), [("Fixer", False), ("Editor", False), ("Admin", True)])
def test_whose_account_a_call_went_to_is_for_those_who_may_change_the_connection(signed_in, job, role, is_told):
    url = "https://acme--secret.my.salesforce.com/services/data/v62.0/composite"
    make_batch(job, 2, calls=[{"method": "POST", "url": url, "request": "{}", "status": 200, "response": "{}"}])
    page = signed_in(role).get(f"/jobs/{job.pk}/batches/2/").content.decode()
    assert "/services/data/v62.0/composite" in page
    assert ("acme--secret" in page) is is_told


def test_the_mapping_code_is_coloured_without_a_style_attribute(signed_in, job):
    page = signed_in().get(f"/syncs/{job.sync_id}/settings/").content.decode()
    assert '<span class="k">def</span>' in page
    assert 'class="nf">map_record' in page


@pytest.mark.parametrize("path", ["/jobs/", "/syncs/"])
def test_a_list_costs_the_same_for_one_row_and_for_fifty(signed_in, db, django_assert_max_num_queries, path):
    client = signed_in("Fixer")

    def count_queries() -> int:
        with django_assert_max_num_queries(20) as counted:
            assert client.get(path).status_code == 200
        return len(counted)

    make_job()
    before = count_queries()
    for _ in range(49):
        make_job(status=Status.PARTIAL, failures_open=1)
    assert count_queries() == before
