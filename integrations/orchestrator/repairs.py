"""What a person may do with failed records: correct, retry, set aside, and take each of it back. Only these records are
sent, in the same job."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.adapters.registry import capabilities
from integrations.enums import ACTIVE, FailureStatus, Kind, RecordEventKind, Stage, Status
from integrations.exceptions import RecordRejectedError, RefusedTransitionError
from integrations.mappings.validation import compile_validator
from integrations.models import FailedRecord, SyncJob
from integrations.models.blobs import unpack
from integrations.models.bulk import insert_record_events
from integrations.orchestrator.failures import event_row
from integrations.orchestrator.hints import hint_work
from integrations.orchestrator.schemas import known
from integrations.orchestrator.state_machine import JobChange, change_job

CHUNK = 500
NOW = timedelta(0)


class CorrectionError(RecordRejectedError):
    """The corrected record still cannot be sent. `problems`: field → sentence."""

    code = "correction"

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(next(iter(problems.values())))
        self.problems = problems


def fix_and_retry(failed_id: int, corrections: dict[str, dict[str, Any]], actor: str, after: timedelta = NOW) -> None:
    """Keep a person's corrections and send the record again. CorrectionError when the destination would refuse it still.

    `after` is how long a finished job waits before it sends, so that the person can still take it back.
    """
    row = FailedRecord.objects.select_related("sync__destination", "job").get(pk=failed_id)
    wanted = {side: {**row.corrections.get(side, {}), **corrections.get(side, {})} for side in ("received", "sent")}
    problems = check_corrections(row, wanted)
    if problems:
        raise CorrectionError(problems)
    _ask(row.job_id, [row.pk], actor, corrections={row.pk: wanted}, after=after)


def check_corrections(row: FailedRecord, corrections: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Field → sentence of what is still wrong; empty when it may go out, or cannot be told before it is mapped anew."""
    schema = known(row.sync.destination, row.sync.destination_object)
    if schema is None or row.mapped is None or corrections.get("received"):
        return {}
    label = capabilities(row.sync.destination.platform).label
    validate = compile_validator(schema, row.sync.destination_key, row.sync.write_mode, platform_label=label)
    mapped = {**unpack(row.mapped), **corrections.get("sent", {})}
    return {problem.field: problem.message for problem in validate(mapped)}


def retry_records(ids: Iterable[int], actor: str, after: timedelta = NOW) -> int:
    """Send these failed records again as they are; returns how many are on their way now. `after` as `fix_and_retry`."""
    by_job = _by_job(ids, FailureStatus.OPEN)
    return sum(_ask(job_id, pks, actor, after=after) for job_id, pks in by_job.items())


def withdraw_records(ids: Iterable[int], actor: str) -> int:
    """Take back what was asked to be sent again and is in no batch yet; corrections stay. Returns how many came back."""
    return sum(_withdraw(job_id, pks, actor) for job_id, pks in _by_job(ids, FailureStatus.RETRYING).items())


def correct_records(ids: Iterable[int], field: str, value: Any, actor: str) -> int:
    """Set one destination field on many failed records and send them again; returns how many are on their way now.

    Records that would still be refused stay on the list with their present reason.
    """
    count = 0
    for job_id, pks in _by_job(ids, FailureStatus.OPEN).items():
        corrections: dict[int, dict[str, Any]] = {}
        rows = FailedRecord.objects.select_related("sync__destination").filter(pk__in=pks)
        for row in rows:
            wanted = {**row.corrections, "sent": {**row.corrections.get("sent", {}), field: value}}
            if not check_corrections(row, wanted):
                corrections[row.pk] = wanted
        count += _ask(job_id, list(corrections), actor, corrections=corrections)
    return count


def dismiss_records(ids: Iterable[int], actor: str, at: datetime | None = None) -> int:
    """Set these failed records aside on purpose; returns how many were open. `at` marks what was done in one go."""
    now = at or timezone.now()
    return sum(_dismiss(job_id, pks, actor, now) for job_id, pks in _by_job(ids, FailureStatus.OPEN).items())


def restore_records(ids: Iterable[int], actor: str) -> int:
    """Put what was set aside back on the list; returns how many. Whose data was forgotten meanwhile stays aside."""
    return sum(_restore(job_id, pks, actor) for job_id, pks in _by_job(ids, FailureStatus.DISMISSED).items())


def reopen_job(job_id: int, after: timedelta = NOW) -> bool:
    """Queue a finished job that has retries waiting; False while another job of its sync is active."""
    # Asked before the row is locked: the active job may want that lock while it holds what the constraint waits for.
    sync_id = SyncJob.objects.filter(pk=job_id).values_list("sync_id", flat=True).first()
    if sync_id is None or SyncJob.objects.active().filter(sync_id=sync_id).exists():
        return False
    try:
        with change_job(job_id) as change:
            if change.state.status != Status.PARTIAL or not change.state.failures_retrying:
                return False
            _reopen(change, after)
    except IntegrityError:
        return False
    return True


def _by_job(ids: Iterable[int], status: FailureStatus) -> dict[int, list[int]]:
    wanted = list(ids)
    jobs: dict[int, list[int]] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = FailedRecord.objects.filter(pk__in=wanted[start : start + CHUNK], status=status)
        for pk, job_id in rows.values_list("pk", "job_id"):
            jobs.setdefault(job_id, []).append(pk)
    return jobs


def _ask(
    job_id: int,
    ids: list[int],
    actor: str,
    corrections: dict[int, dict[str, Any]] | None = None,
    after: timedelta = NOW,
) -> int:
    """Mark the records as on their way and wake the job. RefusedTransitionError when the job was cancelled."""
    if not ids:
        return 0
    with transaction.atomic(), change_job(job_id, actor=actor) as change:
        if change.state.status == Status.CANCELLED:
            raise RefusedTransitionError(f"Job {job_id:,} was cancelled, so nothing of it is sent any more.")
        count = sum(
            _mark(change.job, ids[start : start + CHUNK], actor, corrections or {})
            for start in range(0, len(ids), CHUNK)
        )
        if not count:
            return 0
        add = {"failures_open": -count, "failures_retrying": count}
        change.append(Kind.JOB_RETRY_REQUESTED, count=count, corrected=len(corrections or {}), add=add)
        if change.state.status in ACTIVE:
            _nudge(change)
    reopen_job(job_id, after)
    return count


def _mark(job: SyncJob, ids: list[int], actor: str, corrections: dict[int, dict[str, Any]]) -> int:
    """Those that are still open are on their way; returns how many. Payloads are not read: there may be 100,000."""
    rows = FailedRecord.objects.filter(pk__in=ids, job_id=job.pk, status=FailureStatus.OPEN)
    corrected = rows.filter(pk__in=[pk for pk in ids if pk in corrections]).only("pk", "source_id", "corrections")
    _correct(job, list(corrected), actor, corrections)
    return rows.update(status=FailureStatus.RETRYING, repair_batch=None, resolved_by=actor)


def _correct(job: SyncJob, rows: list[FailedRecord], actor: str, corrections: dict[int, dict[str, Any]]) -> None:
    for row in rows:
        row.corrections = corrections[row.pk]
    FailedRecord.objects.bulk_update(rows, ["corrections"], batch_size=100)
    kind, now = RecordEventKind.CORRECTED, timezone.now()
    insert_record_events(
        [event_row(job, row.source_id, kind, ",".join(_fields(row.corrections)), now, actor) for row in rows]
    )


def _fields(corrections: dict[str, dict[str, Any]]) -> list[str]:
    return sorted({*corrections.get("sent", {}), *corrections.get("received", {})})


def _withdraw(job_id: int, ids: list[int], actor: str) -> int:
    """Under the job's lock no worker can put one into a batch at the same moment."""
    with change_job(job_id, actor=actor) as change:
        rows = FailedRecord.objects.filter(pk__in=ids, job_id=job_id, status=FailureStatus.RETRYING)
        waiting = rows.filter(repair_batch__isnull=True)
        sources = list(waiting.values_list("source_id", flat=True))
        count = waiting.update(status=FailureStatus.OPEN, resolved_by="")
        if count:
            add = {"failures_open": count, "failures_retrying": -count}
            change.append(Kind.JOB_RETRY_WITHDRAWN, count=count, add=add)
            _note(change.job, sources, RecordEventKind.RESTORED, timezone.now(), actor)
    return count


def _dismiss(job_id: int, ids: list[int], actor: str, now: datetime) -> int:
    with change_job(job_id, actor=actor) as change:
        rows = FailedRecord.objects.filter(pk__in=ids, job_id=job_id, status=FailureStatus.OPEN)
        sources = list(rows.values_list("source_id", flat=True))
        count = rows.update(status=FailureStatus.DISMISSED, resolved_at=now, resolved_by=actor)
        if count:
            change.append(Kind.JOB_RECORDS_DISMISSED, count=count, add={"failures_open": -count})
            _note(change.job, sources, RecordEventKind.DISMISSED, now, actor)
    return count


def _restore(job_id: int, ids: list[int], actor: str) -> int:
    with change_job(job_id, actor=actor) as change:
        rows = FailedRecord.objects.known().filter(pk__in=ids, job_id=job_id, status=FailureStatus.DISMISSED)
        sources = list(rows.values_list("source_id", flat=True))
        count = rows.update(status=FailureStatus.OPEN, resolved_at=None, resolved_by="")
        if count:
            change.append(Kind.JOB_RECORDS_RESTORED, count=count, add={"failures_open": count})
            _note(change.job, sources, RecordEventKind.RESTORED, timezone.now(), actor)
    return count


def _note(job: SyncJob, sources: list[str], kind: RecordEventKind, now: datetime, actor: str) -> None:
    insert_record_events([event_row(job, source, kind, "", now, actor) for source in sources])


def _nudge(change: JobChange) -> None:
    """A job in the middle of its work takes the retries along; one that is parked does so when it is resumed."""
    if change.state.stage == Stage.UPLOADING and change.state.status == Status.QUEUED:
        hint_work(change.job.pk)


def _reopen(change: JobChange, after: timedelta) -> None:
    """At once with a hint; later without one, and the beat gives it when the time has come."""
    now = timezone.now()
    change.append(Kind.JOB_REOPENED)
    change.set_lease(wake_at=now + after, enqueued_at=None if after else now)
    if not after:
        hint_work(change.job.pk)
