"""Failed records: putting them on the Fix-it list, and taking them off when a later job gets the person through."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce

from integrations.enums import FailureKind, FailureStatus, Kind, RecordEventKind
from integrations.mappings.suggestions import Suggestion
from integrations.models import FailedRecord, SyncJob
from integrations.models.blobs import pack, unpack
from integrations.models.bulk import insert_record_events, moment
from integrations.orchestrator.state_machine import change_job
from integrations.types import FlatRecord

LONGEST_TECHNICAL = 20_000
HELD_LAST = frozenset({"match_taken", "match_ambiguous", "conflict", "ping_pong"})
"""Why a record is held at the last look, when it was in a batch already."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One record that does not go on, with its reason. `received` is None when there is nothing usable to show. `there` is the
    record over there, where it is the reason."""

    source_id: str
    kind: FailureKind
    code: str
    title: str
    message: str
    field: str = ""
    technical: str = ""
    received: FlatRecord | None = None
    mapped: FlatRecord | None = None
    page_number: int | None = None
    suggestion: Suggestion | None = None
    there: FlatRecord | None = None


def hold(job: SyncJob, failures: Sequence[Failure], now: datetime) -> list[Failure]:
    """Put them on the Fix-it list, with a record event each. Joins the caller's transaction.

    Returns those that were new to this job: a source record that comes twice and fails twice is one failed record.
    """
    if not failures:
        return []
    ids = [plain(failure.source_id, 120) for failure in failures]
    seen = set(FailedRecord.objects.filter(job=job, source_id__in=ids).values_list("source_id", flat=True))
    new: list[Failure] = []
    for source_id, failure in zip(ids, failures, strict=True):
        if source_id not in seen:
            seen.add(source_id)
            new.append(failure)
    FailedRecord.objects.bulk_create([_row(job, failure, now) for failure in new], batch_size=200)
    insert_record_events([event_row(job, f.source_id, _event_kind(f), f.code, now) for f in new])
    return new


def supersede(job: SyncJob, source_ids: Iterable[str], now: datetime) -> None:
    """This job dealt with these records: their failed records in older jobs of the sync are done with."""
    ids = list(source_ids)
    old = FailedRecord.objects.unsent().filter(sync_id=job.sync_id, source_id__in=ids).exclude(job=job)
    by_job: dict[int, list[int]] = {}
    for pk, job_id in old.values_list("pk", "job_id"):
        by_job.setdefault(job_id, []).append(pk)
    for job_id, pks in sorted(by_job.items()):
        _supersede_in(job_id, pks, job, now)


def _supersede_in(job_id: int, pks: list[int], by: SyncJob, now: datetime) -> None:
    with change_job(job_id) as change:
        # Read again under the lock: a person may have dismissed or retried one while we waited for it.
        rows = dict(FailedRecord.objects.unsent().filter(pk__in=pks).values_list("pk", "status"))
        if not rows:
            return
        done = FailedRecord.objects.filter(pk__in=list(rows))
        # One that was set aside keeps its time: it was done with then, and is forgotten counting from then.
        resolved_at = Coalesce("resolved_at", Value(now))
        done.update(status=FailureStatus.SUPERSEDED, resolved_at=resolved_at, fixed_in_job=by.pk)
        were = Counter(rows.values())
        add = {"failures_open": -were[FailureStatus.OPEN], "failures_retrying": -were[FailureStatus.RETRYING]}
        change.append(Kind.JOB_RECORDS_SUPERSEDED, by_job=by.pk, count=len(rows), add=add)


def received_of(row: FailedRecord) -> FlatRecord:
    """The source record as it was received, with a person's corrections."""
    received: FlatRecord = unpack(row.received) if row.received else {"id": row.source_id}
    return {**received, **row.corrections.get("received", {})}


def event_row(
    job: SyncJob, source_id: str, kind: RecordEventKind, detail: str, now: datetime, actor: str = ""
) -> tuple[Any, ...]:
    """A row for `insert_record_events` about a record that was not sent."""
    return (job.sync_id, job.pk, None, kind.value, plain(source_id, 120), "", plain(detail, 200), actor, moment(now))


def _event_kind(failure: Failure) -> RecordEventKind:
    return RecordEventKind.INVALID if failure.kind == FailureKind.INVALID else RecordEventKind.REJECTED


def _row(job: SyncJob, failure: Failure, now: datetime) -> FailedRecord:
    received = failure.received or {}
    return FailedRecord(
        sync_id=job.sync_id,
        job=job,
        page_number=failure.page_number,
        source_id=plain(failure.source_id, 120),
        label=plain(label_of(received), 200),
        email=plain(email_of(received), 254),
        received=pack(failure.received) if failure.received is not None else None,
        mapped=pack(failure.mapped) if failure.mapped is not None else None,
        there=pack(failure.there) if failure.there is not None else None,
        created_at=now,
        last_failed_at=now,
        **reason_columns(failure),
    )


def reason_columns(failure: Failure) -> dict[str, Any]:
    """The columns that say why, and what would mend it."""
    return {
        "kind": failure.kind,
        "code": plain(failure.code, 60),
        "field": plain(failure.field, 120),
        "title": plain(failure.title, 200),
        "message": plain(failure.message, 500),
        "technical": plain(failure.technical, LONGEST_TECHNICAL),
        "suggestion": asdict(failure.suggestion) if failure.suggestion else {},
        "has_suggestion": failure.suggestion is not None,
    }


def plain(text: str, longest: int) -> str:
    """Text that fits a column. PostgreSQL takes no NUL in one, and portals do hold such names."""
    return text.replace("\x00", "")[:longest]


def label_of(record: FlatRecord) -> str:
    """What a person calls this record: a name, else an e-mail address, else its id."""
    lowered = {name.lower().replace("_", ""): value for name, value in record.items() if isinstance(value, str)}
    names = [lowered.get("firstname", ""), lowered.get("lastname", "")]
    full = " ".join(part for part in names if part).strip()
    return full or lowered.get("name", "") or email_of(record) or str(record.get("id", ""))


def email_of(record: FlatRecord) -> str:
    """The record's e-mail address, as it was received."""
    for name in ("email", "Email", "email_address", "EMAIL"):
        value = record.get(name)
        if isinstance(value, str):
            return value
    return ""
