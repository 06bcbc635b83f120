"""Works one slice of one job: claim, stages, and what to do with a problem. The only place that gives a lease back."""

import logging
import time
from datetime import datetime
from typing import Any

from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from integrations.enums import WORKABLE, Kind, Stage, Status
from integrations.exceptions import LostLeaseError, RateLimitedError, SchemaChangedError, SyncpanelError, TransientError
from integrations.models import Batch, Connection, SyncJob
from integrations.orchestrator import drain
from integrations.orchestrator.breaker import note_failure, open_until
from integrations.orchestrator.cancelling import cancel
from integrations.orchestrator.connections import problem_of
from integrations.orchestrator.field_readings import ask_for_reading
from integrations.orchestrator.hints import hint_work
from integrations.orchestrator.leases import SLICE_SECONDS, Heart, claim, claim_next, group_name, write_beat
from integrations.orchestrator.retries import Action, Decision, decide
from integrations.orchestrator.stages import bulk_upload, fetching, mapping, picking, uploading, validating
from integrations.orchestrator.state_machine import JobChange, change_job
from integrations.orchestrator.work import Work

logger = logging.getLogger(__name__)

STAGES = {
    Stage.FETCHING: lambda work: (picking if work.picks_changes else fetching).run(work),
    Stage.MAPPING: mapping.run,
    Stage.VALIDATING: validating.run,
    Stage.UPLOADING: uploading.run,
}
GIVE_BACK_EVERY = 1.0
AWAY = (OperationalError, InterfaceError)
"""The database does not answer. What else it says is about what we asked of it: trying that again would never end."""


def work_slice(job_id: int | None, seconds: float = SLICE_SECONDS) -> bool:
    """Work on this job for at most about `seconds`, or on another that is due; False when there was nothing to do."""
    if drain.is_requested():
        return False
    job = (claim(job_id) if job_id else None) or claim_next()
    if job is None:
        return False
    heart = Heart(job)
    heart.start()
    try:
        _work(job, heart, seconds)
    except LostLeaseError:
        logger.warning("job %s: the lease is lost, another worker goes on", job.pk)
        _give_back_later(job)
    except DatabaseError as problem:
        logger.warning("job %s: the database is away: %s", job.pk, type(problem).__name__)
        _give_back_later(job)
    except Exception:
        logger.exception("job %s: a slice could not be settled", job.pk)
        _give_back_later(job)
    finally:
        heart.stop()
    return True


def _work(job: SyncJob, heart: Heart, seconds: float) -> None:
    with Work(job, heart, seconds) as work:
        try:
            write_beat(group_name(), "worker")
            if begin(work):
                advance(work)
                if work.job.cancel_requested:
                    bulk_upload.abandon(work)
            give_back(work)
        except (LostLeaseError, *AWAY):
            raise
        except SyncpanelError as problem:
            settle(work, problem)
        except Exception as problem:
            logger.exception("job %s: an error of ours", job.pk)
            settle(work, _of_ours(problem))


def begin(work: Work) -> bool:
    """Queued or waiting becomes running. False when a wish or an open breaker keeps the job from going on, or a person
    paused or cancelled it since it was claimed. A job to be cancelled goes on only to have a large load stopped."""
    job = work.job
    if job.cancel_requested and not is_loading(job):
        return False
    if job.pause_requested and not job.cancel_requested:
        return False
    blocked = None if job.cancel_requested else _blocked_by(work)
    with work.change() as change:
        if change.state.status == Status.QUEUED:
            change.append(Kind.JOB_STARTED)
        elif change.state.status == Status.WAITING:
            change.append(Kind.JOB_WOKEN)
        if blocked and change.state.status == Status.RUNNING:
            until, reason = blocked
            change.append(Kind.JOB_WAITING, until=until.isoformat(), code="breaker", reason=reason)
            _free(change, wake_at=until)
    return work.job.status == Status.RUNNING


def advance(work: Work) -> None:
    """Stage after stage until the job is finished, parked, or the slice ends."""
    while work.job.status == Status.RUNNING and not work.must_stop():
        STAGES[Stage(work.job.stage)](work)


def give_back(work: Work) -> None:
    """The end of a slice: honour a wish, or release the lease and ask for the next slice in the same transaction."""
    if work.job.owner is None:
        return
    with work.change() as change:
        if change.job.cancel_requested:
            cancel(change, "Cancelled by hand.")
            _free(change)
        elif change.job.pause_requested:
            change.append(Kind.JOB_PAUSED, code="paused", reason="Paused by hand.")
            _free(change)
        elif change.state.status in WORKABLE:
            _release(change)
        else:
            _free(change)


def _release(change: JobChange) -> None:
    if drain.is_requested():
        change.set_lease(owner=None, lease_until=None, wake_at=timezone.now(), enqueued_at=None)
        return
    change.set_lease(owner=None, lease_until=None, wake_at=timezone.now(), enqueued_at=timezone.now())
    hint_work(change.job.pk)


def settle(work: Work, problem: SyncpanelError) -> None:
    """Decide what a problem means, and tell: the job's event, the connection's state, the breaker."""
    if problem.code == fetching.StoppedReadingError.code:
        give_back(work)
        return
    end = _end_of(work)
    problem_of(end, problem)
    if isinstance(problem, SchemaChangedError):
        ask_for_reading(end.pk, _object_of(work))
    if isinstance(problem, TransientError) and not is_asked_to_wait(problem):
        note_failure(end, problem.message)
    loading = is_loading(work.job)
    with work.change() as change:
        if change.job.cancel_requested:
            working = f" {end.name} could not be told to stop the large load it is working on." if loading else ""
            cancel(change, f"Cancelled by hand.{working}")
            _free(change)
            return
        _tell(change, decide(problem, change.state.attempts, timezone.now()), problem)


def _tell(change: JobChange, decision: Decision, problem: SyncpanelError) -> None:
    told: dict[str, Any] = {"code": decision.code, "reason": decision.reason[:400], "attempts": decision.attempts}
    if change.job.pause_requested:
        change.append(Kind.JOB_PAUSED, **told)
        _free(change)
    elif decision.action == Action.WAIT and decision.at is not None:
        change.append(Kind.JOB_WAITING, until=decision.at.isoformat(), **told)
        _free(change, wake_at=decision.at)
    else:
        change.append(Kind.JOB_STUCK, **told)
        _free(change)


def _free(change: JobChange, wake_at: datetime | None = None) -> None:
    change.set_lease(owner=None, lease_until=None, wake_at=wake_at, enqueued_at=None)


def _end_of(work: Work) -> Connection:
    """The connection the present stage talks to."""
    return work.sync.source if _is_reading(work) else work.sync.destination


def _object_of(work: Work) -> str:
    """What of that connection it is about."""
    return work.sync.source_object if _is_reading(work) else work.sync.destination_object


def _is_reading(work: Work) -> bool:
    return work.job.stage == Stage.FETCHING or work.is_asking_source


def _blocked_by(work: Work) -> tuple[datetime, str] | None:
    end = _end_of(work)
    blocked = open_until(end.pk, timezone.now())
    if blocked is None or blocked[0] is None:
        return None
    return blocked[0], f"{end.name} keeps failing, so we leave it alone for a while. {blocked[1]}"[:400]


def is_asked_to_wait(problem: SyncpanelError) -> bool:
    """A long wait that the platform asked for: it answers, so the breaker has nothing to guard it from."""
    return isinstance(problem, RateLimitedError) and problem.is_long


def is_loading(job: SyncJob) -> bool:
    """True while the platform may be at work on a large load of the job."""
    return Batch.objects.loading().filter(job=job).exists()


def _of_ours(problem: Exception) -> SyncpanelError:
    """An error of ours stops the job where it is; its text may hold personal data, so only its kind is told."""
    name = type(problem).__name__
    return SyncpanelError(
        "Something went wrong inside Syncpanel. Nothing is lost. Resume, or look at the log.",
        code="engine_error",
        technical=name,
    )


def _give_back_later(job: SyncJob) -> None:
    """The database was away: release the lease, if it is ours still, as soon as it is back. Nobody could tell us from a
    worker that hangs if we kept it, and the beat kills those."""
    while not drain.is_requested():
        connection.close()
        try:
            with change_job(job.pk, token=job.token) as change:
                change.set_lease(owner=None, lease_until=None, wake_at=timezone.now(), enqueued_at=None)
            return
        except LostLeaseError:
            return
        except DatabaseError:
            time.sleep(GIVE_BACK_EVERY)
