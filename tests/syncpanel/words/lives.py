"""Live jobs made of plain values, without a database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.enums import ConnectionState, Stage, Status
from integrations.models import Connection, Event, Mapping, MappingVersion, Sync, SyncJob
from integrations.queries.ends import destination_of, source_of
from integrations.queries.forecast import Band
from integrations.queries.jobs import Doubt, LiveJob

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def ago(**values: float) -> datetime:
    return NOON - timedelta(**values)


def job_of(**values: Any) -> SyncJob:
    """Uploading batch 213 of 500, started 41 minutes ago."""
    values = {
        "pk": 1482,
        "sync": Sync(
            pk=7,
            name="Contacts",
            source=Connection(pk=1, name="Our HubSpot", platform="hubspot", state=ConnectionState.OK),
            source_object="contacts",
            destination=Connection(pk=2, name="Our Salesforce", platform="salesforce", state=ConnectionState.OK),
            destination_object="Lead",
        ),
        "mapping_version": MappingVersion(pk=3, number=14, mapping=Mapping(pk=4, name="Contact mapping")),
        "status": Status.RUNNING,
        "stage": Stage.UPLOADING,
        "fetched": 50_000,
        "invalid": 35,
        "planned": 49_965,
        "sent": 21_200,
        "created": 21_000,
        "updated": 200,
        "pages": 500,
        "pages_mapped": 500,
        "pages_validated": 500,
        "batches": 500,
        "batches_done": 212,
        "failures_open": 35,
        "created_at": ago(minutes=41),
        "started_at": ago(minutes=41),
        "stage_started_at": {
            "fetching": ago(minutes=41).isoformat(),
            "mapping": ago(minutes=32).isoformat(),
            "validating": ago(minutes=30).isoformat(),
            "uploading": ago(minutes=26).isoformat(),
        },
    } | values
    return SyncJob(**values)


def live_of(
    job: SyncJob | None = None,
    *,
    usual: Band | None = None,
    per_second: float = 14.0,
    left: timedelta | None = timedelta(minutes=35),
    doubt: Doubt | None = None,
    **values: Any,
) -> LiveJob:
    """The live page of a job."""
    job = job or job_of(**values)
    return LiveJob(
        job=job,
        version="1",
        source=source_of(job.sync),
        destination=destination_of(job.sync),
        reasons=(),
        events=(),
        past=(),
        usual=usual,
        took=timedelta(minutes=41),
        per_second=per_second,
        left=left,
        doubt=doubt,
    )


def band(low: float, middle: float, high: float) -> Band:
    """A usual range in minutes."""
    return Band(timedelta(minutes=low), timedelta(minutes=high), timedelta(minutes=middle))


def event_of(kind: str, actor: str = "", at: datetime = NOON, **data: Any) -> Event:
    return Event(stream="job:1482", version=1, kind=kind, data=data, actor=actor, at=at)


def titles(lines: Sequence[Any]) -> list[str]:
    return [line.title for line in lines]
