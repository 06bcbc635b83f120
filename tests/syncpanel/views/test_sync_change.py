"""A sync's settings are changed section by section, by those who may, and refused with a sentence on the field."""

import pytest
from django.test import Client

from integrations.enums import EmptyValues, Kind
from integrations.models import Connection, Event, Sync
from integrations.orchestrator.schemas import keep
from tests.factories import make_job, make_mapping, make_sync
from tests.integrations.webhooks.calling import make_address
from tests.syncpanel.views.test_sync_drafts import CODE, CONTACT, LEAD

WHEN = {"starts": "hand", "write_mode": "upsert", "empty_values": "keep", "departed": "nothing", "priority": "5"}


@pytest.fixture
def sync(db) -> Sync:
    sync = make_sync(name="Contacts", mapping=make_mapping(CODE))
    keep(sync.source, CONTACT)
    keep(sync.destination, LEAD)
    return sync


@pytest.mark.parametrize("section", ["people", "fields", "when"])
def test_each_section_is_filled_in_with_what_counts_now(signed_in, sync, section):
    Sync.objects.update(conditions=[{"field": "country", "operator": "is", "value": "Spain"}], cron="0 9 * * *")
    page = signed_in("Editor").get(f"/syncs/{sync.pk}/change/{section}/").content.decode()
    shown = {"people": 'value="Spain"', "fields": "HubSpot_Email__c", "when": 'value="0 9 * * *"'}
    assert shown[section] in page


def test_a_change_counts_and_is_told(signed_in, sync):
    editor = signed_in("Editor")
    answer = editor.post(f"/syncs/{sync.pk}/change/when/", {**WHEN, "starts": "interval", "every_minutes": "15"})
    assert answer["Location"] == f"/syncs/{sync.pk}/settings/"
    sync.refresh_from_db()
    assert (sync.every_minutes, sync.empty_values) == (15, EmptyValues.KEEP)
    assert Event.objects.filter(stream=sync.stream, kind=Kind.SYNC_CHANGED).count() == 2
    assert "Every 15 minutes" in editor.get(f"/syncs/{sync.pk}/settings/").content.decode()


@pytest.mark.parametrize(
    ("section", "posted"),
    [("when", WHEN), ("people", {"read_mode": "full"}), ("fields", {"destination_key": "HubSpot_Email__c"})],
)
def test_the_limits_above_which_it_waits_for_a_person_stay_whatever_is_changed(signed_in, sync, section, posted):
    Sync.objects.update(guards={"creates": 10})
    posted = {"mapping": sync.mapping_id, **posted}
    assert signed_in("Editor").post(f"/syncs/{sync.pk}/change/{section}/", posted).status_code == 302
    sync.refresh_from_db()
    assert sync.guards == {"creates": 10}


LIMITS = {"guard_creates": "5000", "guard_updates": "0", "guard_blanks": "", "guard_invalid_percent": "10"}


def test_the_limits_above_which_it_waits_for_a_person_are_set_and_taken_away(signed_in, sync):
    editor = signed_in("Editor")
    path, settings = f"/syncs/{sync.pk}/change/when/", f"/syncs/{sync.pk}/settings/"
    assert editor.post(path, {**WHEN, **LIMITS})["Location"] == settings
    sync.refresh_from_db()
    assert sync.guards == {"creates": 5_000, "updates": 0, "invalid_percent": 10}
    told = editor.get(settings).content.decode()
    assert "more than 5,000 would be added, more than 0 would be changed" in told and "more than 10 % cannot" in told
    assert 'value="5000"' in editor.get(path).content.decode()
    editor.post(path, {**WHEN, **dict.fromkeys(LIMITS, "")})
    sync.refresh_from_db()
    assert sync.guards == {}


@pytest.mark.parametrize("wrong", [{"guard_creates": "-1"}, {"guard_invalid_percent": "101"}, {"guard_blanks": "many"}])
def test_a_limit_that_is_none_is_said_on_the_field(wrong, signed_in, sync):
    answer = signed_in("Editor").post(f"/syncs/{sync.pk}/change/when/", {**WHEN, **LIMITS, **wrong})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Not changed yet." in page and f'href="#id_{next(iter(wrong))}"' in page
    sync.refresh_from_db()
    assert sync.guards == {}


def test_what_cannot_work_is_said_on_the_field(signed_in, sync):
    answer = signed_in("Editor").post(
        f"/syncs/{sync.pk}/change/when/", {**WHEN, "starts": "cron", "cron": "0 0 30 2 *"}
    )
    assert answer.status_code == 422 and "These times do not exist" in answer.content.decode()


def test_the_key_of_a_sync_that_has_run_stays(signed_in, sync):
    make_job(sync)
    posted = {"mapping": sync.mapping_id, "destination_key": "Id"}
    answer = signed_in("Editor").post(f"/syncs/{sync.pk}/change/fields/", posted)
    assert answer.status_code == 422 and "has run already" in answer.content.decode()


def test_who_is_included_can_be_changed(signed_in, sync):
    posted = {"read_mode": "full", "field_0": "country", "operator_0": "is", "value_0": "Spain"}
    signed_in("Editor").post(f"/syncs/{sync.pk}/change/people/", posted)
    sync.refresh_from_db()
    assert sync.conditions == [{"field": "country", "operator": "is", "value": "Spain"}]
    assert "only whose country is Spain" in signed_in().get(f"/syncs/{sync.pk}/settings/").content.decode()


def test_changing_needs_the_right(signed_in, sync):
    path = f"/syncs/{sync.pk}/change/when/"
    assert signed_in("Fixer").get(path).status_code == signed_in("Fixer").post(path).status_code == 403
    assert Client().post(path)["Location"].startswith("/sign-in/")
    assert "/change/when/" not in signed_in("Fixer").get(f"/syncs/{sync.pk}/settings/").content.decode()


def test_an_unknown_section_is_not_there(signed_in, sync):
    assert signed_in("Editor").get(f"/syncs/{sync.pk}/change/moon/").status_code == 404


def test_incoming_events_may_start_it_beside_the_timetable(signed_in, sync):
    editor = signed_in("Editor")
    path = f"/syncs/{sync.pk}/change/when/"
    assert f"Also within seconds, when {sync.source.name} tells of a change" in editor.get(path).content.decode()
    editor.post(path, {**WHEN, "starts": "interval", "every_minutes": "15", "on_webhook": "on"})
    sync.refresh_from_db()
    assert (sync.on_webhook, sync.every_minutes) == (True, 15)
    page = editor.get(f"/syncs/{sync.pk}/settings/").content.decode()
    assert f"Every 15 minutes, and within seconds when {sync.source.name} tells of a change" in page
    assert "has no address to call yet" in page
    make_address(sync.source)
    assert f"/incoming/?source={sync.source_id}" in editor.get(f"/syncs/{sync.pk}/settings/").content.decode()
    editor.post(path, WHEN)
    sync.refresh_from_db()
    assert (sync.on_webhook, sync.every_minutes) == (False, None)


def test_a_source_that_calls_nobody_offers_no_events(signed_in, sync):
    Connection.objects.filter(pk=sync.source_id).update(platform="google_analytics")
    Sync.objects.update(source_object="report:x")
    answer = signed_in("Editor").get(f"/syncs/{sync.pk}/change/when/")
    assert "on_webhook" not in answer.content.decode()
