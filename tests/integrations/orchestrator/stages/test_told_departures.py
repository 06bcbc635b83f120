"""Those of whom an incoming event says that they left: small jobs follow the sync's settings, and never guess."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.enums import Departed, Kind, RecordEventKind, Stage, Status, Trigger
from integrations.exceptions import RefusedTransitionError
from integrations.models import Event, RecordEvent, RecordLink, Sync, SyncJob, TakenChange, WaitingChange
from integrations.models.blobs import pack
from integrations.orchestrator import commands
from integrations.orchestrator.incoming import look_again
from integrations.sandbox.hubspot.credentials import TOKEN
from integrations.webhooks.reading import read_incoming
from integrations.webhooks.starting import start_small_jobs
from tests.factories import make_connection, make_mapping
from tests.integrations.orchestrator.stages.conftest import Portal
from tests.integrations.webhooks.calling import event, make_delivery

Tell = Callable[..., SyncJob]
SOON = timedelta(seconds=30)


@pytest.fixture
def loaded(small: Sync, run: Any) -> Sync:
    """Everybody has arrived; the sync listens, and archives who left."""
    run(small)
    Sync.objects.update(on_webhook=True, departed=Departed.ARCHIVE)
    small.refresh_from_db()
    return small


@pytest.fixture
def tell(loaded: Sync, run: Any) -> Tell:
    """What the source says of these records, and the small job that it leads to, worked to its end."""

    def say(*ids: str, kind: str = "contact.deletion", **more: Any) -> SyncJob:
        make_delivery(loaded.source, *(event(int(one), kind, **more) for one in ids))
        read_incoming()
        start_small_jobs(timezone.now() + SOON)
        return run(SyncJob.objects.order_by("-pk")[0])

    return say


def linked(number: int) -> list[str]:
    return list(RecordLink.objects.order_by("pk").values_list("source_id", flat=True)[:number])


def there(*ids: str) -> list[str]:
    return list(RecordLink.objects.filter(source_id__in=ids).values_list("destination_id", flat=True))


def leads(portal: Portal) -> set[str]:
    return {lead["Id"] for lead in portal.leads()}


def merge(portal: Portal, loser: str, winner: str) -> dict[str, Any]:
    """Combine two contacts as a person does; returns what the platform tells of it."""
    body = {"primaryObjectId": winner, "objectIdToMerge": loser}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    portal.http.post("/crm/v3/objects/contacts/merge", json=body, headers=headers).raise_for_status()
    return {"kind": "contact.merge", "primaryObjectId": int(winner), "mergedObjectIds": [int(loser)]}


def test_who_was_deleted_is_archived_and_nobody_else_is_touched(portal, tell) -> None:
    gone, unheard_of = linked(2)
    portal.delete(gone)
    portal.delete(unheard_of)
    (lead,) = there(gone)
    before = leads(portal)
    job = tell(gone)
    assert (job.trigger, job.departed, job.removed, job.sent) == (Trigger.WEBHOOK, 1, 1, 0)
    assert before - leads(portal) == {lead}
    assert not there(gone) and there(unheard_of), "whom nobody told of waits for a complete reading"
    assert RecordEvent.objects.get(job=job.pk).kind == RecordEventKind.ARCHIVED


def test_a_field_of_who_was_deleted_is_emptied_when_the_sync_says_so(portal, tell) -> None:
    Sync.objects.update(departed=Departed.CLEAR, departed_field="City")
    (gone,) = linked(1)
    (lead,) = there(gone)
    portal.delete(gone)
    assert tell(gone).removed == 1
    assert [one.get("City") for one in portal.leads() if one["Id"] == lead] == [None]


def test_nothing_happens_to_who_was_deleted_unless_the_sync_says_so(portal, tell) -> None:
    Sync.objects.update(departed=Departed.NOTHING)
    (gone,) = linked(1)
    portal.delete(gone)
    before = leads(portal)
    assert tell(gone).departed == 0
    assert leads(portal) == before and there(gone)


def test_who_is_said_to_be_deleted_and_is_there_stays(portal, tell) -> None:
    (alive,) = linked(1)
    before = leads(portal)
    job = tell(alive)
    assert (job.fetched, job.departed) == (1, 0)
    assert leads(portal) == before


def test_who_is_only_not_found_stays(portal, tell) -> None:
    (gone,) = linked(1)
    portal.delete(gone)
    before = leads(portal)
    job = tell(gone, kind="contact.propertyChange")
    assert (job.fetched, job.departed) == (0, 0)
    assert leads(portal) == before


def test_a_reading_that_fails_archives_nobody(portal, tell, run) -> None:
    gone, alive = linked(2)
    portal.delete(gone)
    before = leads(portal)
    portal.fault("hubspot", "/batch/read", "revoke")
    job = tell(gone, alive)
    assert (job.status, job.departed) == (Status.STUCK, 0)
    assert leads(portal) == before
    portal.heal()
    commands.resume_job(job.pk, "dana")
    job = run(job)
    assert (job.fetched, job.removed) == (1, 1), "and once it can be read, only who is really gone"


def test_who_is_not_linked_is_nobodys_business(portal, tell) -> None:
    stranger = portal.add(email="new@x.org", lastname="New")
    portal.delete(stranger)
    assert tell(stranger).departed == 0


@pytest.mark.parametrize(("spares", "removed"), [(False, 3), (True, 0)])
def test_too_many_at_once_wait_for_a_person_who_allows_it_once_or_not(portal, tell, run, spares, removed) -> None:
    Sync.objects.update(departed_most=2)
    gone = linked(3)
    for one in gone:
        portal.delete(one)
    before = leads(portal)
    job = tell(*gone)
    assert (job.stage, job.status) == (Stage.APPROVING, Status.WAITING)
    assert job.reason == "3 left HubSpot and would be archived; at most 2 are allowed at once."
    assert leads(portal) == before
    commands.release_job(job.pk, "dana", spares_departed=spares)
    job = run(job)
    assert (job.status, job.departed, job.removed) == (Status.SUCCEEDED, removed, removed)
    assert len(before - leads(portal)) == removed
    assert len(there(*gone)) == 3 - removed
    told = Event.objects.get(stream=job.stream, kind=Kind.JOB_RELEASED).data
    assert told.get("spared", 0) == 3 - removed


def test_small_jobs_one_after_the_other_do_not_get_round_the_cap(portal, tell, run) -> None:
    Sync.objects.update(departed_most=3)
    ids = linked(5)
    for one in ids:
        portal.delete(one)
    assert tell(*ids[:2]).removed == 2
    job = tell(*ids[2:4])
    assert job.stage == Stage.APPROVING
    assert job.reason.startswith("2 left HubSpot and would be archived, after 2 others within a day; at most 3")
    commands.release_job(job.pk, "dana")
    assert run(job).removed == 2
    assert tell(ids[4]).removed == 1, "what a person allowed does not count against the next ones"


def test_who_was_read_and_is_no_longer_included_counts_as_having_left(portal, tell) -> None:
    Sync.objects.update(conditions=[{"field": "city", "operator": "is_not", "value": "Ghent"}])
    mover, other = linked(2)
    (lead,) = there(mover)
    portal.change(mover, city="Ghent")
    job = tell(mover, other, kind="contact.propertyChange")
    assert (job.removed, job.left_out) == (1, 1)
    assert lead not in leads(portal)


def test_a_part_of_a_record_says_nothing_about_who_is_included(loaded, portal, run) -> None:
    Sync.objects.update(conditions=[{"field": "city", "operator": "is_filled", "value": ""}])
    (someone,) = linked(1)
    before = leads(portal)
    look_again(loaded, [someone], timezone.now())
    WaitingChange.objects.update(record=pack({"id": someone, "email": "part@x.org"}))
    start_small_jobs(timezone.now())
    job = run(SyncJob.objects.active().get())
    assert (job.fetched, job.left_out, job.departed) == (1, 1, 0)
    assert leads(portal) == before


def test_who_is_somebody_else_over_there_too_is_not_archived(portal, tell) -> None:
    gone, stays = linked(2)
    RecordLink.objects.filter(source_id=gone).update(destination_id=there(stays)[0])
    portal.delete(gone)
    before = leads(portal)
    assert tell(gone).departed == 0
    assert leads(portal) == before


def test_nor_after_a_complete_reading(loaded, portal, run) -> None:
    gone, stays = linked(2)
    RecordLink.objects.filter(source_id=gone).update(destination_id=there(stays)[0])
    portal.delete(gone)
    before = leads(portal)
    assert run(loaded).departed == 0
    assert leads(portal) == before


# ---------------------------------------------------------------------------------------------- combined


@pytest.fixture
def pair(small: Sync, portal: Portal) -> tuple[str, str]:
    """Two contacts who will turn out to be one person."""
    ann = portal.add(email="ann@x.org", firstname="Ann", lastname="Lee", company="Acme")
    anna = portal.add(email="anna@x.org", firstname="Anna", lastname="Lee", company="Acme")
    return ann, anna


def test_who_is_left_of_two_and_is_there_already_keeps_his_own(pair, portal, tell) -> None:
    winner, loser = pair
    (kept,), (lost,) = there(winner), there(loser)
    job = tell(winner, **merge(portal, loser, winner))
    assert (job.removed, job.created) == (1, 0)
    assert kept in leads(portal) and lost not in leads(portal)
    assert not there(loser) and there(winner) == [kept]


def test_the_other_one_stays_over_there_unless_the_sync_says_otherwise(pair, portal, tell) -> None:
    Sync.objects.update(departed=Departed.NOTHING)
    winner, loser = pair
    before = leads(portal)
    assert tell(winner, **merge(portal, loser, winner)).departed == 0
    assert leads(portal) == before
    assert not there(loser), "but nobody stands for him any more"


@pytest.mark.parametrize("departed", [Departed.NOTHING, Departed.ARCHIVE])
def test_who_is_left_of_two_and_is_new_takes_over_whom_the_other_stood_for(pair, portal, tell, departed) -> None:
    Sync.objects.update(departed=departed)
    winner, loser = pair
    (lost,) = there(loser)
    (kept,) = there(winner)
    RecordLink.objects.filter(source_id=winner).delete()
    portal.change(winner, email="ann@new.org")
    job = tell(winner, **merge(portal, loser, winner))
    assert (job.created, job.updated, job.removed) == (0, 1, 0)
    assert there(winner) == [lost] and kept in leads(portal)
    assert portal.lead("ann@new.org")["Id"] == lost


def test_who_is_left_may_take_over_the_address_of_the_other(pair, portal, tell) -> None:
    winner, loser = pair
    told = merge(portal, loser, winner)
    portal.change(winner, email="anna@x.org")
    job = tell(winner, **told)
    assert job.duplicate == 0, "the address is not somebody else's any more"
    assert job.removed == 1


# ---------------------------------------------------------------------------------------------- what cannot be read

VISITORS = """def map_record(record):
    return {"HubSpot_Email__c": record["email"], "LastName": record["name"], "Company": "?", "City": record["city"]}
"""


@pytest.fixture
def arriving(small: Sync) -> Sync:
    """From a source that cannot be read: its records come in by themselves."""
    ends = {"source_platform": "segment", "source_object": "users"}
    return Sync.objects.create(
        name="Visitors",
        source=make_connection("segment"),
        source_object="users",
        destination=small.destination,
        destination_object="Lead",
        destination_key="HubSpot_Email__c",
        departed=Departed.ARCHIVE,
        mapping=make_mapping(VISITORS, reads=["email", "name", "city"], **ends),
    )


def arrive(sync: Sync, *names: str) -> None:
    look_again(sync, names, timezone.now())
    for row in WaitingChange.objects.filter(sync=sync):
        record = {"id": row.record_id, "email": f"{row.record_id}@x.org", "name": row.record_id, "city": "Bonn"}
        WaitingChange.objects.filter(pk=row.pk).update(record=pack(record))


def test_a_person_sends_what_waits_and_nobody_counts_as_gone_for_not_having_come(arriving, portal, run) -> None:
    arrive(arriving, "ann", "bob")
    assert run(arriving).created == 2
    arrive(arriving, "ann", "cid")
    job = commands.start_job(arriving.pk, actor="dana")
    assert (job.trigger, job.expected) == (Trigger.MANUAL, 2)
    job = run(job)
    assert (job.fetched, job.unchanged, job.created, job.departed) == (2, 1, 1, 0)
    assert portal.lead("bob@x.org")
    assert TakenChange.objects.filter(job=job.pk).count() == 2


@pytest.mark.parametrize("trigger", [Trigger.MANUAL, Trigger.COMMAND])
def test_a_person_is_told_that_nothing_waits(arriving, trigger) -> None:
    with pytest.raises(RefusedTransitionError, match=r"Nothing waits\. .* cannot be read: what happens there comes in"):
        commands.start_job(arriving.pk, trigger=trigger)
    assert not SyncJob.objects.filter(sync=arriving).exists()


def test_a_schedule_finds_nothing_and_takes_what_comes_in_before_it_is_worked(arriving, run) -> None:
    job = commands.start_job(arriving.pk, trigger=Trigger.SCHEDULE)
    arrive(arriving, "ann")
    assert run(job).created == 1
    assert run(commands.start_job(arriving.pk, trigger=Trigger.SCHEDULE)).fetched == 0
