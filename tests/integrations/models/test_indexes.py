"""What is asked every few seconds, or for every batch, is found by the index made for it; on SQLite, which never measures
its tables, just as on PostgreSQL."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from integrations.models import Batch, Event, FailedRecord, RecordLink, Sync, SyncJob

NOW = timezone.now()
ASKED: dict[str, tuple[str, Callable[[], QuerySet]]] = {
    "who holds a job": ("job_leased", lambda: SyncJob.objects.leased().order_by("owner")),
    "what a sync is at": ("one_active_job_per_sync", lambda: SyncJob.objects.active().filter(sync=1)),
    "what all syncs are at": ("one_active_job_per_sync", lambda: SyncJob.objects.active().filter(sync__in=[1, 2])),
    "which sync is at nothing": (
        "one_active_job_per_sync",
        lambda: Sync.objects.filter(~Exists(SyncJob.objects.active().filter(sync=OuterRef("pk")))),
    ),
    "which jobs left something to fix": (
        "COVERING INDEX job_to_fix",
        lambda: (
            SyncJob.objects.filter(sync__in=[1, 2], failures_open__gt=0).values_list("sync", "failures_open").order_by()
        ),
    ),
    "which jobs have something to send again": (
        "job_to_repair",
        lambda: SyncJob.objects.filter(status="partial", failures_retrying__gt=0).order_by("-pk"),
    ),
    "what is to be sent": ("batch_to_do", lambda: Batch.objects.to_do().filter(job=1).order_by("number")),
    "who failed before": ("failure_unsent", lambda: FailedRecord.objects.unsent().filter(sync=1, source_id__in=["1"])),
    "who is to be forgotten": (
        "failure_to_forget",
        lambda: FailedRecord.objects.known().filter(resolved_at__lt=NOW).order_by("resolved_at"),
    ),
    "who was set aside just then": (
        "failure_to_forget",
        lambda: FailedRecord.objects.known().filter(status="dismissed", resolved_at=NOW, resolved_by="dana"),
    ),
    "whose payloads are to be forgotten": (
        "job_to_forget",
        lambda: SyncJob.objects.filter(finished_at__lt=NOW, has_payloads=True).order_by("finished_at"),
    ),
    "whom somebody over there stands for": (
        "link_there",
        lambda: RecordLink.objects.filter(sync=1, destination_id="00Q1").values_list("source_id"),
    ),
    "who else is somebody over there": (
        "link_there",
        lambda: RecordLink.objects.filter(sync=1, destination_id__in=["00Q1", "00Q2"]).exclude(source_id__in=["1"]),
    ),
    "what marks a job's way": (
        "event_marks_of_stream",
        lambda: Event.objects.marks().filter(stream="job:1").order_by("-version"),
    ),
    "what happened anywhere": (
        "COVERING INDEX event_marks",
        lambda: Event.objects.marks().filter(kind__in=["job.stuck"]).order_by("-pk").values("pk"),
    ),
}


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
@pytest.mark.parametrize("name", ASKED)
def test_it_is_found_by_the_index_made_for_it(name: str) -> None:
    index, asked = ASKED[name]
    assert index in asked()[:50].explain()


@pytest.mark.django_db
def test_words_are_quoted() -> None:
    assert "NOT IN ('it''s', 'b')" in str(Event.objects.filter(kind__not_one_of=("it's", "b")).query)
    assert not Event.objects.filter(kind__one_of=("it's",)).exists()
