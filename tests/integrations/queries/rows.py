"""Rows the shared factories do not make."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from integrations.enums import BatchStatus, Stage, Status
from integrations.models import Batch, Sync, SyncJob
from integrations.models.blobs import pack
from tests.factories import make_connection, make_job, make_mapping, make_sync


def make_batch(job: SyncJob, number: int, calls: list[dict[str, Any]] | None = None, **values: Any) -> Batch:
    """A batch; with `calls` it was sent by them."""
    values = {"count": 20, "payload": pack([]), "exchange": pack(calls) if calls else None} | values
    values.setdefault("status", BatchStatus.SENT if calls else BatchStatus.PENDING)
    return Batch.objects.create(job=job, number=number, **values)


def ended(sync: Sync, status: str = Status.SUCCEEDED, **values: Any) -> SyncJob:
    """A job that is over, a moment ago."""
    now = timezone.now()
    values = {"started_at": now - timedelta(minutes=3), "finished_at": now, "stage": Stage.FINISHED} | values
    return make_job(sync, status=status, **values)


def make_syncs(number: int, jobs: int = 1) -> list[Sync]:
    """Syncs of the same two connections, each with jobs that are over."""
    shared = {"source": make_connection(), "destination": make_connection("salesforce"), "mapping": make_mapping()}
    syncs = [make_sync(name=f"Sync {place:03}", **shared) for place in range(number)]
    for sync in syncs:
        for _ in range(jobs):
            ended(sync)
    return syncs
