"""The only writer of jobs: events in, row out, in one transaction and under the job's lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from integrations.enums import Kind
from integrations.exceptions import LostLeaseError, StaleVersionError
from integrations.models import Event, SyncJob
from integrations.orchestrator.state import COLUMNS, JobState, evolve, fold
from integrations.orchestrator.throughput import Told, add_up, tally, write_anew, written
from integrations.orchestrator.two_way import lock_agreements


def state_of(job: SyncJob) -> JobState:
    """The folded columns of the row."""
    return JobState(**{name: getattr(job, name) for name in COLUMNS})


class JobChange:
    """What one transaction does to one job: events, and the columns of the lease, which no event tells."""

    def __init__(self, job: SyncJob, actor: str) -> None:
        self.job = job
        self.actor = actor
        self.state = state_of(job)
        self.events: list[Event] = []
        self.lease: dict[str, Any] = {}

    def append(self, kind: Kind, **data: Any) -> None:
        """Add an event. RefusedTransitionError when it is not allowed in the job's present status and stage."""
        at = timezone.now()
        self.state = evolve(self.state, kind, data, at)
        self.events.append(
            Event(stream=self.job.stream, version=self.state.version, kind=kind, data=data, actor=self.actor, at=at)
        )

    def set_lease(self, **columns: Any) -> None:
        """Change columns of the lease and the wake-up."""
        self.lease |= columns

    def write(self) -> None:
        """Store the events and their sum. Two writers cannot both succeed: the version is part of the condition."""
        before = state_of(self.job)
        columns = {name: getattr(self.state, name) for name in COLUMNS}
        changed = {name: value for name, value in columns.items() if value != getattr(before, name)} | self.lease
        if not changed:
            return
        found = SyncJob.objects.filter(pk=self.job.pk, version=before.version, token=self.job.token)
        if not found.update(**changed):
            raise StaleVersionError(f"Job {self.job.pk} has moved on.")
        Event.objects.bulk_create(self.events)
        add_up(self.job, ((event.kind, event.data, event.at) for event in self.events))
        for name, value in changed.items():
            setattr(self.job, name, value)


@contextmanager
def change_job(
    job_id: int, *, token: int | None = None, actor: str = "", two_way: int | None = None
) -> Iterator[JobChange]:
    """One transaction on one job, under its lock. With `token`: LostLeaseError when another worker owns it by now.
    `two_way`: the two-way sync whose agreements may be written too."""
    with transaction.atomic():
        if two_way is not None:
            lock_agreements(two_way)
        job = SyncJob.objects.select_for_update().filter(pk=job_id).first()
        if job is None or (token is not None and job.token != token):
            raise LostLeaseError(f"Job {job_id} belongs to another worker now.")
        change = JobChange(job, actor)
        yield change
        change.write()


def create_job(job: SyncJob, *, actor: str, **data: Any) -> SyncJob:
    """Insert a new job with its first event; the caller handles the constraint "one active job per sync"."""
    with transaction.atomic():
        now = timezone.now()
        job.created_at = now
        job.save(force_insert=True)
        change = JobChange(job, actor)
        change.append(Kind.JOB_CREATED, sync=job.sync_id, mapping_version=job.mapping_version_id, **data)
        change.set_lease(wake_at=now)
        change.write()
    return job


def differences(job: SyncJob) -> dict[str, tuple[Any, Any]]:
    """Columns in which the row (first) is not what the events add up to (second). Empty = the job replays clean."""
    events = _events(job)
    row, told = state_of(job), fold(events)
    found = {
        name: (getattr(row, name), getattr(told, name)) for name in COLUMNS if getattr(row, name) != getattr(told, name)
    }
    newest = Event.objects.filter(stream=job.stream).aggregate(newest=Max("version"))["newest"] or 0
    if newest != row.version:
        found["version"] = (row.version, newest)
    if written(job) != tally(events):
        found["throughput"] = (written(job), tally(events))
    return found


def lasting_differences(job: SyncJob) -> dict[str, tuple[Any, Any]]:
    """The same of a job that a worker may be writing: what differs is looked at again under its lock."""
    if not differences(job):
        return {}
    with transaction.atomic():
        locked = SyncJob.objects.select_for_update().filter(pk=job.pk).first()
        return differences(locked) if locked else {}


def rebuild(job: SyncJob) -> None:
    """Write the row, and the job's throughput, anew from its events."""
    with transaction.atomic():
        locked = SyncJob.objects.select_for_update().filter(pk=job.pk)
        locked.first()
        events = _events(job)
        told = fold(events)
        locked.update(**{name: getattr(told, name) for name in COLUMNS})
        write_anew(job, tally(events))


def _events(job: SyncJob) -> list[Told]:
    return list(Event.objects.filter(stream=job.stream).order_by("version").values_list("kind", "data", "at"))
