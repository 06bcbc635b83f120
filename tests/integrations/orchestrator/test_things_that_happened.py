"""Whole jobs to and from a platform whose events count twice when they are sent twice: what arrived counts once, what is in
doubt waits for a person, what never left goes out. And a list that takes its time is waited for without a worker."""

from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from integrations import demo
from integrations.enums import BatchStatus, Kind, RecordEventKind, Status, SyncMode
from integrations.models import (
    Batch,
    Connection,
    Event,
    Mapping,
    MappingVersion,
    RateBucket,
    RecordEvent,
    RecordLink,
    Sync,
    SyncJob,
)
from integrations.orchestrator import commands
from integrations.orchestrator.connections import open_adapter, save_connection
from integrations.orchestrator.runner import work_slice
from integrations.queries.jobs import live_job
from integrations.sandbox.server import SandboxServer
from integrations.types import Window
from tests.integrations.orchestrator.conftest import Control, adds_up

RunJob = Callable[..., SyncJob]
PEOPLE = 60

EVENT = """
def map_record(record):
    stage = record.get("jobtitle") or "none"
    return {
        "event_id": "lead-" + record["id"] + "-" + ("late" if stage == "Late" else "early"),
        "name": "generate_lead",
        "client_id": record["id"] + ".1767225600",
        "session_id": "7",
        "method": stage,
    }
"""
MEMBER = """
def map_record(record):
    return {"hs_object_id": record["userId"], "jobtitle": record["audienceName"]}
"""


@pytest.fixture
def sandbox() -> Iterator[Control]:
    with SandboxServer(contacts=PEOPLE, limits=False, export_seconds=600.0) as server:
        control = Control(server)
        yield control
        control.http.close()


@pytest.fixture
def ends(committed_db: str, sandbox: Control) -> tuple[Connection, Connection]:
    """HubSpot and Google Analytics."""
    credentials = sandbox.server.credentials()
    hubspot, _ = demo.connect(credentials, tier=demo.UNLIMITED, timeout=5)
    told = credentials["google_analytics"]
    settings = {name: told[name] for name in ("base_url", "property_id", "measurement_id")}
    analytics = save_connection(
        None,
        name="Analytics",
        platform="google_analytics",
        method="service_account",
        settings={**settings, "timeout": "10"},
        secrets={name: told[name] for name in ("service_account", "api_secret")},
        actor="",
    )
    return hubspot, analytics


def make_sync(
    source: Connection, destination: Connection, code: str, fields: list[str], name: str = "Sync", **values: Any
) -> Sync:
    mapping = Mapping.objects.create(
        name=name,
        source_platform=source.platform,
        source_object=values["source_object"],
        destination_platform=destination.platform,
        destination_object=values["destination_object"],
    )
    mapping.published = MappingVersion.objects.create(mapping=mapping, number=1, code=code, source_fields=fields)
    mapping.save(update_fields=["published"])
    return Sync.objects.create(name=name, source=source, destination=destination, mapping=mapping, **values)


@pytest.fixture
def sync(ends: tuple[Connection, Connection]) -> Sync:
    """One event per contact."""
    hubspot, analytics = ends
    return make_sync(
        hubspot,
        analytics,
        EVENT,
        ["jobtitle"],
        source_object="contacts",
        destination_object="events",
        destination_key="event_id",
        write_mode=SyncMode.CREATE,
    )


def counted(sandbox: Control) -> dict[str, int]:
    return sandbox.summary("google_analytics", "events")


def lose(sandbox: Control, kind: str = "reset", **more: Any) -> None:
    sandbox.fault("google_analytics", "/mp/collect", kind, **more)


def test_every_event_counts_once_and_the_next_job_sends_none(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    job = run_job(sync)
    assert job.status == Status.SUCCEEDED and adds_up(job) and job.created == PEOPLE
    assert counted(sandbox)["keys_written_once"] == PEOPLE == RecordLink.objects.count()
    again = run_job(sync)
    assert again.unchanged == PEOPLE and adds_up(again) and counted(sandbox)["writes"] == PEOPLE


@pytest.mark.parametrize("when", ["before", "after"])
def test_one_call_in_doubt_holds_its_event_alone_and_a_person_decides(
    sync: Sync, sandbox: Control, run_job: RunJob, when: str
) -> None:
    lose(sandbox, after=7, times=1, when=when)
    job = run_job(sync)
    assert (job.status, job.reason_code) == (Status.STUCK, "in_doubt")
    (held,) = Batch.objects.filter(job=job, status=BatchStatus.SENDING)
    doubt = live_job(job, timezone.now()).doubt
    assert (held.count, doubt.number, doubt.count) == (1, held.number, 1) and held.exchange
    assert counted(sandbox)["writes"] == job.created + (when == "after") < PEOPLE
    commands.resume_job(job.pk, "dana", in_doubt="arrived" if when == "after" else "again")
    job = run_job(job)
    assert job.status == Status.SUCCEEDED and adds_up(job) and job.created + job.updated == PEOPLE
    assert counted(sandbox) == {
        "stored": PEOPLE,
        "writes": PEOPLE,
        "keys_written_once": PEOPLE,
        "keys_written_more": 0,
        "rejected": 0,
    }


def test_a_platform_that_hangs_leaves_one_event_in_doubt_and_not_a_batch(
    sync: Sync, sandbox: Control, run_job: RunJob
) -> None:
    sync.destination.settings["timeout"] = "1"
    sync.destination.save()
    lose(sandbox, "hang")
    job = run_job(sync)
    assert job.reason_code == "in_doubt" and job.created == 0
    assert [batch.count for batch in Batch.objects.filter(job=job, status=BatchStatus.SENDING)] == [1]
    sandbox.heal()
    commands.resume_job(job.pk, "dana", in_doubt="again")
    job = run_job(job)
    assert job.status == Status.SUCCEEDED and counted(sandbox)["keys_written_once"] == PEOPLE == job.created


@pytest.mark.parametrize("status", [503, 429])
def test_trouble_that_passes_in_the_middle_of_a_batch_is_waited_out(
    sync: Sync, sandbox: Control, run_job: RunJob, status: int
) -> None:
    lose(sandbox, "status", status=status, after=7, times=1)
    job = run_job(sync)
    assert Event.objects.filter(stream=job.stream, kind=Kind.JOB_WAITING).count() == 1
    assert job.status == Status.SUCCEEDED and adds_up(job) and job.created == PEOPLE
    assert counted(sandbox)["keys_written_once"] == PEOPLE and counted(sandbox)["keys_written_more"] == 0


def test_a_refused_call_in_the_middle_stops_no_other_event(sync: Sync, sandbox: Control, run_job: RunJob) -> None:
    lose(sandbox, "status", status=400, after=7, times=1)
    job = run_job(sync)
    assert adds_up(job) and job.created + job.rejected == PEOPLE and job.rejected <= 1
    assert counted(sandbox)["keys_written_once"] == job.created


def test_one_more_thing_that_happened_is_added_and_the_same_one_is_not_sent_again(
    sync: Sync, sandbox: Control, run_job: RunJob
) -> None:
    run_job(sync)
    sandbox.touch(5, jobtitle="Other")
    job = run_job(sync)
    assert counted(sandbox)["writes"] == PEOPLE and job.created == 0 and adds_up(job)
    sandbox.touch(5, jobtitle="Late")
    job = run_job(sync)
    assert counted(sandbox)["writes"] == PEOPLE + 5 and job.created == 5 and adds_up(job)
    assert counted(sandbox)["keys_written_more"] == 0
    assert RecordEvent.objects.filter(job=job.pk, kind=RecordEventKind.CREATED).count() == 5


def test_a_list_that_is_being_made_is_waited_for_without_a_worker_and_ordered_once(
    ends: tuple[Connection, Connection], sandbox: Control, run_job: RunJob
) -> None:
    hubspot, analytics = ends
    sync = make_sync(
        analytics,
        hubspot,
        MEMBER,
        ["userId", "audienceName"],
        source_object="audience:78",
        destination_object="contacts",
        destination_key="hs_object_id",
        write_mode=SyncMode.UPDATE,
    )
    job = commands.start_job(sync.pk)
    for _ in range(7):
        SyncJob.objects.filter(pk=job.pk).update(wake_at=job.created_at)
        assert work_slice(job.pk)
        job.refresh_from_db()
        analytics.refresh_from_db()
        assert (job.status, job.reason_code, job.attempts, job.owner) == (Status.WAITING, "being_made", 0, None)
        assert analytics.breaker_failures == 0, "it answers, so there is nothing to be guarded from"
    sandbox.http.post("/_control/clock", json={"advance_seconds": 601})
    job = run_job(job)
    assert job.status == Status.SUCCEEDED and job.updated == job.fetched > 1 and adds_up(job)
    assert count_orders(sandbox) == 1


def count_orders(sandbox: Control) -> int:
    routes = sandbox.http.get("/_control/requests").json()["routes"]
    return sum(one["count"] for one in routes if one["method"] == "POST" and one["route"].endswith("/audienceExports"))


def test_what_an_answer_says_of_the_quotas_is_in_the_books(ends: tuple[Connection, Connection]) -> None:
    _, analytics = ends
    with open_adapter(analytics) as adapter:
        assert adapter.check().ok
        adapter.count("report:traffic", Window(None, timezone.now()))
        adapter.count("report:traffic", Window(None, timezone.now()))
    told = {row.name: row for row in RateBucket.objects.filter(connection=analytics)}
    assert {"daily", "hourly", "hourly_project"} <= set(told)
    assert 199_900 < told["daily"].reported_remaining < 200_000 == told["daily"].reported_limit
    assert told["hourly_project"].reported_limit == 14_000 and 0 < told["hourly"].used < 100


def test_a_quota_that_is_used_up_parks_reading_until_midnight_in_california_and_stops_no_event(
    ends: tuple[Connection, Connection], sync: Sync, sandbox: Control, run_job: RunJob
) -> None:
    hubspot, analytics = ends
    values = {"source_object": "report:traffic", "destination_object": "contacts", "destination_key": "email"}
    reading = make_sync(analytics, hubspot, MEMBER, ["sessions"], name="Reading", **values)
    used = {"limits": True, "daily_used": {"google_analytics": 200_000}}
    sandbox.http.post("/_control/settings", json=used).raise_for_status()
    job = commands.start_job(reading.pk)
    for _ in range(2):
        SyncJob.objects.filter(pk=job.pk).update(wake_at=job.created_at)
        assert work_slice(job.pk)
        job.refresh_from_db()
        assert job.status == Status.WAITING and "quota of reports for today is used up" in job.reason
        midnight = job.wait_until.astimezone(ZoneInfo("America/Los_Angeles"))
        assert midnight.hour == 0 and midnight.minute <= 1 and job.attempts == 0
    sandbox.http.post("/_control/settings", json={"limits": False}).raise_for_status()
    assert run_job(sync).created == PEOPLE
