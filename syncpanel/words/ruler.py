"""Compared with usual: where this job is on a ruler that shows how long such jobs take."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from integrations.enums import FINAL, Stage, Status
from integrations.queries.jobs import LiveJob
from syncpanel.templatetags.words import duration

MARKS = 5


@dataclass(frozen=True, slots=True)
class Ruler:
    """All in seconds. `expected` is 0 when nothing can be foretold; `marks` are times of day along the ruler."""

    low: float
    high: float
    now: float
    scale: float
    expected: float
    usual: str
    so_far: str
    likely: str
    state: str
    is_slow: bool
    marks: tuple[str, ...]


def ruler(live: LiveJob) -> Ruler | None:
    """The ruler of a job, or None while too few jobs went before it."""
    band, job = live.usual, live.job
    if band is None or job.started_at is None:
        return None
    now = live.took.total_seconds()
    expected = _expected(live)
    is_slow = max(expected, now) > band.high.total_seconds() * 1.2
    scale = max(band.high.total_seconds(), now, expected) * 1.1
    return Ruler(
        low=band.low.total_seconds(),
        high=band.high.total_seconds(),
        now=now,
        scale=scale,
        expected=expected,
        usual=_range(band.low, band.high),
        so_far=f"{'took' if job.status in FINAL else 'now at'} {duration(now)}",
        likely=f"likely {duration(expected)}" if expected else "",
        state=_state(live, is_slow),
        is_slow=is_slow and job.status == Status.RUNNING,
        marks=tuple(_marks(job.started_at, scale)),
    )


def _expected(live: LiveJob) -> float:
    if live.left is None or live.job.status != Status.RUNNING or live.job.stage != Stage.UPLOADING:
        return 0.0
    return (live.took + live.left).total_seconds()


def _range(low: timedelta, high: timedelta) -> str:
    """38 min and 44 min → "38–44 min"."""
    first, last = duration(low), duration(high)
    if first == last:
        return last
    same_unit = first.split()[-1] == last.split()[-1] and len(first.split()) == len(last.split()) == 2
    return f"{first.split()[0]}–{last}" if same_unit else f"{first} to {last}"


def _state(live: LiveJob, is_slow: bool) -> str:
    if live.job.status == Status.RUNNING:
        return "warn" if is_slow else "running"
    return "ok" if live.job.status in FINAL else "paused"


def _marks(began: datetime, scale: float) -> list[str]:
    shown = "%H:%M" if scale >= 10 * 60 else "%H:%M:%S"
    moments = (began + timedelta(seconds=scale * n / (MARKS - 1)) for n in range(MARKS))
    return [f"{timezone.localtime(moment):{shown}}" for moment in moments]
