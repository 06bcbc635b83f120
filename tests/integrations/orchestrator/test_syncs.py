"""Syncs are made and changed with settings that can work; what was changed is told."""

from dataclasses import replace
from typing import Any

import pytest

from integrations.enums import Departed, FieldType, Kind, ReadMode, SyncMode, Winner
from integrations.exceptions import RefusedTransitionError
from integrations.models import Event, Sync, TwoWay
from integrations.orchestrator.schemas import keep
from integrations.orchestrator.syncs import (
    SyncPlan,
    SyncSettingsError,
    change_pairs,
    change_sync,
    create_sync,
    create_two_way,
    plan_of,
)
from integrations.types import FieldSchema, ObjectSchema
from tests.factories import make_connection, make_job, make_mapping, make_sync

pytestmark = pytest.mark.django_db
LEAD = ObjectSchema(
    "Lead",
    "Lead",
    (
        FieldSchema("HubSpot_Email__c", "HubSpot Email", FieldType.EMAIL, is_key=True),
        FieldSchema("Company", "Company", FieldType.STRING, required=True),
        FieldSchema("Rating", "Rating", FieldType.STRING),
        FieldSchema("Id", "Id", FieldType.STRING, writable=False),
    ),
)
CONTACT = ObjectSchema("contacts", "Contacts", (FieldSchema("country", "Country", FieldType.STRING),))


def plan(**values: Any) -> SyncPlan:
    made = SyncPlan(
        name="Contacts",
        source=make_connection("hubspot"),
        source_object="contacts",
        destination=make_connection("salesforce"),
        destination_object="Lead",
        destination_key="HubSpot_Email__c",
        mapping=make_mapping(),
    )
    keep(made.source, CONTACT)
    keep(made.destination, LEAD)
    return replace(made, **values)


def test_a_new_sync_is_an_event_and_has_its_settings() -> None:
    wanted = plan(conditions=({"field": "country", "operator": "is", "value": "Spain"},), match_fields=())
    sync = create_sync(wanted, "dana")
    assert plan_of(Sync.objects.get(pk=sync.pk)) == wanted
    assert Event.objects.filter(stream=sync.stream, kind=Kind.SYNC_CREATED, actor="dana").count() == 1


@pytest.mark.parametrize(
    ("values", "setting"),
    [
        ({"name": "  "}, "name"),
        ({"source_object": "moons"}, "source_object"),
        ({"destination_object": "Moon"}, "destination_object"),
        ({"destination_key": ""}, "destination_key"),
        ({"destination_key": "Rating"}, "destination_key"),
        ({"batch_size": 0}, "batch_size"),
        ({"source_object": "companies"}, "mapping"),
        ({"conditions": ({"field": "moon", "operator": "is", "value": "x"},)}, "conditions"),
        ({"conditions": ({"field": "country", "operator": "above", "value": "x"},)}, "conditions"),
        ({"conditions": ({"field": "country"},)}, "conditions"),
        ({"match_fields": ("Nothing",)}, "match_fields"),
        ({"departed": Departed.CLEAR}, "departed_field"),
        ({"departed": Departed.CLEAR, "departed_field": "Company"}, "departed_field"),
        ({"departed": Departed.CLEAR, "departed_field": "Id"}, "departed_field"),
        ({"departed": Departed.CLEAR, "departed_field": "HubSpot_Email__c"}, "departed_field"),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(values, setting) -> None:
    with pytest.raises(SyncSettingsError) as caught:
        create_sync(plan(**values), "dana")
    assert setting in caught.value.problems
    assert all(sentence.endswith(".") for sentence in caught.value.problems.values())
    assert not Sync.objects.exists()


def test_a_condition_may_name_any_field_of_an_object_that_takes_other_fields_too() -> None:
    wanted = plan(conditions=({"field": "moon", "operator": "is", "value": "x"},))
    keep(wanted.source, replace(CONTACT, extra_fields=True))
    assert create_sync(wanted, "dana").conditions == list(wanted.conditions)


def test_from_and_to_may_not_be_the_same() -> None:
    wanted = plan()
    same = replace(wanted, destination=wanted.source, destination_object="contacts", destination_key="email")
    with pytest.raises(SyncSettingsError) as caught:
        create_sync(same, "dana")
    assert "destination" in caught.value.problems


def test_two_syncs_never_have_one_name() -> None:
    create_sync(plan(), "dana")
    with pytest.raises(SyncSettingsError) as caught:
        create_sync(plan(), "dana")
    assert "Contacts" in caught.value.problems["name"]


def test_a_change_tells_from_what_to_what_but_no_values_of_conditions() -> None:
    sync = create_sync(plan(), "dana")
    wanted = replace(
        plan_of(sync),
        read_mode=ReadMode.INCREMENTAL,
        conditions=({"field": "country", "operator": "is", "value": "ann@x.org"},),
    )
    change_sync(sync.pk, wanted, "lee")
    told = Event.objects.get(stream=sync.stream, kind=Kind.SYNC_CHANGED)
    assert told.data == {"changed": {"read_mode": ["full", "incremental"], "conditions": [[], 1]}}
    assert plan_of(Sync.objects.get(pk=sync.pk)) == wanted


def test_a_change_of_nothing_is_no_event() -> None:
    sync = create_sync(plan(), "dana")
    change_sync(sync.pk, plan_of(sync), "lee")
    assert not Event.objects.filter(stream=sync.stream, kind=Kind.SYNC_CHANGED).exists()


def test_who_is_who_stays_as_it_is_once_a_job_has_run() -> None:
    sync = create_sync(plan(), "dana")
    make_job(sync)
    with pytest.raises(SyncSettingsError) as caught:
        change_sync(sync.pk, replace(plan_of(sync), source=make_connection("hubspot")), "lee")
    assert "run already" in caught.value.problems["source"]
    change_sync(sync.pk, replace(plan_of(sync), write_mode=SyncMode.UPDATE), "lee")


def test_another_syncs_name_cannot_be_taken() -> None:
    make_sync(name="Taken")
    sync = create_sync(plan(), "dana")
    with pytest.raises(SyncSettingsError) as caught:
        change_sync(sync.pk, replace(plan_of(sync), name="Taken"), "lee")
    assert "name" in caught.value.problems


def two_ways() -> TwoWay:
    right = plan(name="People to the right")
    back = make_mapping()
    back.source_platform, back.source_object = "salesforce", "Lead"
    back.destination_platform, back.destination_object = "hubspot", "contacts"
    back.save()
    left = replace(
        right,
        name="People to the left",
        source=right.destination,
        source_object="Lead",
        destination=right.source,
        destination_object="contacts",
        destination_key="email",
        mapping=back,
    )
    keep(
        left.destination,
        ObjectSchema("contacts", "Contacts", (FieldSchema("email", "E-mail", FieldType.EMAIL, is_key=True),)),
    )
    pairs = [{"left": "phone", "right": "Phone", "way": "both", "wins": ""}]
    return create_two_way(right, left, pairs, Winner.ASK, "dana")


def test_two_ways_are_two_syncs_that_are_off_until_they_are_turned_on() -> None:
    row = two_ways()
    assert not row.rightward.is_enabled and not row.leftward.is_enabled
    assert (row.rightward.source, row.rightward.destination) == (row.leftward.destination, row.leftward.source)


def test_both_directions_must_join_the_same_connections() -> None:
    right = plan()
    with pytest.raises(RefusedTransitionError):
        create_two_way(right, replace(right, name="Other"), [], Winner.ASK, "dana")
    assert not Sync.objects.exists()


def test_who_wins_can_be_changed_and_both_syncs_tell() -> None:
    row = two_ways()
    change_pairs(row.pk, [{"left": "phone", "right": "Phone", "way": "right", "wins": ""}], Winner.LEFT, "lee")
    row.refresh_from_db()
    assert (row.wins, row.pairs[0]["way"]) == (Winner.LEFT, "right")
    assert Event.objects.filter(kind=Kind.SYNC_CHANGED).count() == 2


def test_a_platform_that_is_searched_by_some_fields_only_says_which() -> None:
    email = FieldSchema("email_address", "Email", FieldType.EMAIL, is_key=True)
    audience = ObjectSchema("members:abc", "News", (email, FieldSchema("LNAME", "Last name", FieldType.STRING)))
    mailchimp = make_connection("mailchimp")
    keep(mailchimp, audience)
    wanted = {"destination": mailchimp, "destination_object": "members:abc", "destination_key": "email_address"}
    problems = []
    for match in ("LNAME", "email_address+LNAME"):
        with pytest.raises(SyncSettingsError) as caught:
            create_sync(plan(**wanted, match_fields=(match,), batch_size=0), "dana")
        problems.append(caught.value.problems)
    assert "can only be searched by Email" in problems[0]["match_fields"]
    assert "match_fields" not in problems[1]
