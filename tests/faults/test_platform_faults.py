"""Every way in which a platform can fail, on reading and on writing: a reason in words, and on it goes when it is over."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.enums import ConnectionState, Stage, Status
from integrations.models import Connection, FailedRecord, Sync, SyncJob
from integrations.orchestrator import connections
from integrations.orchestrator.commands import resume_job, start_job
from integrations.orchestrator.repairs import retry_records
from integrations.orchestrator.runner import work_slice
from tests.faults.platforms import Platforms
from tests.faults.proof import is_a_sentence, prove, prove_sums
from tests.faults.slices import SMALL, pass_time, work_on
from tests.faults.stand import Stand

CONTACTS = "/crm/v3/objects/contacts"
SAVE = "/composite/sobjects"
TRIES = 6


@dataclass(frozen=True)
class Trouble:
    """A fault, and what the job says of it. `code` empty: the job does not even notice. `waits`: it waits for ever."""

    kind: str
    code: str = ""
    waits: bool = False
    more: dict[str, Any] = field(default_factory=dict)


READING = {
    "500": Trouble("status", "platform_trouble", more={"status": 500}),
    "503": Trouble("status", "platform_trouble", more={"status": 503}),
    "429": Trouble("status", "rate_limited", more={"status": 429}),
    "401": Trouble("status", "sign_in", more={"status": 401}),
    "403": Trouble("status", "permission", more={"status": 403}),
    "reset": Trouble("reset", "connection_lost"),
    "hang": Trouble("hang", "timeout"),
    "slow": Trouble("slow", more={"seconds": 0.1}),
    "html": Trouble("html", "html_answer", more={"status": 200}),
    "html of a gateway": Trouble("html", "platform_trouble", more={"status": 502}),
    "half a JSON": Trouble("half_json", "half_answer"),
    "empty 200": Trouble("empty_2xx", "empty_answer"),
    "expired token": Trouble("expire_token"),
    "revoked": Trouble("revoke", "sign_in"),
}
WRITING = {
    "500": Trouble("status", "platform_trouble", more={"status": 500}),
    "503": Trouble("status", "platform_trouble", more={"status": 503}),
    "500, yet it was done": Trouble("status", "platform_trouble", more={"status": 500, "when": "after"}),
    "403 daily limit": Trouble("status", "rate_limited", waits=True, more={"status": 403}),
    "401": Trouble("status", "sign_in", more={"status": 401}),
    "reset": Trouble("reset", "connection_lost"),
    "reset, yet it was done": Trouble("reset", "connection_lost", more={"when": "after"}),
    "hang": Trouble("hang", "timeout"),
    "hang, yet it was done": Trouble("hang", "timeout", more={"when": "after"}),
    "slow": Trouble("slow", more={"seconds": 0.1}),
    "html": Trouble("html", "html_answer", more={"status": 200}),
    "half a JSON": Trouble("half_json", "half_answer"),
    "empty 200": Trouble("empty_2xx", "empty_answer"),
    "empty 200, yet it was done": Trouble("empty_2xx", "empty_answer", more={"when": "after"}),
    "expired token": Trouble("expire_token"),
    "revoked": Trouble("revoke", "sign_in"),
}


def be_hasty(trouble: Trouble) -> None:
    """Where nothing ever answers, a call may take half a second, so that the test need not wait."""
    if trouble.kind == "hang":
        for connection in Connection.objects.all():
            connection.settings = {**connection.settings, "timeout": "0.5"}
            connection.save()


def see_it_through(
    job: SyncJob, trouble: Trouble, platforms: Platforms, platform: str, stage: Stage, *, crashes: int = TRIES
) -> None:
    """The job stops or waits with its reason, keeps what it has, and goes on once the fault is gone."""
    job = work_on(job, slices=TRIES + 3)
    assert platforms.fired() > 0
    if trouble.code:
        assert job.status == (Status.WAITING if trouble.waits else Status.STUCK)
        # Of several calls on their way one hears of a limit; another may then be held back by our own limiter first.
        codes = {trouble.code, "quota_wait"} if trouble.waits else {trouble.code}
        assert job.stage == stage
        assert job.reason_code in codes
        assert is_a_sentence(job.reason, platform), job.reason
        assert job.owner is None
        prove_sums(job)
        platforms.heal()
        resume_job(job.pk, "dana")
    platforms.heal()
    prove(platforms, [work_on(job)], contacts=SMALL, crashes=crashes)
    assert not Connection.objects.filter(breaker_failures__gt=0).exists()
    assert not Connection.objects.filter(state=ConnectionState.SIGN_IN_NEEDED).exists()


@pytest.mark.parametrize("name", READING)
def test_reading_through(name: str, sync: Sync, platforms: Platforms) -> None:
    trouble = READING[name]
    be_hasty(trouble)
    platforms.fault("hubspot", CONTACTS, trouble.kind, method="GET", after=1, **trouble.more)
    see_it_through(start_job(sync.pk), trouble, platforms, "HubSpot", Stage.FETCHING)


@pytest.mark.parametrize("name", WRITING)
def test_writing_through(name: str, sync: Sync, platforms: Platforms) -> None:
    trouble = WRITING[name]
    be_hasty(trouble)
    platforms.fault("salesforce", SAVE, trouble.kind, method="PATCH", after=1, **trouble.more)
    see_it_through(start_job(sync.pk), trouble, platforms, "Salesforce", Stage.UPLOADING)


@pytest.mark.parametrize(
    "name", [name for name, trouble in WRITING.items() if trouble.code and "sign_in" not in trouble.code]
)
def test_what_passes_by_itself_needs_no_person(name: str, sync: Sync, platforms: Platforms) -> None:
    trouble = WRITING[name]
    be_hasty(trouble)
    for platform, route in (("hubspot", CONTACTS), ("salesforce", SAVE)):
        more = {key: value for key, value in trouble.more.items() if value != 403}
        platforms.fault(platform, route, trouble.kind, after=1, times=2, **more)
    job = work_on(start_job(sync.pk))
    prove(platforms, [job], contacts=SMALL, crashes=2)


def test_a_waiting_job_says_until_when(sync: Sync, platforms: Platforms) -> None:
    platforms.fault("salesforce", SAVE, "status", status=503)
    job = start_job(sync.pk)
    assert work_slice(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempts, job.wake_at) == (Status.WAITING, 1, job.wait_until)
    assert job.wait_until is not None
    assert not work_slice(job.pk), "and no worker touches it before"


def test_a_limit_that_was_raised_meanwhile_is_tried_when_a_person_resumes(sync: Sync, platforms: Platforms) -> None:
    Connection.objects.filter(platform="salesforce").update(tier="enterprise")
    platforms.fault("salesforce", SAVE, "status", status=403, after=1)
    job = start_job(sync.pk)
    assert work_slice(job.pk)
    job.refresh_from_db()
    assert (job.status, job.stage) == (Status.WAITING, Stage.UPLOADING)
    assert job.wait_until is not None
    assert job.wait_until > timezone.now() + timedelta(minutes=50)
    fired = platforms.fired()
    pass_time(pk=job.pk)
    assert work_slice(job.pk)
    job.refresh_from_db()
    assert (job.status, job.reason_code, platforms.fired()) == (Status.WAITING, "quota_wait", fired), "without a call"
    assert is_a_sentence(job.reason, "Salesforce")
    platforms.heal()
    resume_job(job.pk, "dana")
    assert work_slice(job.pk)
    prove(platforms, [job], contacts=SMALL, crashes=1)


@pytest.mark.parametrize(("platform", "needed"), [("hubspot", 4), ("salesforce", 5)])
def test_a_test_of_a_connection_finds_out_what_goes_wrong_at_any_call(
    platform: str, needed: int, sync: Sync, platforms: Platforms
) -> None:
    """After the calls that are needed comes the one that tells who we are: nice to know, and no more."""
    for after in range(needed + 1):
        platforms.heal()
        platforms.fault(platform, "", "reset", after=after)
        found = connections.test_connection(Connection.objects.get(platform=platform).pk, "dana")
        assert found.ok == (after == needed)
        assert all(line.fix.endswith(".") for line in found.lines if not line.ok)
        Connection.objects.filter(platform=platform).update(token={})


def test_the_breaker_leaves_a_dead_platform_alone(sync: Sync, platforms: Platforms) -> None:
    platforms.fault("salesforce", SAVE, "status", status=503)
    job = work_on(start_job(sync.pk), slices=5)
    fired = platforms.fired()
    SyncJob.objects.filter(pk=job.pk).update(wake_at=job.created_at)
    Connection.objects.filter(platform="salesforce").update(breaker_open_until="2999-01-01T00:00Z")
    assert work_slice(job.pk)
    job.refresh_from_db()
    assert (job.status, job.reason_code, job.owner) == (Status.WAITING, "breaker", None)
    assert platforms.fired() == fired, "not one call"
    platforms.heal()
    prove(platforms, [work_on(job)], contacts=SMALL, crashes=TRIES)


def test_a_batch_refused_whole_is_halved_and_everyone_arrives(sync: Sync, platforms: Platforms) -> None:
    body = [{"errorCode": "JSON_PARSER_ERROR", "message": "Cannot deserialize"}]
    platforms.fault("salesforce", SAVE, "status", status=400, body=body, method="PATCH", times=3)
    job = work_on(start_job(sync.pk))
    assert job.upload_batches.filter(status="split").count() == 3
    prove(platforms, [job], contacts=SMALL)


def test_records_without_a_result_are_held_and_arrive_when_retried(sync: Sync, platforms: Platforms) -> None:
    platforms.fault("salesforce", SAVE, "drop_rows", method="PATCH", rows=2, times=3)
    job = work_on(start_job(sync.pk))
    assert (job.status, job.failures_open, job.rejected) == (Status.PARTIAL, 6, 6)
    held = FailedRecord.objects.open()
    assert {row.code for row in held} == {"no_answer"}
    assert {is_a_sentence(row.message, "Salesforce") for row in held} == {True}
    assert retry_records([row.pk for row in held], "dana") == 6
    job = work_on(job)
    assert (job.status, job.failures_open, job.updated) == (Status.SUCCEEDED, 0, 6), "they were there already"
    prove(platforms, [job], contacts=SMALL, crashes=1)


def test_a_removed_field_stops_the_job_until_it_is_back(sync: Sync, platforms: Platforms) -> None:
    body = [{"errorCode": "INVALID_FIELD", "message": "No such column 'Title' on sobject of type Lead", "fields": []}]
    platforms.fault("salesforce", SAVE, "status", status=400, body=body, method="PATCH", after=1)
    job = work_on(start_job(sync.pk))
    assert (job.status, job.reason_code) == (Status.STUCK, "schema_changed")
    assert "Title does not exist in Salesforce" in job.reason
    platforms.heal()
    resume_job(job.pk, "dana")
    prove(platforms, [work_on(job)], contacts=SMALL, crashes=1)


RESULTS = {
    "a web page": ("Results", Trouble("html", "html_answer", more={"status": 200})),
    "empty": ("Results", Trouble("empty_2xx", "empty_answer")),
    "half of it": ("successfulResults", Trouble("half_json", "half_answer")),
    "some rows missing": ("successfulResults", Trouble("drop_rows", "half_answer", more={"rows": 3})),
    "a web page instead of those not done": ("unprocessed", Trouble("html", "html_answer", more={"status": 200})),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_of_a_large_load_that_cannot_be_read_are_asked_for_again_and_nobody_is_sent_again(
    name: str, sync: Sync, platforms: Platforms
) -> None:
    part, trouble = RESULTS[name]
    Sync.objects.filter(pk=sync.pk).update(bulk_from=1)
    platforms.set(bulk_delay=0)
    platforms.fault("salesforce", part, trouble.kind, **trouble.more)
    see_it_through(start_job(sync.pk), trouble, platforms, "Salesforce", Stage.UPLOADING, crashes=0)


def test_a_hanging_platform_slows_no_other_sync(embedded: Stand) -> None:
    embedded.start_workers(2)
    hanging, well = embedded.take_sandbox(), embedded.take_sandbox()
    stuck = start_job(embedded.add_sync("Hangs", hanging).pk)
    hanging.fault("salesforce", SAVE, "hang")
    embedded.until(lambda: hanging.fired() > 0)
    # Another pair of connections: `add_sync` finds connections by their names.
    for connection in Connection.objects.all():
        connection.name = f"Hanging {connection.name}"
        connection.save()
    good = start_job(embedded.add_sync("Well", well).pk)
    embedded.finish(good)
    stuck.refresh_from_db()
    assert stuck.status in {Status.RUNNING, Status.WAITING}, "while the other still hangs"
    hanging.heal()
    embedded.finish(stuck)
    for platforms, job in ((hanging, stuck), (well, good)):
        prove(platforms, [job], contacts=embedded.contacts, crashes=TRIES)
    embedded.stop_working()
