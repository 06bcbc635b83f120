"""What people ask of jobs, at any moment and all at once: each wish is granted once, and a cancelled job sends nothing more."""

import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from integrations import beat
from integrations.enums import FailureStatus, Kind, Stage, Status
from integrations.exceptions import RefusedTransitionError
from integrations.models import Connection, Event, FailedRecord, Sync, SyncJob
from integrations.orchestrator import leases, repairs
from integrations.orchestrator.commands import cancel_job, pause_job, resume_job, start_job, start_over
from integrations.orchestrator.runner import begin, give_back, work_slice
from integrations.orchestrator.work import Work
from tests.factories import make_job
from tests.faults.platforms import Platforms
from tests.faults.proof import prove, prove_at_rest, prove_finished, prove_sums
from tests.faults.slices import SMALL, pass_time, work_on
from tests.faults.stand import Stand
from tests.faults.test_kills import STATES

MOMENTS = ("fetching", "mapping", "validating", "in the middle of uploading")


def all_at_once(act: Callable[[], object], people: int = 4) -> list[object]:
    """What so many people get who press the same button at the same moment."""
    answers: list[object] = []
    start = threading.Barrier(people)

    def press() -> None:
        start.wait(10)
        try:
            answers.append(act())
        except RefusedTransitionError as refusal:
            answers.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == people
    return answers


def test_of_several_people_who_press_resume_one_succeeds(each_db: str) -> None:
    for _ in range(5):
        job = make_job()
        pause_job(job.pk, "dana")
        answers = all_at_once(lambda job=job: resume_job(job.pk, "dana"))
        assert sorted(answers, key=str) == [f"Job {job.pk} is running already."] * 3 + [None]
        resumed = Event.objects.filter(stream=job.stream, kind=Kind.JOB_RESUMED)
        assert resumed.count() == 1
    prove_at_rest()


def test_of_several_people_who_press_start_one_succeeds(each_db: str) -> None:
    sync = make_job().sync
    cancel_job(sync.jobs.get().pk, "dana")
    answers = all_at_once(lambda: start_job(sync.pk, actor="dana"))
    assert sum(isinstance(answer, SyncJob) for answer in answers) == 1
    assert sum("is not finished yet" in str(answer) for answer in answers) == 3
    prove_at_rest()


def test_of_several_workers_one_gets_the_job(each_db: str) -> None:
    job = make_job()
    answers = all_at_once(lambda: leases.claim(job.pk))
    assert sum(answer is not None for answer in answers) == 1
    job.refresh_from_db()
    assert job.token == 1


def test_resume_on_a_job_that_a_worker_holds_is_refused(running: Stand) -> None:
    job = start_job(running.add_sync().pk)
    pid = running.freeze_when(job, is_free_at(running, "mapping"))
    with pytest.raises(RefusedTransitionError, match=f"Job {job.pk} is running already"):
        resume_job(job.pk, "dana")
    os.kill(pid, signal.SIGCONT)
    running.finish(job)
    prove(running.sandboxes[0], [job], contacts=running.contacts)
    running.stop_working()


def test_a_job_paused_in_every_stage_goes_on_where_it_was(standing: Stand) -> None:
    standing.start_workers()
    platforms = standing.take_sandbox()
    job = start_job(standing.add_sync().pk)
    for moment in MOMENTS:
        pid = standing.freeze_when(job, is_free_at(standing, moment))
        pause_job(job.pk, "dana")
        os.kill(pid, signal.SIGCONT)
        standing.until(lambda: SyncJob.objects.filter(pk=job.pk, status=Status.PAUSED, owner=None).exists())
        job.refresh_from_db()
        prove_sums(job)
        resume_job(job.pk, "dana")
    standing.finish(job)
    prove(platforms, [job], contacts=standing.contacts)
    standing.stop_working()


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_cancelled_job_sends_nothing_once_that_is_acknowledged(moment: str, running: Stand) -> None:
    platforms = running.sandboxes[0]
    sync = running.add_sync()
    job = start_job(sync.pk)
    pid = running.freeze_when(job, is_free_at(running, moment))
    cancel_job(job.pk, "dana")
    os.kill(pid, signal.SIGCONT)
    running.until(lambda: SyncJob.objects.filter(pk=job.pk, status=Status.CANCELLED, owner=None).exists())
    job.refresh_from_db()
    acknowledged = platforms.summary()
    assert acknowledged["writes"] == job.created + job.updated, "and what was sent is counted"
    running.stop_working()
    assert platforms.summary() == acknowledged
    prove_sums(job)
    prove_at_rest()


def load_until_it_waits(sync: Sync) -> SyncJob:
    """All in one large load, which Salesforce has and works on."""
    Sync.objects.filter(pk=sync.pk).update(bulk_from=1)
    job = start_job(sync.pk)
    for _ in range(10):
        work_slice(job.pk)
        job.refresh_from_db()
        if job.reason_code == "bulk_processing":
            return job
        pass_time(pk=job.pk)
    raise AssertionError(job.reason)


PARKED: dict[str, Callable[[SyncJob], object]] = {
    "waiting": lambda job: None,
    "paused": lambda job: pause_job(job.pk, "dana"),
}


@pytest.mark.parametrize("name", PARKED)
def test_a_large_load_is_stopped_before_its_job_counts_as_cancelled(
    name: str, sync: Sync, platforms: Platforms
) -> None:
    platforms.set(bulk_delay=60)
    job = load_until_it_waits(sync)
    PARKED[name](job)
    with pytest.raises(RefusedTransitionError, match="Cancel it first"):
        start_over(job.pk, "dana")
    cancel_job(job.pk, "dana")
    assert work_slice(job.pk)
    job.refresh_from_db()
    assert (job.status, job.reason, job.owner, job.wake_at) == (Status.CANCELLED, "Cancelled by hand.", None, None)
    platforms.http.post("/_control/clock", json={"advance_seconds": 3_600}).raise_for_status()
    assert platforms.writes() == job.created + job.updated == 0
    prove_sums(job)
    prove_at_rest()


def test_what_a_large_load_did_before_it_was_cancelled_is_counted(sync: Sync, platforms: Platforms) -> None:
    platforms.set(bulk_delay=60)
    job = load_until_it_waits(sync)
    platforms.http.post("/_control/clock", json={"advance_seconds": 3_600}).raise_for_status()
    cancel_job(job.pk, "dana")
    assert work_slice(job.pk)
    job.refresh_from_db()
    assert (job.status, job.created) == (Status.CANCELLED, platforms.writes())
    assert job.created > 0
    second = work_on(start_job(sync.pk))
    prove(platforms, [second], contacts=SMALL)
    assert (second.sent, second.unchanged) == (0, job.created)


def test_a_large_load_that_cannot_be_stopped_is_told(sync: Sync, platforms: Platforms) -> None:
    platforms.set(bulk_delay=60)
    job = load_until_it_waits(sync)
    platforms.fault("salesforce", "/jobs/ingest", "status", status=503)
    cancel_job(job.pk, "dana")
    assert work_slice(job.pk)
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    assert job.reason == "Cancelled by hand. Salesforce could not be told to stop the large load it is working on."
    prove_sums(job)


def is_free_at(stand: Stand, moment: str) -> Callable[[SyncJob], bool]:
    """At this moment, and with no transaction open that would keep a person waiting."""
    return lambda job: STATES[moment](job) and stand.is_unlocked(job)


@pytest.mark.parametrize("wish", [pause_job, cancel_job])
def test_a_wish_between_claim_and_begin_is_kept(wish: Callable[[int, str], None], sync: Sync) -> None:
    Connection.objects.update(breaker_open_until=timezone.now() + timedelta(minutes=5), breaker_failures=6)
    job = start_job(sync.pk)
    claimed = leases.claim(job.pk)
    assert claimed is not None
    wish(job.pk, "dana")
    with Work(claimed, leases.Heart(claimed)) as work:
        assert not begin(work)
        give_back(work)
    job.refresh_from_db()
    assert job.status == (Status.PAUSED if wish is pause_job else Status.CANCELLED)
    assert (job.owner, job.wake_at) == (None, None)
    prove_at_rest()


def test_a_schedule_that_fires_while_a_job_is_active_skips_its_slot(sync: Sync, platforms: Platforms) -> None:
    now = timezone.now()
    Sync.objects.filter(pk=sync.pk).update(every_minutes=15, next_due_at=now)
    job = start_job(sync.pk)
    beat.beat_once(now + timedelta(seconds=1))
    assert sync.jobs.count() == 1
    skipped = Event.objects.get(kind=Kind.SYNC_SLOT_SKIPPED)
    assert skipped.data["reason"] == f"Job {job.pk} of “Contacts” is not finished yet."
    prove(platforms, [work_on(job)], contacts=SMALL)
    beat.beat_once(now + timedelta(minutes=15, seconds=1))
    assert sync.jobs.count() == 2


def fail_some(platforms: Platforms, count: int = 20) -> None:
    """So many contacts have no last name, which Salesforce needs."""
    body = {"count": count, "properties": {"lastname": ""}}
    platforms.http.post("/_control/hubspot/contacts/touch", json=body).raise_for_status()


def test_retries_asked_for_while_the_job_runs_are_sent_in_the_same_job(running: Stand) -> None:
    platforms = running.sandboxes[0]
    fail_some(platforms)
    job = start_job(running.add_sync().pk)
    pid = running.freeze_when(job, is_free_at(running, "in the middle of uploading"))
    ids = list(FailedRecord.objects.open().filter(field="LastName").values_list("pk", flat=True))
    assert repairs.correct_records(ids, "LastName", "Unknown", "dana") == len(ids) >= 20
    os.kill(pid, signal.SIGCONT)
    running.finish(job)
    prove_finished(job)
    prove_at_rest()
    assert set(FailedRecord.objects.filter(pk__in=ids).values_list("status", flat=True)) == {FailureStatus.FIXED}
    assert sum(lead["LastName"] == "Unknown" for lead in platforms.leads()) == len(ids)
    assert platforms.summary()["keys_written_more"] == 0
    running.stop_working()


def test_retries_asked_for_while_the_job_is_paused_go_along_when_it_is_resumed(
    sync: Sync, platforms: Platforms
) -> None:
    fail_some(platforms)
    platforms.fault("salesforce", "/composite/sobjects", "status", status=503)
    job = start_job(sync.pk)
    assert work_slice(job.pk)
    pause_job(job.pk, "dana")
    platforms.heal()
    ids = list(FailedRecord.objects.open().values_list("pk", flat=True))
    assert repairs.correct_records(ids, "LastName", "Unknown", "dana") == 20
    job.refresh_from_db()
    assert (job.status, job.failures_retrying) == (Status.PAUSED, 20)
    assert not work_slice(job.pk)
    resume_job(job.pk, "dana")
    job = work_on(job)
    prove_finished(job)
    prove_at_rest()
    assert (job.status, job.failures_open) == (Status.SUCCEEDED, 0)
    assert platforms.summary()["stored"] == SMALL


def test_retries_wait_for_another_job_of_the_sync_which_may_take_them_over(sync: Sync, platforms: Platforms) -> None:
    fail_some(platforms)
    first = work_on(start_job(sync.pk))
    second = start_job(sync.pk)
    ids = list(FailedRecord.objects.open().values_list("pk", flat=True))
    assert repairs.correct_records(ids, "LastName", "Unknown", "dana") == 20
    first.refresh_from_db()
    assert (first.status, first.failures_retrying) == (Status.PARTIAL, 20), "not two jobs of one sync at once"
    work_on(second)
    beat.beat_once()
    first = work_on(first)
    for job in (first, second):
        prove_sums(job)
    prove_at_rest()
    assert first.failures_retrying == 0
    assert FailedRecord.objects.open().count() + platforms.summary()["stored"] == SMALL, "fixed, or on the list"


def test_retries_of_two_people_at_once_send_each_record_once(sync: Sync, platforms: Platforms) -> None:
    fail_some(platforms)
    job = work_on(start_job(sync.pk))
    ids = list(FailedRecord.objects.open().values_list("pk", flat=True))
    answers = all_at_once(lambda: repairs.correct_records(ids, "LastName", "Unknown", "dana"))
    assert sorted(answers, key=str) == [0, 0, 0, 20]
    job = work_on(job)
    prove_finished(job)
    prove_at_rest()
    assert platforms.summary()["keys_written_more"] == 0
    assert job.stage == Stage.FINISHED
    assert job.failures_open == 0
