"""Payloads of finished jobs go after their time; what is still needed stays."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from integrations.enums import FailureStatus, Stage, Status
from integrations.models import Batch, Event, SourcePage, SyncJob
from integrations.models.blobs import pack
from integrations.retention import forget_payloads, forget_people
from tests.factories import make_failure, make_job

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("status", "days", "retrying", "forgotten"),
    [
        (Status.SUCCEEDED, 31, 0, True),
        (Status.PARTIAL, 31, 0, True),
        (Status.PARTIAL, 31, 1, False),
        (Status.SUCCEEDED, 29, 0, False),
        (Status.STUCK, 400, 0, False),
    ],
)
def test_payloads_are_forgotten_when_their_job_is_long_finished(status, days, retrying, forgotten) -> None:
    now = timezone.now()
    finished_at = now - timedelta(days=days)
    job = make_job(status=status, stage=Stage.FINISHED, finished_at=finished_at, failures_retrying=retrying)
    SourcePage.objects.create(job=job, number=0, count=1, records=pack([{"id": "1"}]), fetched_at=now)
    Batch.objects.create(job=job, number=1, count=1, payload=pack(["x"]))
    assert forget_payloads(now) == int(forgotten)
    assert SourcePage.objects.exists() != forgotten
    assert (bytes(Batch.objects.get().payload) == b"") == forgotten
    assert Event.objects.filter(stream=job.stream).exists()


@pytest.mark.django_db(databases=[])
def test_a_job_that_is_reopened_meanwhile_keeps_what_it_sends(each_db: str) -> None:
    long_ago = timezone.now() - timedelta(days=31)
    job = make_job(status=Status.PARTIAL, stage=Stage.FINISHED, finished_at=long_ago)
    SourcePage.objects.create(job=job, number=0, count=1, records=pack([{"id": "1"}]), fetched_at=long_ago)
    Batch.objects.create(job=job, number=1, count=1, payload=pack(["x"]))
    is_locked = threading.Event()

    def reopen() -> None:
        with transaction.atomic():
            SyncJob.objects.select_for_update().get(pk=job.pk)
            is_locked.set()
            is_over.wait(0.3)
            SyncJob.objects.filter(pk=job.pk).update(failures_retrying=1)
        connection.close()

    is_over = threading.Event()
    thread = threading.Thread(target=reopen)
    thread.start()
    is_locked.wait(5)
    assert forget_payloads(timezone.now()) == 0
    is_over.set()
    thread.join()
    assert bytes(Batch.objects.get().payload) != b""


@pytest.mark.parametrize(
    ("status", "days", "forgotten"),
    [(FailureStatus.FIXED, 31, True), (FailureStatus.DISMISSED, 29, False), (FailureStatus.OPEN, 400, False)],
)
def test_people_on_the_fix_it_list_are_forgotten_when_they_are_long_done_with(status, days, forgotten) -> None:
    now = timezone.now()
    row = make_failure(status=status, resolved_at=now - timedelta(days=days))
    assert forget_people(now) == int(forgotten)
    assert forget_people(now) == 0
    row.refresh_from_db()
    assert (row.email == "") == (row.received is None) == forgotten
    assert row.title == "Company is missing"
