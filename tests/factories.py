"""Real rows for tests, with as little said as possible."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from integrations.enums import FailureKind, FailureStatus, Status
from integrations.models import Connection, FailedRecord, Mapping, MappingVersion, Sync, SyncJob
from integrations.models.blobs import pack
from integrations.orchestrator.state_machine import create_job

numbers = count(1)
IDENTITY = "def map_record(record):\n    return {key: value for key, value in record.items() if key != 'id'}\n"


def make_connection(platform: str = "hubspot", **values: Any) -> Connection:
    """A connection with a saved token."""
    values = {"name": f"{platform} {next(numbers)}", "method": "token", "secrets": {"access_token": "x"}} | values
    return Connection.objects.create(platform=platform, **values)


def make_mapping(code: str = IDENTITY, **values: Any) -> Mapping:
    """A mapping with one published version."""
    mapping = Mapping.objects.create(
        name=f"Mapping {next(numbers)}",
        source_platform="hubspot",
        source_object="contacts",
        destination_platform="salesforce",
        destination_object="Lead",
        **values,
    )
    mapping.published = MappingVersion.objects.create(mapping=mapping, number=1, code=code)
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
