"""What becomes of what Segment took: kept, recognised as a repetition, or lost without a word."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from integrations.sandbox.clock import Clock, format_ms
from integrations.sandbox.ledger import Ledger
from integrations.sandbox.segment import credentials
from integrations.sandbox.segment.options import Options
from integrations.sandbox.segment.profiles import ACCOUNTS, EVENTS_KEPT, USERS, Profiles
from integrations.sandbox.settings import Settings

Event = dict[str, Any]
DAY = 86_400.0
TYPES = frozenset({"identify", "track", "group", "page", "screen", "alias"})
OBJECTS: Mapping[str, str] = {"identify": "users", "track": "events", "group": "groups"}
LOST_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Source:
    """One source of the workspace."""

    id: str
    name: str
    slug: str
    write_key: str
    is_enabled: bool = True


SOURCES = (
    Source("src_syncpanel", "Syncpanel", "http_api", credentials.WRITE_KEY),
    Source("src_website", "Website", "javascript", credentials.WEBSITE_KEY),
    Source("src_old_app", "Old app", "ios", credentials.SWITCHED_OFF_KEY, is_enabled=False),
)
BY_KEY = {source.write_key: source for source in SOURCES}


class Ingest:
    """Takes events, some seconds later makes use of them. `tell` hears of those that were kept."""

    def __init__(self, settings: Settings, clock: Clock, tell: Callable[[Event, Source], None]) -> None:
        self._settings = settings
        self._clock = clock
        self._tell = tell
        self._seen: dict[str, float] = {}
        self._waiting: deque[tuple[float, Event, Source, bool]] = deque()
        self._last_number = 0
        self.users, self.accounts = Profiles(USERS), Profiles(ACCOUNTS)
        self.ledgers = {name: Ledger() for name in OBJECTS.values()}
        self.counts: Counter[str] = Counter()
        self.losses: Counter[str] = Counter()
        self.lost: deque[dict[str, Any]] = deque(maxlen=LOST_KEPT)
        self.latest: deque[Event] = deque(maxlen=EVENTS_KEPT * 10)
        self.suppressed: set[str] = set()

    def take(self, event: Event, write_key: str, *, is_counted: bool = True) -> None:
        """Whatever it is, the caller is told yes. `is_counted` False: it does not come from us."""
        source = BY_KEY.get(write_key)
        now = self._clock.now()
        reason = self._find_loss(event, source)
        message_id = "" if reason else str(event.get("messageId") or self._make_id())
        if reason:
            self._lose(event, reason)
        elif self._is_repeated(message_id, now):
            self.counts["repeated"] += 1
        else:
            assert source is not None
            due = now + self._settings.of(Options).segment_lag
            self._waiting.append((due, self._complete(event, message_id), source, is_counted))
        self.settle()

    def lose_rest(self, events: list[Any]) -> None:
        """More than a call may hold."""
        for event in events:
            self._lose(event, "more_than_2500_in_a_call")

    def settle(self) -> None:
        """What is due by now is known to all parts of Segment."""
        now = self._clock.now()
        while self._waiting and self._waiting[0][0] <= now:
            _, event, source, is_counted = self._waiting.popleft()
            self._keep(event, source, is_counted)

    def _find_loss(self, event: Any, source: Source | None) -> str:
        if source is None:
            return "unknown_write_key"
        if not source.is_enabled:
            return "source_disabled"
        if not isinstance(event, dict) or event.get("type") not in TYPES:
            return "unknown_type"
        if not event.get("userId") and not event.get("anonymousId"):
            return "no_user_anon_id"
        if str(event.get("userId") or "") in self.suppressed:
            return "suppressed"
        missing = {"track": "event", "group": "groupId", "alias": "previousId"}.get(event["type"])
        return f"no_{missing}" if missing and not event.get(missing) else ""

    def _lose(self, event: Any, reason: str) -> None:
        self.losses[reason] += 1
        self.lost.append({"reason": reason, "event": event})

    def _is_repeated(self, message_id: str, now: float) -> bool:
        """Ids are kept for a day, longest ago first."""
        while self._seen and next(iter(self._seen.values())) <= now - DAY:
            del self._seen[next(iter(self._seen))]
        if message_id in self._seen:
            return True
        self._seen[message_id] = now
        return False

    def _make_id(self) -> str:
        self._last_number += 1
        return f"api-{self._last_number:012d}"

    def _complete(self, event: Event, message_id: str) -> Event:
        """What the server adds."""
        now = format_ms(self._clock.now_ms())
        told = {"messageId": message_id, "receivedAt": now, "timestamp": event.get("timestamp") or now}
        return {**event, **told, "originalTimestamp": event.get("timestamp") or now, "channel": "server", "version": 1}

    def _keep(self, event: Event, source: Source, is_counted: bool) -> None:
        kind, now = event["type"], self._clock.now_ms()
        self.counts[kind] += 1
        ids = {"user_id": str(event.get("userId") or ""), "anonymous_id": str(event.get("anonymousId") or "")}
        profile = self.users.take(ids, event, now)
        if kind == "identify":
            profile.merge(_read_dict(event, "traits"), source.id, now)
        elif kind == "track":
            profile.events.append(event)
            self.latest.append(event)
        elif kind == "group":
            group = self.accounts.take({"group_id": str(event["groupId"])}, event, now)
            group.merge(_read_dict(event, "traits"), source.id, now)
        if is_counted and kind in OBJECTS:
            self.ledgers[OBJECTS[kind]].count_writes([_key_of(event)], 1)
        self._tell(event, source)


def _read_dict(event: Event, name: str) -> dict[str, Any]:
    found = event.get(name)
    return found if isinstance(found, dict) else {}


def _key_of(event: Event) -> str:
    """Whom or what it is about; of an event all that it says, whatever its message was called."""
    if event["type"] == "track":
        told = [event.get("userId"), event.get("anonymousId"), event["event"], event.get("properties")]
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()
    if event["type"] == "group":
        return str(event["groupId"]).lower()
    return str(event.get("userId") or event.get("anonymousId")).lower()
