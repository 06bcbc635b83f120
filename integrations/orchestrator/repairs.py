"""What a person may do with failed records: correct, retry, set aside, and take each of it back. Only these records are
sent, in the same job."""

import functools
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import IntegrityError
from django.utils import timezone

from integrations.adapters.registry import capabilities
from integrations.enums import ACTIVE, FailureStatus, Kind, RecordEventKind, Stage, Status
from integrations.exceptions import RecordRejectedError, RefusedTransitionError
from integrations.mappings.validation import Problem, Validator, compile_validator
from integrations.models import FailedRecord, Sync, SyncJob
from integrations.models.blobs import unpack
from integrations.models.bulk import insert_record_events
from integrations.orchestrator.each_job import each_job
from integrations.orchestrator.failures import event_row
from integrations.orchestrator.hints import hint_work
from integrations.orchestrator.schemas import known
from integrations.orchestrator.state_machine import JobChange, change_job

SECRET = ("destination__secrets", "destination__token")
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
    _send({row.job_id: _ask(row.job_id, [row.pk], actor, {row.pk: wanted})}, after)


def check_corrections(row: FailedRecord, corrections: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Field → sentence of what is still wrong; empty when it may go out, or cannot be told before it is mapped anew."""
    validate = _validator(row.sync)
    return {problem.field: problem.message for problem in _problems(row, corrections, validate)}


def retry_records(ids: Iterable[int], actor: str, after: timedelta = NOW) -> int:
    """Send these failed records again as they are; returns how many are on their way now. `after` as `fix_and_retry`."""
    asked = each_job(ids, FailureStatus.OPEN, lambda job_id, part: _ask(job_id, part, actor, {}))
    return _send(asked, after)


def withdraw_records(ids: Iterable[int], actor: str) -> int:
    """Take back what was asked to be sent again and is in no batch yet; corrections stay. Returns how many came back."""
    return sum(each_job(ids, FailureStatus.RETRYING, lambda job_id, part: _withdraw(job_id, part, actor)).values())


def correct_records(ids: Iterable[int], field: str, value: Any, actor: str) -> int:
    """Set one destination field on many failed records and send them again; returns how many are on their way now.

    Records that would still be refused stay on the list with their present reason.
    """
    return _correct_each(ids, lambda _row: {field: value}, actor)


def use_suggestions(ids: Iterable[int], actor: str) -> int:
    """Give these failed records what is suggested for each and send them again; returns how many are on their way now."""
    return _correct_each(ids, lambda row: row.suggestion.get("values", {}), actor)


def dismiss_records(ids: Iterable[int], actor: str, at: datetime | None = None) -> int:
    """Set these failed records aside on purpose; returns how many were open. `at` marks what was done in one go."""
    now = at or timezone.now()
    return sum(each_job(ids, FailureStatus.OPEN, lambda job_id, part: _dismiss(job_id, part, actor, now)).values())


def restore_records(ids: Iterable[int], actor: str) -> int:
    """Put what was set aside back on the list; returns how many. Whose data was forgotten meanwhile stays aside."""
    return sum(each_job(ids, FailureStatus.DISMISSED, lambda job_id, part: _restore(job_id, part, actor)).values())


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


def _correct_each(ids: Iterable[int], values_for: Callable[[FailedRecord], dict[str, Any]], actor: str) -> int:
    validator = functools.cache(_validator_of)

    def correct(job_id: int, part: list[int]) -> int:
        corrections: dict[int, dict[str, Any]] = {}
        for row in FailedRecord.objects.filter(pk__in=part).only("sync_id", "mapped", "corrections", "suggestion"):
            values = values_for(row)
            wanted = {**row.corrections, "sent": {**row.corrections.get("sent", {}), **values}}
            if values and not _problems(row, wanted, validator(row.sync_id)):
                corrections[row.pk] = wanted
        return _ask(job_id, list(corrections), actor, corrections)

    return _send(each_job(ids, FailureStatus.OPEN, correct))


def _validator_of(sync_id: int) -> Validator | None:
    return _validator(Sync.objects.select_related("destination").defer(*SECRET).get(pk=sync_id))


def _validator(sync: Sync) -> Validator | None:
    """None when the destination was never described."""
    schema = known(sync.destination, sync.destination_object)
    if schema is None:
        return None
    label = capabilities(sync.destination.platform).label
    return compile_validator(schema, sync.destination_key, sync.write_mode, platform_label=label)


def _problems(
    row: FailedRecord, corrections: dict[str, dict[str, Any]], validate: Validator | None
) -> Sequence[Problem]:
    if validate is None or row.mapped is None or corrections.get("received"):
        return ()
    return validate({**unpack(row.mapped), **corrections.get("sent", {})})


def _ask(job_id: int, ids: list[int], actor: str, corrections: dict[int, dict[str, Any]]) -> int:
    """Mark the records as on their way. RefusedTransitionError when the job was cancelled."""
    if not ids:
        return 0
    with change_job(job_id, actor=actor) as change:
        if change.state.status == Status.CANCELLED:
            raise RefusedTransitionError(f"Job {job_id:,} was cancelled, so nothing of it is sent any more.")
        count = _mark(change.job, ids, actor, corrections)
        if not count:
            return 0
        add = {"failures_open": -count, "failures_retrying": count}
        change.append(Kind.JOB_RETRY_REQUESTED, count=count, corrected=len(corrections), add=add)
        if change.state.status in ACTIVE:
            _nudge(change)
    return count


def _send(asked: dict[int, int], after: timedelta = NOW) -> int:
    """Wake the jobs of which records were asked for (job → how many), one of each sync: the beat wakes the others in
    their turn. Returns how many records of all together."""
    wanted = SyncJob.objects.filter(pk__in=[job_id for job_id, count in asked.items() if count])
    idle = wanted.exclude(sync__in=SyncJob.objects.active().values("sync"))
    first = dict(idle.order_by("-pk").values_list("sync", "pk"))
    for job_id in first.values():
        reopen_job(job_id, after)
    return sum(asked.values())


def _mark(job: SyncJob, ids: list[int], actor: str, corrections: dict[int, dict[str, Any]]) -> int:
    """Those that are still open are on their way; returns how many. Payloads are not read: there may be 100,000."""
    rows = FailedRecord.objects.filter(pk__in=ids, job_id=job.pk, status=FailureStatus.OPEN)
    corrected = rows.filter(pk__in=[pk for pk in ids if pk in corrections]).only("pk", "source_id", "corrections")
    _correct(job, list(corrected), actor, corrections)
    return rows.update(status=FailureStatus.RETRYING, repair_batch=None, resolved_by=actor)


def _correct(job: SyncJob, rows: list[FailedRecord], actor: str, corrections: dict[int, dict[str, Any]]) -> None:
    same: dict[bytes, list[int]] = {}
    for row in rows:
        row.corrections = corrections[row.pk]
        same.setdefault(orjson.dumps(row.corrections, option=orjson.OPT_SORT_KEYS), []).append(row.pk)
    for pks in same.values():
        FailedRecord.objects.filter(pk__in=pks).update(corrections=corrections[pks[0]])
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
    """At once with a hint; later without one, and the beat gives it when the time has come. What it will send is to be
    forgotten again."""
    now = timezone.now()
    change.append(Kind.JOB_REOPENED)
    change.set_lease(wake_at=now + after, enqueued_at=None if after else now, has_payloads=True)
    if not after:
        hint_work(change.job.pk)
