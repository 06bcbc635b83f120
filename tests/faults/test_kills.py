"""kill -9, wherever it may strike: the job goes on by itself, nobody is lost, nobody is sent twice without a reason."""

import os
import signal
from collections.abc import Callable

import psutil
import pytest

from integrations.enums import BatchStatus, Kind, Stage, Status, SyncMode
from integrations.exceptions import RefusedTransitionError
from integrations.models import Batch, Event, SyncJob, WorkerBeat
from integrations.orchestrator.commands import resume_job, start_job
from tests.faults.proof import prove, prove_at_rest, prove_finished
from tests.faults.stand import Stand

STATES: dict[str, Callable[[SyncJob], bool]] = {
    "fetching": lambda job: job.stage == Stage.FETCHING and job.pages > 0,
    "mapping": lambda job: job.stage == Stage.MAPPING,
    "in the middle of mapping": lambda job: job.stage == Stage.MAPPING and job.pages_mapped > 0,
    "validating": lambda job: job.stage == Stage.VALIDATING,
    "in the middle of validating": lambda job: job.stage == Stage.VALIDATING and job.pages_validated > 0,
    "uploading": lambda job: job.stage == Stage.UPLOADING,
    "in the middle of uploading": lambda job: job.stage == Stage.UPLOADING and job.batches_done > 4,
}


def losses(job: SyncJob) -> int:
    return Event.objects.filter(stream=job.stream, kind=Kind.JOB_WORKER_LOST).count()


def is_between_call_and_commit(stand: Stand) -> Callable[[SyncJob], bool]:
    """The platform has taken more than the job knows of, and the batch is still on its way."""

    def condition(job: SyncJob) -> bool:
        on_the_way = Batch.objects.filter(job=job, status=BatchStatus.SENDING)
        return on_the_way.exists() and stand.sandboxes[0].writes() > job.created + job.updated

    return condition


def test_a_job_whose_worker_is_killed_in_every_stage_still_arrives_once(standing: Stand) -> None:
    standing.start_workers()
    standing.take_sandbox()
    job = start_job(standing.add_sync().pk)
    for state in STATES.values():
        os.kill(standing.freeze_when(job, state), signal.SIGKILL)
    standing.finish(job)
    assert losses(job) == len(STATES)
    prove(standing.sandboxes[0], [job], contacts=standing.contacts, crashes=2)
    standing.stop_working()


def test_a_worker_killed_between_call_and_commit_has_its_batch_sent_again(standing: Stand) -> None:
    standing.start_workers()
    platforms = standing.take_sandbox(latency_ms=20)
    job = start_job(standing.add_sync().pk)
    os.kill(standing.freeze_when(job, is_between_call_and_commit(standing)), signal.SIGKILL)
    standing.finish(job)
    assert platforms.summary()["keys_written_more"] > 0
    prove(platforms, [job], contacts=standing.contacts, crashes=1)
    standing.stop_working()


def test_a_batch_that_must_not_go_twice_waits_for_a_person_after_a_kill(running: Stand) -> None:
    platforms = running.sandboxes[0]
    platforms.set(latency_ms=20)
    job = start_job(running.add_sync(write_mode=SyncMode.CREATE).pk)
    os.kill(running.freeze_when(job, is_between_call_and_commit(running)), signal.SIGKILL)
    running.finish(job)
    job.refresh_from_db()
    assert (job.status, job.reason_code) == (Status.STUCK, "in_doubt")
    with pytest.raises(RefusedTransitionError, match="Say first whether the batch in doubt arrived"):
        resume_job(job.pk, "dana")
    resume_job(job.pk, "dana", in_doubt="arrived")
    running.finish(job)
    prove_finished(job)
    prove_at_rest()
    summary = platforms.summary()
    assert summary["stored"] == summary["keys_written_once"] == job.created + job.updated
    running.stop_working()


def test_after_the_kill_of_a_whole_cluster_the_next_one_goes_on(standing: Stand) -> None:
    [cluster] = standing.start_workers()
    platforms = standing.take_sandbox()
    job = start_job(standing.add_sync().pk)
    standing.freeze_when(job, STATES["in the middle of uploading"])
    os.killpg(cluster.pid, signal.SIGKILL)
    standing.finish(job)
    assert losses(job) == 1
    prove(platforms, [job], contacts=standing.contacts, crashes=1)
    standing.stop_working()


def test_nothing_of_a_cluster_outlives_its_main_process(running: Stand) -> None:
    job = start_job(running.add_sync().pk)
    running.freeze_when(job, STATES["in the middle of mapping"])
    [cluster] = running.kept
    running.kept.clear()
    cluster.kill()
    mains = {process.pid for process in running.processes}
    running.until(lambda: {process.pid for process in running.family()} <= mains, 15)
    running.start_workers()
    running.finish(job)
    prove(running.sandboxes[0], [job], contacts=running.contacts, crashes=1)
    running.stop_working()


def test_killed_idle_workers_do_not_keep_the_next_job_waiting(running: Stand) -> None:
    """Such a kill can leave django-q2's cluster hanging with a lock nobody holds: then it ends, and is started again."""
    sync = running.add_sync()
    for _ in range(2):
        seen = WorkerBeat.objects.filter(kind="worker").order_by("-at")
        idle = running.until(
            lambda seen=seen: next((pid for pid in seen.values_list("pid", flat=True) if _lives(pid)), 0)
        )
        os.kill(idle, signal.SIGKILL)
        running.until(lambda idle=idle: not _lives(idle))
    job = start_job(sync.pk)
    running.finish(job)
    prove(running.sandboxes[0], [job], contacts=running.contacts)
    running.stop_working()


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
