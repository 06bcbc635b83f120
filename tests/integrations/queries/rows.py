"""Rows the shared factories do not make."""

from typing import Any

from integrations.enums import BatchStatus
from integrations.models import Batch, SyncJob
from integrations.models.blobs import pack


def make_batch(job: SyncJob, number: int, calls: list[dict[str, Any]] | None = None, **values: Any) -> Batch:
    """A batch; with `calls` it was sent by them."""
    values = {"count": 20, "payload": pack([]), "exchange": pack(calls) if calls else None} | values
    values.setdefault("status", BatchStatus.SENT if calls else BatchStatus.PENDING)
    return Batch.objects.create(job=job, number=number, **values)
