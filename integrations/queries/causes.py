"""From incoming events to the jobs they caused, and back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import OuterRef, Q, Subquery

from integrations.enums import ChangeKind
from integrations.models import SeenChange, Sync, SyncJob, TakenChange, WaitingChange, WebhookDelivery

JOB_COLUMNS = (
    *("status", "stage", "cancel_requested", "pause_requested", "failures_open", "sync_id"),
    *("sync__name", "sync__source_id", "sync__source_object"),
)
MOST_TAKEN = 500
MOST_OF_A_JOB = 1_000
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Effect:
    """What one change caused: jobs that took it, and syncs (key, name) whose next small job will."""

    jobs: tuple[SyncJob, ...] = ()
    waits_for: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Causes:
    """What a small job is about: how many records changed, and the newest events that told of them."""

    records: int
    deliveries: tuple[WebhookDelivery, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """The event because of which a job dealt with a record."""

    delivery: int
    what: str


def effects_of(changes: Sequence[SeenChange]) -> dict[int, Effect]:
    """Key of each change → its effect, in four queries at most."""
    if not changes:
        return {}
    taken, waiting = _taken(changes), _waiting(changes)
    found = SyncJob.objects.filter(pk__in={row.job for row in taken}).select_related("sync").only(*JOB_COLUMNS)
    jobs = {job.pk: job for job in found}
    return {
        change.pk: Effect(
            tuple(
                dict.fromkeys(jobs[row.job] for row in taken if row.job in jobs and _took(row, jobs[row.job], change))
            ),
            tuple((row.sync_id, row.sync.name) for row in waiting if _waits(row, change)),
        )
        for change in changes
    }


def _taken(changes: Sequence[SeenChange]) -> list[TakenChange]:
    wanted = (Q(record_id=known_as(one), first__lte=one.pk, newest__gte=one.pk) for one in changes)
    return list(TakenChange.objects.filter(reduce(or_, wanted)).order_by("pk")[:MOST_TAKEN])


def _waiting(changes: Sequence[SeenChange]) -> list[WaitingChange]:
    listening = Sync.objects.filter(source__in={one.connection_id for one in changes}).values("pk")
    names = {known_as(one) for one in changes}
    return list(
        WaitingChange.objects.filter(sync__in=listening, record_id__in=names).select_related("sync").defer("record")
    )


def known_as(change: SeenChange) -> str:
    """The id a change waits and is taken under."""
    return change.new_id if change.kind == ChangeKind.RENAMED and change.new_id else change.record_id


def _took(row: TakenChange, job: SyncJob, change: SeenChange) -> bool:
    is_it = row.record_id == known_as(change) and row.first <= change.pk <= row.newest
    return is_it and _listens(job.sync, change)


def _waits(row: WaitingChange, change: SeenChange) -> bool:
    is_it = row.record_id == known_as(change) and row.first <= change.pk <= row.newest
    return is_it and _listens(row.sync, change)


def _listens(sync: Sync, change: SeenChange) -> bool:
    return (sync.source_id, sync.source_object) == (change.connection_id, change.object_name)


def deliveries_of_job(job_id: int) -> list[int]:
    """The keys of the events that caused a job, newest first, as far as MOST_OF_A_JOB changes tell."""
    taken = TakenChange.objects.filter(job=job_id).order_by("-newest").values_list("first", "newest")[:MOST_OF_A_JOB]
    changes = {change for pair in taken for change in pair}
    return sorted(set(SeenChange.objects.filter(pk__in=changes).values_list("delivery", flat=True)), reverse=True)


def causes_of_job(job_id: int) -> Causes:
    """For the page of a small job, in four queries."""
    ids = deliveries_of_job(job_id)
    shown = WebhookDelivery.objects.filter(pk__in=ids[:SHOWN]).defer("body", "headers").order_by("-pk")
    return Causes(TakenChange.objects.filter(job=job_id).count(), tuple(shown), len(ids) > SHOWN)


def causes_for_record(sync_id: int, record_id: str, jobs: Iterable[int]) -> dict[int, Cause]:
    """Job → the newest event because of which it dealt with the record, of those that an event caused; in one query."""
    change = SeenChange.objects.filter(pk=OuterRef("newest"))
    taken = TakenChange.objects.filter(record_id=record_id, sync=sync_id, job__in=set(jobs)).order_by("newest")
    told = taken.annotate(delivery=Subquery(change.values("delivery")), what=Subquery(change.values("what")))
    found = told.values_list("job", "delivery", "what")[:MOST_TAKEN]
    return {job: Cause(delivery, what) for job, delivery, what in found if delivery is not None}
