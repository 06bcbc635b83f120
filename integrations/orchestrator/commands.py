"""What a person, a schedule or a script may ask of jobs. Each is one transaction; a refusal is a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.adapters.pagination import forget_pages
from integrations.adapters.registry import capabilities
from integrations.enums import ACTIVE, BatchStatus, BatchVerb, Kind, ReadMode, Stage, Status, Trigger
from integrations.exceptions import LostLeaseError, RefusedTransitionError
from integrations.models import Batch, Sync, SyncJob
from integrations.orchestrator.breaker import try_at_once
from integrations.orchestrator.cancelling import cancel
from integrations.orchestrator.events import append
from integrations.orchestrator.hints import hint_work
from integrations.orchestrator.incoming import waiting_upto
from integrations.orchestrator.state_machine import JobChange, change_job, create_job
from integrations.orchestrator.timing import first_slot
from integrations.orchestrator.two_way import both_directions
from integrations.rate_limits.store import lift_pauses

LOOK_BACK = timedelta(minutes=5)
BY_HAND = frozenset({Trigger.MANUAL, Trigger.COMMAND})
COMES_BY_ITSELF = "what happens there comes in by itself, and is sent within seconds."


def start_job(
    sync_id: int, *, trigger: Trigger = Trigger.MANUAL, actor: str = "", upto: int = 0, expected: int = 0
) -> SyncJob:
    """A new job of the sync; RefusedTransitionError while another is active. A small one takes what incoming events told of
    up to the change of that number, which is so many records; of a source that cannot be read there are no others, and a
    person who starts one while nothing waits is told so."""
    sync = Sync.objects.with_ends().get(pk=sync_id)
    if sync.mapping.published is None:
        raise RefusedTransitionError(f"The mapping “{sync.mapping.name}” has no published version yet.")
    if not upto and is_webhook_only(sync):
        upto, expected = waiting_upto(sync.pk)
        if not upto and trigger in BY_HAND:
            raise RefusedTransitionError(f"Nothing waits. {sync.source.name} cannot be read: {COMES_BY_ITSELF}")
    until = timezone.now()
    since = read_since(sync) if not upto else None
    small = {"cursor": {"upto": upto}, "expected": expected} if upto else {}
    job = SyncJob(sync=sync, mapping_version=sync.mapping.published, trigger=trigger, actor=actor)
    try:
        with transaction.atomic():
            create_job(
                job,
                actor=actor,
                trigger=trigger,
                read_since=since.isoformat() if since else None,
                read_until=until.isoformat(),
                **small,
            )
            SyncJob.objects.filter(pk=job.pk).update(enqueued_at=until)
            Sync.objects.filter(pk=sync.pk, missed_at__isnull=False).update(missed_at=None)
            hint_work(job.pk)
    except IntegrityError as exc:
        active = SyncJob.objects.active().filter(sync=sync).first()
        if active is None:
            raise
        raise RefusedTransitionError(f"Job {active.pk:,} of “{sync.name}” is not finished yet.") from exc
    return job


def start_both(sync_id: int, actor: str) -> SyncJob:
    """A new job of the sync; of a two-way one, of the direction from left to right, and of the way back unless that starts by
    itself when this one has finished, or is under way."""
    right, *back = both_directions(sync_id)
    with transaction.atomic():
        job = start_job(right, actor=actor)
        for left in Sync.objects.filter(pk__in=back).exclude(after=right, is_enabled=True):
            if not SyncJob.objects.active().filter(sync=left).exists():
                start_job(left.pk, actor=actor)
    return job


def is_webhook_only(sync: Sync) -> bool:
    """True when its source cannot be read, and its records come in by themselves."""
    return capabilities(sync.source.platform).object(sync.source_object).comes_by_webhook_only


def read_since(sync: Sync) -> datetime | None:
    """Where an incremental reading starts: a little before the end of the last one, because platforms index late."""
    if sync.read_mode == ReadMode.FULL or sync.read_until is None:
        return None
    return sync.read_until - LOOK_BACK


def pause_job(job_id: int, actor: str) -> None:
    """Pause at the next batch edge; at once when no worker holds the job."""
    with _asked(job_id, actor) as change:
        _refuse_unless_active(change)
        if change.state.status in {Status.PAUSED, Status.STUCK}:
            raise RefusedTransitionError(f"Job {job_id:,} is {Status(change.state.status).label.lower()} already.")
        if change.state.stage == Stage.APPROVING:
            raise RefusedTransitionError(f"Job {job_id:,} waits for its release already.")
        if change.state.cancel_requested:
            raise RefusedTransitionError(f"Job {job_id:,} is being cancelled already.")
        if change.job.owner is not None and change.state.status == Status.RUNNING:
            if not change.state.pause_requested:
                change.append(Kind.JOB_PAUSE_REQUESTED)
            return
        change.append(Kind.JOB_PAUSED, code="paused", reason="Paused by hand.")
        _park(change)


def resume_job(job_id: int, actor: str, *, in_doubt: str = "") -> None:
    """Go on from the checkpoint. Refused unless the job is paused, stopped or waiting for its next try.

    `in_doubt` answers the question of a batch in doubt: "again" sends it again, "arrived" counts it as arrived.
    """
    with _asked(job_id, actor) as change:
        state = change.state
        if state.status in {Status.QUEUED, Status.RUNNING}:
            raise RefusedTransitionError(f"Job {job_id:,} is running already.")
        _refuse_unless_active(change)
        if state.stage == Stage.APPROVING:
            raise RefusedTransitionError(f"Job {job_id:,} waits for its release.")
        _refuse_old_mapping(change)
        if state.reason_code == "in_doubt":
            _answer_doubt(change, in_doubt)
        where = {"cursor": forget_pages(state.cursor)} if state.stage == Stage.FETCHING else {}
        change.append(Kind.JOB_RESUMED, **where)
        _try_at_once(change.job.sync)
        _wake(change)


def release_job(job_id: int, actor: str, *, spares_departed: bool = False) -> None:
    """Let a job that the guard parked go on to uploading. `spares_departed`: but leave those who left as they are; who is found
    gone by a later job is asked about again."""
    with _asked(job_id, actor) as change:
        if change.state.stage != Stage.APPROVING or change.state.status not in ACTIVE:
            raise RefusedTransitionError(f"Job {job_id:,} does not wait for a release.")
        spared = _spare_departed(job_id) if spares_departed else {}
        change.append(Kind.JOB_RELEASED, **spared)
        _wake(change)


def _spare_departed(job_id: int) -> dict[str, Any]:
    """Their batches go, before any of it is sent. Returns what that adds to the job's counters."""
    batches = Batch.objects.filter(job=job_id, status=BatchStatus.PENDING).exclude(verb=BatchVerb.WRITE)
    counts = list(batches.values_list("count", flat=True))
    batches.delete()
    return {"spared": sum(counts), "add": {"departed": -sum(counts), "batches": -len(counts)}} if counts else {}


def cancel_job(job_id: int, actor: str) -> None:
    """Cancel at the next batch edge; at once when no worker holds the job. What was sent stays. While a platform works on
    a large load, a worker has it stopped first."""
    with _asked(job_id, actor) as change:
        _refuse_unless_active(change)
        is_held = change.job.owner is not None and change.state.status == Status.RUNNING
        if is_held or _is_loading(change):
            _wish_to_cancel(change)
            return
        cancel(change, "Cancelled by hand.")
        _park(change)


def _wish_to_cancel(change: JobChange) -> None:
    if change.state.status in {Status.PAUSED, Status.STUCK}:
        change.append(Kind.JOB_RESUMED)
    if not change.state.cancel_requested:
        change.append(Kind.JOB_CANCEL_REQUESTED)
    if change.job.owner is None:
        _wake(change)


def _is_loading(change: JobChange) -> bool:
    return Batch.objects.loading().filter(job=change.job).exists()


def start_over(job_id: int, actor: str) -> SyncJob:
    """Cancel a job that no worker holds and start a new one of its sync."""
    with transaction.atomic():
        with _asked(job_id, actor) as change:
            if change.state.status in ACTIVE:
                if change.job.owner is not None or _is_loading(change):
                    raise RefusedTransitionError(f"Job {job_id:,} is running. Cancel it first.")
                cancel(change, "Started over by hand.")
                _park(change)
        return start_job(change.job.sync_id, actor=actor)


def set_enabled(sync_id: int, *, enabled: bool, actor: str) -> None:
    """Switch a sync's schedule on or off; of a two-way sync both directions, since half of it keeps nothing equal. A job that is
    active goes on."""
    with transaction.atomic():
        Sync.objects.only("pk").get(pk=sync_id)
        for sync in Sync.objects.select_for_update().filter(pk__in=both_directions(sync_id)).order_by("pk"):
            _set_enabled(sync, enabled, actor)


def _set_enabled(sync: Sync, enabled: bool, actor: str) -> None:
    if sync.is_enabled == enabled:
        return
    sync.is_enabled = enabled
    sync.next_due_at, sync.missed_at = first_slot(sync, timezone.now()), None
    sync.save(update_fields=["is_enabled", "next_due_at", "missed_at"])
    append(sync.stream, Kind.SYNC_ENABLED if enabled else Kind.SYNC_DISABLED, {}, actor)


@contextmanager
def _asked(job_id: int, actor: str) -> Iterator[JobChange]:
    """A change a person asked for; a job that does not exist is refused with a sentence."""
    try:
        with change_job(job_id, actor=actor) as change:
            yield change
    except LostLeaseError as exc:
        raise RefusedTransitionError(f"There is no job {job_id:,}.") from exc


def _refuse_unless_active(change: JobChange) -> None:
    if change.state.status not in ACTIVE:
        raise RefusedTransitionError(f"Job {change.job.pk:,} is finished.")


def _refuse_old_mapping(change: JobChange) -> None:
    """A job keeps the mapping it began with, so better code cannot help one whose code does not work."""
    job = change.job
    is_broken = change.state.stage == Stage.MAPPING and change.state.reason_code == "mapping_broken"
    if is_broken and job.sync.mapping.published_id != job.mapping_version_id:
        raise RefusedTransitionError(
            "The mapping has changed since this job began. Start it over, so that everyone is mapped by the new one."
        )


def _park(change: JobChange) -> None:
    change.set_lease(wake_at=None, enqueued_at=None)


def _wake(change: JobChange) -> None:
    now = timezone.now()
    change.set_lease(wake_at=now, enqueued_at=now)
    hint_work(change.job.pk)


def _try_at_once(sync: Sync) -> None:
    """A person says it works again: neither the breaker nor a pause a platform asked for holds the next call back."""
    ends = [sync.source, sync.destination]
    try_at_once(*(end.pk for end in ends))
    lift_pauses(ends)


def _answer_doubt(change: JobChange, answer: str) -> None:
    if answer not in {"again", "arrived"}:
        raise RefusedTransitionError("Say first whether the batch in doubt arrived, or is to be sent again.")
    status = BatchStatus.PENDING if answer == "again" else BatchStatus.HELD
    Batch.objects.filter(job_id=change.job.pk, status=BatchStatus.SENDING).update(status=status)
