"""The first page: is everything all right, and what needs a person first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from django.db.models import Count, IntegerField, Q, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, TruncHour
from django.utils import timezone

from integrations.enums import ConnectionState, Kind, Stage, Status
from integrations.models import Connection, Event, SyncJob
from integrations.queries.forecast import Sample, speed, time_left
from integrations.queries.jobs import samples, units_left
from integrations.queries.reasons import Reason, reasons
from integrations.queries.syncs import SyncHealth, all_health

HOURS = 24
WEEK = timedelta(days=7)
USUAL_DAYS = 14
ENOUGH_DAYS = 3
ENOUGH_HOURS = 6
MOST_PAST_JOBS = 5_000
LATEST = 400
COUNTING = (Kind.JOB_PAGES_MAPPED, Kind.JOB_PAGES_VALIDATED, Kind.JOB_BATCHES_UPLOADED)


@dataclass(frozen=True, slots=True)
class Running:
    """A job under way, with how long its present stage still takes; None = not known."""

    health: SyncHealth
    job: SyncJob
    left: timedelta | None


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page shows, except the chart. `version` changes with every event."""

    version: int
    syncs: tuple[SyncHealth, ...]
    running: tuple[Running, ...]
    stopped: tuple[SyncHealth, ...]
    held: tuple[SyncHealth, ...]
    reasons: tuple[Reason, ...]
    lost: tuple[Connection, ...]
    finished: int
    ended: int

    @property
    def to_fix(self) -> int:
        """How many failed records wait for a person."""
        return sum(reason.count for reason in self.reasons)

    @property
    def healthy(self) -> int:
        """How many syncs need nobody."""
        troubled = {health.sync.pk for health in (*self.stopped, *self.held)}
        return sum(h.sync.pk not in troubled and not h.to_fix and not h.connections_lost for h in self.syncs)


@dataclass(frozen=True, slots=True)
class HourCount:
    """What arrived and what was set aside in one hour, and the usual range of that hour of the day (0, 0 = unknown)."""

    start: datetime
    arrived: int
    set_aside: int
    usual_low: int = 0
    usual_high: int = 0


def newest_event() -> int:
    """The version of the whole page, in one query."""
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def overview(now: datetime) -> Overview:
    """Everything but the chart, in a fixed number of queries."""
    version = newest_event()
    syncs = all_health()
    finished, ended = _week(now)
    lost = Connection.objects.filter(state=ConnectionState.SIGN_IN_NEEDED)
    return Overview(
        version=version,
        syncs=syncs,
        running=_running(syncs, now),
        stopped=tuple(h for h in syncs if h.active and h.active.status == Status.STUCK),
        held=tuple(h for h in syncs if h.active and is_held(h.active)),
        reasons=reasons(),
        lost=tuple(lost.defer("secrets", "token").order_by("name")),
        finished=finished,
        ended=ended,
    )


def is_held(job: SyncJob) -> bool:
    """True while the guard waits for a person."""
    return job.stage == Stage.APPROVING and job.status == Status.WAITING


def ages(syncs: Sequence[SyncHealth], now: datetime) -> list[tuple[timedelta, str]]:
    """How old the data of each sync is that ever went through, with its name, youngest first."""
    read = ((h.sync.read_until, h.sync.name) for h in syncs)
    return sorted((now - moment, name) for moment, name in read if moment)


def middle_age(known: Sequence[tuple[timedelta, str]]) -> timedelta:
    """Half of the syncs have younger data."""
    return timedelta(seconds=median(age.total_seconds() for age, _ in known))


def hours(now: datetime) -> tuple[HourCount, ...]:
    """The last 24 hours, oldest first, counted from events; the usual range from the jobs of two weeks. Three queries."""
    this_hour = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    starts = [this_hour - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    counted = _counted_since(starts[0])
    ranges = usual_by_hour(_past_jobs(now), now)
    return tuple(_hour(start, counted, ranges) for start in starts)


def spread(began: datetime, ended: datetime, number: int) -> dict[datetime, float]:
    """`number` shared out evenly over the hours between two moments, by the start of each hour."""
    seconds = max((ended - began).total_seconds(), 1.0)
    hour = began.replace(minute=0, second=0, microsecond=0)
    shares: dict[datetime, float] = {}
    while hour <= ended:
        inside = (min(ended, hour + timedelta(hours=1)) - max(began, hour)).total_seconds()
        shares[hour] = number * max(inside, 0.0) / seconds if ended > began else float(number)
        hour += timedelta(hours=1)
    return shares


def usual_by_hour(past: Sequence[tuple[datetime, datetime, int]], now: datetime) -> dict[int, tuple[int, int]]:
    """Hour of the day → usual range, from (upload began, ended, number) of past jobs; empty when they tell too little."""
    totals: dict[datetime, float] = defaultdict(float)
    for began, ended, number in past:
        for hour, share in spread(timezone.localtime(began), timezone.localtime(ended), number).items():
            totals[hour] += share
    days = {hour.date() for hour in totals} - {timezone.localtime(now).date()}
    if len(days) < ENOUGH_DAYS or len({hour.hour for hour in totals}) < ENOUGH_HOURS:
        return {}
    return {hour: _range([totals.get(_at(day, hour, now), 0.0) for day in days]) for hour in range(24)}


def _at(day: date, hour: int, now: datetime) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=timezone.localtime(now).tzinfo)


def _range(numbers: list[float]) -> tuple[int, int]:
    ordered = sorted(numbers)
    return round(ordered[int(0.2 * (len(ordered) - 1))]), round(ordered[-1 - int(0.2 * (len(ordered) - 1))])


def _hour(start: datetime, counted: dict[datetime, tuple[int, int]], ranges: dict[int, tuple[int, int]]) -> HourCount:
    arrived, set_aside = counted.get(start, (0, 0))
    return HourCount(start, arrived, set_aside, *ranges.get(start.hour, (0, 0)))


def _counted_since(start: datetime) -> dict[datetime, tuple[int, int]]:
    """Hour → (arrived, set aside), added up from what events say."""
    first = Event.objects.filter(at__gte=start).order_by("at", "pk").values_list("pk", flat=True).first()
    if first is None:
        return {}
    # By key and kind, which one index answers; by time and kind the planner reads every event of the kind.
    events = Event.objects.filter(pk__gte=first, kind__in=COUNTING).order_by()
    rows = (
        events.annotate(hour=TruncHour("at"))
        .values("hour")
        .annotate(created=_sum("created"), updated=_sum("updated"), rejected=_sum("rejected"), invalid=_sum("invalid"))
    )
    return {row["hour"]: (row["created"] + row["updated"], row["rejected"] + row["invalid"]) for row in rows}


def _sum(counter: str) -> Coalesce:
    return Coalesce(Sum(Cast(KT(f"data__add__{counter}"), IntegerField())), 0)


def _past_jobs(now: datetime) -> list[tuple[datetime, datetime, int]]:
    jobs = SyncJob.objects.filter(finished_at__gte=now - timedelta(days=USUAL_DAYS), sent__gt=0).order_by("-pk")
    rows = jobs.values_list("stage_started_at", "started_at", "finished_at", "created", "updated")[:MOST_PAST_JOBS]
    return [
        (_moment(stages, Stage.UPLOADING, started), _moment(stages, Stage.FINISHED, ended), created + updated)
        for stages, started, ended, created, updated in rows
        if started and ended
    ]


def _moment(stages: dict[str, str], stage: Stage, otherwise: datetime) -> datetime:
    told = stages.get(stage)
    return datetime.fromisoformat(told) if told else otherwise


def _week(now: datetime) -> tuple[int, int]:
    """Jobs of the last seven days that finished, of those that finished, were cancelled or stand still."""
    ended = Q(finished_at__gte=now - WEEK) | Q(status=Status.STUCK)
    done = Q(status__in=[Status.SUCCEEDED, Status.PARTIAL])
    counted = SyncJob.objects.filter(ended).aggregate(done=Count("pk", filter=done), ended=Count("pk"))
    return counted["done"], counted["ended"]


def _running(syncs: Sequence[SyncHealth], now: datetime) -> tuple[Running, ...]:
    """Jobs that go on by themselves; the speed of all of them in one query."""
    active = [(h, h.active) for h in syncs if h.active and h.active.status != Status.STUCK and not is_held(h.active)]
    recent = _recent([job for _, job in active if job.status == Status.RUNNING], now)
    return tuple(Running(h, job, _left(job, recent.get(job.stream, []), now)) for h, job in active)


def _recent(jobs: Sequence[SyncJob], now: datetime) -> dict[str, list[Event]]:
    """The latest events of these jobs, by stream."""
    found: dict[str, list[Event]] = defaultdict(list)
    if jobs:
        latest = Event.objects.filter(at__gte=now - timedelta(minutes=2), stream__in=[job.stream for job in jobs])
        for event in latest.order_by("-at", "-pk")[:LATEST]:
            found[event.stream].append(event)
    return found


def _left(job: SyncJob, events: Sequence[Event], now: datetime) -> timedelta | None:
    if job.status != Status.RUNNING or job.stage != Stage.UPLOADING:
        return None
    done: list[Sample] = samples(events, job.stage)
    return time_left(units_left(job), speed(done, job.started_at or job.created_at, now))
