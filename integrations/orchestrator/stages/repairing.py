"""Sending corrected records, in the same job: mapped anew where needed, validated again, packed into small batches."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Max
from django.utils import timezone

from integrations import reasons
from integrations.enums import FailureKind, FailureStatus, Kind
from integrations.mappings.hashing import content_hash, key_hash, source_hash
from integrations.mappings.runner import MappingRunner
from integrations.mappings.validation import Problem
from integrations.models import Batch, FailedRecord, SourcePage
from integrations.models.blobs import pack, unpack
from integrations.models.bulk import key_owners, signed
from integrations.orchestrator.failures import Failure
from integrations.orchestrator.stages.outcome import reopen
from integrations.orchestrator.work import Work
from integrations.types import FlatRecord

CHUNK = 200


@dataclass(slots=True)
class Repairs:
    """What becomes of a chunk of corrected records."""

    entries: list[tuple[FailedRecord, list[Any]]] = field(default_factory=list)
    failures: list[tuple[FailedRecord, Failure]] = field(default_factory=list)
    left_out: list[FailedRecord] = field(default_factory=list)


def pending(work: Work) -> bool:
    """True when a person asked for a retry that is not in a batch yet."""
    return bool(_asked(work).exists())


def prepare(work: Work) -> None:
    """Put every record a person asked to retry into a batch of its own kind, or back on the list."""
    while not work.must_stop():
        rows = list(_asked(work).order_by("pk")[:CHUNK])
        if not rows:
            return
        _store(work, rows, _sort(work, rows), timezone.now())


def _asked(work: Work) -> Any:
    return FailedRecord.objects.filter(job_id=work.job.pk, status=FailureStatus.RETRYING, repair_batch__isnull=True)


def _sort(work: Work, rows: list[FailedRecord]) -> Repairs:
    repairs = Repairs([], [(row, _as_before(row)) for row in rows if not _is_usable(row)])
    validate = work.validator()
    for row, mapped in _mapped(work, list(filter(_is_usable, rows)), repairs):
        to_send = {**mapped, **row.corrections.get("sent", {})}
        problems = validate(to_send)
        if problems and work.describe_anew():
            validate = work.validator()
            problems = validate(to_send)
        if problems := problems or _taken(work, row, to_send):
            repairs.failures.append((row, work.suggest(_failure(row, problems[0], to_send))))
        else:
            repairs.entries.append((row, _entry(row, to_send, key_hash(to_send[work.sync.destination_key]))))
    return repairs


def _is_usable(row: FailedRecord) -> bool:
    """False for what was never a record, for as long as nobody has said what should be in it."""
    return bool(row.received or row.mapped or row.corrections)


def _mapped(work: Work, rows: list[FailedRecord], repairs: Repairs) -> list[tuple[FailedRecord, FlatRecord]]:
    """Each record as it would be sent; mapped anew when the received side was corrected or never got through."""
    mapped = [(row, unpack(row.mapped)) for row in rows if row.mapped and not row.corrections.get("received")]
    anew = [row for row in rows if not row.mapped or row.corrections.get("received")]
    if newest := [row for row in anew if _has_all(work, received_of(row))]:
        mapped += _map_anew(work.newest_mapping, newest, repairs)
    if others := [row for row in anew if row not in newest]:
        mapped += _map_anew(work.mapping, others, repairs)
    return mapped


def _has_all(work: Work, received: FlatRecord) -> bool:
    """True when the newest mapping finds in it all that it reads: what was not fetched would be emptied."""
    if work.newest_version == work.job.mapping_version:
        return True
    reads = work.newest_version.source_fields
    return bool(reads) and received.keys() >= set(reads)


def _map_anew(
    mapping: MappingRunner, rows: list[FailedRecord], repairs: Repairs
) -> list[tuple[FailedRecord, FlatRecord]]:
    mapped: list[tuple[FailedRecord, FlatRecord]] = []
    result = mapping.map_batch(orjson.dumps([received_of(row) for row in rows]))
    for at, row in enumerate(rows):
        output = result.outputs[at]
        if at in result.failed:
            problem = result.failed[at]
            found = Problem(problem.code, "", problem.message, reasons.title(problem.code))
            repairs.failures.append((row, _failure(row, found, None)))
        elif output is None:
            repairs.left_out.append(row)
        else:
            mapped.append((row, output))
    return mapped


def received_of(row: FailedRecord) -> FlatRecord:
    """The source record as it was received, with a person's corrections."""
    received: FlatRecord = unpack(row.received) if row.received else {"id": row.source_id}
    return {**received, **row.corrections.get("received", {})}


def _taken(work: Work, row: FailedRecord, mapped: FlatRecord) -> list[Problem]:
    """A corrected key must not be that of somebody else in this job: sending it would overwrite them."""
    name = work.sync.destination_key
    before = unpack(row.mapped).get(name) if row.mapped and row.kind == FailureKind.REJECTED else None
    wanted = key_hash(mapped[name])
    if before is not None and key_hash(before) == wanted:
        return []
    owner = key_owners(work.sync.pk, [signed(wanted)]).get(signed(wanted), row.source_id)
    if owner == row.source_id and not _packed(work, wanted):
        return []
    schema, platform, code = work.schema.field(name), work.destination_can.label, "duplicate_value"
    label = schema.label if schema else name
    return [Problem(code, name, reasons.sentence(code, label, platform), reasons.title(code, label, platform))]


def _packed(work: Work, key: int) -> bool:
    """True when this job packed a record with this key."""
    pages = SourcePage.objects.filter(job_id=work.job.pk, key_hashes__isnull=False)
    needle = key.to_bytes(8, "little")
    for blob in pages.values_list("key_hashes", flat=True).iterator(chunk_size=500):
        keys = bytes(blob or b"")
        if any(keys[at : at + 8] == needle for at in range(0, len(keys), 8)):
            return True
    return False


def _entry(row: FailedRecord, mapped: FlatRecord, key: int) -> list[Any]:
    """The link remembers the record as the source has it, so that the correction holds until the source changes."""
    digest = source_hash(unpack(row.received)) if row.received else bytes(16)
    return [row.source_id, digest.hex(), content_hash(mapped).hex(), mapped, None, None, signed(key)]


def _failure(row: FailedRecord, problem: Problem, mapped: FlatRecord | None) -> Failure:
    return Failure(
        source_id=row.source_id,
        kind=FailureKind.INVALID,
        code=problem.code,
        title=problem.title,
        message=problem.message,
        field=problem.field,
        mapped=mapped,
        page_number=row.page_number,
    )


def _as_before(row: FailedRecord) -> Failure:
    """Nothing has changed: back to the list with the same reason."""
    return Failure(
        source_id=row.source_id,
        kind=FailureKind(row.kind),
        code=row.code,
        title=row.title,
        message=row.message,
        field=row.field,
        technical=row.technical,
    )


def _store(work: Work, rows: list[FailedRecord], repairs: Repairs, now: datetime) -> None:
    """One commit: the batches, the records that go back to the list, and the counters moved from where they were."""
    with work.change() as change:
        _leave_withdrawn(work, repairs, [row.pk for row in rows])
        add: Counter[str] = Counter()
        for row, _ in repairs.entries:
            add.update(_moved(row, "planned"))
        for row, failure in repairs.failures:
            if reopen(work, failure, now):
                add.update(_moved(row, "invalid"))
                add.update({"failures_retrying": -1, "failures_open": 1})
        for row in repairs.left_out:
            add.update(_moved(row, "left_out"))
            add.update({"failures_retrying": -1})
        done = FailedRecord.objects.filter(pk__in=[row.pk for row in repairs.left_out])
        done.update(status=FailureStatus.FIXED, resolved_at=now, fixed_in_job=work.job.pk)
        add["batches"] += _create_batches(work, repairs)
        change.append(Kind.JOB_REPAIRS_PREPARED, add={name: number for name, number in add.items() if number})


def _leave_withdrawn(work: Work, repairs: Repairs, read: list[int]) -> None:
    """Looked up again under the lock: a person may have taken one back since it was read."""
    still = set(_asked(work).filter(pk__in=read).values_list("pk", flat=True))
    repairs.entries = [(row, entry) for row, entry in repairs.entries if row.pk in still]
    repairs.failures = [(row, failure) for row, failure in repairs.failures if row.pk in still]
    repairs.left_out = [row for row in repairs.left_out if row.pk in still]


def _moved(row: FailedRecord, to: str) -> Counter[str]:
    """Out of `invalid`, or out of `rejected` (which was planned and sent before); into `to`."""
    invalid = row.kind == FailureKind.INVALID
    counts = Counter({"invalid": -1} if invalid else {"rejected": -1, "sent": -1, "planned": -1})
    counts[to] += 1
    return counts


def _create_batches(work: Work, repairs: Repairs) -> int:
    limit = work.destination_can.batch_limits.records
    newest = Batch.objects.filter(job_id=work.job.pk).aggregate(newest=Max("number"))["newest"] or 0
    chunks = [repairs.entries[at : at + limit] for at in range(0, len(repairs.entries), limit)]
    for offset, chunk in enumerate(chunks, start=1):
        entries = [entry for _, entry in chunk]
        Batch.objects.create(
            job_id=work.job.pk, number=newest + offset, is_repair=True, count=len(entries), payload=pack(entries)
        )
        rows = FailedRecord.objects.filter(pk__in=[row.pk for row, _ in chunk])
        rows.update(repair_batch=newest + offset)
    return len(chunks)
