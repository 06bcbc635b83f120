"""Failed records of older jobs, taken over by a newer one while people work on them too."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from integrations.enums import FailureStatus, Kind, Status
from integrations.models import FailedRecord, SyncJob
from integrations.orchestrator import repairs
from integrations.orchestrator.failures import supersede
from integrations.orchestrator.state_machine import change_job, differences
from tests.factories import make_failure, make_job, make_sync


def job_with_failures(number: int) -> tuple[SyncJob, list[FailedRecord]]:
    """A finished job whose only records are these, all open."""
    job = make_job(make_sync())
    with change_job(job.pk) as change:
        change.append(Kind.JOB_STARTED)
        add = {"pages": 1, "fetched": number, "invalid": number, "failures_open": number}
        change.append(Kind.JOB_PAGE_FETCHED, cursor={}, add=add)
        for kind in (Kind.JOB_FETCHED, Kind.JOB_MAPPED, Kind.JOB_VALIDATED, Kind.JOB_FINISHED):
            change.append(kind)
        change.set_lease(wake_at=None)
    return change.job, [make_failure(job) for _ in range(number)]


@pytest.mark.parametrize("act", [repairs.dismiss_records, repairs.retry_records], ids=["dismissed", "retried"])
def test_a_record_a_person_deals_with_meanwhile_is_counted_once(each_db: str, act) -> None:
    old, records = job_with_failures(3)
    new = make_job(old.sync)
    is_locked = threading.Event()

    def person() -> None:
        with transaction.atomic():
            SyncJob.objects.select_for_update().get(pk=old.pk)
            is_locked.set()
            is_taken_over.wait(0.3)
            act([records[0].pk], "dana")
        connection.close()

    is_taken_over = threading.Event()
    thread = threading.Thread(target=person)
    thread.start()
    is_locked.wait(5)
    with transaction.atomic():
        supersede(new, [records[0].source_id], timezone.now())
    is_taken_over.set()
    thread.join()
    old.refresh_from_db()
    assert FailedRecord.objects.get(pk=records[0].pk).status == FailureStatus.SUPERSEDED
    assert (old.failures_open, old.failures_retrying) == (FailedRecord.objects.open().count(), 0)
    assert differences(old) == {}


def test_one_set_aside_that_a_later_job_deals_with_cannot_be_taken_back(each_db: str) -> None:
    """Otherwise sending it would write old values over newer ones."""
    old, (record, _) = job_with_failures(2)
    aside_at = timezone.now() - timedelta(days=3)
    repairs.dismiss_records([record.pk], "dana", at=aside_at)
    new = make_job(old.sync)
    supersede(new, [record.source_id], timezone.now())
    assert repairs.restore_records([record.pk], "dana") == 0
    record.refresh_from_db()
    assert (record.status, record.fixed_in_job) == (FailureStatus.SUPERSEDED, new.pk)
    assert record.resolved_at == aside_at, "the person is forgotten counting from then"
    old.refresh_from_db()
    assert old.failures_open == 1
    assert differences(old) == {}


def test_the_last_record_taken_over_makes_the_old_job_succeed(each_db: str) -> None:
    old, records = job_with_failures(2)
    supersede(make_job(old.sync), [record.source_id for record in records], timezone.now())
    old.refresh_from_db()
    assert old.status == Status.SUCCEEDED
