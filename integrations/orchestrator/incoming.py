"""Changes that wait for a small job of their sync: asking for one, which are next, and taking them, so that none is lost or
taken twice."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.db.models import Count, Max

from integrations.enums import ChangeKind
from integrations.models import Inbox, SeenChange, Sync, TakenChange, WaitingChange
from integrations.models.blobs import unpack
from integrations.types import FlatRecord


def look_again(sync: Sync, record_ids: Sequence[str], now: datetime) -> None:
    """Have a small job of the sync read these records of its source within seconds, as if an incoming event had told of them.

    Inside a transaction. What waits already goes on waiting as what it is, and is read anew once more.
    """
    ids = sorted(set(record_ids))
    if not ids:
        return
    seen = SeenChange.objects.bulk_create([_asked_for(sync, record_id, now) for record_id in ids], batch_size=200)
    WaitingChange.objects.bulk_create(
        [_waiting(sync, one) for one in seen],
        batch_size=200,
        update_conflicts=True,
        unique_fields=["sync", "record_id"],
        update_fields=["newest"],
    )
    inbox = locked_inbox(sync.pk)
    inbox.first_at, inbox.due_at = inbox.first_at or now, now
    inbox.save(update_fields=["first_at", "due_at"])


def locked_inbox(sync_id: int) -> Inbox:
    """Inside a transaction, after the changes were written: who looks for what waits holds it too, so that either these are
    seen, or the alarm that is set for them stays."""
    inbox, _ = Inbox.objects.select_for_update().get_or_create(sync_id=sync_id)
    return inbox


def waiting_upto(sync_id: int) -> tuple[int, int]:
    """The newest change that waits for the sync, and how many records wait; (0, 0) when none does."""
    told = WaitingChange.objects.filter(sync=sync_id).aggregate(newest=Max("newest"), number=Count("pk"))
    return told["newest"] or 0, told["number"]


def next_changes(sync_id: int, upto: int, most: int) -> list[WaitingChange]:
    """Those whose newest happening is not after `upto`, oldest first. What happens to a record later waits for a later job."""
    waiting = WaitingChange.objects.filter(sync=sync_id, newest__lte=upto)
    return list(waiting.order_by("newest")[:most])


def take_changes(job_id: int, rows: Sequence[WaitingChange], now: datetime) -> None:
    """Inside the transaction that stores what was read of them. What changed again since it was read goes on waiting."""
    locked = WaitingChange.objects.filter(pk__in=[row.pk for row in rows]).select_for_update().order_by("record_id")
    newest = dict(locked.values_list("pk", "newest"))
    taken = [row for row in rows if newest.get(row.pk) == row.newest]
    TakenChange.objects.bulk_create([_taken(job_id, row, now) for row in taken])
    WaitingChange.objects.filter(pk__in=[row.pk for row in taken]).delete()


def delivered_record(row: WaitingChange) -> FlatRecord | None:
    """The record as the platform delivered it, its id first; None where it is to be read."""
    if row.record is None:
        return None
    values = {name: value for name, value in unpack(row.record).items() if name != "id"}
    return {"id": row.record_id, **values}


def _asked_for(sync: Sync, record_id: str, now: datetime) -> SeenChange:
    """A number like those of incoming changes, so that what happens meanwhile is told apart; no delivery told of it."""
    return SeenChange(
        connection_id=sync.source_id,
        key_hash=uuid4().bytes,
        delivery=0,
        kind=ChangeKind.CHANGED,
        object_name=sync.source_object,
        record_id=record_id,
        seen_at=now,
    )


def _waiting(sync: Sync, one: SeenChange) -> WaitingChange:
    return WaitingChange(sync=sync, record_id=one.record_id, kind=ChangeKind.CHANGED, first=one.pk, newest=one.pk)


def _taken(job_id: int, row: WaitingChange, now: datetime) -> TakenChange:
    return TakenChange(
        sync=row.sync_id,
        job=job_id,
        record_id=row.record_id,
        kind=row.kind,
        new_id=row.new_id,
        first=row.first,
        newest=row.newest,
        taken_at=now,
    )
