"""How many records arrived and were set aside, by quarter of an hour: a sum of jobs' events, as a job's row is one."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from integrations.enums import Kind
from integrations.models import SyncJob, Throughput
from integrations.models.bulk import add_throughput

COUNTING = frozenset({Kind.JOB_PAGES_MAPPED, Kind.JOB_PAGES_VALIDATED, Kind.JOB_BATCHES_UPLOADED})
ARRIVED, SET_ASIDE = ("created", "updated"), ("rejected", "invalid")

Told = tuple[str, dict[str, Any], datetime]
"""What of an event counts: kind, data, at."""
Tally = dict[datetime, tuple[int, int]]
"""Beginning of the quarter (UTC) → (arrived, set aside)."""


def tally(events: Iterable[Told]) -> Tally:
    """What these events add up to. Pure; quarters in which nobody arrived nor was set aside are not in it."""
    found: Tally = {}
    for kind, data, at in events:
        added = data.get("add")
        if not added or kind not in COUNTING:
            continue
        arrived, set_aside = (sum(added.get(name, 0) for name in names) for names in (ARRIVED, SET_ASIDE))
        if arrived or set_aside:
            before = found.get(quarter_of(at), (0, 0))
            found[quarter_of(at)] = (before[0] + arrived, before[1] + set_aside)
    return found


def quarter_of(at: datetime) -> datetime:
    """When the quarter of an hour began (UTC)."""
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


def add_up(job: SyncJob, events: Iterable[Told]) -> None:
    """Add what new events of a job say. In the transaction that writes them."""
    add_throughput([(job.pk, began, *numbers) for began, numbers in tally(events).items()])


def written(job: SyncJob) -> Tally:
    """What the rows of a job say."""
    rows = Throughput.objects.filter(job=job).values_list("began", "arrived", "set_aside")
    return {began: (arrived, set_aside) for began, arrived, set_aside in rows}


def write_anew(job: SyncJob, told: Tally) -> None:
    """Replace the rows of a job. In the caller's transaction."""
    Throughput.objects.filter(job=job).delete()
    add_throughput([(job.pk, began, *numbers) for began, numbers in told.items()])
