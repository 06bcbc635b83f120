"""HubSpot contacts and Salesforce leads are kept equal: whatever is changed where, and who wins when both were."""

import pytest

from integrations.enums import Departed, Status, Winner
from integrations.models import Agreement, FailedRecord, Sync, SyncJob, TwoWay
from tests.integrations.orchestrator.stages.conftest import WAYS, Portal


def writes(portal: Portal) -> tuple[int, int]:
    return portal.summary()["writes"], portal.summary("hubspot", "contacts")["writes"]


def test_both_sides_are_equal_and_nothing_more_is_written(both, portal) -> None:
    before = writes(portal)
    jobs = [both.right(), both.left()]
    assert writes(portal) == before
    assert all(job.sent == job.rejected for job in jobs)
    emails = {c["email"].lower() for c in portal.contacts() if "@" in (c.get("email") or "")}
    assert len(portal.leads()) == Agreement.objects.count() <= len(emails)


def test_a_change_on_the_left_goes_to_the_right(both) -> None:
    both.change_left(city="Ghent")
    job = both.right()
    assert (job.updated, job.created) == (1, 0) and both.cities == ("Ghent", "Ghent")
    assert both.left().updated == 0


def test_a_change_on_the_right_goes_to_the_left(both) -> None:
    both.change_right(City="Ghent")
    assert both.right().updated == 0, "the other side's change is not overwritten"
    assert both.left().updated == 1 and both.cities == ("Ghent", "Ghent")
    assert both.right().updated == 0


def test_changes_of_different_fields_on_both_sides_both_arrive(both) -> None:
    both.change_left(city="Ghent")
    both.change_right(Company="Globex")
    both.settle()
    assert both.cities == ("Ghent", "Ghent")
    assert (both.contact["company"], both.lead["Company"]) == ("Globex", "Globex")


def test_a_value_that_goes_back_to_what_it_was_is_carried_too(both) -> None:
    both.change_right(City="Ghent")
    both.left()
    both.change_left(city="Bonn")
    both.right()
    both.left()
    assert both.cities == ("Bonn", "Bonn")


@pytest.mark.parametrize(("wins", "city"), [(Winner.LEFT, "Ghent"), (Winner.RIGHT, "Oslo")])
@pytest.mark.parametrize("first", ["right", "left"])
def test_when_both_changed_the_declared_side_wins(both, wins, city, first) -> None:
    TwoWay.objects.update(wins=wins)
    both.change_left(city="Ghent")
    both.change_right(City="Oslo")
    getattr(both, first)()
    both.settle()
    assert both.cities == (city, city)


def test_when_both_changed_the_newer_one_wins(both, portal) -> None:
    TwoWay.objects.update(wins=Winner.NEWER)
    both.change_left(city="Ghent")
    portal.http.post("/_control/clock", json={"advance_seconds": 90}).raise_for_status()
    both.change_right(City="Oslo")
    both.settle()
    assert both.cities == ("Oslo", "Oslo")


def test_a_field_that_goes_one_way_never_comes_back(both) -> None:
    pairs = [{**pair, "way": "right"} if pair["left"] == "city" else pair for pair in WAYS]
    TwoWay.objects.update(pairs=pairs)
    both.change_right(City="Oslo")
    both.left()
    assert both.contact["city"] == "Bonn"
    both.change_left(city="Ghent")
    both.settle()
    assert both.cities == ("Ghent", "Ghent")


def test_somebody_new_on_the_right_is_added_on_the_left_once(both, portal) -> None:
    from integrations.orchestrator.connections import open_adapter

    with open_adapter(both.row.rightward.destination) as adapter:
        record = {"LastName": "Okafor", "Company": "Acme", "HubSpot_Email__c": "tomasz@x.org"}
        adapter.upload_batch("Lead", [record], "upsert", "HubSpot_Email__c", trace="x")
    assert both.left().created == 1
    both.settle()
    found = [c for c in portal.contacts() if c.get("email") == "tomasz@x.org"]
    assert len(found) == 1 and portal.lead("tomasz@x.org")


def test_somebody_who_is_on_both_sides_already_is_paired_and_not_doubled(both, portal) -> None:
    from integrations.orchestrator.connections import open_adapter

    with open_adapter(both.row.rightward.destination) as adapter:
        record = {"LastName": "Lee", "Company": "Acme", "HubSpot_Email__c": "bob@x.org", "City": "Oslo"}
        adapter.upload_batch("Lead", [record], "upsert", "HubSpot_Email__c", trace="x")
    portal.add(email="bob@x.org", firstname="Bob", lastname="Lee", company="Acme")
    stored = portal.summary()["stored"]
    both.settle()
    assert portal.summary()["stored"] == stored
    lead = portal.lead("bob@x.org")
    contact = next(c for c in portal.contacts() if c.get("email") == "bob@x.org")
    assert (lead["FirstName"], lead["City"], contact["city"]) == ("Bob", "Oslo", "Oslo")


def test_an_address_that_changed_on_one_side_changes_on_the_other(both, portal) -> None:
    lead_id = both.lead["Id"]
    both.change_left(email="ann@new.org")
    both.settle()
    assert portal.lead("ann@new.org")["Id"] == lead_id and portal.lead("ann@x.org") is None
    assert len([c for c in portal.contacts() if c.get("email") == "ann@new.org"]) == 1


def test_somebody_deleted_on_one_side_is_not_added_again_by_the_other(both, portal) -> None:
    from integrations.orchestrator.connections import open_adapter

    with open_adapter(both.row.rightward.destination) as adapter:
        adapter.archive_records("Lead", [both.lead["Id"]], trace="x")
    both.change_left(city="Ghent")
    job = both.right()
    assert (job.created, job.updated) == (0, 0) and portal.lead("ann@x.org") is None


def test_who_left_one_side_is_archived_on_the_other_and_comes_back_as_new(both, portal) -> None:
    Sync.objects.filter(pk=both.row.rightward_id).update(departed=Departed.ARCHIVE)
    portal.delete(both.ann)
    assert both.right().removed == 1
    assert portal.lead("ann@x.org") is None
    assert not Agreement.objects.filter(left_id=both.ann).exists()
    both.settle()
    assert portal.lead("ann@x.org") is None, "the other direction brings nobody back"
    portal.add(email="ann@x.org", firstname="Ann", lastname="Lee", company="Acme")
    assert both.right().created == 1


def test_whose_field_was_emptied_does_not_come_back_from_the_other_side(both, portal) -> None:
    Sync.objects.filter(pk=both.row.rightward_id).update(departed=Departed.CLEAR, departed_field="City")
    portal.delete(both.ann)
    assert both.right().removed == 1
    both.settle()
    assert not [contact for contact in portal.contacts() if contact.get("email") == "ann@x.org"]


def test_what_one_side_tidies_does_not_set_off_a_round(both, portal) -> None:
    both.change_left(city="  GHENT ")
    both.settle()
    before = writes(portal)
    both.settle()
    assert writes(portal) == before


def test_two_systems_that_correct_each_other_are_stopped(both) -> None:
    """Somebody at the right undoes whatever comes, again and again, and the left undoes that."""
    TwoWay.objects.update(wins=Winner.ASK)
    for _ in range(5):
        both.change_right(City="Oslo")
        both.left()
        both.change_left(city="Bonn")
        both.right()
    stopped = FailedRecord.objects.filter(code="ping_pong")
    assert stopped.count() >= 1
    assert SyncJob.objects.exclude(status__in=[Status.SUCCEEDED, Status.PARTIAL]).count() == 0
