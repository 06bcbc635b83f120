"""Packing records into batches by the destination's count and byte limits. The last batch stays open until it is full.

An open batch is saved together with the pages that fill it, so a crash never loses or doubles a record. What was saved
stays as it was packed: a batch of a large load is filled in many steps, and holds no record longer than one of them.
"""

from dataclasses import dataclass, field
from typing import Any

from integrations.enums import BatchStatus
from integrations.models import Batch, SyncJob
from integrations.models.blobs import pack, unpack_lists
from integrations.orchestrator.work import Work
from integrations.types import BatchLimits

Entry = list[Any]
"""[source id, source hash (hex), content hash (hex), mapped record, page number, position in the page, key hash (signed)]."""


def usual_limits(work: Work) -> BatchLimits:
    """Count and bytes per batch, but for large loads."""
    limits, wanted = work.destination_can.batch_limits, work.sync.batch_size
    return BatchLimits(min(wanted or limits.records, limits.records), limits.bytes)


@dataclass(slots=True)
class OpenBatch:
    """A batch that may still take records. `packed` are those saved, as they are stored; `entries` those that came since."""

    number: int
    pk: int | None = None
    count: int = 0
    size: int = 0
    packed: bytes = b""
    entries: list[Entry] = field(default_factory=list)

    def pack(self) -> bytes:
        """All of it as it is to be stored; what was packed before is not packed again."""
        self.packed += pack(self.entries)
        self.entries = []
        return self.packed


class Packer:
    """Fills batches in order of arrival; `save` writes what changed since the last save. One per slice."""

    def __init__(self, job: SyncJob, limits: BatchLimits, *, is_bulk: bool = False) -> None:
        self.job_id = job.pk
        self.limits = limits
        self.is_bulk = is_bulk
        self._full: list[OpenBatch] = []
        self._open = self._last_open() or OpenBatch(self._next_number())
        self._is_dirty = False

    def add(self, entry: Entry, size: int) -> None:
        """Put a record of about `size` bytes into the open batch, or into a new one when it does not fit."""
        batch = self._open
        if batch.count and (batch.count >= self.limits.records or batch.size + size > self.limits.bytes):
            self._full.append(batch)
            batch = self._open = OpenBatch(batch.number + 1)
        batch.entries.append(entry)
        batch.count += 1
        batch.size += size
        self._is_dirty = True

    def save(self) -> int:
        """Write the batches that changed; returns how many are new. Call inside the transaction of the pages."""
        if not self._is_dirty:
            return 0
        batches = [*self._full, self._open]
        if (pk := batches[0].pk) is not None:
            self._add_to(pk, batches.pop(0))
        if batches:
            rows = [self._row(batch) for batch in batches]
            Batch.objects.bulk_create(rows[:-1])
            rows[-1].save(force_insert=True)
            self._open.pk = rows[-1].pk
        self._full, self._is_dirty = [], False
        return len(batches)

    def _add_to(self, pk: int, batch: OpenBatch) -> None:
        if batch.entries:  # none when it was full as it was saved
            Batch.objects.filter(pk=pk).update(payload=batch.pack(), count=batch.count)

    def _row(self, batch: OpenBatch) -> Batch:
        return Batch(
            job_id=self.job_id,
            number=batch.number,
            count=batch.count,
            payload=batch.pack(),
            is_bulk=self.is_bulk,
        )

    def _last_open(self) -> OpenBatch | None:
        """The batch a slice before this one left open."""
        row = Batch.objects.filter(job_id=self.job_id).order_by("-number").first()
        if row is None or row.status != BatchStatus.PENDING or row.is_repair or row.count >= self.limits.records:
            return None
        size = sum(len(str(entry[3])) for entry in unpack_lists(row.payload))
        return OpenBatch(row.number, row.pk, row.count, size, bytes(row.payload))

    def _next_number(self) -> int:
        newest = Batch.objects.filter(job_id=self.job_id).order_by("-number").values_list("number", flat=True).first()
        return (newest or 0) + 1
