"""Tokens of a property: how many a report costs, and what Google says when they are used up.

https://developers.google.com/analytics/devguides/reporting/data/v1/quotas
"""

from collections import deque
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from integrations.sandbox.clock import Clock
from integrations.sandbox.google_analytics.errors import refuse
from integrations.sandbox.google_analytics.options import Options
from integrations.sandbox.settings import Settings

HOUR = 3_600
SIZES = {"day": 200_000, "hour": 40_000, "project": 14_000}
AT_ONCE = 10
PACIFIC = ZoneInfo("America/Los_Angeles")

EXHAUSTED = {
    "day": "Exhausted property tokens per day. These quota tokens will return in under 24 hours. To learn more, see "
    "https://developers.google.com/analytics/devguides/reporting/data/v1/quotas",
    "hour": "Exhausted property tokens per hour. These quota tokens will return in under an hour. To learn more, see "
    "https://developers.google.com/analytics/devguides/reporting/data/v1/quotas",
    "project": "Exhausted property tokens for a project per hour. These quota tokens will return in under an hour. To "
    "learn more, see https://developers.google.com/analytics/devguides/reporting/data/v1/quotas",
    "concurrent": "Exhausted concurrent requests quota. Please send fewer requests concurrently. To learn more, see "
    "https://developers.google.com/analytics/devguides/reporting/data/v1/quotas",
    "errors": "Exhausted server errors per project per hour quota. Please send fewer requests that produce errors.",
    "thresholded": "Exhausted potentially thresholded requests quota. This quota will refresh in under an hour. To "
    "learn more, see https://developers.google.com/analytics/devguides/reporting/data/v1/quotas",
}


class Tokens:
    """The quotas of one property, of one category of reports."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._options = settings, settings.of(Options)
        self._clock = clock
        self._hour: deque[tuple[float, int]] = deque()
        self._day = ""
        self._used_today = 0

    def charge(self, cost: int) -> dict[str, Any]:
        """Takes so many tokens, if there is one left of each kind; returns what the answer says about them."""
        used = self._used()
        for kind, size in SIZES.items():
            if self._settings.limits and used[kind] >= size * self._times:
                raise refuse(429, EXHAUSTED[kind])
        self._hour.append((self._clock.now(), cost))
        self._used_today += cost
        return self._tell(cost)

    def set_used(self, used: int) -> None:
        """So many tokens of today are gone."""
        self._used()
        self._used_today = used

    @property
    def _times(self) -> int:
        return 10 if self._options.analytics_tier == "premium" else 1

    def _used(self) -> dict[str, int]:
        now = self._clock.now()
        while self._hour and self._hour[0][0] <= now - HOUR:
            self._hour.popleft()
        today = datetime.fromtimestamp(now, UTC).astimezone(PACIFIC).date().isoformat()
        if today != self._day:
            self._day, self._used_today = today, 0
        hour = sum(cost for _, cost in self._hour)
        return {"day": self._used_today, "hour": hour, "project": hour}

    def _tell(self, cost: int) -> dict[str, Any]:
        used = self._used()
        left = {kind: max(0, size * self._times - used[kind]) for kind, size in SIZES.items()}
        return {
            "tokensPerDay": _status(cost, left["day"]),
            "tokensPerHour": _status(cost, left["hour"]),
            "concurrentRequests": _status(0, AT_ONCE * (5 if self._times > 1 else 1)),
            "serverErrorsPerProjectPerHour": _status(0, 10),
            "potentiallyThresholdedRequestsPerHour": _status(0, 120),
            "tokensPerProjectPerHour": _status(cost, left["project"]),
        }


def _status(consumed: int, remaining: int) -> dict[str, int]:
    """A zero is not written."""
    return {name: number for name, number in (("consumed", consumed), ("remaining", remaining)) if number}
