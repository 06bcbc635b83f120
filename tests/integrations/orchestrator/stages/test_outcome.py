"""Writing down who was refused: what it takes is read before the transaction, and the platform is asked nothing inside it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.enums import FailureKind, PageStatus, Stage, Status
from integrations.models import Batch, FailedRecord, SchemaSnapshot, SourcePage, Sync, SyncJob
from integrations.models.blobs import Joined, pack, unpack
from integrations.orchestrator import commands
from integrations.orchestrator.leases import Heart
from integrations.orchestrator.stages.outcome import write
from integrations.orchestrator.stages.trail import Sent
from integrations.orchestrator.work import Work
from integrations.types import Result, UploadOutcome
from tests.factories import make_job
from tests.integrations.orchestrator.stages.conftest import Portal

WRITE = "/composite/sobjects"
NO = {"statusCode": "FIELD_INTEGRITY_EXCEPTION", "message": "No such place.", "fields": ["City"]}
READS_PAGES = 'FROM "integrations_sourcepage"'
PAGES = 5


@pytest.fixture
def held(small: Sync, portal: Portal, run_job: Any) -> SyncJob:
    """One person waits for a release, and what is known of the destination's fields has become old meanwhile."""
    run_job(small)
    portal.add(email="ann@x.org", firstname="Ann", lastname="Lee", city="Nowhere")
    Sync.objects.update(guards={"creates": 0})
    job = run_job(small)
    assert job.stage == Stage.APPROVING
    SchemaSnapshot.objects.update(fetched_at=timezone.now() - timedelta(hours=2))
    commands.release_job(job.pk, "dana")
    return job


def test_who_is_refused_first_after_hours_is_held_and_the_platform_asked_outside_the_transaction(
    held: SyncJob, portal: Portal, run: Any, calls_in_transactions: list[str]
) -> None:
    portal.fault("salesforce", WRITE, "status", status=200, body=[{"success": False, "errors": [NO]}], method="PATCH")
    job = run(held)
    row = FailedRecord.objects.get(job=job)
    assert (job.rejected, row.kind, row.field, unpack(row.received)["city"]) == (1, "rejected", "City", "Nowhere")
    assert SchemaSnapshot.objects.get(object_name="Lead").fetched_at > timezone.now() - timedelta(hours=1)
    assert not calls_in_transactions


def test_the_fields_are_asked_for_before_anything_leaves(held: SyncJob, portal: Portal, run: Any, run_job: Any) -> None:
    before = portal.writes()
    portal.fault("salesforce", "/describe", "revoke")
    job = run_job(held)
    assert (job.status, portal.writes()) == (Status.STUCK, before)
    portal.heal()
    commands.resume_job(job.pk, "dana")
    assert run(job).created == 1


@pytest.fixture
def refused(small: Sync) -> tuple[Work, list[Sent]]:
    """A job of which a batch came back with everybody refused, two of each page, and nothing is known of the fields."""
    job = make_job(small, status=Status.RUNNING, stage=Stage.UPLOADING)
    entries = []
    for number in range(PAGES):
        records = [{"id": f"{number}-{at}", "city": f"City {at}"} for at in range(2)]
        page = {"count": 2, "records": pack(records), "status": PageStatus.VALIDATED, "fetched_at": timezone.now()}
        SourcePage.objects.create(job=job, number=number, **page)
        entries += [[one["id"], "a" * 32, "b" * 32, {"City": "?"}, number, at, 1] for at, one in enumerate(records)]
    entries.append(["repaired", "a" * 32, "b" * 32, {"City": "?"}, None, None, 1])
    batch = Batch.objects.create(job=job, number=1, count=len(entries), payload=pack(entries))
    outcome = UploadOutcome([Result(ok=False, code="refused", message="No.", field="City")] * len(entries))
    return Work(job, Heart(job)), [Sent(batch, Joined(batch.payload, batch.count), outcome)]


def test_what_was_received_of_who_is_refused_is_read_at_once_and_before_the_transaction(
    refused: tuple[Work, list[Sent]], calls_in_transactions: list[str]
) -> None:
    work, sent = refused
    with work, CaptureQueriesContext(connection) as queries:
        write(work, sent)
    told = [query["sql"] for query in queries.captured_queries]
    reads = [at for at, sql in enumerate(told) if READS_PAGES in sql]
    last_begin = max(at for at, sql in enumerate(told) if sql.startswith("BEGIN"))
    assert len(reads) == 1 and reads[0] < last_begin
    assert not calls_in_transactions
    rows = FailedRecord.objects.filter(kind=FailureKind.REJECTED).order_by("pk")
    received = {row.source_id: unpack(row.received) for row in rows}
    assert received["3-1"] == {"id": "3-1", "city": "City 1"}
    assert received["repaired"] == {"id": "repaired"}
    assert len(received) == 2 * PAGES + 1
