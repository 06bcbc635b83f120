"""Ten calls at one time. https://mailchimp.com/developer/marketing/docs/fundamentals/#api-limits

A call that nobody waits for any more goes on until Mailchimp's own time is up, and keeps its connection as long.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from integrations.sandbox.clock import Clock
from integrations.sandbox.mailchimp.errors import answer_problem
from integrations.sandbox.settings import Settings
from integrations.sandbox.wire import Answer

MOST = 10
SERVER_SECONDS = 120.0


class Connections:
    """Counts the calls under way of each user, and those that were left alone. `most_seen` is the most there ever were."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._under_way: Counter[str] = Counter()
        self._left: list[tuple[float, str]] = []
        self.most_seen = 0

    @contextmanager
    def hold(self, user: str) -> Iterator[Answer | None]:
        """An answer instead of None when there is no connection left."""
        started = self._clock.now()
        if self._settings.limits and self._count(user) >= MOST:
            yield self._refuse()
            return
        self._under_way[user] += 1
        self.most_seen = max(self.most_seen, self._count(user))
        try:
            yield None
        except asyncio.CancelledError:
            self._left.append((started + SERVER_SECONDS, user))
            raise
        finally:
            self._under_way[user] -= 1

    def _count(self, user: str) -> int:
        now = self._clock.now()
        self._left = [(until, whose) for until, whose in self._left if until > now]
        return self._under_way[user] + sum(whose == user for _, whose in self._left)

    def _refuse(self) -> Answer:
        return answer_problem(429, "Too Many Requests", "You have exceeded the limit of 10 simultaneous connections.")
