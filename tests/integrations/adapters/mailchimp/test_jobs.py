"""Whole jobs into an audience and out of one, with the permits of the real policy and a Mailchimp that counts its connections."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from integrations.enums import FINAL, FailureStatus, Stage, Status
from integrations.models import Connection, FailedRecord, MappingVersion, RateSlot, RecordLink, Sync, SyncJob
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.runner import work_slice
from integrations.orchestrator.state_machine import differences
from integrations.sandbox.mailchimp.credentials import NEWSLETTER, WEBHOOK_SECRET
from integrations.sandbox.server import SandboxServer
from tests.factories import make_connection, make_mapping, make_sync

OBJECT = f"members:{NEWSLETTER}"
CONTACTS = 600
IN = """
def map_record(record):
    if not record["email"] or "@" not in record["email"]:
        skip("no address")
    return {
        "email_address": record["email"].strip().lower(),
        "FNAME": record["firstname"],
        "LNAME": record["lastname"],
        "COMPANY": record["company"],
        "STAGE": record["lifecyclestage"],
        "tags": "from-crm",
    }
"""
OUT = """
def map_record(record):
    return {
        "HubSpot_Email__c": record["email_address"],
        "LastName": record["LNAME"] or "?",
        "Company": record["COMPANY"] or "?",
        "Status": "Open - Not Contacted",
        "Description": record["status"],
    }
"""


class Control:
    def __init__(self, server: SandboxServer) -> None:
        self.known = server.credentials()
        self.http = httpx.Client(base_url=f"{server.url}/_control", timeout=10, verify=False)

    def members(self) -> list[dict[str, Any]]:
        return self.http.get(f"/mailchimp/{OBJECT}/records", params={"limit": 10_000}).json()["records"]

    def summary(self) -> dict[str, int]:
        return self.http.get(f"/mailchimp/{OBJECT}/summary").json()

    def set(self, **settings: Any) -> None:
        self.http.post("/settings", json=settings).raise_for_status()

    def fault(self, **fault: Any) -> None:
        self.http.post("/faults", json={"platform": "mailchimp", **fault}).raise_for_status()


@pytest.fixture
def control(committed_db: str) -> Iterator[Control]:
    with SandboxServer(contacts=CONTACTS, limits=True, tier="enterprise", mailchimp_batch_delay=0.1) as server:
        control = Control(server)
        yield control
        control.http.close()


@pytest.fixture
def mailchimp(control: Control) -> Connection:
    known = control.known["mailchimp"]
    return make_connection(
        "mailchimp",
        method="api_key",
        settings={"base_url": known["base_url"], "timeout": "5"},
        secrets={"api_key": known["api_key"], "webhook_secret": WEBHOOK_SECRET},
    )


@pytest.fixture
def into(control: Control, mailchimp: Connection) -> Sync:
    known = control.known["hubspot"]
    source = make_connection(
        "hubspot",
        settings={"base_url": known["base_url"]},
        secrets={"access_token": known["access_token"]},
        tier="unlimited",
    )
    fields = ["email", "firstname", "lastname", "company", "lifecyclestage"]
    return make_sync(
        source=source,
        destination=mailchimp,
        destination_object=OBJECT,
        destination_key="email_address",
        mapping=publish(IN, fields),
    )


def publish(code: str, fields: list[str]) -> Any:
    mapping = make_mapping("")
    mapping.published = MappingVersion.objects.create(mapping=mapping, number=2, code=code, source_fields=fields)
    mapping.save(update_fields=["published"])
    return mapping


@pytest.fixture
def run(committed_db: str) -> Callable[[Sync], SyncJob]:
    """Works a job to its end; whoever waits is woken at once."""

    def work(sync: Sync) -> SyncJob:
        job = start_job(sync.pk)
        for _ in range(200):
            SyncJob.objects.filter(pk=job.pk, wake_at__isnull=False).update(
                wake_at=timezone.now() - timedelta(seconds=1)
            )
            work_slice(job.pk)
            job.refresh_from_db()
            if job.status in FINAL or job.status == Status.STUCK:
                break
        assert not differences(job)
        return job

    return work


def test_people_go_into_an_audience_and_everybody_is_counted(
    into: Sync, control: Control, run: Callable[[Sync], SyncJob]
) -> None:
    before = {row["contact_id"]: row["status"] for row in control.members()}
    job = run(into)
    assert job.stage == Stage.FINISHED and job.created and job.updated
    assert job.fetched == job.left_out + job.invalid + job.duplicate + job.unchanged + job.sent
    after = {row["contact_id"]: row["status"] for row in control.members()}
    assert {one: after[one] for one in before} == before, "what people agreed to stays as it was"
    assert set(after.values()) - set(before.values()) <= {"subscribed"}
    assert len(after) - len(before) == job.created
    codes = set(FailedRecord.objects.filter(job=job, status=FailureStatus.OPEN).values_list("code", flat=True))
    assert codes <= {"archived", "forgotten", "later"} and "archived" in codes
    assert control.summary()["most_connections"] <= 8 and not RateSlot.objects.exists()


def test_a_second_job_sends_only_those_who_were_refused(into: Sync, run: Callable[[Sync], SyncJob]) -> None:
    first = run(into)
    second = run(into)
    assert second.unchanged == first.created + first.updated
    assert second.sent == second.rejected == first.rejected


def test_a_large_load_goes_out_as_batches(into: Sync, control: Control, run: Callable[[Sync], SyncJob]) -> None:
    into.bulk_from = 100
    into.save(update_fields=["bulk_from"])
    before = {row["contact_id"]: row["status"] for row in control.members()}
    job = run(into)
    assert job.stage == Stage.FINISHED and job.created and job.updated and not job.batches - job.batches_done
    after = control.members()
    assert {row["contact_id"]: row["status"] for row in after if row["contact_id"] in before} == before
    assert len(after) - len(before) == job.created == RecordLink.objects.filter(sync=into.pk).count() - job.updated
    assert all("from-crm" in [tag["name"] for tag in row["tags"]] for row in after if row["contact_id"] not in before)


def test_a_busy_mailchimp_is_waited_for_and_nobody_is_lost(
    into: Sync, control: Control, run: Callable[[Sync], SyncJob]
) -> None:
    control.fault(kind="status", status=429, route="/members/", after=40, times=3)
    control.fault(kind="empty_2xx", status=403, route="/members/", after=120, times=2)
    job = run(into)
    assert job.stage == Stage.FINISHED
    assert job.fetched == job.left_out + job.invalid + job.duplicate + job.unchanged + job.sent


def test_people_come_out_of_an_audience(
    mailchimp: Connection, control: Control, run: Callable[[Sync], SyncJob]
) -> None:
    known = control.known["salesforce"]
    settings = {"base_url": known["base_url"], "client_id": known["client_id"]}
    destination = make_connection(
        "salesforce",
        method="client_credentials",
        settings=settings,
        secrets={"client_secret": known["client_secret"]},
        tier="unlimited",
    )
    sync = make_sync(
        source=mailchimp,
        source_object=OBJECT,
        destination=destination,
        mapping=publish(OUT, ["email_address", "LNAME", "COMPANY", "status"]),
    )
    job = run(sync)
    there = [row for row in control.members() if row["status"] != "archived"]
    assert (job.stage, job.fetched, job.created) == (Stage.FINISHED, len(there), len(there))
    links = set(RecordLink.objects.filter(sync=sync.pk).values_list("source_id", flat=True))
    assert links == {row["contact_id"] for row in there}
    moved = there[0]["contact_id"]
    control.http.post(
        f"/mailchimp/{OBJECT}/touch", json={"ids": [moved], "properties": {"email_address": "moved@x.io"}}
    )
    run(sync)
    again = RecordLink.objects.filter(sync=sync.pk).values_list("source_id", flat=True)
    assert set(again) == links, "somebody with a new address is the same person"
