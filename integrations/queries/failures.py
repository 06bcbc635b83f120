"""The Fix-it list for pages: people of one reason, one person with everything about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from integrations.enums import FailureStatus
from integrations.models import FailedRecord, RecordEvent
from integrations.models.blobs import unpack
from integrations.queries.causes import Cause, causes_for_record
from integrations.queries.ends import End, destination_of, encrypted, source_of
from integrations.types import FlatRecord

PAGE = 50
HISTORY = 50
ROW = ("pk", "sync_id", "job_id", "source_id", "label", "email", "title", "message", "kind", "status", "code", "field")
FIX = ("suggestion", "has_suggestion")
TIMES = ("created_at", "last_failed_at", "resolved_at", "resolved_by", "attempts")


@dataclass(frozen=True, slots=True)
class FailureFilter:
    """Which failed records: a status, and any of reason, sync, job, words in the name or e-mail address, those with a
    suggested fix only, and those done with since a moment."""

    status: str = FailureStatus.OPEN
    code: str = ""
    field: str = ""
    sync: int | None = None
    job: int | None = None
    words: str = ""
    suggested: bool = False
    since: datetime | None = None

    @property
    def reason(self) -> str:
        """The group in a URL; empty = every reason."""
        return f"{self.code}:{self.field}" if self.code else ""


@dataclass(frozen=True, slots=True)
class FailurePage:
    """One page of people, newest first; `older` is the `before` of the next page, None at the end."""

    rows: tuple[FailedRecord, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class FailureDetail:
    """One failed record with what came, what would go, what happened to it, and its neighbours in the list. `causes`: job →
    the incoming event because of which it dealt with the record."""

    record: FailedRecord
    source: End
    destination: End
    received: FlatRecord
    mapped: FlatRecord | None
    history: tuple[RecordEvent, ...]
    newer: int | None
    older: int | None
    causes: Mapping[int, Cause] = field(default_factory=dict)


def matching(asked: FailureFilter) -> QuerySet[FailedRecord]:
    """The failed records that a filter describes, in no order."""
    found = FailedRecord.objects.filter(status=asked.status)
    if asked.code:
        found = found.filter(code=asked.code, field=asked.field)
    if asked.sync:
        found = found.filter(sync=asked.sync)
    if asked.job:
        found = found.filter(job=asked.job)
    if asked.suggested:
        found = found.filter(has_suggestion=True)
    if asked.since:
        found = found.filter(resolved_at__gte=asked.since)
    for word in asked.words.split()[:5]:
        found = found.filter(Q(label__icontains=word) | Q(email__icontains=word))
    return found


def list_failures(asked: FailureFilter, before: int | None = None) -> FailurePage:
    """One page of people, in two queries: the keys from an index alone, then these rows without their payloads."""
    found = matching(asked).order_by("-pk")
    if before:
        found = found.filter(pk__lt=before)
    keys = list(found.values_list("pk", flat=True)[: PAGE + 1])
    rows = tuple(FailedRecord.objects.filter(pk__in=keys).only(*ROW, *FIX, *TIMES).order_by("-pk"))
    return FailurePage(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def matching_ids(asked: FailureFilter, most: int) -> list[int]:
    """The keys of all that a filter describes, oldest first, at most so many."""
    return list(matching(asked).order_by("pk").values_list("pk", flat=True)[:most])


def set_aside_at(actor: str, at: datetime) -> list[int]:
    """The keys of all that this person set aside at exactly this moment and that are still known, oldest first."""
    aside = FailedRecord.objects.known().filter(status=FailureStatus.DISMISSED, resolved_at=at, resolved_by=actor)
    return list(aside.order_by("pk").values_list("pk", flat=True))


def count_matching(asked: FailureFilter, most: int = 1_000) -> int:
    """How many a filter describes; counting stops at `most`."""
    return matching(asked).order_by()[:most].count()


def count_suggestions(sync: int | None = None, job: int | None = None) -> dict[str, int]:
    """Reason (as in a URL) → how many open records with a suggested fix it has; one query, from an index alone."""
    found = matching(FailureFilter(sync=sync, job=job, suggested=True)).order_by()
    counted = found.values_list("code", "field").annotate(number=Count("pk"))
    return {f"{code}:{field}": number for code, field, number in counted}


def count_status(status: str, sync: int | None = None, most: int = 1_000, since: datetime | None = None) -> int:
    """How many are in a status, from an index alone; counting stops at `most`."""
    return count_matching(FailureFilter(status=status, sync=sync, since=since), most)


def show_failure(pk: int, asked: FailureFilter) -> FailureDetail:
    """One failed record, in five queries. FailedRecord.DoesNotExist when there is none."""
    related = ("sync__source", "sync__destination", "job__mapping_version__mapping")
    hidden = ("job__cursor", *encrypted("sync__"))
    record = FailedRecord.objects.select_related(*related).defer(*hidden).get(pk=pk)
    newer, older = _neighbours(pk, replace(asked, status=record.status))
    events = _history(record)
    return FailureDetail(
        record=record,
        source=source_of(record.sync),
        destination=destination_of(record.sync),
        received=corrected(unpack(record.received) or {}, record, "received"),
        mapped=None if record.mapped is None else corrected(unpack(record.mapped), record, "sent"),
        history=events,
        causes=causes_for_record(record.sync_id, record.source_id, [event.job for event in events]),
        newer=newer,
        older=older,
    )


def corrected(fields: FlatRecord, record: FailedRecord, side: str) -> FlatRecord:
    """The record with what a person changed on this side ("received" or "sent")."""
    changes: dict[str, Any] = record.corrections.get(side, {})
    return {**fields, **changes}


def _neighbours(pk: int, asked: FailureFilter) -> tuple[int | None, int | None]:
    """The rows above and below in the list."""
    keys = matching(asked).values_list("pk", flat=True)
    newer = keys.filter(pk__gt=pk).order_by("pk")[:1]
    older = keys.filter(pk__lt=pk).order_by("-pk")[:1]
    return next(iter(newer), None), next(iter(older), None)


def _history(record: FailedRecord) -> tuple[RecordEvent, ...]:
    """What happened to this record in its sync, newest first."""
    events = RecordEvent.objects.filter(source_id=record.source_id, sync=record.sync_id)
    return tuple(events.order_by("-pk")[:HISTORY])
