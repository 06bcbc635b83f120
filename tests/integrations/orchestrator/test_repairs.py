"""Retries of many failed records at once; and taking back what was asked."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.enums import FailureStatus, Kind, RecordEventKind, Status
from integrations.models import Event, FailedRecord, RecordEvent, SyncJob
from integrations.orchestrator import commands
from integrations.orchestrator.each_job import RECORDS as CHUNK
from integrations.orchestrator.repairs import (
    _ask,
    dismiss_records,
    fix_and_retry,
    restore_records,
    retry_records,
    withdraw_records,
)
from integrations.orchestrator.state_machine import change_job, differences
from tests.integrations.orchestrator.test_failures import job_with_failures

pytestmark = pytest.mark.django_db


def test_many_retries_take_a_few_writes_and_read_no_payload() -> None:
    job, _ = job_with_failures(1)
    template = FailedRecord.objects.get()
    FailedRecord.objects.bulk_create(_copies(template, CHUNK + 9))
    with change_job(job.pk) as change:
        change.append(
            Kind.JOB_RETRY_REQUESTED, add={"failures_open": CHUNK + 9, "invalid": CHUNK + 9, "fetched": CHUNK + 9}
        )
    with CaptureQueriesContext(connection) as queries:
        assert retry_records(FailedRecord.objects.values_list("pk", flat=True), "dana") == CHUNK + 10
    assert len(queries) < 40
    assert not any('"received"' in query["sql"] for query in queries)
    assert FailedRecord.objects.filter(status=FailureStatus.RETRYING, resolved_by="dana").count() == CHUNK + 10
    job.refresh_from_db()
    assert (job.failures_open, job.failures_retrying) == (0, CHUNK + 10)
    assert differences(job) == {}


def test_a_correction_is_kept_with_its_event_and_only_of_open_records() -> None:
    job, (one, other) = job_with_failures(2)
    FailedRecord.objects.filter(pk=other.pk).update(status=FailureStatus.DISMISSED)
    wanted = {"sent": {"Company": "Acme"}}
    assert _ask(job.pk, [one.pk, other.pk], "dana", {one.pk: wanted, other.pk: wanted}) == 1
    assert list(FailedRecord.objects.order_by("pk").values_list("corrections", flat=True)) == [wanted, {}]
    assert [(event.source_id, event.detail) for event in RecordEvent.objects.all()] == [(one.source_id, "Company")]


def test_what_was_set_aside_comes_back_and_the_job_is_partial_again() -> None:
    job, records = job_with_failures(3)
    dismiss_records([record.pk for record in records], "dana")
    job.refresh_from_db()
    assert (job.status, job.failures_open) == (Status.SUCCEEDED, 0)
    assert restore_records([records[0].pk, records[2].pk], "finn") == 2
    job.refresh_from_db()
    assert (job.status, job.failures_open) == (Status.PARTIAL, 2)
    assert differences(job) == {}
    row = FailedRecord.objects.get(pk=records[0].pk)
    assert (row.status, row.resolved_at, row.resolved_by) == (FailureStatus.OPEN, None, "")
    event = Event.objects.get(stream=job.stream, kind=Kind.JOB_RECORDS_RESTORED)
    assert (event.actor, event.data["count"]) == ("finn", 2)
    told = RecordEvent.objects.filter(source_id=row.source_id, kind=RecordEventKind.RESTORED)
    assert told.get().actor == "finn"


@pytest.mark.parametrize(
    "status", [FailureStatus.OPEN, FailureStatus.RETRYING, FailureStatus.FIXED, FailureStatus.SUPERSEDED]
)
def test_only_what_is_set_aside_can_be_taken_back_from_there(status: FailureStatus) -> None:
    job, (record,) = job_with_failures(1)
    FailedRecord.objects.update(status=status)
    assert restore_records([record.pk], "dana") == 0
    assert not Event.objects.filter(stream=job.stream, kind=Kind.JOB_RECORDS_RESTORED).exists()
    assert FailedRecord.objects.get().status == status


def test_a_person_who_was_forgotten_is_not_taken_back() -> None:
    job, (record,) = job_with_failures(1)
    dismiss_records([record.pk], "dana")
    FailedRecord.objects.update(received=None, mapped=None, technical="")
    assert restore_records([record.pk], "dana") == 0
    job.refresh_from_db()
    assert (job.status, differences(job)) == (Status.SUCCEEDED, {})


def test_a_retry_is_taken_back_until_it_is_in_a_batch() -> None:
    job, (one, other) = job_with_failures(2)
    fix_and_retry(one.pk, {"sent": {"Company": "Acme"}}, "dana")
    retry_records([other.pk], "dana")
    FailedRecord.objects.filter(pk=other.pk).update(repair_batch=7)
    assert withdraw_records([one.pk, other.pk], "dana") == 1
    one.refresh_from_db()
    assert (one.status, one.corrections["sent"]) == (FailureStatus.OPEN, {"Company": "Acme"})
    assert FailedRecord.objects.get(pk=other.pk).status == FailureStatus.RETRYING
    job.refresh_from_db()
    assert (job.failures_open, job.failures_retrying) == (1, 1)
    assert differences(job) == {}
    assert withdraw_records([one.pk], "dana") == 0
    assert RecordEvent.objects.filter(source_id=one.source_id, kind=RecordEventKind.RESTORED).count() == 1


def test_a_finished_job_can_wait_before_it_sends_so_that_a_retry_can_be_taken_back() -> None:
    job, (record,) = job_with_failures(1)
    now = timezone.now()
    retry_records([record.pk], "dana", after=timedelta(seconds=60))
    job.refresh_from_db()
    assert job.status == Status.QUEUED
    assert job.wake_at >= now + timedelta(seconds=60)
    assert job.enqueued_at is None, "the beat gives the hint once it is due"
    assert not SyncJob.objects.due(now + timedelta(seconds=59)).exists()
    assert SyncJob.objects.due(job.wake_at).exists()


def test_nothing_of_a_cancelled_job_is_there_to_be_taken_back() -> None:
    job, (record,) = job_with_failures(1)
    retry_records([record.pk], "dana")
    commands.cancel_job(job.pk, "dana")
    assert withdraw_records([record.pk], "dana") == 0
    assert FailedRecord.objects.get().status == FailureStatus.OPEN


def _copies(template: FailedRecord, number: int) -> list[FailedRecord]:
    names = [field.attname for field in FailedRecord._meta.fields if field.attname not in {"id", "source_id"}]
    values = {name: getattr(template, name) for name in names}
    return [FailedRecord(source_id=f"copy {at}", **values) for at in range(number)]
