"""Mailchimp's events call people by the hash of their address, which changes and passes on; we know them by an id that stays."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from django.utils import timezone

from integrations.adapters.mailchimp.paths import hash_address
from integrations.demo.accounts import MAILCHIMP, SALESFORCE, open_account
from integrations.enums import Departed
from integrations.models import MappingVersion, RecordLink, RecordName, Sync, SyncJob
from integrations.sandbox.mailchimp.credentials import NEWSLETTER
from integrations.sandbox.server import SandboxServer
from integrations.webhooks.reading import read_incoming
from integrations.webhooks.starting import start_small_jobs
from tests.factories import make_mapping
from tests.integrations.orchestrator.conftest import Control
from tests.integrations.webhooks.calling import make_delivery

RunJob = Callable[..., SyncJob]
SOON = timedelta(seconds=30)
MEMBERS = """def map_record(record):
    return {"HubSpot_Email__c": record["email_address"], "LastName": record["FNAME"] or "?", "Company": "?"}
"""


@pytest.fixture
def sandbox() -> Iterator[Control]:
    with SandboxServer(contacts=200, limits=False) as server:
        control = Control(server)
        yield control
        control.http.close()


@pytest.fixture
def members(committed_db: str, sandbox: Control, run_job: RunJob) -> Sync:
    """Members of an audience have become leads; who leaves is archived."""
    credentials = sandbox.server.credentials()
    ends = {"source_platform": "mailchimp", "source_object": f"members:{NEWSLETTER}"}
    sync = Sync.objects.create(
        name="Members",
        source=open_account(MAILCHIMP, credentials),
        source_object=f"members:{NEWSLETTER}",
        destination=open_account(SALESFORCE, credentials),
        destination_object="Lead",
        destination_key="HubSpot_Email__c",
        departed=Departed.ARCHIVE,
        on_webhook=True,
        mapping=make_mapping(MEMBERS, reads=["email_address", "FNAME"], **ends),
    )
    assert run_job(sync).created == RecordLink.objects.count() > 50
    return sync


@pytest.fixture
def audience(sandbox: Control, members: Sync) -> Iterator[httpx.Client]:
    """Mailchimp's own API, as a person of the account would use it by other means."""
    address, key = members.source.settings["base_url"], sandbox.server.credentials()["mailchimp"]["api_key"]
    with httpx.Client(base_url=f"{address}/3.0/lists/{NEWSLETTER}", auth=("any", key)) as client:
        yield client


def some_people(audience: httpx.Client, number: int) -> list[tuple[str, str]]:
    """(address, id) of people who became leads."""
    linked = set(RecordLink.objects.values_list("source_id", flat=True))
    rows = audience.get("/members", params={"count": 200}).raise_for_status().json()["members"]
    return [(row["email_address"], row["contact_id"]) for row in rows if row["contact_id"] in linked][:number]


def delete(audience: httpx.Client, address: str) -> None:
    audience.post(f"/members/{hash_address(address)}/actions/delete-permanent").raise_for_status()


def tell(sync: Sync, kind: str, **facts: str) -> None:
    told = {"type": kind, "fired_at": f"{timezone.now():%Y-%m-%d %H:%M:%S}", "data[list_id]": NEWSLETTER}
    body = urlencode(told | {f"data[{name}]": value for name, value in facts.items()}).encode()
    make_delivery(sync.source, body=body, headers={"content-type": "application/x-www-form-urlencoded"})


def work(run_job: RunJob) -> SyncJob:
    """The small job that what was told leads to."""
    read_incoming()
    start_small_jobs(timezone.now() + SOON)
    return run_job(SyncJob.objects.order_by("-pk")[0])


def leads(sandbox: Control) -> set[str]:
    return {lead["HubSpot_Email__c"] for lead in sandbox.leads()}


def test_who_was_deleted_is_archived_within_seconds_and_nobody_else(
    members: Sync, audience: httpx.Client, sandbox: Control, run_job: RunJob
) -> None:
    (address, gone), (_, unheard_of) = some_people(audience, 2)
    delete(audience, address)
    before = leads(sandbox)
    tell(members, "unsubscribe", action="delete", email=address)
    job = work(run_job)
    assert (job.departed, job.removed) == (1, 1)
    assert before - leads(sandbox) == {address.lower()}
    assert not RecordLink.objects.filter(source_id=gone).exists()
    assert [RecordName.objects.filter(source_id=one).count() for one in (gone, unheard_of)] == [0, 1]


def test_who_is_said_to_be_deleted_and_has_only_another_address_stays(
    members: Sync, audience: httpx.Client, sandbox: Control, run_job: RunJob
) -> None:
    ((address, moved),) = some_people(audience, 1)
    new: dict[str, Any] = {"email_address": "somewhere.else@example.org"}
    audience.patch(f"/members/{hash_address(address)}", json=new).raise_for_status()
    tell(members, "unsubscribe", action="delete", email=address)
    job = work(run_job)
    assert (job.fetched, job.updated, job.departed) == (1, 1, 0), "he is found by his id"
    assert new["email_address"] in leads(sandbox) and RecordLink.objects.filter(source_id=moved).exists()


def test_who_changed_his_address_and_was_deleted_then_is_archived(
    members: Sync, audience: httpx.Client, sandbox: Control, run_job: RunJob
) -> None:
    ((address, moved),) = some_people(audience, 1)
    new = "somewhere.else@example.org"
    audience.patch(f"/members/{hash_address(address)}", json={"email_address": new}).raise_for_status()
    tell(members, "upemail", new_id="1", new_email=new, old_email=address)
    assert work(run_job).updated == 1
    delete(audience, new)
    tell(members, "unsubscribe", action="delete", email=new)
    assert work(run_job).removed == 1
    assert new not in leads(sandbox) and not RecordLink.objects.filter(source_id=moved).exists()


def test_who_signed_up_anew_under_the_address_is_another_person(
    members: Sync, audience: httpx.Client, sandbox: Control, run_job: RunJob
) -> None:
    """The old one is found by the next complete reading; until then nobody is archived by mistake."""
    ((address, gone),) = some_people(audience, 1)
    audience.patch(f"/members/{hash_address(address)}", json={"email_address": "moved@example.org"}).raise_for_status()
    new = {"email_address": address, "status": "subscribed", "merge_fields": {"FNAME": "Somebody"}}
    audience.post("/members", params={"skip_merge_validation": "true"}, json=new).raise_for_status()
    tell(members, "unsubscribe", action="delete", email=address)
    job = work(run_job)
    assert (job.fetched, job.departed) == (1, 0)
    assert RecordLink.objects.filter(source_id=gone).exists()


def test_the_same_people_are_not_mapped_again_for_the_name_that_is_read_with_them(
    members: Sync, run_job: RunJob
) -> None:
    job = run_job(members)
    assert (job.unchanged, job.sent) == (job.fetched, 0)
    assert RecordName.objects.count() == job.fetched


def test_it_is_the_same_where_it_is_not_known_which_fields_the_mapping_reads(
    members: Sync, audience: httpx.Client, sandbox: Control, run_job: RunJob
) -> None:
    MappingVersion.objects.create(mapping=members.mapping, number=2, code=MEMBERS, source_fields=[])
    members.mapping.published = members.mapping.versions.get(number=2)
    members.mapping.save()
    (address, _), (other, _) = some_people(audience, 2)
    delete(audience, address)
    tell(members, "unsubscribe", action="delete", email=address)
    tell(members, "profile", email=other)
    job = work(run_job)
    assert (job.fetched, job.removed) == (1, 1)
    assert address.lower() not in leads(sandbox)
