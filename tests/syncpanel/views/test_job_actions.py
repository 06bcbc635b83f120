"""What a person asks of jobs and syncs: refuses GET, needs sign-in, needs the right, does it, refuses with a sentence."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.utils import timezone

from integrations.enums import Kind, Stage, Status
from integrations.models import Event, Sync, SyncJob
from tests.factories import make_job, make_sync

ACTIONS = ["pause", "resume", "cancel", "release", "restart"]
SWITCHES = ["start", "enable", "disable"]
PATHS = [f"/jobs/{{job}}/{name}/" for name in ACTIONS] + [f"/syncs/{{sync}}/{name}/" for name in SWITCHES]


@pytest.fixture
def job(db) -> SyncJob:
    return make_job(status=Status.STUCK, stage=Stage.UPLOADING, started_at=timezone.now(), batches=5)


def addressed(path: str, job: SyncJob) -> str:
    return path.format(job=job.pk, sync=job.sync_id)


@pytest.mark.parametrize("path", PATHS)
def test_a_change_refuses_get(signed_in, job, path):
    assert signed_in("Admin").get(addressed(path, job)).status_code == 405


@pytest.mark.parametrize("path", PATHS)
def test_a_change_needs_sign_in(client, make_user, job, path):
    make_user()
    assert client.post(addressed(path, job))["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("path", PATHS)
def test_a_change_needs_the_right(signed_in, job, path):
    assert signed_in("Viewer").post(addressed(path, job)).status_code == 403
    job.refresh_from_db()
    assert (job.status, job.version) == (Status.STUCK, 1)


@pytest.mark.parametrize("path", PATHS)
def test_a_change_without_the_csrf_token_is_refused(make_user, job, path):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("Admin"))
    assert client.post(addressed(path, job)).status_code == 403


@pytest.mark.parametrize(
    ("status", "stage", "action", "after", "said"),
    [
        (Status.STUCK, Stage.UPLOADING, "resume", Status.QUEUED, "Resumed from where it stopped."),
        (Status.PAUSED, Stage.MAPPING, "resume", Status.QUEUED, "Resumed from where it stopped."),
        (Status.QUEUED, Stage.FETCHING, "pause", Status.PAUSED, "It pauses at the next batch edge."),
        (Status.STUCK, Stage.UPLOADING, "cancel", Status.CANCELLED, "Cancelled. Nothing more is sent"),
        (Status.WAITING, Stage.APPROVING, "release", Status.QUEUED, "Released. Uploading begins."),
    ],
)
def test_an_allowed_wish_is_carried_out_and_said(signed_in, db, status, stage, action, after, said):
    job = make_job(status=status, stage=stage, started_at=timezone.now())
    answer = signed_in("Fixer").post(f"/jobs/{job.pk}/{action}/", follow=True)
    job.refresh_from_db()
    assert job.status == after
    assert answer.redirect_chain == [(f"/jobs/{job.pk}/", 302)]
    assert said in answer.content.decode()


@pytest.mark.parametrize(
    ("status", "stage", "action"),
    [
        (Status.RUNNING, Stage.UPLOADING, "resume"),
        (Status.SUCCEEDED, Stage.FINISHED, "resume"),
        (Status.SUCCEEDED, Stage.FINISHED, "cancel"),
        (Status.SUCCEEDED, Stage.FINISHED, "pause"),
        (Status.STUCK, Stage.UPLOADING, "pause"),
        (Status.RUNNING, Stage.UPLOADING, "release"),
        (Status.WAITING, Stage.APPROVING, "resume"),
    ],
)
def test_a_refused_wish_changes_nothing_and_says_why(signed_in, db, status, stage, action):
    job = make_job(status=status, stage=stage, started_at=timezone.now())
    answer = signed_in("Fixer").post(f"/jobs/{job.pk}/{action}/", follow=True)
    job.refresh_from_db()
    assert (job.status, job.version) == (status, 1)
    assert answer.status_code == 200
    assert f"Job {job.pk}" in answer.content.decode().split('id="notices"')[1][:600]


def test_a_job_that_does_not_exist_is_not_found(signed_in, db):
    assert signed_in("Fixer").post("/jobs/999/resume/", follow=True).status_code == 404


def test_htmx_gets_the_live_part_with_the_message(signed_in, job):
    answer = signed_in("Fixer").post(f"/jobs/{job.pk}/resume/", headers={"HX-Request": "true"}, follow=True)
    page = answer.content.decode()
    assert page.lstrip().startswith('<div id="job-live"')
    assert "Resumed from where it stopped." in page


def test_starting_over_cancels_the_job_and_leads_to_the_new_one(signed_in, job):
    answer = signed_in("Fixer").post(f"/jobs/{job.pk}/restart/")
    job.refresh_from_db()
    new = SyncJob.objects.latest("pk")
    assert job.status == Status.CANCELLED
    assert new.pk != job.pk
    assert answer["Location"] == f"/jobs/{new.pk}/"


def test_starting_a_sync_leads_to_its_job(signed_in, db, make_user):
    sync = make_sync()
    client = signed_in("Fixer")
    answer = client.post(f"/syncs/{sync.pk}/start/")
    job = SyncJob.objects.get(sync=sync)
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert job.actor == User.objects.get().username


def test_starting_a_sync_that_runs_says_so(signed_in, job):
    answer = signed_in("Fixer").post(f"/syncs/{job.sync_id}/start/", follow=True)
    assert answer.redirect_chain == [(f"/syncs/{job.sync_id}/", 302)]
    assert "is not finished yet" in answer.content.decode()
    assert SyncJob.objects.filter(sync=job.sync_id).count() == 1


def test_a_sync_without_a_published_mapping_says_so(signed_in, db):
    sync = make_sync()
    sync.mapping.published = None
    sync.mapping.save()
    answer = signed_in("Fixer").post(f"/syncs/{sync.pk}/start/", follow=True)
    assert "has no published version yet" in answer.content.decode()


@pytest.mark.parametrize(("name", "kind"), [("disable", Kind.SYNC_DISABLED), ("enable", Kind.SYNC_ENABLED)])
def test_a_sync_is_switched_and_the_switch_is_an_event(signed_in, db, name, kind):
    sync = make_sync(is_enabled=name == "disable")
    client = signed_in("Fixer")
    client.post(f"/syncs/{sync.pk}/{name}/")
    client.post(f"/syncs/{sync.pk}/{name}/")
    assert Sync.objects.get(pk=sync.pk).is_enabled is (name == "enable")
    assert [event.kind for event in Event.objects.filter(stream=sync.stream)] == [kind]


@pytest.mark.parametrize("name", SWITCHES)
def test_a_sync_that_does_not_exist_is_not_found(signed_in, db, name):
    assert signed_in("Fixer").post(f"/syncs/999/{name}/").status_code == 404


def test_two_people_who_resume_at_once_give_one_resume_and_a_sentence(committed_db):
    job = make_job(status=Status.STUCK, stage=Stage.UPLOADING, started_at=timezone.now())
    clients = [Client(), Client()]
    for place, client in enumerate(clients):
        client.force_login(User.objects.create_superuser(f"person{place}@example.com", password="x"))

    def press(client: Client) -> str:
        try:
            return client.post(f"/jobs/{job.pk}/resume/", follow=True).content.decode()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(press, clients))
    assert Event.objects.filter(stream=job.stream, kind=Kind.JOB_RESUMED).count() == 1
    assert sum("Resumed from where it stopped." in page for page in pages) == 1
    assert sum("is running already." in page for page in pages) == 1
