"""Mapped records in Mailchimp's shape."""

from datetime import date

import pytest

from integrations.adapters.mailchimp.audiences import Group
from integrations.adapters.mailchimp.members import build_body, build_member, check_fields, split_choices, write_tags
from integrations.adapters.mailchimp.paths import hash_address, read_audience
from integrations.exceptions import ConfigurationError, RecordRejectedError, SchemaChangedError

TOPICS = Group("g1", "Topics", False, {"News": "i1", "Events": "i2"})
PLACE = {"ADDRESS:addr1": "1 Main St", "ADDRESS:city": "Cork", "ADDRESS:state": "Munster", "ADDRESS:zip": "T12"}


def find_group(group_id):
    return TOPICS if group_id == "g1" else Group(group_id, group_id, False, {})


def body(**record):
    return build_body(record, find_group)


def test_merge_fields_travel_inside_and_nothing_clears():
    assert body(FNAME="Ann", SCORE=7, SINCE=date(2026, 3, 1), COMPANY=None) == {
        "merge_fields": {"FNAME": "Ann", "SCORE": 7, "SINCE": "2026-03-01", "COMPANY": ""}
    }


def test_what_every_member_has_stands_beside_them():
    record = {"email_address": "Ann@X.io", "language": "de", "vip": "true", "latitude": "51.9", "longitude": -8.5}
    assert build_body(record, find_group) == {
        "email_address": "Ann@X.io",
        "language": "de",
        "vip": True,
        "location": {"latitude": 51.9, "longitude": -8.5},
    }


def test_of_what_every_member_has_only_language_and_vip_can_be_cleared():
    record = {"email_address": "", "language": None, "vip": None, "latitude": None, "ip_opt": "", "timestamp_opt": None}
    assert build_body(record, find_group) == {"language": "", "vip": False}


@pytest.mark.parametrize("name", ["status", "status_if_new", "tags", "tags_to_remove", "contact_id"])
def test_consent_tags_and_the_id_are_no_part_of_the_profile(name):
    assert build_body({name: "x"}, find_group) == {}


def test_the_parts_of_an_address_travel_as_one():
    sent = build_body({**PLACE, "ADDRESS:country": "IE"}, find_group)
    expected = {"addr1": "1 Main St", "city": "Cork", "state": "Munster", "zip": "T12", "country": "IE"}
    assert sent["merge_fields"]["ADDRESS"] == expected


def test_an_address_without_any_part_is_cleared():
    assert build_body(dict.fromkeys(PLACE), find_group)["merge_fields"] == {"ADDRESS": ""}


@pytest.mark.parametrize("part", list(PLACE))
def test_an_address_that_lacks_a_part_is_held_with_its_name(part):
    with pytest.raises(RecordRejectedError) as caught:
        build_body({**PLACE, part: None}, find_group)
    assert (caught.value.code, caught.value.field) == ("required_missing", part)


@pytest.mark.parametrize("value", ["News;Events", ["News", "Events"], " News ; Events ;"])
def test_several_choices_are_set_and_all_others_taken_away(value):
    assert build_body({"group:g1": value}, find_group) == {"interests": {"i1": True, "i2": True}}
    assert build_body({"group:g1": None}, find_group) == {"interests": {"i1": False, "i2": False}}


def test_a_choice_there_is_not_is_held():
    with pytest.raises(RecordRejectedError) as caught:
        build_body({"group:g1": "Moon"}, find_group)
    assert (caught.value.code, caught.value.field) == ("not_in_list", "group:g1")


def test_permissions_travel_as_a_list():
    assert build_body({"permission:p1": True, "permission:p2": None}, find_group)["marketing_permissions"] == [
        {"marketing_permission_id": "p1", "enabled": True},
        {"marketing_permission_id": "p2", "enabled": False},
    ]


@pytest.mark.parametrize("name", ["no_such_field", "group:gone", "full_name", "stats.x", ""])
def test_a_field_there_is_not_stops_the_sync(name):
    with pytest.raises(SchemaChangedError):
        build_body({name: "x"}, find_group)


def test_a_field_mailchimp_passed_over_stops_the_sync():
    member = build_member({"email_address": "ann@x.io", "GONE": "x"}, "email_address", find_group)
    with pytest.raises(SchemaChangedError, match="GONE"):
        check_fields(member, {"merge_fields": {"FNAME": ""}})
    check_fields(member, {"merge_fields": {"GONE": "x"}})
    check_fields(member, {})


def test_people_are_addressed_by_the_hash_of_the_lower_case_address_or_by_contact_id():
    record = {"email_address": " Urist.McVankab@Freddiesjokes.com ", "contact_id": "c-1"}
    assert build_member(record, "email_address", find_group).who == "62eeb292278cc15f5817cb78f7790b08"
    assert build_member(record, "contact_id", find_group).who == "c-1"
    assert build_member({"email_address": " "}, "email_address", find_group).who == "" == hash_address(None)


@pytest.mark.parametrize(
    ("value", "parts"), [(None, ()), ("a", ("a",)), ("a;;a; b", ("a", "b")), (["a", 1], ("a", "1"))]
)
def test_choices_come_as_text_or_list(value, parts):
    assert split_choices(value) == parts


def tagged(*has, count=None):
    return {"tags": [{"id": 1, "name": name} for name in has], "tags_count": len(has) if count is None else count}


@pytest.mark.parametrize(
    ("row", "changes"),
    [
        (tagged(), [("a", "active"), ("b", "active")]),
        (tagged("a", "b"), []),
        (tagged("a", "b", "c"), [("c", "inactive")]),
        (tagged("x", count=51), [("a", "active"), ("b", "active"), ("c", "inactive")]),
        ({}, [("a", "active"), ("b", "active"), ("c", "inactive")]),
        (None, [("a", "active"), ("b", "active"), ("c", "inactive")]),
    ],
)
def test_only_the_changes_of_tags_that_are_needed_are_sent(row, changes):
    record = {"email_address": "a@x.io", "tags": "a;b", "tags_to_remove": "c"}
    member = build_member(record, "email_address", find_group)
    assert [(one["name"], one["status"]) for one in write_tags(member, row)] == changes


def test_a_tag_that_is_to_be_added_and_removed_is_added():
    member = build_member({"email_address": "a@x.io", "tags": "a", "tags_to_remove": "a"}, "email_address", find_group)
    assert write_tags(member, None) == [{"name": "a", "status": "active"}]


@pytest.mark.parametrize("name", ["members", "members:", "members:a/b", "members:ä", "lists:abc", "Nonsense"])
def test_an_object_that_is_no_audience_is_a_matter_of_configuration(name):
    with pytest.raises(ConfigurationError):
        read_audience(name)
