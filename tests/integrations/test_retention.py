"""Payloads of finished jobs go after their time; what is still needed stays."""

import threading
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.enums import FailureStatus, Stage, Status
from integrations.models import Batch, Event, SourcePage, SyncJob
from integrations.models.blobs import pack
from integrations.orchestrator.repairs import retry_records
from integrations.retention import (
    JOBS_AT_ONCE,
    RECORDS_AT_ONCE,
    ROWS_AT_ONCE,
    ROWS_PER_COMMIT,
    forget_duplicates,
    forget_payloads,
    forget_people,
    forget_sign_ins,
)
from tests.factories import make_duplicate, make_failure, make_job

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
    assert forget_payloads(now) == 2 * forgotten
    assert SourcePage.objects.exists() != forgotten
    assert (bytes(Batch.objects.get().payload) == b"") == forgotten
    assert Event.objects.filter(stream=job.stream).exists()


def old_job(batches: int, pages: int, **values: Any) -> SyncJob:
    """Finished five weeks ago, with so many rows of both kinds."""
    long_ago = timezone.now() - timedelta(days=35)
    job = make_job(**{"status": Status.PARTIAL, "stage": Stage.FINISHED, "finished_at": long_ago} | values)
    add_batches(job, range(batches))
    SourcePage.objects.bulk_create(
        SourcePage(job=job, number=n, count=1, records=pack([{"id": "1"}]), fetched_at=long_ago) for n in range(pages)
    )
    return job


def add_batches(job: SyncJob, numbers: Iterable[int]) -> None:
    Batch.objects.bulk_create(Batch(job=job, number=n, count=1, payload=pack(["x"]), exchange=b"y") for n in numbers)


def full_batches() -> int:
    return Batch.objects.exclude(payload=b"", exchange=None).count()


def test_a_large_job_is_forgotten_a_few_rows_per_commit_and_per_call() -> None:
    old_job(ROWS_AT_ONCE, ROWS_AT_ONCE // 2)
    with CaptureQueriesContext(connection) as queries:
        assert forget_payloads(timezone.now()) == ROWS_AT_ONCE
    commits = sum(query["sql"].startswith("RELEASE SAVEPOINT") for query in queries)
    assert commits == ROWS_AT_ONCE // ROWS_PER_COMMIT
    assert (full_batches(), SourcePage.objects.count()) == (0, ROWS_AT_ONCE // 2)
    assert forget_payloads(timezone.now()) == ROWS_AT_ONCE // 2
    assert not SourcePage.objects.exists()
    assert forget_payloads(timezone.now()) == 0


def test_many_old_jobs_are_forgotten_one_after_the_other() -> None:
    jobs = [old_job(2, 2) for _ in range(JOBS_AT_ONCE + 3)]
    forget_payloads(timezone.now())
    assert SourcePage.objects.values("job").distinct().count() == 3
    forget_payloads(timezone.now())
    assert (full_batches(), SourcePage.objects.count()) == (0, 0)
    assert not SyncJob.objects.filter(pk__in=[job.pk for job in jobs], has_payloads=True).exists()


def test_what_a_repair_sends_later_is_forgotten_in_its_time_too() -> None:
    job = old_job(1, 1, failures_open=1)
    record = make_failure(job)
    forget_payloads(timezone.now())
    forget_payloads(timezone.now())
    retry_records([record.pk], "dana")
    add_batches(job, [7])
    finished_again = timezone.now() - timedelta(days=33)
    SyncJob.objects.update(status=Status.PARTIAL, stage=Stage.FINISHED, finished_at=finished_again, failures_retrying=0)
    assert forget_payloads(timezone.now()) == 1
    assert full_batches() == 0


def test_the_sweep_reads_only_what_it_forgets() -> None:
    """Both questions are asked every few seconds."""
    if connection.vendor != "sqlite":
        pytest.skip("reads SQLite's plan")
    with CaptureQueriesContext(connection) as queries:
        forget_payloads(timezone.now())
        forget_people(timezone.now())
    plans = []
    with connection.cursor() as cursor:
        for query in queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                plans.append(" ".join(row[3] for row in cursor.fetchall()))
    assert "job_to_forget (finished_at<?" in plans[0], plans
    assert "failure_to_forget" in plans[1], plans


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


@pytest.mark.parametrize(
    ("model", "moment", "days", "stays"),
    [
        (AccessAttempt, "attempt_time", 2, False),
        (AccessAttempt, "attempt_time", 0.5, True),
        (Session, "expire_date", 0.1, False),
        (Session, "expire_date", -0.1, True),
    ],
)
def test_sessions_and_failed_sign_ins_are_forgotten_in_their_time(model, moment, days, stays) -> None:
    now = timezone.now()
    counted = {"failures_since_start": 1} if model is AccessAttempt else {}
    about = {"session_key": "k"} if model is Session else {"username": "dana", "ip_address": "192.0.2.7", **counted}
    row = model.objects.create(**about, **({"expire_date": now} if model is Session else {}))
    model.objects.filter(pk=row.pk).update(**{moment: now - timedelta(days=days)})
    forget_sign_ins(now)
    assert model.objects.exists() is stays


def test_a_flood_of_sign_ins_is_removed_bit_by_bit() -> None:
    long_ago = timezone.now() - timedelta(days=2)
    AccessAttempt.objects.bulk_create(
        AccessAttempt(username=f"u{n}", ip_address="192.0.2.7", failures_since_start=1)
        for n in range(RECORDS_AT_ONCE + 5)
    )
    AccessAttempt.objects.update(attempt_time=long_ago)
    forget_sign_ins(timezone.now())
    assert AccessAttempt.objects.count() == 5
    forget_sign_ins(timezone.now())
    assert not AccessAttempt.objects.exists()


@pytest.mark.parametrize(
    ("verdict", "days", "forgotten"),
    [("same", 31, True), ("different", 31, True), ("same", 29, False), ("later", 400, False), ("open", 400, False)],
)
def test_people_who_may_be_one_are_forgotten_when_that_is_long_decided(verdict, days, forgotten) -> None:
    now = timezone.now()
    row = make_duplicate(verdict=verdict, decided_at=now - timedelta(days=days), keeps="1")
    assert forget_duplicates(now) == forgotten
    row.refresh_from_db()
    assert ((row.label, row.email, row.other_label, row.other_email, row.sides) == ("", "", "", "", None)) is forgotten
    assert (row.verdict, row.keeps) == (verdict, "1")
    assert forget_duplicates(now) == 0
