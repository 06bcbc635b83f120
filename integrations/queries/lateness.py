"""Syncs that were expected and did not start, and why, as far as that is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from integrations.enums import Kind
from integrations.models import Event, Sync, SyncJob
from integrations.queries.health import read_health

if TYPE_CHECKING:
    from integrations.queries.syncs import SyncHealth

LATE_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Late:
    """A sync that did not start. Why: `job` is not finished yet, nothing starts anything (`is_beat_away`), or what was `told`
    when it was tried; none of them when nobody knows.
    """

    health: "SyncHealth"
    slot: datetime
    job: SyncJob | None = None
    is_beat_away: bool = False
    told: str = ""


def late_since(sync: Sync, now: datetime) -> datetime | None:
    """The slot that should have started it a while ago; None when all is well. `is_late` says the same."""
    slots = [slot for slot in (sync.missed_at, sync.next_due_at) if slot is not None and slot < now - LATE_AFTER]
    return min(slots) if sync.is_enabled and slots else None


def is_late(now: datetime) -> Q:
    """Syncs that should have started a while ago."""
    limit = now - LATE_AFTER
    return Q(is_enabled=True) & (Q(missed_at__lt=limit) | Q(next_due_at__lt=limit))


def find_late(syncs: Iterable["SyncHealth"], now: datetime) -> tuple[Late, ...]:
    """Those of these syncs with the reason, longest expected first, in two queries; in none when there are none."""
    late = sorted(((h.late, h) for h in syncs if h.late is not None), key=lambda pair: pair[0])
    if not late:
        return ()
    is_beat_away = not read_health(now).beats
    told = _told([h.sync for _, h in late if h.active is None and h.sync.missed_at is not None])
    return tuple(Late(h, slot, h.active, is_beat_away, told.get(h.sync.stream, "")) for slot, h in late)


def _told(syncs: Sequence[Sync]) -> dict[str, str]:
    """Stream → what the newest event of a slot that was skipped says."""
    skipped = Event.objects.filter(stream__in=[sync.stream for sync in syncs], kind=Kind.SYNC_SLOT_SKIPPED)
    since = min((sync.missed_at for sync in syncs if sync.missed_at is not None), default=None)
    if since is None:
        return {}
    return {event.stream: str(event.data.get("reason", "")) for event in skipped.filter(at__gte=since).order_by("pk")}
