"""How fast a job is now, how long it still takes, and how long it usually takes. Pure: no database, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=30)
ENOUGH = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """So many were done at this moment, since the sample before it."""

    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Band:
    """How long past jobs took: the middle 60 percent lie between `low` and `high`."""

    low: timedelta
    high: timedelta
    middle: timedelta


def speed(samples: Iterable[Sample], since: datetime, now: datetime, window: timedelta = WINDOW) -> float:
    """How many a second over the last `window`, or since `since` when that is later.

    When the newest sample is older than the window (one call takes that long), its own pace counts.
    """
    known = sorted((s for s in samples if since <= s.at <= now), key=lambda s: s.at)
    if not known:
        return 0.0
    start = max(since, now - window)
    if known[-1].at < start:
        return _pace_of_last(known, since, now)
    return _per_second(sum(s.count for s in known if s.at >= start), now - start)


def time_left(left: int, per_second: float) -> timedelta | None:
    """How long `left` more take at this speed; None at a standstill."""
    if left <= 0:
        return timedelta(0)
    return timedelta(seconds=left / per_second) if per_second > 0 else None


def usual(durations: Sequence[timedelta]) -> Band | None:
    """The usual range of past durations; None while there are fewer than five."""
    if len(durations) < ENOUGH:
        return None
    ordered = sorted(durations)
    return Band(percentile(ordered, 0.2), percentile(ordered, 0.8), percentile(ordered, 0.5))


def percentile(ordered: Sequence[timedelta], share: float) -> timedelta:
    """The value below which `share` (0..1) of the ordered durations lie, interpolated."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _pace_of_last(known: Sequence[Sample], since: datetime, now: datetime) -> float:
    before = known[-2].at if len(known) > 1 else since
    return _per_second(known[-1].count, now - before)


def _per_second(count: int, span: timedelta) -> float:
    return count / max(span.total_seconds(), 1.0)
