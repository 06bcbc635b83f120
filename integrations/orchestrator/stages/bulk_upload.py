"""Uploading by the platform's bulk way: one remote job per batch. Its ticket is saved before a record leaves, so that a
crash resumes asking for the outcome instead of sending again."""

from datetime import timedelta
from typing import cast

from django.utils import timezone

from integrations.adapters.base import BulkAdapter
from integrations.enums import BatchStatus, SyncMode
from integrations.exceptions import BatchRefusedError, QuotaWaitError
from integrations.models import Batch
from integrations.models.blobs import unpack
from integrations.orchestrator.stages.outcome import Sent, refuse, write
from integrations.orchestrator.stages.packing import Entry
from integrations.orchestrator.work import Work

FIRST_POLL = 2.0
LONGEST_POLL = 30.0


class BulkWaitError(QuotaWaitError):
    """The platform is still working on a bulk upload."""

    code = "bulk_processing"


def run(work: Work) -> None:
    """One bulk batch after the other, until none is left or the slice ends."""
    while not work.must_stop():
        batch = Batch.objects.to_do().filter(job_id=work.job.pk, is_bulk=True).order_by("number").first()
        if batch is None:
            return
        advance(work, batch)


def advance(work: Work, batch: Batch) -> None:
    """Open, send, ask: whatever is next for this batch. BulkWaitError while the platform works on it."""
    adapter, sync = cast(BulkAdapter, work.destination), work.sync
    entries: list[Entry] = unpack(batch.payload)
    records = [entry[3] for entry in entries]
    if not batch.ticket:
        ticket = adapter.begin_bulk(sync.destination_object, SyncMode(sync.write_mode), sync.destination_key)
        _keep(work, batch, dict(ticket))
    remote = _remote(batch)
    if not batch.ticket.get("_sent"):
        work.heart.check(work.destination_can.call_timeout)
        adapter.send_bulk(remote, sync.destination_object, records, sync.destination_key)
        _keep(work, batch, {**batch.ticket, "_sent": True, "_polls": 0})
    try:
        outcome = adapter.poll_bulk(remote, sync.destination_object, records, sync.destination_key)
    except BatchRefusedError as refusal:
        if (sent := refuse(work, batch, entries, refusal)) is not None:
            write(work, [sent])
        return
    if outcome is None:
        _wait(work, batch, len(entries))
    else:
        write(work, [Sent(batch, entries, outcome)])
        work.went_well(sync.destination)


def abandon(work: Work) -> None:
    """The job is to be cancelled: the platform is told to stop, and what it has done by then is written down."""
    adapter, sync = cast(BulkAdapter, work.destination), work.sync
    for batch in Batch.objects.loading().filter(job_id=work.job.pk).order_by("number"):
        entries: list[Entry] = unpack(batch.payload)
        records, remote = [entry[3] for entry in entries], _remote(batch)
        work.heart.check(work.destination_can.call_timeout)
        adapter.abort_bulk(remote)
        outcome = adapter.poll_bulk(remote, sync.destination_object, records, sync.destination_key)
        if outcome is not None:
            write(work, [Sent(batch, entries, outcome)])


def _remote(batch: Batch) -> dict[str, str]:
    """The ticket as the adapter knows it."""
    return {key: value for key, value in batch.ticket.items() if not key.startswith("_")}


def _keep(work: Work, batch: Batch, ticket: dict[str, object]) -> None:
    batch.ticket = ticket
    with work.change():
        Batch.objects.filter(pk=batch.pk).update(
            ticket=ticket, status=BatchStatus.SENDING, token=work.job.token, sending_at=timezone.now()
        )


def _wait(work: Work, batch: Batch, count: int) -> None:
    polls = int(batch.ticket.get("_polls", 0))
    seconds = min(LONGEST_POLL, FIRST_POLL * 1.5**polls)
    _keep(work, batch, {**batch.ticket, "_polls": polls + 1})
    if work.job.cancel_requested:
        return
    label = work.destination_can.label
    raise BulkWaitError(
        f"{label} is working through {count:,} records.", retry_at=timezone.now() + timedelta(seconds=seconds)
    )
