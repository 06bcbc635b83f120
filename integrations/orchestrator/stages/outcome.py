"""Writing down what became of a batch: in one transaction its result, a record event and a link per record, the failed
records, the event and the counters."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Max
from django.utils import timezone

from integrations import reasons
from integrations.enums import BatchStatus, BatchVerb, FailureKind, FailureStatus, Kind, NotSent, SyncMode
from integrations.exceptions import BatchRefusedError, SyncpanelError, UnknownOutcomeError
from integrations.models import Batch, FailedRecord
from integrations.models.blobs import Joined, pack
from integrations.models.bulk import BatchEnd, end_batches, moment
from integrations.orchestrator.failures import Failure, hold, reason_columns
from integrations.orchestrator.identity import note_lookalikes
from integrations.orchestrator.stages import departing
from integrations.orchestrator.stages.agreeing import Agreements, received_by_id
from integrations.orchestrator.stages.calls import calls_of_failure, pack_calls
from integrations.orchestrator.stages.deciding import leave_alone
from integrations.orchestrator.stages.packing import Entry, usual_limits
from integrations.orchestrator.stages.trail import ROWS_AT_ONCE, Left, Sent, write_trail
from integrations.orchestrator.state import TIMEOUT
from integrations.orchestrator.work import Work
from integrations.types import FlatRecord, Result, UploadOutcome

TRIES_PER_ROW = 5
FEWEST_WHEN_SLOW = 50
"""A batch of so few is not too much at a time for anybody."""
COUNTED_AS = {NotSent.UNCHANGED: "unchanged", NotSent.LEFT_OUT: "left_out", NotSent.HELD: "invalid"}


def write(work: Work, sent: Sequence[Sent]) -> None:
    """One commit for all batches that came back meanwhile. What takes long, and may ask the platform, is done before it."""
    now = timezone.now()
    usual = [_judged(work, item) for item in sent if item.batch.verb == BatchVerb.WRITE]
    left_us = [item for item in sent if item.batch.verb != BatchVerb.WRITE]
    failures = [_failures(work, item) for item in usual]
    with work.change() as change:
        end_batches([_end(work, item, now) for item in usual])
        add: Counter[str] = Counter()
        for item, left, failed in zip(usual, write_trail(work, usual, now), failures, strict=True):
            add.update(_settle(work, item, left, failed, now))
        for item in left_us:
            add.update(departing.write_batch(work, item, now))
        change.append(
            Kind.JOB_BATCHES_UPLOADED,
            numbers=[item.batch.number for item in sent],
            add={name: number for name, number in add.items() if number},
        )


def refuse(work: Work, batch: Batch, entries: Sequence[Entry], refusal: BatchRefusedError) -> Sent | None:
    """A batch that was refused whole goes on as two halves, until the bad record is alone; then that is what came back."""
    if len(entries) == 1:
        return Sent(batch, entries, UploadOutcome([refused_alone(refusal)], refusal.exchanges))
    _split(work, batch, entries, refusal)
    return None


def halve_if_slow(work: Work, batch: Batch, entries: Sequence[Entry], problem: SyncpanelError) -> bool:
    """A call that took too long goes on as two halves, as long as it is not small: True then. It was no progress: a platform
    that stands still uses up the job's attempts like any other."""
    is_slow = isinstance(problem, UnknownOutcomeError) and problem.code == TIMEOUT
    if not is_slow or len(entries) <= FEWEST_WHEN_SLOW:
        return False
    _split(work, batch, entries, problem, code=TIMEOUT)
    return True


def _split(work: Work, batch: Batch, entries: Sequence[Entry], problem: SyncpanelError, **told: str) -> None:
    middle = len(entries) // 2
    with work.change() as change:
        _refile(work, batch, [entries[:middle], entries[middle:]], attempts=batch.attempts)
        calls = calls_of_failure(work.sync.destination, problem)
        Batch.objects.filter(pk=batch.pk).update(status=BatchStatus.SPLIT, **calls)
        change.append(Kind.JOB_BATCH_SPLIT, number=batch.number, add={"batches": 1}, **told)


def _judged(work: Work, item: Sent) -> Sent:
    """Whom this kind of sync leaves alone is not refused."""
    mode, key = work.sync.write_mode, work.sync.destination_key
    if mode == SyncMode.UPSERT:
        return item
    results = [leave_alone(mode, key, result) for result in item.outcome.results]
    return replace(item, outcome=replace(item.outcome, results=results))


def set_apart(work: Work, batch: Batch, places: set[int]) -> None:
    """These entries of a large load go out in ordinary batches, after it."""
    entries = Joined(batch.payload, batch.count)
    apart = [entry for at, entry in enumerate(entries) if at in places]
    limit = usual_limits(work).records
    parts = [apart[start : start + limit] for start in range(0, len(apart), limit)]
    left = (entry for at, entry in enumerate(entries) if at not in places)
    payload, count = b"", batch.count - len(places)
    while some := list(islice(left, ROWS_AT_ONCE)):
        payload += pack(some)
    with work.change() as change:
        _refile(work, batch, parts, attempts=0, is_bulk=False)
        status = BatchStatus.PENDING if count else BatchStatus.SPLIT
        Batch.objects.filter(pk=batch.pk).update(payload=payload, count=count, status=status)
        change.append(
            Kind.JOB_BATCH_SPLIT, number=batch.number, add={"batches": len(parts) if count else len(parts) - 1}
        )


def _end(work: Work, item: Sent, now: datetime) -> BatchEnd:
    counts, calls = _count(work, item), pack_calls(work.sync.destination, item.outcome.exchanges)
    numbers = (counts["created"], counts["updated"], counts["rejected"])
    return (BatchStatus.SENT.value, moment(now), *numbers, calls, item.batch.pk)


def _count(work: Work, item: Sent) -> Counter[str]:
    went = [result for result in item.outcome.results if result.not_sent is None]
    created = sum(result.ok and result.created for result in went)
    arrived = sum(result.ok for result in went)
    rejected = len(went) - arrived - len(_rows_to_repeat(item) | _rows_in_doubt(work, item))
    return Counter(created=created, updated=arrived - created, rejected=rejected, sent=arrived + rejected)


def _settle(work: Work, item: Sent, left: Left, failures: list[Failure], now: datetime) -> Counter[str]:
    """Who did not arrive goes into another batch, or to the Fix-it list. Returns what that adds to the counters."""
    results, counts, doubtful = item.outcome.results, _count(work, item), _rows_in_doubt(work, item)
    again = _rows_to_repeat(item) - doubtful
    kept = Counter(result.not_sent for result in results if result.not_sent is not None)
    counts.update({COUNTED_AS[why]: number for why, number in kept.items()})
    counts.update(batches_done=1, planned=-kept.total())
    counts["batches"] = _refile_rows(work, item, left, again) + _hold_rows(work, item, left, doubtful, now)
    _write_looks(work, item, now)
    counts.update(_settle_failures(work, item, failures, again | doubtful, now))
    return counts


def _rows_to_repeat(item: Sent) -> set[int]:
    """Rows the platform refused only for the moment, while they have tries left."""
    if item.batch.attempts >= TRIES_PER_ROW:
        return set()
    return {at for at, result in enumerate(item.outcome.results) if not result.ok and result.is_transient}


def _rows_in_doubt(work: Work, item: Sent) -> set[int]:
    """Rows that may have arrived, and would do harm if they arrived twice."""
    if work.is_idempotent:
        return set()
    return {at for at, result in enumerate(item.outcome.results) if result.is_in_doubt}


def _refile_rows(work: Work, item: Sent, left: Left, again: set[int]) -> int:
    """Rows to be sent again become a batch of their own; how many batches. Rows that never left, because the upload broke off
    before them, have used up no try."""
    if again:
        attempts = item.batch.attempts + (item.outcome.problem is None)
        _refile(work, item.batch, [[left[at] for at in sorted(again)]], attempts=attempts)
    return int(bool(again))


def _hold_rows(work: Work, item: Sent, left: Left, doubtful: set[int], now: datetime) -> int:
    """Rows in doubt become a batch of their own that waits for a person; how many batches."""
    if doubtful:
        problem, parts = item.outcome.problem, [[left[at] for at in sorted(doubtful)]]
        calls = calls_of_failure(work.sync.destination, problem) if problem else {}
        held = {"status": BatchStatus.SENDING, "token": work.job.token, "sending_at": now, **calls}
        _refile(work, item.batch, parts, attempts=item.batch.attempts, **held)
    return int(bool(doubtful))


def _write_looks(work: Work, item: Sent, now: datetime) -> None:
    """What the last look found out: what both sides agree on, and who may be somebody else."""
    if item.plans and work.two_way:
        Agreements(work, work.two_way).keep(item.plans, item.outcome.results, now)
    note_lookalikes(work.job, [plan for plan in item.plans if plan.lookalike is not None], now)


def _settle_failures(work: Work, item: Sent, failures: list[Failure], later: set[int], now: datetime) -> Counter[str]:
    """Rejected records go to the Fix-it list; a repaired one that arrived leaves it."""
    if item.batch.is_repair:
        return _settle_repairs(work, item, failures, now)
    work.supersede((entry[0] for at, entry in enumerate(item.entries) if at not in later), now)
    return Counter(failures_open=len(hold(work.job, failures, now)))


def _settle_repairs(work: Work, item: Sent, failures: list[Failure], now: datetime) -> Counter[str]:
    mine = FailedRecord.objects.filter(job_id=work.job.pk)
    done = {NotSent.UNCHANGED, NotSent.LEFT_OUT}
    arrived = [e[0] for e, r in zip(item.entries, item.outcome.results, strict=True) if r.ok or r.not_sent in done]
    fixed = mine.filter(source_id__in=arrived, status=FailureStatus.RETRYING).update(
        status=FailureStatus.FIXED, resolved_at=now, fixed_in_job=work.job.pk
    )
    reopened = sum(reopen(work, failure, now) for failure in failures)
    return Counter(failures_retrying=-fixed - reopened, failures_open=reopened)


def reopen(work: Work, failure: Failure, now: datetime) -> int:
    """A corrected record failed again: back to the list, with the new reason. Returns 1, or 0 when it is not on its way."""
    columns = reason_columns(failure)
    row = FailedRecord.objects.filter(
        job_id=work.job.pk, source_id=failure.source_id, status=FailureStatus.RETRYING
    ).first()
    if row is None:
        return 0
    for name, value in columns.items():
        setattr(row, name, value)
    row.mapped = pack(failure.mapped) if failure.mapped is not None else row.mapped
    row.there = pack(failure.there) if failure.there is not None else None
    row.status, row.attempts, row.last_failed_at = FailureStatus.OPEN, row.attempts + 1, now
    row.save(update_fields=[*columns, "mapped", "there", "status", "attempts", "last_failed_at"])
    return 1


def _failures(work: Work, item: Sent) -> list[Failure]:
    """Who is refused or held, and is not sent again; so many at a time, with the pages they came on."""
    later, results = _rows_to_repeat(item) | _rows_in_doubt(work, item), item.outcome.results
    wrong = {at for at, result in enumerate(results) if not result.ok and result.not_sent != NotSent.LEFT_OUT} - later
    rows = ((at, entry) for at, entry in enumerate(item.entries) if at in wrong) if wrong else iter(())
    found: list[Failure] = []
    while some := list(islice(rows, ROWS_AT_ONCE)):
        received = received_by_id(work, [entry for _, entry in some])
        found += [work.suggest(_rejection(work, item, at, entry, received.get(entry[0]))) for at, entry in some]
    return found


def _rejection(work: Work, item: Sent, at: int, entry: Entry, received: FlatRecord | None) -> Failure:
    """`received` is None when its page was pruned, or it comes from a repair."""
    result, plan = item.outcome.results[at], item.plans[at] if item.plans else None
    field = work.schema.field(result.field) if result.field else None
    label = field.label if field else result.field
    return Failure(
        source_id=entry[0],
        kind=FailureKind.REJECTED if result.not_sent is None else FailureKind.INVALID,
        code=result.code,
        title=reasons.title(result.code, label, work.destination_can.label),
        message=result.message,
        field=result.field,
        technical=result.technical,
        received=received or {"id": entry[0]},
        mapped=entry[3],
        page_number=entry[4],
        there=plan.seen_there if plan and result.not_sent == NotSent.HELD else None,
    )


def _refile(work: Work, batch: Batch, parts: Sequence[Sequence[Entry]], *, attempts: int, **columns: Any) -> None:
    """New batches of entries of an old one, behind all others; `columns` differ from the old one's."""
    newest = Batch.objects.filter(job_id=work.job.pk).aggregate(newest=Max("number"))["newest"]
    for offset, entries in enumerate(parts, start=1):
        Batch.objects.create(
            job_id=work.job.pk,
            number=newest + offset,
            parent=batch,
            verb=batch.verb,
            is_repair=batch.is_repair,
            attempts=attempts,
            count=len(entries),
            payload=pack(entries),
            **{"is_bulk": batch.is_bulk, **columns},
        )


def refused_alone(refusal: BatchRefusedError) -> Result:
    """The result of a batch of one that was refused whole."""
    code = refusal.code if refusal.code in reasons.TITLES else "refused"
    return Result(ok=False, code=code, message=refusal.message, technical=refusal.technical)
