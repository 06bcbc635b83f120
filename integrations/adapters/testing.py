"""Real objects for tests: permits that never run out and a token store in memory."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from integrations.types import Token


class Unlimited:
    """Grants every call and remembers what it was told."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.answers: list[tuple[str, int]] = []
        self.pauses: list[tuple[str, float, str]] = []

    @contextmanager
    def permit(self, group: str, cost: int = 1) -> Iterator[None]:
        self.calls.append(group)
        yield

    def learn(self, group: str, headers: Mapping[str, str], status: int) -> None:
        self.answers.append((group, status))

    def pause(self, group: str, seconds: float, reason: str) -> None:
        self.pauses.append((group, seconds, reason))


class MemoryTokens:
    """Keeps one token; `saved` counts how often a new one came."""

    def __init__(self, token: Token | None = None) -> None:
        self._token = token
        self._lock = threading.Lock()
        self.saved = 0

    def current(self) -> Token | None:
        return self._token

    @contextmanager
    def locked(self) -> Iterator[None]:
        with self._lock:
            yield

    def save(self, token: Token) -> None:
        assert self._lock.locked(), "a token is saved inside the lock only"
        self._token = token
        self.saved += 1
