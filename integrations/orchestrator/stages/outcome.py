"""Writing down what became of a batch: in one transaction its result, a record event and a link per record, the failed
records, the event and the counters."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from integrations import reasons
from integrations.enums import BatchStatus, FailureKind, FailureStatus, Kind, RecordEventKind
from integrations.exceptions import BatchRefusedError
from integrations.models import Batch, FailedRecord, SourcePage
from integrations.models.blobs import pack, unpack
from integrations.models.bulk import insert_record_events, moment, upsert_links
from integrations.orchestrator.failures import Failure, hold, reason_columns
from integrations.orchestrator.stages.calls import calls_of_failure, pack_calls
from integrations.orchestrator.stages.packing import Entry
from integrations.orchestrator.work import Work
from integrations.types import FlatRecord, Result, UploadOutcome

TRIES_PER_ROW = 5


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch that came back."""

    batch: Batch
    entries: list[Entry]
    outcome: UploadOutcome


def write(work: Work, sent: Sequence[Sent]) -> None:
    """One commit for all batches that came back meanwhile."""
    now = timezone.now()
    with work.change() as change:
        add: Counter[str] = Counter()
        for item in sent:
            add.update(_write_batch(work, item, now))
        change.append(
            Kind.JOB_BATCHES_UPLOADED,
            numbers=[item.batch.number for item in sent],
            add={name: number for name, number in add.items() if number},
        )


def refuse(work: Work, batch: Batch, entries: list[Entry], refusal: BatchRefusedError) -> Sent | None:
    """A batch that was refused whole goes on as two halves, until the bad record is alone; then that is what came back."""
    if len(entries) == 1:
        return Sent(batch, entries, UploadOutcome([refused_alone(refusal)], refusal.exchanges))
    _split(work, batch, entries, refusal)
    return None


def _split(work: Work, batch: Batch, entries: list[Entry], refusal: BatchRefusedError) -> None:
    middle = len(entries) // 2
    with work.change() as change:
        _refile(work, batch, [entries[:middle], entries[middle:]], attempts=batch.attempts)
        calls = calls_of_failure(work.sync.destination, refusal)
        Batch.objects.filter(pk=batch.pk).update(status=BatchStatus.SPLIT, **calls)
        change.append(Kind.JOB_BATCH_SPLIT, number=batch.number, add={"batches": 1})


def _write_batch(work: Work, item: Sent, now: datetime) -> Counter[str]:
    again = _rows_to_repeat(item)
    rejected = [at for at, result in enumerate(item.outcome.results) if not result.ok and at not in again]
    created = sum(result.ok and result.created for result in item.outcome.results)
    updated = sum(result.ok and not result.created for result in item.outcome.results)
    Batch.objects.filter(pk=item.batch.pk).update(
        status=BatchStatus.SENT,
        sent_at=now,
        created=created,
        updated=updated,
        rejected=len(rejected),
        exchange=pack_calls(work.sync.destination, item.outcome.exchanges),
    )
    _write_rows(work, item, now)
    counts = Counter(batches_done=1, sent=created + updated + len(rejected), created=created, updated=updated)
    counts["rejected"] = len(rejected)
    if again:
        _refile(work, item.batch, [[item.entries[at] for at in sorted(again)]], attempts=item.batch.attempts + 1)
        counts["batches"] = 1
    counts.update(_settle_failures(work, item, rejected, again, now))
    return counts


def _rows_to_repeat(item: Sent) -> set[int]:
    """Rows the platform refused only for the moment, while they have tries left."""
    if item.batch.attempts >= TRIES_PER_ROW:
        return set()
    return {at for at, result in enumerate(item.outcome.results) if not result.ok and result.is_transient}


def _write_rows(work: Work, item: Sent, now: datetime) -> None:
    """Record events and links of what arrived. Loops over every record of every job: kept flat on purpose."""
    job, sync_id, at = work.job, work.sync.pk, moment(now)
    job_id, batch_id, version = job.pk, item.batch.pk, job.mapping_version_id
    created, updated = RecordEventKind.CREATED.value, RecordEventKind.UPDATED.value
    links: dict[str, tuple[Any, ...]] = {}
    events = []
    for entry, result in zip(item.entries, item.outcome.results, strict=True):
        if not result.ok:
            continue
        source_id = entry[0]
        kind = created if result.created else updated
        events.append((sync_id, job_id, batch_id, kind, source_id, result.id, "", "", at))
        digests = (bytes.fromhex(entry[1]), bytes.fromhex(entry[2]))
        links[source_id] = (sync_id, source_id, result.id, *digests, entry[6], version, job_id, at)
    insert_record_events(events)
    upsert_links(list(links.values()))


def _settle_failures(work: Work, item: Sent, rejected: list[int], again: set[int], now: datetime) -> Counter[str]:
    """Rejected records go to the Fix-it list; a repaired one that arrived leaves it."""
    failures = [work.suggest(_rejection(work, item, at)) for at in rejected]
    if item.batch.is_repair:
        return _settle_repairs(work, item, failures, again, now)
    work.supersede([entry[0] for at, entry in enumerate(item.entries) if at not in again], now)
    return Counter(failures_open=len(hold(work.job, failures, now)))


def _settle_repairs(work: Work, item: Sent, failures: list[Failure], again: set[int], now: datetime) -> Counter[str]:
    mine = FailedRecord.objects.filter(job_id=work.job.pk)
    arrived = [e[0] for e, r in zip(item.entries, item.outcome.results, strict=True) if r.ok]
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
    row.status, row.attempts, row.last_failed_at = FailureStatus.OPEN, row.attempts + 1, now
    row.save(update_fields=[*columns, "mapped", "status", "attempts", "last_failed_at"])
    return 1


def _rejection(work: Work, item: Sent, at: int) -> Failure:
    entry, result = item.entries[at], item.outcome.results[at]
    field = work.schema.field(result.field) if result.field else None
    label = field.label if field else result.field
    return Failure(
        source_id=entry[0],
        kind=FailureKind.REJECTED,
        code=result.code,
        title=reasons.title(result.code, label, work.destination_can.label),
        message=result.message,
        field=result.field,
        technical=result.technical,
        received=_received(work, entry),
        mapped=entry[3],
        page_number=entry[4],
    )


def _received(work: Work, entry: Entry) -> FlatRecord:
    """The source record of an entry; just its id when its page was pruned or it comes from a repair."""
    page = SourcePage.objects.filter(job_id=work.job.pk, number=entry[4]).first() if entry[4] is not None else None
    received: FlatRecord = unpack(page.records)[entry[5]] if page else {"id": entry[0]}
    return received


def _refile(work: Work, batch: Batch, parts: list[list[Entry]], *, attempts: int) -> None:
    """New batches of entries of an old one, behind all others."""
    newest = Batch.objects.filter(job_id=work.job.pk).aggregate(newest=Max("number"))["newest"]
    for offset, entries in enumerate(parts, start=1):
        Batch.objects.create(
            job_id=work.job.pk,
            number=newest + offset,
            parent=batch,
            is_repair=batch.is_repair,
            is_bulk=batch.is_bulk,
            attempts=attempts,
            count=len(entries),
            payload=pack(entries),
        )


def refused_alone(refusal: BatchRefusedError) -> Result:
    """The result of a batch of one that was refused whole."""
    code = refusal.code if refusal.code in reasons.TITLES else "refused"
    return Result(ok=False, code=code, message=refusal.message, technical=refusal.technical)
