"""The web stream: events that count, and events that are lost without anybody being told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from integrations.sandbox.clock import Clock
from integrations.sandbox.google_analytics.options import Options
from integrations.sandbox.google_analytics.visits import NOT_SET, Happening
from integrations.sandbox.ledger import Ledger

ZONE = ZoneInfo("Europe/Berlin")
REALTIME = 1_800


@dataclass(frozen=True, slots=True)
class Hit:
    """One event as it came. `reason` says why it is lost; empty when it counts."""

    name: str
    client: str
    user: str
    params: dict[str, Any]
    at: float
    received: float
    reason: str = ""

    @property
    def key(self) -> str:
        """What its sender tells it from others by."""
        return str(self.params.get("event_id") or "")

    @property
    def is_seen_at_once(self) -> bool:
        """In realtime a visit shows up only with its number and some engagement."""
        return bool(self.params.get("session_id")) and bool(self.params.get("engagement_time_msec"))

    def show(self) -> dict[str, Any]:
        told = {
            "id": self.key,
            "name": self.name,
            "client_id": self.client,
            "user_id": self.user,
            "params": self.params,
        }
        return {**told, "timestamp": self.at, **({"reason": self.reason} if self.reason else {})}


class Stream:
    """All events that came in."""

    def __init__(self, clock: Clock, options: Options) -> None:
        self._clock = clock
        self._options = options
        self.counted: list[Hit] = []
        self.lost: list[Hit] = []
        self.ledger = Ledger()

    def take(self, hits: list[Hit]) -> None:
        good = [hit for hit in hits if not hit.reason]
        bad = [hit for hit in hits if hit.reason]
        self.counted += good
        self.lost += bad
        self.ledger.count_writes((hit.key for hit in good if hit.key), len(good))
        self.ledger.count_rejected(len(bad))

    def count_lately(self) -> dict[str, int]:
        """How often each event was seen in the last half hour."""
        since, counts = self._clock.now() - REALTIME, dict[str, int]()
        for hit in reversed(self.counted):
            if hit.received < since:
                break
            if hit.is_seen_at_once:
                counts[hit.name] = counts.get(hit.name, 0) + 1
        return counts

    def reported(self) -> Iterator[Happening]:
        """The events that reports know by now."""
        until = self._clock.now() - self._options.report_lag
        for hit in self.counted:
            if hit.received <= until:
                yield _as_happening(hit)


def _as_happening(hit: Hit) -> Happening:
    day = datetime.fromtimestamp(hit.at, UTC).astimezone(ZONE)
    value = hit.params.get("value")
    return Happening(
        date=f"{day:%Y%m%d}",
        event=hit.name,
        visit=str(hit.params.get("session_id") or f"none {hit.client}"),
        visitor=hit.user or hit.client,
        stage=str(hit.params.get("crm_stage") or NOT_SET),
        is_engaged=hit.is_seen_at_once,
        revenue=float(value) if hit.name == "purchase" and isinstance(value, int | float) else 0.0,
    )
