"""Somebody was deleted at the source and made again: the same person with another id, and no double of himself."""

from typing import Any

import pytest
from django.utils import timezone

from integrations.enums import ConnectionState, Departed, PageStatus, ReadMode, Stage, Status, Trigger
from integrations.models import Agreement, Connection, RecordLink, SourcePage, Sync, SyncJob
from integrations.models.blobs import pack
from integrations.orchestrator import commands
from integrations.orchestrator.leases import Heart
from integrations.orchestrator.stages.owners_here import FEW, OwnersHere
from integrations.orchestrator.work import Work
from integrations.webhooks.reading import read_incoming
from integrations.webhooks.starting import start_small_jobs
from tests.factories import make_job
from tests.integrations.orchestrator.stages.conftest import Both, Portal
from tests.integrations.orchestrator.stages.test_told_departures import SOON, arrive, arriving, event, make_delivery

__all__ = ["arriving"]
ANN = {"email": "ann@x.org", "firstname": "Ann", "lastname": "Lee", "city": "Bonn"}
READ = "/crm/v3/objects/contacts/batch/read"


def set_up(sync: Sync, **values: Any) -> None:
    Sync.objects.filter(pk=sync.pk).update(**values)
    sync.refresh_from_db()


def asked(portal: Portal) -> int:
    """How often the source was asked for single records."""
    routes = portal.http.get("/_control/requests").json()["routes"]
    return sum(one["count"] for one in routes if one["route"].endswith("/batch/read"))


def make_again(portal: Portal, ann: str, **values: str) -> str:
    portal.delete(ann)
    return portal.add(**{**ANN, "city": "Ghent", **values})


@pytest.fixture
def ann(small: Sync, portal: Portal, run: Any) -> str:
    """She has arrived."""
    ann = portal.add(**ANN)
    run(small)
    return ann


@pytest.mark.parametrize("read_mode", [ReadMode.FULL, ReadMode.INCREMENTAL])
@pytest.mark.parametrize("departed", [Departed.NOTHING, Departed.ARCHIVE])
def test_she_takes_over_whom_she_stood_for(small, portal, run, ann, departed, read_mode) -> None:
    set_up(small, departed=departed, read_mode=read_mode)
    before, stored = portal.lead("ann@x.org"), portal.summary()["stored"]
    anna = make_again(portal, ann)
    job = run(small)
    after = portal.lead("ann@x.org")
    assert (job.created, job.updated, job.departed) == (0, 1, 0)
    assert (after["Id"], after["City"], portal.summary()["stored"]) == (before["Id"], "Ghent", stored)
    assert RecordLink.objects.get(destination_id=after["Id"]).source_id == anna
    assert (job.guard.get("known"), job.guard.get("new", 0)) == (1, 0), "a person is not asked as if she were new"
    again = run(small)
    assert (again.sent, again.departed) == (0, 0)


def test_who_was_deleted_and_made_again_in_one_small_job_is_not_archived(small, portal, run, ann) -> None:
    set_up(small, departed=Departed.ARCHIVE, on_webhook=True)
    lead = portal.lead("ann@x.org")
    anna = make_again(portal, ann)
    make_delivery(small.source, event(int(ann), "contact.deletion"), event(int(anna), "contact.creation"))
    read_incoming()
    start_small_jobs(timezone.now() + SOON)
    job = run(SyncJob.objects.order_by("-pk")[0])
    assert (job.trigger, job.updated, job.departed) == (Trigger.WEBHOOK, 1, 0)
    assert portal.lead("ann@x.org")["Id"] == lead["Id"]


@pytest.mark.parametrize(("departed", "removed"), [(Departed.NOTHING, 0), (Departed.ARCHIVE, 1)])
def test_who_stands_for_somebody_herself_keeps_her_own_and_the_other_one_has_left(
    small, portal, run, ann, departed, removed
) -> None:
    set_up(small, departed=departed)
    anna = portal.add(**{**ANN, "email": "anna@x.org"})
    run(small)
    own, other = portal.lead("anna@x.org"), portal.lead("ann@x.org")
    portal.delete(ann)
    portal.change_lead(other["Id"], HubSpot_Email__c="")
    portal.change(anna, email="ann@x.org")
    job = run(small)
    assert (job.updated, job.removed, job.duplicate) == (1, removed, 0)
    assert portal.lead("ann@x.org")["Id"] == own["Id"]
    assert dict(RecordLink.objects.filter(source_id__in=[ann, anna]).values_list("source_id", "destination_id")) == {
        anna: own["Id"]
    }


def test_who_is_there_still_keeps_the_other_one_out_and_is_asked_for_once(small, portal, run, ann) -> None:
    other = portal.add(firstname="Ann", lastname="Lee")
    body = {"ids": [other], "properties": {"email": "ANN@x.org"}}
    portal.http.post("/_control/hubspot/contacts/touch", json=body)
    set_up(small, departed=Departed.ARCHIVE)
    run(small)
    before = asked(portal)
    job = run(small)
    assert (job.sent, job.departed) == (0, 0) and job.duplicate >= 1
    assert asked(portal) == before + 1
    assert RecordLink.objects.filter(source_id=ann).exists() and not RecordLink.objects.filter(source_id=other).exists()


def test_a_source_that_cannot_be_asked_says_nothing_about_who_is_gone(arriving, portal, run) -> None:
    arrive(arriving, "ann")
    run(arriving)
    arrive(arriving, "ANN")
    job = run(arriving)
    assert (job.fetched, job.duplicate, job.sent) == (1, 1, 0)


def test_while_the_source_does_not_answer_nobody_is_taken_for_gone_and_the_trouble_is_told_of_it(
    small, portal, run, run_job, ann
) -> None:
    make_again(portal, ann)
    portal.fault("hubspot", READ, "revoke")
    job = run_job(small)
    assert (job.stage, job.status, job.reason_code) == (Stage.VALIDATING, Status.STUCK, "sign_in")
    states = dict(Connection.objects.values_list("platform", "state"))
    assert states["hubspot"] == ConnectionState.SIGN_IN_NEEDED and states["salesforce"] == ConnectionState.OK
    assert RecordLink.objects.filter(source_id=ann).exists()
    portal.heal()
    commands.resume_job(job.pk, "dana")
    job = run(job)
    assert (job.updated, job.created, job.duplicate) == (1, 0, 0)
    assert Connection.objects.get(platform="hubspot").state == ConnectionState.OK


def test_in_both_directions_she_goes_on_and_what_she_lacks_is_brought_not_emptied(both: Both, portal: Portal) -> None:
    lead, old = both.lead, both.ann
    portal.delete(old)
    both.ann = portal.add(email="ann@x.org", firstname="Anna", lastname="Lee", company="Acme")
    job = both.right()
    assert (job.created, job.duplicate) == (0, 0)
    assert both.lead["Id"] == lead["Id"]
    assert Agreement.objects.get(right_id=lead["Id"]).left_id == both.ann
    assert not Agreement.objects.filter(left_id=old).exists()
    both.settle()
    assert both.cities == ("Bonn", "Bonn")
    assert (both.contact["firstname"], both.lead["FirstName"]) == ("Anna", "Anna")
    found = [one for one in portal.contacts() if one.get("email") == "ann@x.org"]
    assert len(found) == 1, "and nobody is added on the way back"


# ---------------------------------------------------------------------------------------------- many


class Source:
    """Has some of those it is asked for."""

    def __init__(self, work: Work, there: set[str]) -> None:
        self.capabilities = work.source.capabilities
        self.there, self.calls = there, []

    def read_records(self, name: str, ids: Any, fields: Any) -> list[dict[str, str]]:
        self.calls.append(list(ids))
        return [{"id": one} for one in ids if one in self.there]


def ids(first: int, after: int) -> list[str]:
    return [str(number) for number in range(first, after)]


@pytest.fixture
def work(small: Sync) -> Any:
    """A job that has read a thousand people."""
    job = make_job(small, status=Status.RUNNING, stage=Stage.VALIDATING, fetched=1_000)
    page = {"status": PageStatus.VALIDATED, "fetched_at": timezone.now(), "count": 500}
    for number in range(2):
        records = pack([{"id": one} for one in ids(number * 500, number * 500 + 500)])
        SourcePage.objects.create(job=job, number=number, records=records, **page)
    with Work(job, Heart(job)) as work:
        yield work


def test_of_many_only_those_are_asked_for_who_were_not_read_and_a_hundred_at_a_time(work: Work) -> None:
    work.source = source = Source(work, set(ids(1_000, 1_150)))
    owners = OwnersHere(work)
    assert owners.gone(ids(0, 1_250)) == set(ids(1_150, 1_250))
    assert [len(call) for call in source.calls] == [100, 100, 50]
    assert owners.gone(ids(0, 1_150)) == set() and len(source.calls) == 3


def test_a_few_are_asked_for_without_reading_all_pages_again(work: Work, django_assert_num_queries: Any) -> None:
    work.source = source = Source(work, set(ids(0, 1_000)))
    owners = OwnersHere(work)
    assert work.source_fields
    work.went_well(work.sync.source)
    with django_assert_num_queries(0):
        assert owners.gone(["7", "7", "1001"]) == {"1001"}
        assert owners.gone(["7"]) == set()
    assert source.calls == [["7", "1001"]]
    owners.gone(ids(0, FEW))
    assert sum(map(len, source.calls)) == 2, "they were read in this job"
