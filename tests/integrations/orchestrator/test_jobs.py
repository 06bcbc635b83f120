"""Whole jobs, from HubSpot's contacts to Salesforce's leads."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from integrations.enums import ConnectionState, FailureKind, FailureStatus, Kind, RecordEventKind, Stage, Status
from integrations.exceptions import RefusedTransitionError
from integrations.models import Batch, Event, FailedRecord, RecordEvent, RecordLink, Sync, SyncJob
from integrations.models.blobs import unpack
from integrations.orchestrator import commands, repairs
from integrations.orchestrator.connections import lose_sign_in
from integrations.orchestrator.runner import work_slice
from integrations.orchestrator.state_machine import differences
from tests.integrations.orchestrator.conftest import CONTACTS, Control, adds_up

RunJob = Callable[..., SyncJob]


def test_every_valid_contact_becomes_a_lead_once_and_all_counts_add_up(
    sync: Sync, sandbox: Control, run_job: RunJob
) -> None:
    job = run_job(sync)
    summary = sandbox.summary()
    assert (job.stage, job.fetched) == (Stage.FINISHED, CONTACTS)
    assert adds_up(job)
    assert job.status == (Status.PARTIAL if job.failures_open else Status.SUCCEEDED)
    assert summary["stored"] == summary["keys_written_once"] == job.created == RecordLink.objects.count()
    assert summary["keys_written_more"] == 0
    assert job.failures_open == FailedRecord.objects.open().count() == job.invalid + job.rejected
    sent = RecordEvent.objects.filter(job=job.pk, kind=RecordEventKind.CREATED)
    assert sent.count() == job.created


def test_names_arrive_as_they_are(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    run_job(sync)
    names = {lead["LastName"] for lead in sandbox.leads()}
    assert any("'" in name for name in names), "O'Brien is not O\\'Brien"
    assert any(not name.isascii() for name in names)


def test_an_empty_original_source_becomes_marketing_site(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    run_job(sync)
    assert any(lead["LeadSource"] == "Marketing Site" for lead in sandbox.leads())


def test_a_second_job_over_the_same_people_writes_nothing(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    first = run_job(sync)
    before = sandbox.writes()
    second = run_job(sync)
    assert sandbox.writes() == before
    assert adds_up(second)
    assert second.sent == second.rejected, "only who was refused before is tried again"
    assert second.unchanged == first.created


def test_who_is_unchanged_is_not_even_mapped_again(sync: Sync, run_job: RunJob) -> None:
    run_job(sync)
    second = run_job(sync)
    mapped = Event.objects.filter(stream=second.stream, kind=Kind.JOB_PAGES_MAPPED)
    assert sum(event.data["add"].get("unchanged", 0) for event in mapped) == second.unchanged > 0


def test_failed_records_of_the_job_before_are_taken_over(sync: Sync, run_job: RunJob) -> None:
    first = run_job(sync)
    assert first.failures_open
    second = run_job(sync)
    first.refresh_from_db()
    assert first.status == Status.SUCCEEDED
    assert FailedRecord.objects.open().filter(job=second).count() == second.failures_open
    assert not FailedRecord.objects.unresolved().filter(job=first).exists()


def test_only_changed_people_are_sent_again(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    run_job(sync)
    sandbox.touch(25, city="Ghent")
    job = run_job(sync)
    assert adds_up(job)
    assert 0 < job.updated <= 25
    assert job.created == 0


def test_a_change_the_mapping_does_not_read_changes_nothing(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    run_job(sync)
    sandbox.touch(25, numberofemployees="77")
    job = run_job(sync)
    assert job.sent == job.rejected


def test_a_job_can_be_paused_and_resumed(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    job = commands.start_job(sync.pk)
    commands.pause_job(job.pk, "dana")
    assert not work_slice(job.pk)
    job.refresh_from_db()
    assert job.status == Status.PAUSED
    commands.resume_job(job.pk, "dana")
    assert run_job(job).stage == Stage.FINISHED


def test_a_cancelled_job_sends_nothing_more(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    job = commands.start_job(sync.pk)
    commands.cancel_job(job.pk, "dana")
    run_job(job)
    assert sandbox.summary()["stored"] == 0
    with pytest.raises(RefusedTransitionError):
        commands.resume_job(job.pk, "dana")


def test_one_sync_runs_once_at_a_time(sync: Sync) -> None:
    first = commands.start_job(sync.pk)
    with pytest.raises(RefusedTransitionError, match=f"Job {first.pk} of “Contacts” is not finished yet"):
        commands.start_job(sync.pk)


def test_resume_on_a_running_job_is_refused(sync: Sync) -> None:
    job = commands.start_job(sync.pk)
    with pytest.raises(RefusedTransitionError, match="is running already"):
        commands.resume_job(job.pk, "dana")


def test_a_corrected_record_alone_is_sent_in_the_same_job(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    job = run_job(sync)
    row = FailedRecord.objects.open().filter(field="Company", kind=FailureKind.INVALID).first()
    assert row is not None
    stored = sandbox.summary()["stored"]
    open_before = job.failures_open
    repairs.fix_and_retry(row.pk, {"sent": {"Company": "Acme", "Account__r.Company_Key__c": None}}, "dana")
    job.refresh_from_db()
    assert (job.status, job.stage) == (Status.QUEUED, Stage.UPLOADING)
    job = run_job(job)
    row.refresh_from_db()
    assert row.status == FailureStatus.FIXED
    assert sandbox.summary()["stored"] == stored + 1
    assert job.failures_open == open_before - 1
    assert adds_up(job)


def test_a_correction_that_is_still_wrong_is_refused_with_its_field(sync: Sync, run_job: RunJob) -> None:
    run_job(sync)
    row = FailedRecord.objects.open().filter(field="Company").first()
    with pytest.raises(repairs.CorrectionError) as refused:
        repairs.fix_and_retry(row.pk, {"sent": {"Company": "x" * 300}}, "dana")
    assert "Company" in refused.value.problems


def test_what_can_be_mended_is_suggested_with_the_reason(sync: Sync, run_job: RunJob) -> None:
    run_job(sync)
    slips = FailedRecord.objects.filter(code="invalid_email", received__isnull=False)
    mended = [row for row in slips if row.has_suggestion]
    assert mended
    for row in mended:
        values = row.suggestion["values"]
        assert values["Email"] == values["HubSpot_Email__c"]
        assert not repairs.check_corrections(row, {"sent": values})
        assert row.suggestion["why"]
    assert any(not row.has_suggestion and not row.suggestion for row in FailedRecord.objects.all())


def test_suggestions_are_used_for_many_and_arrive(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    job = run_job(sync)
    ids = list(FailedRecord.objects.open().values_list("pk", flat=True))
    mendable = FailedRecord.objects.filter(has_suggestion=True).count()
    stored = sandbox.summary()["stored"]
    assert repairs.use_suggestions(ids, "dana") == mendable > 0
    job = run_job(job)
    assert FailedRecord.objects.filter(status=FailureStatus.FIXED).count() == mendable
    assert sandbox.summary()["stored"] == stored + mendable
    assert adds_up(job)


def test_retrying_without_a_correction_puts_the_record_back_on_the_list(sync: Sync, run_job: RunJob) -> None:
    job = run_job(sync)
    row = FailedRecord.objects.open().filter(kind=FailureKind.INVALID).first()
    assert repairs.retry_records([row.pk], "dana") == 1
    job = run_job(job)
    row.refresh_from_db()
    assert (row.status, row.attempts) == (FailureStatus.OPEN, 2)
    assert adds_up(job)


def test_dismissing_every_failed_record_makes_the_job_succeeded(sync: Sync, run_job: RunJob) -> None:
    job = run_job(sync)
    ids = list(FailedRecord.objects.open().values_list("pk", flat=True))
    assert repairs.dismiss_records(ids, "dana") == len(ids)
    job.refresh_from_db()
    assert job.status == Status.SUCCEEDED


def test_a_record_taken_back_while_a_worker_prepares_it_is_not_sent(
    sync: Sync, sandbox: Control, run_job: RunJob
) -> None:
    job = run_job(sync)
    row = FailedRecord.objects.open().filter(field="Company", kind=FailureKind.INVALID).first()
    stored, waiting = sandbox.summary()["stored"], job.failures_open
    repairs.fix_and_retry(row.pk, {"sent": {"Company": "Acme", "Account__r.Company_Key__c": None}}, "dana")
    taken_back: list[int] = []

    def take_back(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """At the moment at which the worker has read what it is to send."""
        answer = execute(sql, params, many, context)
        if not taken_back and "LIMIT 200" in sql and "repair_batch" in sql:
            taken_back.append(row.pk)
            assert repairs.withdraw_records([row.pk], "dana") == 1
        return answer

    with connection.execute_wrapper(take_back):
        job = run_job(job)
    assert taken_back
    row.refresh_from_db()
    assert (row.status, row.repair_batch) == (FailureStatus.OPEN, None)
    assert (job.status, job.failures_open, job.failures_retrying) == (Status.PARTIAL, waiting, 0)
    assert sandbox.summary()["stored"] == stored
    assert adds_up(job)


def test_many_records_are_corrected_at_once(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    job = run_job(sync)
    rows = FailedRecord.objects.open().filter(field="LastName")
    ids = list(rows.values_list("pk", flat=True))
    assert ids
    assert repairs.correct_records(ids, "LastName", "Unknown", "dana") == len(ids)
    job = run_job(job)
    assert not FailedRecord.objects.filter(pk__in=ids).exclude(status=FailureStatus.FIXED).exists()
    assert adds_up(job)


def test_a_batch_keeps_the_exact_call(sync: Sync, run_job: RunJob) -> None:
    job = run_job(sync)
    batch = Batch.objects.filter(job=job).first()
    call = unpack(batch.exchange)[0]
    assert call["status"] == 200
    assert "records" in call["request"]
    assert "uthorization" not in str(call)


def test_events_hold_no_personal_data(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    run_job(sync)
    text = " ".join(str(data) for data in Event.objects.values_list("data", flat=True))
    assert "@" not in text


def test_the_guard_parks_an_abnormal_job_until_it_is_released(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    sync.guards = {"creates": 100}
    sync.save()
    job = run_job(sync)
    assert (job.stage, job.status) == (Stage.APPROVING, Status.WAITING)
    assert sandbox.summary()["stored"] == 0
    assert "would be added" in job.reason
    commands.release_job(job.pk, "dana")
    job = run_job(job)
    assert job.stage == Stage.FINISHED


def test_a_connection_that_works_again_says_so(sync: Sync, run_job: RunJob) -> None:
    lose_sign_in(sync.destination, "Salesforce no longer accepts our sign-in.")
    run_job(sync)
    sync.destination.refresh_from_db()
    assert (sync.destination.state, sync.destination.state_message) == (ConnectionState.OK, "")
    assert sync.destination.last_used_at is not None


def test_cancelling_puts_records_that_were_to_go_out_back_on_the_list(sync: Sync, run_job: RunJob) -> None:
    job = run_job(sync)
    row = FailedRecord.objects.open().first()
    repairs.retry_records([row.pk], "dana")
    commands.cancel_job(job.pk, "dana")
    row.refresh_from_db()
    job.refresh_from_db()
    assert row.status == FailureStatus.OPEN
    assert (job.status, job.failures_retrying) == (Status.CANCELLED, 0)
    assert differences(job) == {}
