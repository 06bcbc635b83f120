"""What one process has counted since it was last written down: calls stored and refused, per connection."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from integrations.models import WebhookAddress
from integrations.models.bulk import add_webhook_minutes

LONG_SILENCE = timedelta(minutes=30)
REMEMBERED = timedelta(days=14)
MOST_SILENCES = 200
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Counted:
    """Of one connection."""

    received: Counter[datetime] = field(default_factory=Counter)
    refused: Counter[datetime] = field(default_factory=Counter)
    last_received_at: datetime | None = None
    last_refused_at: datetime | None = None
    refusal: str = ""


class Tally:
    """Adds up in memory, from any thread, and is written down about once a second: one short write for a thousand calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[int, Counted] = {}

    def count_received(self, connection_id: int, at: datetime) -> None:
        """One call was stored."""
        with self._lock:
            counted = self._counted.setdefault(connection_id, Counted())
            counted.received[_minute(at)] += 1
            counted.last_received_at = at

    def count_refused(self, connection_id: int, at: datetime, why: str) -> None:
        """One call was not genuine, or too large."""
        with self._lock:
            counted = self._counted.setdefault(connection_id, Counted())
            counted.refused[_minute(at)] += 1
            counted.last_refused_at, counted.refusal = at, why[:300]

    @property
    def is_empty(self) -> bool:
        return not self._counted

    def write(self) -> None:
        """Put it down. What cannot be written is kept for the next time."""
        with self._lock:
            counted, self._counted = self._counted, {}
        if not counted:
            return
        try:
            with transaction.atomic():
                _write(counted)
        except Exception:
            self._put_back(counted)
            raise

    def _put_back(self, counted: dict[int, Counted]) -> None:
        with self._lock:
            for connection_id, old in counted.items():
                new = self._counted.setdefault(connection_id, old)
                if new is not old:
                    new.received.update(old.received)
                    new.refused.update(old.refused)
                    new.last_received_at = new.last_received_at or old.last_received_at
                    new.last_refused_at = new.last_refused_at or old.last_refused_at
                    new.refusal = new.refusal or old.refusal


def _write(counted: dict[int, Counted]) -> None:
    rows = WebhookAddress.objects.filter(pk__in=counted).select_for_update().in_bulk()
    add_webhook_minutes(
        [
            (connection_id, minute, of.received[minute], of.refused[minute])
            for connection_id, of in counted.items()
            if connection_id in rows
            for minute in {*of.received, *of.refused}
        ]
    )
    for connection_id, row in rows.items():
        _add(row, counted[connection_id])
        row.save(
            update_fields=["received", "last_received_at", "silences", "refused", "last_refused_at", "last_refusal"]
        )


def _add(row: WebhookAddress, of: Counted) -> None:
    if of.last_received_at is not None:
        first = min(of.received)
        row.received += of.received.total()
        row.silences = note_silence(row.silences, row.last_received_at, max(first, row.last_received_at or first))
        row.last_received_at = max(filter(None, (row.last_received_at, of.last_received_at)))
    if of.last_refused_at is not None:
        row.refused += of.refused.total()
        row.last_refused_at, row.last_refusal = of.last_refused_at, of.refusal


def note_silence(silences: list[list[object]], last: datetime | None, now: datetime) -> list[list[object]]:
    """The long silences of the last two weeks, as [began, seconds], and the one that ended now if it was one."""
    kept = [one for one in silences if datetime.fromisoformat(str(one[0])) > now - REMEMBERED]
    if last is not None and now - last > LONG_SILENCE:
        kept.append([last.isoformat(), round((now - last).total_seconds())])
    return kept[-MOST_SILENCES:]


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
