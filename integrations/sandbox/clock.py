"""The sandbox's time: real time plus whatever the control API has skipped."""

import time
from datetime import UTC, datetime

MS_A_DAY = 86_400_000


class Clock:
    """Seconds since the epoch; `advance` makes tokens expire and rate windows pass without waiting."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def now(self) -> float:
        return time.time() + self._skipped

    def now_ms(self) -> int:
        return int(self.now() * 1_000)

    def advance(self, seconds: float) -> None:
        self._skipped += seconds


_days: dict[int, str] = {}
_MINUTES = tuple(f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(1_440))
_SECONDS = tuple(f"{second:02d}." for second in range(60))
_MILLIS = tuple(f"{ms:03d}Z" for ms in range(1_000))


def format_ms(ms: int) -> str:
    """2026-01-02T03:04:05.678Z, from tables: several times faster than datetime, and listing is mostly dates."""
    day, rest = divmod(ms, MS_A_DAY)
    minute, rest = divmod(rest, 60_000)
    return f"{_days.get(day) or _format_day(day)}{_MINUTES[minute]}{_SECONDS[rest // 1_000]}{_MILLIS[rest % 1_000]}"


def _format_day(day: int) -> str:
    _days[day] = datetime.fromtimestamp(day * MS_A_DAY / 1_000, UTC).date().isoformat()
    return _days[day]


def format_offset(ms: int) -> str:
    """The same instant as Salesforce writes it: 2026-01-02T03:04:05.000+0000, whole seconds."""
    return f"{format_ms(ms // 1_000 * 1_000)[:-1]}+0000"


def parse_instant(text: str) -> int:
    """Milliseconds of an ISO instant or of a number in digits; raises ValueError for anything else."""
    if text.lstrip("-").isdigit():
        return int(text)
    instant = datetime.fromisoformat(text)
    return round((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1_000)
