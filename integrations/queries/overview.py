"""The first page: is everything all right, and what needs a person first."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from statistics import median

from django.db.models import Count, Q, Sum
from django.utils import timezone

from integrations.enums import ConnectionState, Stage, Status
from integrations.models import Connection, Event, Sync, SyncJob, Throughput
from integrations.queries.drifts import DriftRow, open_drifts
from integrations.queries.duplicates import count_kinds
from integrations.queries.forecast import time_left
from integrations.queries.incoming import Quiet, count_quiet, find_quiet
from integrations.queries.jobs import pace, units_left
from integrations.queries.lateness import Late, find_late, is_late
from integrations.queries.reasons import Reason, reasons
from integrations.queries.syncs import SyncHealth, all_health

HOURS = 24
WEEK = timedelta(days=7)
USUAL = timedelta(days=14)
ENOUGH_DAYS = 3
ENOUGH_HOURS = 6
LATEST = 25
PACED = 40


@dataclass(frozen=True, slots=True)
class Running:
    """A job under way, with how long its present stage still takes; None = not known."""

    health: SyncHealth
    job: SyncJob
    left: timedelta | None


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page shows, except the chart. `version` changes with all of it. `duplicates`: kind → how many are to be
    decided."""

    version: str
    syncs: tuple[SyncHealth, ...]
    running: tuple[Running, ...]
    stopped: tuple[SyncHealth, ...]
    held: tuple[SyncHealth, ...]
    reasons: tuple[Reason, ...]
    lost: tuple[Connection, ...]
    finished: int
    ended: int
    late: tuple[Late, ...] = ()
    drifts: tuple[DriftRow, ...] = ()
    duplicates: Mapping[str, int] = field(default_factory=dict)
    quiet: tuple[Quiet, ...] = ()

    @property
    def to_fix(self) -> int:
        """How many failed records wait for a person."""
        return sum(reason.count for reason in self.reasons)

    @property
    def total(self) -> int:
        """How many syncs there are; both directions of a two-way sync are one."""
        return len({health.counts_as for health in self.syncs})

    @property
    def healthy(self) -> int:
        """How many of them need nobody."""
        stands = {health.sync.pk for health in (*self.stopped, *self.held)}
        asks = (h for h in self.syncs if h.sync.pk in stands or h.late or h.to_fix or h.connections_lost)
        return self.total - len({health.counts_as for health in asks})


@dataclass(frozen=True, slots=True)
class HourCount:
    """What arrived and what was set aside in one hour, and the usual range of that hour of the day (0, 0 = unknown)."""

    start: datetime
    arrived: int
    set_aside: int
    usual_low: int = 0
    usual_high: int = 0


def newest_event() -> int:
    """Which event is the last, in one query."""
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def page_version(now: datetime) -> str:
    """The version of a page about all syncs, in three queries: no event tells that one did not start, or that nothing came."""
    return f"{newest_event()}.{Sync.objects.filter(is_late(now)).count()}.{count_quiet(now)}"


def overview(now: datetime) -> Overview:
    """Everything but the chart, in a fixed number of queries."""
    version = page_version(now)
    syncs = all_health()
    finished, ended = _week(now)
    lost = Connection.objects.filter(state=ConnectionState.SIGN_IN_NEEDED)
    return Overview(
        version=version,
        syncs=syncs,
        running=with_time_left(list(_running(syncs)), now),
        stopped=tuple(h for h in syncs if h.active and h.active.status == Status.STUCK),
        held=tuple(h for h in syncs if h.active and is_held(h.active)),
        reasons=reasons(),
        lost=tuple(lost.defer("secrets", "token").order_by("name")),
        finished=finished,
        ended=ended,
        late=find_late((h for h in syncs if not _has_a_card(h)), now),
        drifts=open_drifts(),
        duplicates=count_kinds(),
        quiet=find_quiet(now),
    )


def is_held(job: SyncJob) -> bool:
    """True while the guard waits for a person."""
    return job.stage == Stage.APPROVING and job.status == Status.WAITING


def _has_a_card(health: SyncHealth) -> bool:
    """Its job is told of anyway: stopped, or held."""
    job = health.active
    return job is not None and (job.status == Status.STUCK or is_held(job))


def ages(syncs: Sequence[SyncHealth], now: datetime) -> list[tuple[timedelta, str]]:
    """How old the data of each sync is that ever went through, with its name, youngest first."""
    read = ((h.sync.read_until, h.sync.name) for h in syncs)
    return sorted((now - moment, name) for moment, name in read if moment)


def middle_age(known: Sequence[tuple[timedelta, str]]) -> timedelta:
    """Half of the syncs have younger data."""
    return timedelta(seconds=median(age.total_seconds() for age, _ in known))


def hours(now: datetime) -> tuple[HourCount, ...]:
    """The last 24 hours, oldest first, and what is usual at these times of the day, from two weeks. One query."""
    this_hour = start_of_hour(now)
    starts = [this_hour - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    counted = _counted_since(this_hour - USUAL)
    ranges = usual_by_hour({start: arrived for start, (arrived, _) in counted.items()}, now)
    return tuple(HourCount(start, *counted.get(start, (0, 0)), *ranges.get(start.hour, (0, 0))) for start in starts)


def start_of_hour(at: datetime) -> datetime:
    """On the clock of the panel's time zone."""
    return timezone.localtime(at).replace(minute=0, second=0, microsecond=0)


def usual_by_hour(arrived: Mapping[datetime, int], now: datetime) -> dict[int, tuple[int, int]]:
    """Hour of the day → usual range, from what arrived in past hours; empty when they tell too little."""
    past = {
        start: number for start, number in arrived.items() if number and start.date() < timezone.localtime(now).date()
    }
    days = {start.date() for start in past}
    if len(days) < ENOUGH_DAYS or len({start.hour for start in past}) < ENOUGH_HOURS:
        return {}
    by_hour = {(start.date(), start.hour): number for start, number in past.items()}
    return {hour: _range([by_hour.get((day, hour), 0) for day in days]) for hour in range(24)}


def _range(numbers: list[int]) -> tuple[int, int]:
    ordered = sorted(numbers)
    return ordered[int(0.2 * (len(ordered) - 1))], ordered[-1 - int(0.2 * (len(ordered) - 1))]


def _counted_since(start: datetime) -> dict[datetime, tuple[int, int]]:
    """Beginning of the hour → (arrived, set aside), of all jobs together."""
    rows = Throughput.objects.filter(began__gte=start).order_by().values_list("began")
    counted: dict[datetime, tuple[int, int]] = {}
    for began, arrived, set_aside in rows.annotate(number=Sum("arrived"), aside=Sum("set_aside")):
        hour = start_of_hour(began)
        before = counted.get(hour, (0, 0))
        counted[hour] = (before[0] + arrived, before[1] + set_aside)
    return counted


def _week(now: datetime) -> tuple[int, int]:
    """Jobs of the last seven days that finished, of those that finished, were cancelled or stand still."""
    ended = Q(finished_at__gte=now - WEEK) | Q(status=Status.STUCK)
    done = Q(status__in=[Status.SUCCEEDED, Status.PARTIAL])
    counted = SyncJob.objects.filter(ended).aggregate(done=Count("pk", filter=done), ended=Count("pk"))
    return counted["done"], counted["ended"]


def _running(syncs: Sequence[SyncHealth]) -> Iterator[tuple[SyncHealth, SyncJob]]:
    """Jobs that go on by themselves."""
    for health in syncs:
        job = health.active
        if job and job.status != Status.STUCK and not is_held(job):
            yield health, job


def with_time_left(running: Sequence[tuple[SyncHealth, SyncJob]], now: datetime) -> tuple[Running, ...]:
    """How long each still takes, the first PACED of those that upload; their speed in one query."""
    uploading = [job for _, job in running if job.status == Status.RUNNING and job.stage == Stage.UPLOADING][:PACED]
    latest = _latest(uploading)
    left = {job.pk: time_left(units_left(job), pace(job, latest[job.stream], now)) for job in uploading}
    return tuple(Running(health, job, left.get(job.pk)) for health, job in running)


def _latest(jobs: Sequence[SyncJob]) -> dict[str, list[Event]]:
    """The latest events of these jobs by stream, newest first."""
    found: dict[str, list[Event]] = defaultdict(list)
    if jobs:
        wanted = reduce(or_, (Q(stream=job.stream, version__gt=job.version - LATEST) for job in jobs))
        for event in Event.objects.filter(wanted).order_by("stream", "-version"):
            found[event.stream].append(event)
    return found
