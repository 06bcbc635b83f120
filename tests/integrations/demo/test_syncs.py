"""The demo's syncs do what they say, between all five platforms."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from integrations import demo
from integrations.demo.syncs import BACK, COMPANIES
from integrations.enums import Stage, Status
from integrations.models import Agreement, Connection, Inbox, Mapping, Sync, SyncJob, TwoWay
from integrations.orchestrator.sync_checks import find_problems
from integrations.orchestrator.syncs import plan_of
from integrations.sandbox.mailchimp.credentials import NEWSLETTER
from integrations.webhooks.reading import read_incoming
from integrations.webhooks.starting import start_small_job
from tests.integrations.orchestrator.conftest import Control, adds_up
from tests.integrations.webhooks.calling import event, make_delivery

RunJob = Callable[..., SyncJob]
MEMBERS = f"members:{NEWSLETTER}"

pytestmark = pytest.mark.usefixtures("demo_syncs")


def run(run_job: RunJob, name: str) -> SyncJob:
    """A whole job of that sync, which must end as it should."""
    return check(run_job(Sync.objects.get(name=name)))


def check(job: SyncJob) -> SyncJob:
    assert (job.stage, job.status, job.reason) == (Stage.FINISHED, Status.SUCCEEDED, ""), job.sync.name
    assert adds_up(job)
    return job


def run_small(run_job: RunJob, name: str) -> SyncJob:
    """The job that incoming events start."""
    read_incoming()
    job = start_small_job(Inbox.objects.get(sync__name=name), timezone.now())
    assert job is not None
    return check(run_job(job))


def test_eight_syncs_over_five_platforms_one_of_them_two_way_and_one_driven_by_webhooks() -> None:
    assert Sync.objects.filter(is_enabled=True).count() == 9, "two of them are the two directions of one"
    row = TwoWay.objects.get()
    assert (row.rightward.name, row.leftward.name) == (COMPANIES, BACK)
    ends = Sync.objects.values_list("source__platform", "destination__platform")
    assert len({platform for pair in ends for platform in pair}) == 5
    users = Sync.objects.get(name="Website users")
    assert (users.on_webhook, users.every_minutes, users.cron, users.after) == (True, None, "", None)


def test_they_start_in_every_way_there_is() -> None:
    assert Sync.objects.filter(every_minutes__isnull=False).exists()
    assert Sync.objects.exclude(cron="").exclude(time_zone="").exists()
    assert Sync.objects.filter(after__isnull=False).count() == 2
    assert Sync.objects.filter(on_webhook=True).count() >= 4


def test_what_is_there_stays_when_they_are_added_again(sandbox: Control) -> None:
    Sync.objects.filter(name="Newsletter").update(every_minutes=5, cron="")
    before = [Model.objects.count() for Model in (Sync, Mapping, Connection)]
    demo.add_all(sandbox.server.credentials(), "dana")
    assert [Model.objects.count() for Model in (Sync, Mapping, Connection)] == before
    assert Sync.objects.get(name="Newsletter").every_minutes == 5


def test_companies_are_the_same_on_both_sides_and_changes_go_both_ways(sandbox: Control, run_job: RunJob) -> None:
    first = run(run_job, COMPANIES)
    assert (first.unchanged, first.created) == (2_000, 4), "four are unknown to Salesforce"
    run(run_job, BACK)
    assert Agreement.objects.count() == 2_004
    control = sandbox.http
    here = control.get("/_control/hubspot/companies/records", params={"limit": 1}).json()["records"][0]
    control.post("/_control/hubspot/companies/touch", json={"ids": [here["id"]], "properties": {"phone": "+49 30 1"}})
    assert run(run_job, COMPANIES).updated == 1
    account = next(one for one in _accounts(sandbox) if one["Company_Key__c"] == here["name"])
    assert account["Phone"] == "+49 30 1"
    change = {"ids": [account["Id"]], "properties": {"NumberOfEmployees": 7}}
    control.post("/_control/salesforce/Account/touch", json=change)
    assert run(run_job, BACK).updated == 1
    assert run(run_job, COMPANIES).sent == 0, "it is not sent back"
    assert not [sync for sync in Sync.objects.all() if find_problems(plan_of(sync))]


def _accounts(sandbox: Control) -> list[dict[str, str]]:
    found = sandbox.http.get("/_control/salesforce/Account/records", params={"limit": 3_000}).json()
    return list(found["records"])


def test_companies_become_groups(sandbox: Control, run_job: RunJob) -> None:
    job = run(run_job, "Companies to Segment")
    assert sandbox.summary("segment", "groups")["stored"] == job.sent == 2_004
    assert sandbox.summary("segment", "lost") == {}


def test_won_deals_become_events_and_each_counts_once(sandbox: Control, run_job: RunJob) -> None:
    job = run(run_job, "Won deals")
    assert 0 < job.created == sandbox.summary("google_analytics", "events")["stored"] < 60
    assert run(run_job, "Won deals").sent == 0


def test_who_asked_for_a_demo_is_marked(sandbox: Control, run_job: RunJob) -> None:
    job = run(run_job, "Demo requests")
    contacts = sandbox.http.get("/_control/hubspot/contacts/records", params={"limit": 900}).json()["records"]
    assert 0 < job.updated == sum(one.get("hs_lead_status") == "OPEN" for one in contacts)


def test_who_unsubscribed_is_marked_in_a_whole_job_and_in_a_small_one(sandbox: Control, run_job: RunJob) -> None:
    assert run(run_job, "Unsubscribed").updated > 10
    member = next(
        one
        for one in sandbox.http.get(f"/_control/mailchimp/{MEMBERS}/records", params={"limit": 900}).json()["records"]
        if one["status"] == "subscribed"
    )
    change = {"ids": [member["contact_id"]], "properties": {"status": "unsubscribed"}}
    sandbox.http.post(f"/_control/mailchimp/{MEMBERS}/touch", json=change)
    told = {"type": "unsubscribe", "data[list_id]": NEWSLETTER, "data[email]": member["email_address"]}
    make_delivery(Connection.objects.get(platform="mailchimp"), body=urlencode(told).encode())
    job = run_small(run_job, "Unsubscribed")
    assert (job.fetched, job.updated) == (1, 1), "Mailchimp calls people by another name than their id"


def test_who_is_on_the_website_becomes_a_contact(sandbox: Control, run_job: RunJob) -> None:
    traits = {"email": "new.person@example.org", "firstName": "New", "lastName": "Person", "address": {"country": "DE"}}
    body = {"type": "identify", "messageId": "m-1", "userId": "u-1", "traits": traits}
    make_delivery(Connection.objects.get(platform="segment"), body)
    assert run_small(run_job, "Website users").created == 1


def test_a_contact_that_changes_goes_to_the_newsletter(sandbox: Control, run_job: RunJob) -> None:
    contacts = sandbox.http.get("/_control/hubspot/contacts/records", params={"limit": 2}).json()["records"]
    make_delivery(Connection.objects.get(platform="hubspot"), *(event(int(one["id"])) for one in contacts))
    job = run_small(run_job, "Newsletter")
    assert (job.fetched, job.sent, job.rejected) == (2, 2, 0)
