"""Rate windows, as the platforms count them."""

from collections import deque


class RollingWindow:
    """At most `limit` calls in any `seconds`; a refused call does not count."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._taken: deque[float] = deque()

    def take(self, limit: int, now: float) -> bool:
        if self.used(now) >= limit:
            return False
        self._taken.append(now)
        return True

    def used(self, now: float) -> int:
        oldest = now - self.seconds
        while self._taken and self._taken[0] <= oldest:
            self._taken.popleft()
        return len(self._taken)

    def set_used(self, used: int, now: float) -> None:
        self._taken = deque([now] * used)


class DailyCounter:
    """Calls of a calendar day (UTC), which begins at zero."""

    def __init__(self) -> None:
        self._day = 0
        self._used = 0

    def take(self, limit: int, now: float) -> bool:
        used = self.used(now)
        if used < limit:
            self._used += 1
        return used < limit

    def used(self, now: float) -> int:
        if (day := int(now // 86_400)) != self._day:
            self._day, self._used = day, 0
        return self._used

    def set_used(self, used: int, now: float) -> None:
        self.used(now)
        self._used = used
