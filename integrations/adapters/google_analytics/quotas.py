"""What Google allows per property, in tokens, and when it goes on.

https://developers.google.com/analytics/devguides/reporting/data/v1/quotas

A report costs the more tokens the larger it is; the answer says how many are left. When they are used up, only the words
of the message tell which of the quotas it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from integrations.adapters.google_analytics.declaration import LABEL
from integrations.exceptions import RateLimitedError

PACIFIC = "America/Los_Angeles"
"""Where the quota's day begins, wherever the property is."""

HOUR = 3_600.0
SHORT = 60.0
REPORT_COST = 10
EXPORT_COST = 50
"""Tokens set aside for a call before its answer says what it has cost."""


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota: the words its message has, ours for it, and how many seconds to wait; None is until midnight Pacific."""

    sign: str
    words: str
    seconds: float | None

    @property
    def is_long(self) -> bool:
        """The job waits without using up its tries."""
        return self.seconds is None or self.seconds > SHORT

    def end(self, now: datetime) -> datetime:
        """When to ask again."""
        return next_midnight(now) if self.seconds is None else now + timedelta(seconds=self.seconds)


QUOTAS = (
    Quota("tokens per day", f"{LABEL}' quota of reports for today is used up.", None),
    Quota("for a project per hour", f"{LABEL}' quota of reports for this hour is used up.", HOUR),
    Quota("tokens per hour", f"{LABEL}' quota of reports for this hour is used up.", HOUR),
    Quota("concurrent requests", f"{LABEL} makes as many reports at once as it allows.", 30.0),
    Quota("server errors", f"{LABEL} had trouble too often in this hour and wants to be left alone.", HOUR),
    Quota("potentially thresholded", f"{LABEL}' quota of reports on small groups of people is used up.", HOUR),
)
ANY_OTHER = Quota("", f"{LABEL} asks us to slow down.", SHORT)


def limit_error(message: str, now: datetime, technical: str) -> RateLimitedError:
    """The error for an answer 429 with this message."""
    told = message.lower()
    quota = next((one for one in QUOTAS if one.sign in told), ANY_OTHER)
    return RateLimitedError(quota.words, retry_at=quota.end(now), is_long=quota.is_long, technical=technical)


def next_midnight(now: datetime) -> datetime:
    """The next one in California, and a minute more: their clock decides."""
    tomorrow = (now.astimezone(ZoneInfo(PACIFIC)) + timedelta(days=1)).date()
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, 0, 1, tzinfo=ZoneInfo(PACIFIC))
    return midnight.astimezone(UTC)


STANDARD: Mapping[str, tuple[str, int]] = {
    "tokensPerDay": ("tokens-per-day", 200_000),
    "tokensPerHour": ("tokens-per-hour", 40_000),
    "tokensPerProjectPerHour": ("tokens-per-project-per-hour", 14_000),
}
"""Google's name of a quota → ours, and its size for a standard property. Analytics 360 has ten times as much."""


def read_quotas(body: Mapping[str, Any]) -> dict[str, str]:
    """What an answer says of the quotas, as the "headers" that the rate-limit policy names. Google leaves out a zero."""
    told = body.get("propertyQuota")
    found: dict[str, str] = {}
    for theirs, (ours, size) in STANDARD.items():
        status = told.get(theirs) if isinstance(told, dict) else None
        remaining = status.get("remaining", 0) if isinstance(status, dict) else None
        if isinstance(remaining, int) and remaining >= 0:
            found[f"{ours}-limit"] = str(size if remaining <= size else size * 10)
            found[f"{ours}-remaining"] = str(remaining)
    return found
