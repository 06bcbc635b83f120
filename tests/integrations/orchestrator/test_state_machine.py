"""Events and the row are written together, fenced by token and version, and replay to the same thing."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from integrations.enums import Kind, Status
from integrations.exceptions import LostLeaseError, RefusedTransitionError, StaleVersionError
from integrations.models import Event, SyncJob
from integrations.orchestrator.events import append, append_expecting, version_of
from integrations.orchestrator.state_machine import change_job, differences, rebuild
from tests.factories import make_job, make_sync

pytestmark = pytest.mark.django_db


def test_a_change_writes_the_row_and_its_event() -> None:
    job = make_job()
    with change_job(job.pk, actor="dana") as change:
        change.append(Kind.JOB_STARTED)
    job.refresh_from_db()
    event = Event.objects.get(stream=job.stream, version=2)
    assert (job.status, job.version) == (Status.RUNNING, 2)
    assert (event.kind, event.actor) == (Kind.JOB_STARTED, "dana")


def test_a_refused_event_leaves_nothing_behind() -> None:
    job = make_job()
    with pytest.raises(RefusedTransitionError), change_job(job.pk) as change:
        change.append(Kind.JOB_STARTED)
        change.append(Kind.JOB_STARTED)
    job.refresh_from_db()
    assert job.status == Status.QUEUED
    assert Event.objects.filter(stream=job.stream).count() == 1


def test_a_worker_whose_token_is_old_cannot_write() -> None:
    job = make_job()
    SyncJob.objects.filter(pk=job.pk).update(token=5)
    with pytest.raises(LostLeaseError), change_job(job.pk, token=4):
        pytest.fail("the block must not run")


def test_two_writers_of_one_version_cannot_both_succeed() -> None:
    job = make_job()
    with pytest.raises(StaleVersionError), change_job(job.pk) as slow:
        with change_job(job.pk) as quick:
            quick.append(Kind.JOB_STARTED)
        slow.append(Kind.JOB_PAUSED)
    assert version_of(job.stream) == 1, "the outer transaction took both back"


def test_a_second_event_of_the_same_version_is_refused() -> None:
    append("settings", Kind.SETTINGS_CHANGED)
    with pytest.raises(StaleVersionError):
        append_expecting("settings", 1, Kind.SETTINGS_CHANGED, {})


@pytest.mark.parametrize("statement", ["UPDATE integrations_event SET actor = 'x'", "DELETE FROM integrations_event"])
def test_the_database_refuses_to_change_the_past(statement: str) -> None:
    append("settings", Kind.SETTINGS_CHANGED)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_one_sync_has_one_active_job() -> None:
    sync = make_sync()
    make_job(sync)
    with pytest.raises(DatabaseError), transaction.atomic():
        make_job(sync)


def test_a_job_replays_to_its_row() -> None:
    job = make_job()
    with change_job(job.pk) as change:
        change.append(Kind.JOB_STARTED)
        change.append(Kind.JOB_PAGE_FETCHED, add={"pages": 1, "fetched": 100}, cursor={"after": "7"}, expected=200)
    job.refresh_from_db()
    assert differences(job) == {}


def test_replay_finds_a_row_that_was_tampered_with_and_mends_it(capsys) -> None:
    job = make_job()
    SyncJob.objects.filter(pk=job.pk).update(fetched=3, left_out=3)
    with pytest.raises(CommandError, match="1 of 1 jobs differ"):
        call_command("replay", "--check")
    call_command("replay", "--rebuild", "--job", str(job.pk))
    call_command("replay", "--check")
    job.refresh_from_db()
    assert job.fetched == 0


class Meanwhile:
    """Something that happens just before the events of a job are first read."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.act: Callable[[], None] | None = act

    def __call__(self, execute, sql, params, many, context):
        act = self.act
        if act and sql.startswith("SELECT") and 'FROM "integrations_event"' in sql:
            self.act = None
            act()
        return execute(sql, params, many, context)


def test_replay_takes_no_job_that_goes_on_meanwhile_for_one_that_differs() -> None:
    job = make_job()

    def work() -> None:
        with change_job(job.pk) as change:
            change.append(Kind.JOB_STARTED)

    with connection.execute_wrapper(Meanwhile(work)):
        call_command("replay", "--check")
    job.refresh_from_db()
    assert job.status == Status.RUNNING


def test_replay_passes_over_a_job_that_is_removed_meanwhile() -> None:
    make_job()
    with connection.execute_wrapper(Meanwhile(lambda: SyncJob.objects.all().delete())):
        call_command("replay", "--check")


def test_rebuild_writes_what_the_events_say() -> None:
    job = make_job()
    SyncJob.objects.filter(pk=job.pk).update(status=Status.CANCELLED)
    rebuild(job)
    job.refresh_from_db()
    assert job.status == Status.QUEUED
