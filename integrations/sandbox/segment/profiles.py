"""What Segment has made of what it took: people and companies by their ids, their traits and their last events."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.clock import format_ms

Event = Mapping[str, Any]
EVENTS_KEPT = 100
USERS, ACCOUNTS = "users", "accounts"


@dataclass(slots=True)
class Profile:
    """One person or company. `traits` hold value, source and time of change by name."""

    collection: str
    created_ms: int
    first: Event
    traits: dict[str, tuple[Any, str, int]] = field(default_factory=dict)
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=EVENTS_KEPT))
    last: Event = field(default_factory=dict)
    updated_ms: int = 0

    def merge(self, traits: Mapping[str, Any], source: str, now: int) -> None:
        """What is not mentioned stays."""
        for name, value in traits.items():
            self.traits[name] = (value, source, now)

    def values(self) -> dict[str, Any]:
        """Traits that have one; null took it away."""
        return {name: value for name, (value, _, _) in self.traits.items() if value is not None}

    def dump(self) -> dict[str, Any]:
        """For the control API."""
        ids = dict(self.ids.keys())
        return {"ids": ids, "traits": self.values(), "updated_at": format_ms(self.updated_ms)}


class Profiles:
    """All profiles of one collection, found by any of their ids."""

    def __init__(self, collection: str) -> None:
        self._collection = collection
        self._by_id: dict[tuple[str, str], Profile] = {}
        self._all: list[Profile] = []

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._all)

    def page(self, after: int, limit: int) -> list[Profile]:
        return self._all[after : after + limit]

    def find(self, kind: str, value: str) -> Profile | None:
        """Ids are compared in lower case: that is how they are kept."""
        return self._by_id.get((kind, value.lower()))

    def take(self, ids: Mapping[str, str], event: Event, now: int) -> Profile:
        """The profile with one of these ids, the first that is known; a new one when none is. Ids are added to it."""
        wanted = [(kind, value.lower()) for kind, value in ids.items() if value]
        profile = next((self._by_id[one] for one in wanted if one in self._by_id), None)
        if profile is None:
            profile = Profile(self._collection, now, event)
            self._all.append(profile)
        for one in wanted:
            self._by_id.setdefault(one, profile)
            profile.ids.setdefault(one, now)
        profile.last, profile.updated_ms = event, now
        return profile

    def forget(self, kind: str, value: str) -> Profile | None:
        """Somebody is deleted."""
        profile = self.find(kind, value)
        if profile is not None:
            self._all.remove(profile)
            for one in profile.ids:
                self._by_id.pop(one, None)
        return profile
