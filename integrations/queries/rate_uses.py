"""Who called a platform how often: by sync today, and by day for a week."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.utils import timezone

from integrations.models import RateUse, Sync

DAYS = 7


@dataclass(frozen=True, slots=True)
class UseView:
    """One sync's calls today. `sync_id` 0 stands for tests and set-up; `name` is empty for a sync that is gone."""

    sync_id: int
    name: str
    calls: int
    percent: int


@dataclass(frozen=True, slots=True)
class DayView:
    """The calls of one day; `percent` of the busiest of the days shown."""

    day: date
    calls: int
    percent: int


def uses_today(connections: Sequence[int], now: datetime) -> dict[int, tuple[UseView, ...]]:
    """Calls since midnight in the panel's time zone, per connection, most first."""
    today = RateUse.objects.filter(connection_id__in=connections, hour__gte=midnight(now))
    counted = list(today.values_list("connection_id", "sync").annotate(total=Sum("calls")).order_by("-total", "sync"))
    names = dict(Sync.objects.filter(pk__in={sync for _, sync, _ in counted}).values_list("pk", "name"))
    totals: dict[int, int] = defaultdict(int)
    for connection, _, calls in counted:
        totals[connection] += calls
    found: dict[int, tuple[UseView, ...]] = defaultdict(tuple)
    for connection, sync, calls in counted:
        percent = round(100 * calls / totals[connection])
        found[connection] += (UseView(sync, names.get(sync, ""), calls, percent),)
    return found


def days_of(connections: Sequence[int], now: datetime) -> dict[int, tuple[DayView, ...]]:
    """The last seven days, oldest first, days without a call included."""
    today = timezone.localtime(now).date()
    shown = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    since = midnight(now) - timedelta(days=DAYS)
    uses = RateUse.objects.filter(connection_id__in=connections, hour__gte=since).order_by()
    counted: Counter[tuple[int, date]] = Counter()
    # Which day an hour belongs to is told here: asking SQLite calls Python for every row.
    for connection, hour, total in uses.values_list("connection_id", "hour").annotate(total=Sum("calls")):
        counted[connection, timezone.localtime(hour).date()] += total
    return {pk: _bars([(day, counted[pk, day]) for day in shown]) for pk in connections}


def _bars(days: Sequence[tuple[date, int]]) -> tuple[DayView, ...]:
    most = max((calls for _, calls in days), default=0)
    return tuple(DayView(day, calls, round(100 * calls / most) if most else 0) for day, calls in days)


def midnight(now: datetime) -> datetime:
    """The last midnight in the panel's time zone."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
