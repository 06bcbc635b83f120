"""Packing records into batches by the destination's count and byte limits. The last batch stays open until it is full.

An open batch is rewritten together with the pages that fill it, so a crash never loses or doubles a record.
"""

from dataclasses import dataclass, field
from typing import Any

from integrations.enums import BatchStatus
from integrations.models import Batch, SyncJob
from integrations.models.blobs import pack, unpack
from integrations.types import BatchLimits

Entry = list[Any]
"""[source id, source hash (hex), content hash (hex), mapped record, page number, position in the page, key hash (signed)]."""


@dataclass(slots=True)
class OpenBatch:
    """A batch that may still take records."""

    number: int
    pk: int | None = None
    entries: list[Entry] = field(default_factory=list)
    bytes: int = 0


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
        if batch.entries and (len(batch.entries) >= self.limits.records or batch.bytes + size > self.limits.bytes):
            self._full.append(batch)
            batch = self._open = OpenBatch(batch.number + 1)
        batch.entries.append(entry)
        batch.bytes += size
        self._is_dirty = True

    def save(self) -> int:
        """Write the batches that changed; returns how many are new. Call inside the transaction of the pages."""
        if not self._is_dirty:
            return 0
        new = 0
        for batch in [*self._full, self._open]:
            new += batch.pk is None
            self._write(batch)
        self._full, self._is_dirty = [], False
        return new

    def _write(self, batch: OpenBatch) -> None:
        payload = pack(batch.entries)
        if batch.pk is not None:
            Batch.objects.filter(pk=batch.pk).update(payload=payload, count=len(batch.entries))
            return
        row = Batch.objects.create(
            job_id=self.job_id,
            number=batch.number,
            count=len(batch.entries),
            payload=payload,
            is_bulk=self.is_bulk,
        )
        batch.pk = row.pk

    def _last_open(self) -> OpenBatch | None:
        """The batch a slice before this one left open."""
        row = Batch.objects.filter(job_id=self.job_id).order_by("-number").first()
        if row is None or row.status != BatchStatus.PENDING or row.is_repair or row.count >= self.limits.records:
            return None
        entries = unpack(row.payload)
        return OpenBatch(row.number, row.pk, entries, sum(len(str(entry[3])) for entry in entries))

    def _next_number(self) -> int:
        newest = Batch.objects.filter(job_id=self.job_id).order_by("-number").values_list("number", flat=True).first()
        return (newest or 0) + 1
