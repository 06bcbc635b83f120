"""Who is who over there: by the key, by the id when the key has changed, by other fields when nobody has it."""

import pytest

from integrations.enums import DuplicateKind, DuplicateVerdict, EmptyValues, FailureStatus, Status, SyncMode
from integrations.models import Duplicate, FailedRecord, RecordLink, Sync, SyncJob
from integrations.orchestrator.duplicates import decide
from integrations.orchestrator.identity import sides
from tests.factories import make_duplicate


def set_up(sync: Sync, **values) -> Sync:
    Sync.objects.filter(pk=sync.pk).update(**values)
    sync.refresh_from_db()
    return sync


def test_somebody_whose_address_changed_is_updated_and_nobody_is_added(small, portal, run) -> None:
    ann = portal.add(email="ann@old.org", firstname="Ann", lastname="Lee")
    run(small)
    before = portal.lead("ann@old.org")
    portal.change(ann, email="ann@new.org", city="Ghent")
    job = run(small)
    after = portal.lead("ann@new.org")
    assert (job.created, job.updated, job.unchanged + job.left_out) == (0, 1, job.fetched - 1)
    assert (after["Id"], after["City"]) == (before["Id"], "Ghent")
    assert portal.lead("ann@old.org") is None


def test_the_next_change_finds_the_new_address(small, portal, run) -> None:
    ann = portal.add(email="ann@old.org", firstname="Ann", lastname="Lee")
    run(small)
    portal.change(ann, email="ann@new.org")
    run(small)
    portal.change(ann, city="Ghent")
    job = run(small)
    assert (job.created, job.updated) == (0, 1) and portal.lead("ann@new.org")["City"] == "Ghent"


def test_somebody_who_is_gone_over_there_is_added_anew(small, portal, run) -> None:
    ann = portal.add(email="ann@old.org", firstname="Ann", lastname="Lee")
    run(small)
    link = RecordLink.objects.get(source_id=ann)
    from integrations.orchestrator.connections import open_adapter

    with open_adapter(small.destination) as adapter:
        adapter.archive_records("Lead", [link.destination_id], trace="x")
    portal.change(ann, email="ann@new.org")
    job = run(small)
    assert job.created == 1 and portal.lead("ann@new.org")["Id"] != link.destination_id
    assert RecordLink.objects.get(source_id=ann).destination_id == portal.lead("ann@new.org")["Id"]


def test_in_a_large_load_those_whose_address_changed_go_apart(small, portal, run) -> None:
    ann = portal.add(email="ann@old.org", firstname="Ann", lastname="Lee")
    set_up(small, bulk_from=1)
    run(small)
    before = portal.lead("ann@old.org")
    portal.change(ann, email="ann@new.org")
    portal.add(email="bob@x.org", firstname="Bob", lastname="Lee")
    job = run(small)
    assert (job.created, job.updated) == (1, 1)
    assert portal.lead("ann@new.org")["Id"] == before["Id"] and portal.lead("bob@x.org")


class TestMatching:
    """Names and companies tell who somebody is whom the address does not find."""

    MATCH = ["LastName+FirstName"]

    @pytest.fixture
    def there(self, small, portal, run):
        """A lead whom somebody over there made: without the key, and a second one with one."""
        from integrations.orchestrator.connections import open_adapter

        def make(**values):
            record = {"LastName": "Okafor", "FirstName": "Tomasz", "Company": "Acme", **values}
            with open_adapter(small.destination) as adapter:
                (result,) = adapter.upload_batch("Lead", [record], "create", "HubSpot_Email__c", trace="x").results
            assert result.ok
            return result.id

        set_up(small, match_fields=self.MATCH)
        return make

    def test_nobody_like_him_is_there_so_he_is_added(self, small, portal, run, there) -> None:
        run(small)
        portal.add(email="tomasz@x.org", firstname="Tomasz", lastname="Okafor")
        assert run(small).created == 1

    def test_one_without_a_key_is_he_and_gets_the_key(self, small, portal, run, there) -> None:
        run(small)
        lead_id = there()
        tomasz = portal.add(email="tomasz@x.org", firstname="tomasz", lastname="OKAFOR")
        job = run(small)
        assert (job.created, job.updated) == (0, 1)
        assert portal.lead("tomasz@x.org")["Id"] == lead_id
        assert RecordLink.objects.get(source_id=tomasz).destination_id == lead_id

    @pytest.fixture
    def held(self, small, portal, run, there):
        """Somebody over there with the same name has another address already."""
        run(small)
        lead_id = there(HubSpot_Email__c="other@x.org", Email="office@x.org")
        portal.add(email="tomasz@x.org", firstname="Tomasz", lastname="Okafor")
        job = run(small)
        return job, lead_id

    def test_one_who_is_known_by_another_address_is_for_a_person_to_decide(self, held, portal) -> None:
        job, lead_id = held
        failed = FailedRecord.objects.get(job=job, code="match_taken")
        noticed = Duplicate.objects.get(kind=DuplicateKind.OTHER_SYSTEM)
        assert (job.sent, job.invalid >= 1) == (0, True)
        assert portal.lead("tomasz@x.org") is None and portal.lead("other@x.org")
        assert (noticed.source_id, noticed.destination_id) == (failed.source_id, lead_id)
        assert "First Name" in failed.message or "Last Name" in failed.message

    def test_one_person_means_that_one_is_updated(self, held, portal, run) -> None:
        job, lead_id = held
        noticed = Duplicate.objects.get(kind=DuplicateKind.OTHER_SYSTEM)
        decide(noticed.pk, DuplicateVerdict.SAME, "dana")
        run(job)
        assert portal.lead("tomasz@x.org")["Id"] == lead_id and portal.lead("other@x.org") is None
        assert FailedRecord.objects.get(code="match_taken").status == FailureStatus.FIXED

    def test_two_people_means_that_he_is_added_and_nobody_is_asked_again(self, held, portal, run, small) -> None:
        job, _ = held
        noticed = Duplicate.objects.get(kind=DuplicateKind.OTHER_SYSTEM)
        decide(noticed.pk, DuplicateVerdict.DIFFERENT, "dana")
        run(job)
        assert portal.lead("tomasz@x.org") and portal.lead("other@x.org")
        assert run(small).sent == 0
        assert Duplicate.objects.get(kind=DuplicateKind.OTHER_SYSTEM).verdict == DuplicateVerdict.DIFFERENT

    def test_deciding_later_changes_nothing(self, held, portal) -> None:
        noticed = Duplicate.objects.get(kind=DuplicateKind.OTHER_SYSTEM)
        decide(noticed.pk, DuplicateVerdict.LATER, "dana")
        assert FailedRecord.objects.get(code="match_taken").status == FailureStatus.OPEN
        assert portal.lead("tomasz@x.org") is None

    def test_several_who_could_be_meant_are_for_a_person_to_decide(self, small, portal, run, there) -> None:
        run(small)
        there()
        there()
        portal.add(email="tomasz@x.org", firstname="Tomasz", lastname="Okafor")
        job = run(small)
        assert job.sent == 0 and FailedRecord.objects.filter(job=job, code="match_ambiguous").count() == 1
        assert Duplicate.objects.filter(kind=DuplicateKind.OTHER_SYSTEM).count() == 2

    def test_of_several_who_could_be_meant_the_one_that_is_chosen_is_updated(self, small, portal, run, there) -> None:
        run(small)
        _, second = there(City="Ghent"), there(City="Bonn")
        portal.add(email="tomasz@x.org", firstname="Tomasz", lastname="Okafor")
        job = run(small)
        chosen = Duplicate.objects.get(destination_id=second)
        assert {sides(row)[1]["City"] for row in Duplicate.objects.all()} == {"Ghent", "Bonn"}
        decide(chosen.pk, DuplicateVerdict.SAME, "dana")
        run(job)
        assert portal.lead("tomasz@x.org")["Id"] == second
        assert not Duplicate.objects.undecided().exists() and run(small).sent == 0

    def test_while_one_of_several_is_undecided_nobody_is_taken_for_it(self, small, portal, run, there) -> None:
        run(small)
        first, _ = there(), there()
        tomasz = portal.add(email="tomasz@x.org", firstname="Tomasz", lastname="Okafor")
        run(small)
        decide(Duplicate.objects.get(destination_id=first).pk, DuplicateVerdict.DIFFERENT, "dana")
        job = run(small)
        assert job.sent == 0 and FailedRecord.objects.open().get(source_id=tomasz).code == "match_ambiguous"

    def test_who_a_person_says_it_is_it_is_whatever_the_names_are_by_then(self, held, small, portal, run) -> None:
        _, lead_id = held
        noticed = Duplicate.objects.get(kind=DuplicateKind.OTHER_SYSTEM)
        portal.change(noticed.source_id, lastname="Nowak")
        SyncJob.objects.update(status=Status.CANCELLED)
        decide(noticed.pk, DuplicateVerdict.SAME, "dana")
        run(small)
        assert portal.lead("tomasz@x.org")["Id"] == lead_id and portal.lead("tomasz@x.org")["LastName"] == "Nowak"

    def test_both_sides_are_kept_for_a_person_to_compare(self, held) -> None:
        noticed = Duplicate.objects.get(kind=DuplicateKind.OTHER_SYSTEM)
        here, there = sides(noticed)
        assert (here["Company"], there["Company"]) == ("?", "Acme")
        assert (noticed.label, noticed.email) == ("Tomasz Okafor", "tomasz@x.org")
        assert (noticed.other_label, noticed.other_email) == ("Tomasz Okafor", "other@x.org")

    def test_two_of_ours_never_become_one_there_without_a_person_saying_so(self, small, portal, run, there) -> None:
        run(small)
        lead_id = there()
        one = portal.add(email="tomasz@x.org", firstname="Tomasz", lastname="Okafor")
        other = portal.add(email="t.okafor@x.org", firstname="Tomasz", lastname="Okafor")
        job = run(small)
        taken = Duplicate.objects.get(kind=DuplicateKind.TAKEN)
        assert (job.updated, job.created) == (1, 0)
        assert {taken.source_id, taken.other_id} == {one, other} and taken.destination_id == lead_id

    def test_one_that_stands_for_somebody_is_never_taken_for_another(self, small, portal, run, there) -> None:
        """Its key was emptied over there: only the link knows."""
        run(small)
        first = portal.add(email="tomasz@x.org", firstname="Tomasz", lastname="Okafor")
        run(small)
        lead_id = portal.lead("tomasz@x.org")["Id"]
        portal.change_lead(lead_id, HubSpot_Email__c="")
        second = portal.add(email="t.okafor@x.org", firstname="Tomasz", lastname="Okafor")
        job = run(small)
        taken = Duplicate.objects.get(kind=DuplicateKind.TAKEN)
        assert job.sent == 0 and (taken.source_id, taken.other_id) == (second, first)
        decide(taken.pk, DuplicateVerdict.SAME, "dana", keeps=first)
        run(job)
        assert FailedRecord.objects.get(source_id=second).status == FailureStatus.FIXED, "left out"
        portal.change(second, city="Ghent")
        assert run(small).sent == 0 and RecordLink.objects.get(source_id=first).destination_id == lead_id

    def test_a_sync_that_only_adds_leaves_alone_whom_it_finds(self, small, portal, run, there) -> None:
        run(small)
        there(City="Bonn")
        set_up(small, write_mode=SyncMode.CREATE)
        portal.add(email="tomasz@x.org", firstname="Tomasz", lastname="Okafor", city="Ghent")
        job = run(small)
        assert job.sent == 0 and portal.lead("tomasz@x.org") is None


class TestModes:
    def test_a_sync_that_only_adds_leaves_alone_who_is_there(self, small, portal, run) -> None:
        run(small)
        set_up(small, write_mode=SyncMode.CREATE)
        RecordLink.objects.all().delete()
        job = run(small)
        assert (job.sent, job.failures_open) == (0, job.invalid)
        assert job.left_out == job.fetched - job.invalid - job.duplicate

    def test_a_sync_that_only_adds_never_touches_whom_it_added(self, small, portal, run) -> None:
        set_up(small, write_mode=SyncMode.CREATE)
        ann = portal.add(email="ann@x.org", firstname="Ann", lastname="Lee", city="Bonn")
        run(small)
        portal.change(ann, city="Ghent")
        job = run(small)
        assert job.sent == 0 and portal.lead("ann@x.org")["City"] == "Bonn"

    def test_a_sync_that_only_updates_leaves_out_who_is_not_there(self, small, portal, run) -> None:
        set_up(small, write_mode=SyncMode.UPDATE)
        job = run(small)
        assert (job.sent, job.failures_open) == (0, job.invalid)
        assert portal.summary()["stored"] == 0

    @pytest.mark.parametrize(("policy", "city"), [(EmptyValues.KEEP, "Bonn"), (EmptyValues.CLEAR, None)])
    def test_an_empty_value_does_what_the_sync_says(self, small, portal, run, policy, city) -> None:
        set_up(small, empty_values=policy)
        ann = portal.add(email="ann@x.org", firstname="Ann", lastname="Lee", city="Bonn")
        run(small)
        portal.change(ann, city="", firstname="Anna")
        run(small)
        lead = portal.lead("ann@x.org")
        assert (lead["FirstName"], lead.get("City")) == ("Anna", city)


class TestTwice:
    def test_one_address_in_two_cases_is_sent_once_and_noticed(self, small, portal, run) -> None:
        first = portal.add(email="ann@x.org", firstname="Ann", lastname="Lee")
        Sync.objects.update(match_fields=[])
        portal.http.post(
            "/_control/hubspot/contacts/touch",
            json={"ids": [portal.add(firstname="Ann")], "properties": {"email": "ANN@x.org"}},
        )
        job = run(small)
        noticed = Duplicate.objects.filter(kind=DuplicateKind.SAME_KEY, source_id=first)
        assert job.duplicate >= 1 and noticed.count() == 1 and portal.lead("ann@x.org")

    def test_who_is_said_to_be_the_one_is_sent_from_then_on(self, small, portal, run) -> None:
        first = portal.add(email="ann@x.org", firstname="Ann", lastname="Lee", city="Bonn")
        second = portal.add(firstname="Anna", lastname="Lee", city="Ghent")
        portal.http.post(
            "/_control/hubspot/contacts/touch", json={"ids": [second], "properties": {"email": "ANN@x.org"}}
        )
        run(small)
        noticed = Duplicate.objects.get(kind=DuplicateKind.SAME_KEY, source_id=first, other_id=second)
        decide(noticed.pk, DuplicateVerdict.SAME, "dana", keeps=second)
        job = run(small)
        assert (job.created, job.updated) == (0, 1)
        assert portal.lead("ann@x.org")["City"] == "Ghent"
        assert run(small).sent == 0

    def test_a_second_address_that_is_somebody_elses_first_is_noticed(self, small, portal, run) -> None:
        run(small)
        ann = portal.add(email="ann@x.org", firstname="Ann", lastname="Lee")
        bob = portal.add(email="bob@x.org", firstname="Bob", lastname="Lee")
        body = {"ids": [bob], "properties": {"hs_additional_emails": "bobby@x.org;ann@x.org"}}
        portal.http.post("/_control/hubspot/contacts/touch", json=body)
        run(small)
        noticed = Duplicate.objects.get(kind=DuplicateKind.OTHER_KEY)
        assert (noticed.source_id, noticed.other_id) == (bob, ann)
        assert [side["firstname"] for side in sides(noticed)] == ["Bob", "Ann"]

    def test_one_that_comes_later_with_the_address_of_somebody_sent_is_noticed(self, small, portal, run) -> None:
        first = portal.add(email="ann@x.org", firstname="Ann", lastname="Lee")
        run(small)
        second = portal.add(firstname="Anna", lastname="Lee")
        body = {"ids": [second], "properties": {"email": "ANN@x.org"}}
        portal.http.post("/_control/hubspot/contacts/touch", json=body)
        assert run(small).sent == 0
        noticed = Duplicate.objects.get(source_id=first, other_id=second)
        assert [side["firstname"] for side in sides(noticed)] == ["Ann", "Anna"], "read for the person who compares"
        run(small)
        assert Duplicate.objects.filter(source_id__in=[first, second]).count() == 1

    def test_who_is_said_to_be_somebodys_double_is_left_out_however_bad_it_is(self, small, portal, run) -> None:
        first = portal.add(email="ann@x.org", firstname="Ann", lastname="Lee")
        second = portal.add(firstname="Anna", lastname="L" * 500)
        body = {"ids": [second], "properties": {"email": "ANN@x.org"}}
        portal.http.post("/_control/hubspot/contacts/touch", json=body)
        run(small)
        assert FailedRecord.objects.open().filter(source_id=second).exists()
        make_duplicate(small, source_id=first, other_id=second, verdict=DuplicateVerdict.SAME, keeps=first)
        run(small)
        assert not FailedRecord.objects.open().filter(source_id=second).exists()
