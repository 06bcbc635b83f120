"""Those who left the source: known only after a complete reading, capped, and done once whatever happens."""

import pytest

from integrations.enums import Departed, ReadMode, RecordEventKind, Stage, Status
from integrations.models import Batch, Event, RecordEvent, RecordLink, Sync
from integrations.orchestrator import commands
from tests.integrations.orchestrator.stages.conftest import PEOPLE


@pytest.fixture
def leaving(small, portal, run):
    """Everybody has arrived; then so many leave, and the sync archives who left."""

    def leave(count: int, **values) -> list[str]:
        Sync.objects.filter(pk=small.pk).update(**{"departed": Departed.ARCHIVE, **values})
        small.refresh_from_db()
        run(small)
        ids = list(RecordLink.objects.order_by("pk").values_list("source_id", flat=True)[:count])
        for contact_id in ids:
            portal.delete(contact_id)
        return ids

    return leave


def test_who_left_is_archived_and_no_longer_linked(small, portal, run, leaving) -> None:
    gone = leaving(3)
    stored = portal.summary()["stored"]
    job = run(small)
    assert (job.departed, job.removed, job.sent) == (3, 3, 0)
    assert portal.summary()["stored"] == stored - 3
    assert not RecordLink.objects.filter(source_id__in=gone).exists()
    told = RecordEvent.objects.filter(job=job.pk, kind=RecordEventKind.ARCHIVED)
    assert sorted(told.values_list("source_id", flat=True)) == sorted(gone)


def test_a_field_of_who_left_is_emptied_when_the_sync_says_so(small, portal, run, leaving) -> None:
    gone = leaving(2, departed=Departed.CLEAR, departed_field="City")
    there = list(RecordLink.objects.filter(source_id__in=gone).values_list("destination_id", flat=True))
    job = run(small)
    cities = [lead.get("City") for lead in portal.leads() if lead["Id"] in there]
    assert (job.removed, cities) == (2, [None, None])
    assert RecordEvent.objects.filter(job=job.pk, kind=RecordEventKind.CLEARED).count() == 2


def test_nothing_happens_to_who_left_unless_the_sync_says_so(small, portal, run, leaving) -> None:
    leaving(3, departed=Departed.NOTHING)
    stored = portal.summary()["stored"]
    job = run(small)
    assert (job.departed, portal.summary()["stored"]) == (0, stored)


def test_the_same_people_are_not_archived_twice(small, portal, run, leaving) -> None:
    leaving(3)
    run(small)
    job = run(small)
    assert (job.departed, job.removed) == (0, 0)


def test_somebody_who_comes_back_is_added_anew(small, portal, run, leaving) -> None:
    ann = portal.add(email="ann@x.org", firstname="Ann", lastname="Lee")
    leaving(0)
    portal.delete(ann)
    run(small)
    assert portal.lead("ann@x.org") is None
    portal.add(email="ann@x.org", firstname="Ann", lastname="Lee")
    assert run(small).created == 1 and portal.lead("ann@x.org")


@pytest.mark.parametrize(("gone", "most"), [(4, 3), (PEOPLE * 3 // 4, 1_000)], ids=["above the cap", "more than half"])
def test_too_many_at_once_wait_for_a_person(small, portal, run, leaving, gone, most) -> None:
    leaving(gone, departed_most=most)
    stored = portal.summary()["stored"]
    job = run(small)
    assert (job.stage, job.status) == (Stage.APPROVING, Status.WAITING)
    assert "left HubSpot and would be archived" in job.reason
    assert portal.summary()["stored"] == stored
    commands.release_job(job.pk, "dana")
    job = run(job)
    assert job.removed == job.departed > 0
    assert portal.summary()["stored"] == stored - job.departed


def test_an_incremental_reading_tells_nothing_about_who_left(small, portal, run, leaving) -> None:
    leaving(3, read_mode=ReadMode.INCREMENTAL)
    job = run(small)
    assert job.read_since is not None and job.departed == 0


def test_a_list_that_is_cut_short_tells_nothing_about_who_left(small, portal, run, leaving) -> None:
    leaving(0)
    portal.fault("hubspot", "/crm/v3/objects/contacts", "drop_rows", method="GET", rows=30)
    job = run(small)
    portal.heal()
    assert job.fetched < PEOPLE and job.departed == 0
    told = Event.objects.filter(stream=job.stream, kind="job.departures_planned")
    assert told.get().data == {"skipped": "incomplete"}


def test_a_reading_that_fails_tells_nothing_about_who_left(small, portal, run, leaving) -> None:
    leaving(0)
    portal.fault("hubspot", "/crm/v3/objects/contacts", "revoke")
    job = run(small)
    portal.heal()
    assert job.status == Status.STUCK and job.departed == 0


def test_who_is_no_longer_included_counts_as_having_left(small, portal, run, leaving) -> None:
    ann = portal.add(email="ann@x.org", firstname="Ann", lastname="Lee", city="Bonn")
    leaving(0, conditions=[{"field": "city", "operator": "is_not", "value": "Ghent"}])
    portal.change(ann, city="Ghent")
    job = run(small)
    assert (job.removed, portal.lead("ann@x.org")) == (1, None)


def test_who_cannot_be_archived_stays_linked_and_is_tried_again(small, portal, run, leaving) -> None:
    (gone,) = leaving(1)
    body = [
        {"success": False, "errors": [{"statusCode": "INSUFFICIENT_ACCESS_OR_READONLY", "message": "no", "fields": []}]}
    ]
    portal.fault("salesforce", "/composite/sobjects", "status", method="DELETE", status=200, body=body)
    job = run(small)
    portal.heal()
    assert (job.status, job.departed, job.removed) == (Status.SUCCEEDED, 1, 0)
    assert Batch.objects.get(job=job, verb="archive").rejected == 1
    assert RecordLink.objects.filter(source_id=gone).exists()
    assert run(small).removed == 1


def test_who_is_gone_over_there_too_is_done_with(small, portal, run, leaving) -> None:
    gone = leaving(1)
    there = RecordLink.objects.get(source_id=gone[0]).destination_id
    from integrations.orchestrator.connections import open_adapter

    with open_adapter(small.destination) as adapter:
        adapter.archive_records("Lead", [there], trace="x")
    job = run(small)
    assert (job.departed, job.removed) == (1, 1)
