"""Whether this installation works, and the numbers its operators watch. No names, no personal data."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db.models import Count, Sum
from django.utils import timezone

from integrations.models import Connection, FailedRecord, SyncJob, WebhookAddress, WebhookDelivery, WorkerBeat
from integrations.rate_limits.clock import WRONG_BY

FRESH = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Health:
    """What answers: the database, how many worker groups, how many beats."""

    has_database: bool
    workers: int = 0
    beats: int = 0

    @property
    def is_ok(self) -> bool:
        """True when jobs are being worked on."""
        return self.has_database and self.workers > 0 and self.beats > 0


def read_health(now: datetime | None = None) -> Health:
    """Never raises: a database that is away is an answer. A worker whose clock is wrong takes no work."""
    fresh = WorkerBeat.objects.filter(at__gt=(now or timezone.now()) - FRESH).filter(
        clock_skew__range=(-WRONG_BY, WRONG_BY)
    )
    try:
        counts = dict(fresh.values_list("kind").annotate(Count("pk")))
    except DatabaseError:
        return Health(has_database=False)
    return Health(has_database=True, workers=counts.get("worker", 0), beats=counts.get("beat", 0))


@dataclass(frozen=True, slots=True)
class Numbers:
    """What `/metrics` tells."""

    health: Health
    jobs_by_status: dict[str, int]
    records: dict[str, int]
    failures_open: int
    due: int
    connections_by_state: dict[str, int]
    clock_skew: float
    incoming: "IncomingNumbers"


@dataclass(frozen=True, slots=True)
class IncomingNumbers:
    """Calls stored and refused since there are addresses; how many wait to be read, and the seconds the oldest of them has
    waited; connections that went quiet."""

    received: int
    refused: int
    waiting: int
    oldest_seconds: float
    quiet: int


COUNTED = ("fetched", "left_out", "invalid", "duplicate", "unchanged", "created", "updated", "rejected")


def read_numbers(now: datetime | None = None) -> Numbers:
    """Eleven queries, none of which reads a record."""
    now = now or timezone.now()
    return Numbers(
        health=read_health(now),
        jobs_by_status=dict(SyncJob.objects.order_by().values_list("status").annotate(Count("pk"))),
        records={name: total or 0 for name, total in SyncJob.objects.aggregate(**_sums()).items()},
        failures_open=FailedRecord.objects.open().count(),
        due=SyncJob.objects.due(now).count(),
        connections_by_state=dict(Connection.objects.order_by().values_list("state").annotate(Count("pk"))),
        clock_skew=_worst_skew(now),
        incoming=read_incoming_numbers(now),
    )


def read_incoming_numbers(now: datetime) -> IncomingNumbers:
    """What comes in by itself, in four queries."""
    totals = WebhookAddress.objects.aggregate(received=Sum("received"), refused=Sum("refused"))
    waiting = WebhookDelivery.objects.waiting()
    oldest = waiting.order_by("pk").values_list("received_at", flat=True).first()
    return IncomingNumbers(
        received=totals["received"] or 0,
        refused=totals["refused"] or 0,
        waiting=waiting.count(),
        oldest_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        quiet=WebhookAddress.objects.quiet(now).count(),
    )


def _worst_skew(now: datetime) -> float:
    """The largest difference between the clock of a host that is alive and the database's, in seconds."""
    skews = WorkerBeat.objects.filter(at__gt=now - FRESH).values_list("clock_skew", flat=True)
    return max(map(abs, skews), default=0.0)


def _sums() -> dict[str, Sum]:
    return {name: Sum(name) for name in COUNTED}
