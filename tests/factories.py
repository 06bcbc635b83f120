"""Real rows for tests, with as little said as possible."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from django.db.models import F
from django.utils import timezone

from integrations.enums import DuplicateKind, FailureKind, FailureStatus, Stage, Status, Winner
from integrations.models import (
    Agreement,
    Connection,
    Duplicate,
    FailedRecord,
    Mapping,
    MappingVersion,
    Sync,
    SyncJob,
    TwoWay,
)
from integrations.models.blobs import pack
from integrations.orchestrator.state_machine import create_job

numbers = count(1)
IDENTITY = "def map_record(record):\n    return {key: value for key, value in record.items() if key != 'id'}\n"


def make_connection(platform: str = "hubspot", **values: Any) -> Connection:
    """A connection with a saved token."""
    values = {"name": f"{platform} {next(numbers)}", "method": "token", "secrets": {"access_token": "x"}} | values
    return Connection.objects.create(platform=platform, **values)


def make_mapping(code: str = IDENTITY, *, reads: Sequence[str] = (), **values: Any) -> Mapping:
    """A mapping with one published version, which is known to read these source fields."""
    ends = {"source_platform": "hubspot", "source_object": "contacts"}
    ends |= {"destination_platform": "salesforce", "destination_object": "Lead"}
    mapping = Mapping.objects.create(**{"name": f"Mapping {next(numbers)}", **ends, **values})
    mapping.published = MappingVersion.objects.create(mapping=mapping, number=1, code=code, source_fields=list(reads))
    mapping.save(update_fields=["published"])
    return mapping


def make_sync(**values: Any) -> Sync:
    """HubSpot contacts to Salesforce leads."""
    values = {
        "name": f"Contacts {next(numbers)}",
        "source_object": "contacts",
        "destination_object": "Lead",
        "destination_key": "HubSpot_Email__c",
    } | values
    for side, platform in (("source", "hubspot"), ("destination", "salesforce")):
        if side not in values:
            values[side] = make_connection(platform)
    if "mapping" not in values:
        values["mapping"] = make_mapping()
    return Sync.objects.create(**values)


def make_two_way(rightward: Sync | None = None, **values: Any) -> TwoWay:
    """HubSpot contacts and Salesforce leads, kept equal by two syncs."""
    right = rightward or make_sync()
    left = make_sync(
        name=f"{right.name} (back)",
        source=right.destination,
        source_object=right.destination_object,
        destination=right.source,
        destination_object=right.source_object,
        destination_key="email",
    )
    pairs = [
        {"left": "company", "right": "Company", "way": "both", "wins": ""},
        {"left": "city", "right": "City", "way": "right", "wins": ""},
    ]
    values = {"pairs": pairs, "wins": Winner.ASK} | values
    return TwoWay.objects.create(rightward=right, leftward=left, **values)


def make_agreement(row: TwoWay, left_id: str, right_id: str, **agreed: Any) -> Agreement:
    """Both sides are one person, and last agreed on these values: pair → value of both."""
    values = {name.replace("__", " "): [value, value, False, False] for name, value in agreed.items()}
    return Agreement.objects.create(
        two_way=row, left_id=left_id, right_id=right_id, values=pack(values), updated_at=timezone.now()
    )


def make_job(sync: Sync | None = None, **values: Any) -> SyncJob:
    """A job as `start_job` makes it, without a hint. Values are written past the events: only for pages and queries."""
    sync = sync or make_sync()
    now = timezone.now()
    job = create_job(
        SyncJob(sync=sync, mapping_version=sync.mapping.published),
        actor="",
        read_since=None,
        read_until=now.isoformat(),
    )
    if values:
        SyncJob.objects.filter(pk=job.pk).update(**values)
        job.refresh_from_db()
    return job


def make_failure(job: SyncJob | None = None, **values: Any) -> FailedRecord:
    """One failed record on the Fix-it list; the job's counters are not touched."""
    job = job or make_job(status=Status.PARTIAL)
    number = next(numbers)
    now = timezone.now() - timedelta(minutes=5)
    values = {
        "source_id": str(number),
        "label": f"Person {number}",
        "email": f"person{number}@example.com",
        "kind": FailureKind.INVALID,
        "code": "required_missing",
        "field": "Company",
        "title": "Company is missing",
        "message": "Company is empty, but Salesforce needs it.",
        "received": pack({"id": str(number), "company": ""}),
        "mapped": pack({"LastName": "Person", "HubSpot_Email__c": f"person{number}@example.com"}),
        "status": FailureStatus.OPEN,
        "created_at": now,
        "last_failed_at": now,
    } | values
    return FailedRecord.objects.create(job=job, sync=job.sync, **values)


def make_duplicate(sync: Sync | None = None, **values: Any) -> Duplicate:
    """Two contacts with one address, of whom the first is sent."""
    sync = sync or make_sync()
    one, other = str(next(numbers)), str(next(numbers))
    address = f"ann{one}@example.com"
    values = {
        "kind": DuplicateKind.SAME_KEY,
        "source_id": one,
        "other_id": other,
        "label": f"Ann Lee {one}",
        "email": address,
        "other_label": f"Anna Lee {other}",
        "other_email": address.upper(),
        "why": "same key",
        "confidence": 95,
        "found_at": timezone.now() - timedelta(minutes=5),
    } | values
    if "sides" not in values:
        first = {"id": values["source_id"], "firstname": "Ann", "city": "Bonn", "email": address}
        second = {"id": values["other_id"] or values["destination_id"], "firstname": "Anna", "email": address.upper()}
        values["sides"] = pack([first, second])
    return Duplicate.objects.create(sync=sync, **values)


def make_lookalike(job: SyncJob | None = None, **values: Any) -> Duplicate:
    """A contact that was held, since somebody over there may be the same person."""
    job = job or make_job(status=Status.PARTIAL, stage=Stage.FINISHED)
    values = {"kind": DuplicateKind.OTHER_SYSTEM, "other_id": "", "destination_id": f"00Q{next(numbers)}"} | values
    row = make_duplicate(job.sync, job=job.pk, why="same Last Name", confidence=70, **values)
    if not FailedRecord.objects.filter(job=job, source_id=row.source_id).exists():
        make_failure(job, source_id=row.source_id, code="match_taken", field="LastName", title="Somebody else?")
        SyncJob.objects.filter(pk=job.pk).update(failures_open=F("failures_open") + 1)
    return row
