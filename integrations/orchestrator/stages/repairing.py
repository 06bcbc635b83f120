"""Sending corrected records, in the same job: mapped anew where needed, validated again, packed into small batches."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Max
from django.utils import timezone

from integrations import reasons
from integrations.enums import EmptyValues, FailureKind, FailureStatus, Kind
from integrations.mappings.hashing import content_hash, key_hash, source_hash
from integrations.mappings.runner import MappingRunner
from integrations.mappings.validation import Problem
from integrations.models import Batch, FailedRecord
from integrations.models.blobs import pack, unpack, unpack_lists
from integrations.models.bulk import key_owners, signed
from integrations.orchestrator.failures import HELD_LAST, Failure, received_of
from integrations.orchestrator.identity import losers_of
from integrations.orchestrator.stages.outcome import reopen
from integrations.orchestrator.stages.packed_keys import pages_of_keys
from integrations.orchestrator.stages.validating import without_empty
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
    losers = losers_of(work.sync.pk)
    left_out, rows = [row for row in rows if row.source_id in losers], [r for r in rows if r.source_id not in losers]
    repairs = Repairs([], [(row, _as_before(row)) for row in rows if not _is_usable(row)], left_out)
    validate, keeps_values = work.validator(), work.sync.empty_values == EmptyValues.KEEP
    checked: list[tuple[FailedRecord, FlatRecord]] = []
    for row, mapped in _mapped(work, list(filter(_is_usable, rows)), repairs):
        kept = without_empty(mapped, work.sync.destination_key) if keeps_values else mapped
        to_send = {**kept, **row.corrections.get("sent", {})}
        problems = validate(to_send)
        if problems and work.describe_anew():
            validate = work.validator()
            problems = validate(to_send)
        if problems:
            repairs.failures.append((row, work.suggest(_failure(row, problems[0], to_send))))
        else:
            checked.append((row, to_send))
    _part_by_key(work, checked, repairs)
    return repairs


def _part_by_key(work: Work, checked: list[tuple[FailedRecord, FlatRecord]], repairs: Repairs) -> None:
    """A corrected key must not be that of somebody else in this job, nor of two who are corrected at once: sending it would
    overwrite them."""
    keys = {row.source_id: key_hash(to_send[work.sync.destination_key]) for row, to_send in checked}
    new = {row.source_id: keys[row.source_id] for row, _ in checked if keys[row.source_id] != _packed_key(work, row)}
    owners = key_owners(work.sync.pk, [signed(key) for key in new.values()])
    packed = pages_of_keys(work.job.pk, new.values())
    taken = {one for one, key in new.items() if key in packed or owners.get(signed(key), one) != one}
    going = _on_their_way(work) if new else set()
    for row, to_send in checked:
        key = keys[row.source_id]
        if row.source_id in taken or (row.source_id in new and key in going):
            repairs.failures.append((row, work.suggest(_failure(row, _is_taken(work), to_send))))
        else:
            going.add(key)
            repairs.entries.append((row, _entry(row, to_send, key)))


def _on_their_way(work: Work) -> set[int]:
    """The keys of those who were corrected before and are not sent yet: neither a page nor a link has them."""
    payloads = Batch.objects.filter(job_id=work.job.pk, is_repair=True).to_do().values_list("payload", flat=True)
    return {key_hash(entry[3][work.sync.destination_key]) for blob in payloads for entry in unpack_lists(blob)}


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


def _packed_key(work: Work, row: FailedRecord) -> int | None:
    """The key with which this job packed it before; None when it never got so far."""
    was_packed = row.kind == FailureKind.REJECTED or row.code in HELD_LAST
    before = unpack(row.mapped).get(work.sync.destination_key) if row.mapped and was_packed else None
    return None if before is None else key_hash(before)


def _is_taken(work: Work) -> Problem:
    name = work.sync.destination_key
    schema, platform, code = work.schema.field(name), work.destination_can.label, "duplicate_value"
    label = schema.label if schema else name
    return Problem(code, name, reasons.sentence(code, label, platform), reasons.title(code, label, platform))


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
