"""A record as an event: where each field goes, and what is refused since Google would drop it without a word."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.adapters.google_analytics.events import build_event
from integrations.adapters.google_analytics.fields import describe_events
from integrations.exceptions import ConfigurationError, RecordRejectedError
from tests.integrations.adapters.google_analytics.conftest import NOW, make_record


def build(**changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Who it is about, and the event."""
    event = build_event(make_record(**changes), NOW)
    return orjson.loads(event.who), orjson.loads(event.body)


def refuse(**changes: Any) -> tuple[str, str]:
    with pytest.raises(RecordRejectedError) as caught:
        build(**changes)
    assert caught.value.message.endswith(".") and "@" not in caught.value.message
    return caught.value.code, caught.value.field


def test_an_event_has_its_name_and_its_key_as_a_parameter():
    who, event = build(value=10, currency="EUR")
    assert who == {"client_id": "181234.1767225600"}
    assert event == {"name": "generate_lead", "params": {"event_id": "e-1", "value": 10, "currency": "EUR"}}


def test_fields_go_where_google_wants_them():
    who, event = build(
        user_id="crm-42",
        **{
            "user_properties.plan": "pro",
            "user_data.email": "ann@example.org",
            "user_data.first_name": "Ann",
            "user_data.country": "DE",
            "consent.ad_user_data": "GRANTED",
            "user_location.country_id": "DE",
        },
    )
    assert (who["user_id"], who["user_properties"]) == ("crm-42", {"plan": {"value": "pro"}})
    assert len(who["user_data"]["sha256_email_address"][0]) == 64
    assert set(who["user_data"]["address"][0]) == {"sha256_first_name", "country"}
    assert who["consent"] == {"ad_user_data": "GRANTED"} and who["user_location"] == {"country_id": "DE"}
    assert event["params"] == {"event_id": "e-1"}
    assert b"ann@example.org" not in orjson.dumps(who) and b"Ann" not in orjson.dumps(who)


def test_what_is_empty_is_left_out():
    who, event = build(user_id="", value=None, coupon="", **{"user_properties.plan": None, "user_data.email": ""})
    assert who == {"client_id": "181234.1767225600"} and event["params"] == {"event_id": "e-1"}


def test_the_whole_cookie_is_taken_for_a_client_id():
    assert build(client_id="GA1.1.181234.1767225600")[0]["client_id"] == "181234.1767225600"
    assert build(client_id="GA1.2.5.6")[0]["client_id"] == "5.6"


def test_a_visit_without_engagement_gets_the_least_there_is():
    assert build(session_id="77")[1]["params"]["engagement_time_msec"] == 1
    assert build(session_id="77", engagement_time_msec=500)[1]["params"]["engagement_time_msec"] == 500
    assert "engagement_time_msec" not in build()[1]["params"]


def test_yes_and_no_are_sent_as_words():
    assert build(is_trial=True)[1]["params"]["is_trial"] == "true"


@pytest.mark.parametrize(
    ("value", "micros"),
    [
        ("2026-11-22T11:00:00Z", 1_795_345_200_000_000),
        ("2026-11-22T12:00:00+01:00", 1_795_345_200_000_000),
        ("2026-11-22T11:00:00", 1_795_345_200_000_000),
        (NOW - timedelta(hours=1), 1_795_345_200_000_000),
        ("2026-11-22T11:00:00.123456Z", 1_795_345_200_123_456),
    ],
)
def test_a_time_is_sent_in_microseconds_with_the_event(value, micros):
    assert build(timestamp=value)[1]["timestamp_micros"] == micros


def test_items_keep_their_parameters():
    items = [{"item_id": "s", "price": 9.5, "coupon": None}, {"item_name": "Seat"}]
    assert build(items=items)[1]["params"]["items"] == [{"item_id": "s", "price": 9.5}, {"item_name": "Seat"}]


LONG = "x" * 101
REFUSED = [
    ({"event_id": ""}, "missing_key", "event_id"),
    ({"event_id": "  "}, "missing_key", "event_id"),
    ({"name": None}, "required_missing", "name"),
    ({"client_id": " "}, "required_missing", "client_id"),
    ({"name": "session_start"}, "reserved_name", "name"),
    ({"name": "ad_click"}, "reserved_name", "name"),
    ({"name": "ga_thing"}, "reserved_name", "name"),
    ({"name": "_thing"}, "reserved_name", "name"),
    ({"name": "1st_visit"}, "invalid_name", "name"),
    ({"name": "new lead"}, "invalid_name", "name"),
    ({"name": "größe"}, "invalid_name", "name"),
    ({"name": "campaign@details"}, "invalid_name", "name"),
    ({"name": "n" * 41}, "invalid_name", "name"),
    ({"name": 7}, "invalid_name", "name"),
    ({"firebase_conversion": 1}, "reserved_name", "firebase_conversion"),
    ({"google_thing": 1}, "reserved_name", "google_thing"),
    ({"gtag.config": 1}, "reserved_name", "gtag.config"),
    ({"crm stage": "mql"}, "invalid_name", "crm stage"),
    ({"what.ever": "mql"}, "invalid_name", "what.ever"),
    ({"p" * 41: 1}, "invalid_name", "p" * 41),
    ({"coupon": LONG}, "too_long", "coupon"),
    ({"event_id": LONG}, "too_long", "event_id"),
    ({"page_title": "x" * 301}, "too_long", "page_title"),
    ({"page_location": "x" * 1001}, "too_long", "page_location"),
    ({"user_id": "x" * 257}, "too_long", "user_id"),
    ({"value": float("nan")}, "invalid_number", "value"),
    ({"value": float("inf")}, "invalid_number", "value"),
    ({"value": [1]}, "wrong_type", "value"),
    ({"value": {"a": 1}}, "wrong_type", "value"),
    ({"user_id": "ann@example.org"}, "personal_value", "user_id"),
    ({"client_id": "ann@example.org"}, "personal_value", "client_id"),
    ({"event_id": "ann@example.org"}, "personal_value", "event_id"),
    ({"lead_source": "from ann@example.org"}, "personal_value", "lead_source"),
    ({"page_location": "https://x.io/?mail=ann%40example.org"}, "personal_value", "page_location"),
    ({"user_properties.plan": "ann@example.org"}, "personal_value", "user_properties.plan"),
    ({"items": [{"item_name": "ann@example.org"}]}, "personal_value", "items.item_name"),
    ({"user_location.city": "ann@example.org"}, "personal_value", "user_location.city"),
    ({"user_properties.plan": "x" * 37}, "too_long", "user_properties.plan"),
    ({"user_properties.user_id": "7"}, "reserved_name", "user_properties.user_id"),
    ({f"user_properties.{'p' * 25}": "7"}, "invalid_name", f"user_properties.{'p' * 25}"),
    ({"user_properties.plan": ["a"]}, "wrong_type", "user_properties.plan"),
    ({"user_data.email": "nobody"}, "invalid_email", "user_data.email"),
    ({"user_data.phone": "0170 1234567"}, "wrong_type", "user_data.phone"),
    ({"user_data.phone": 491701234567}, "wrong_type", "user_data.phone"),
    ({"user_data.shoe_size": "44"}, "unknown_field", "user_data.shoe_size"),
    ({"user_location.street": "Main"}, "unknown_field", "user_location.street"),
    ({"consent.ad_user_data": "granted"}, "not_in_list", "consent.ad_user_data"),
    ({"consent.cookies": "GRANTED"}, "unknown_field", "consent.cookies"),
    ({"items": "seat"}, "wrong_type", "items"),
    ({"items": ["seat"]}, "wrong_type", "items"),
    ({"items": [{"a b": 1}]}, "invalid_name", "items.a b"),
    ({"items": [{"sizes": ["s"]}]}, "wrong_type", "items.sizes"),
    ({"items": [{}] * 201}, "too_many", "items"),
    ({"timestamp": "yesterday"}, "invalid_date", "timestamp"),
    ({"timestamp": NOW - timedelta(hours=72, seconds=1)}, "too_old", "timestamp"),
    ({"timestamp": NOW + timedelta(minutes=6)}, "out_of_range", "timestamp"),
    ({f"p{i}": i for i in range(25)}, "too_many", ""),
    ({f"user_properties.p{i}": i for i in range(26)}, "too_many", ""),
    ({"items": [{f"i{k}": "x" * 100 for k in range(10)}] * 200}, "too_large", ""),
]


@pytest.mark.parametrize(("changes", "code", "field"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_google_would_drop_is_refused_with_its_reason(changes, code, field):
    assert refuse(**changes) == (code, field)


def test_what_is_just_within_the_limits_passes():
    who, event = build(
        name="n" * 40,
        coupon="x" * 100,
        page_title="x" * 300,
        user_id="x" * 256,
        timestamp=NOW - timedelta(hours=72),
        **{f"p{i}": i for i in range(22)},
        **{f"user_properties.{'p' * 22}{i:02}": "x" * 36 for i in range(25)},
    )
    assert len(event["params"]) == 25 and len(who["user_properties"]) == 25


def test_a_message_quotes_no_value():
    with pytest.raises(RecordRejectedError) as caught:
        build(lead_source="secret ann@example.org")
    assert "secret" not in caught.value.message and caught.value.technical == ""


def test_the_fields_of_the_documentation_and_those_of_the_person_are_offered():
    schema = describe_events({"parameters": "crm_stage, lead_score,crm_stage coupon", "user_properties": "plan"})
    names = [field.name for field in schema.fields]
    assert len(names) == len(set(names))
    assert {"event_id", "crm_stage", "lead_score", "user_properties.plan", "user_data.email", "items"} <= set(names)


@pytest.mark.parametrize("typed", [{"parameters": "ok, ga_no"}, {"parameters": "1st"}, {"user_properties": "p" * 25}])
def test_a_name_that_google_does_not_take_is_a_matter_of_the_connection(typed):
    with pytest.raises(ConfigurationError, match="Change it there"):
        describe_events(typed)


def test_whatever_the_schema_offers_can_be_sent():
    values: dict[Any, Any] = {
        "integer": 5,
        "number": 1.5,
        "email": "ann@example.org",
        "phone": "+491701234567",
        "choice": "GRANTED",
        "datetime": "2026-11-22T11:00:00Z",
        "other": "x",
    }
    schema = describe_events({"parameters": "crm_stage", "user_properties": "plan"})
    record = {field.name: values.get(field.type.value, "abc") for field in schema.fields}
    event = build_event({**record, "items": [{"item_id": "s"}]}, NOW)
    assert len(orjson.loads(event.body)["params"]) == 16


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from([field.name for field in describe_events({}).fields]) | st.text(max_size=50)


@given(st.dictionaries(NAMES, VALUES, max_size=8))
def test_any_record_is_an_event_or_refused(record):
    try:
        event = build_event(record, NOW)
    except RecordRejectedError as refusal:
        assert refusal.code and refusal.message
        return
    body = orjson.loads(event.body)
    assert set(body) <= {"name", "params", "timestamp_micros"} and orjson.loads(event.who)["client_id"]


@given(st.datetimes())
def test_any_time_is_taken_or_refused(moment: datetime):
    try:
        build(timestamp=moment.isoformat())
    except RecordRejectedError as refusal:
        assert refusal.code in {"too_old", "out_of_range"}
