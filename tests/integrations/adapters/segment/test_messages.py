"""What travels for a record, and what does not leave since Segment could not use it."""

from datetime import date, datetime
from uuid import UUID

import pytest

from integrations.adapters.segment.messages import MOST_BYTES, MOST_PROPERTIES, make_anonymous_id
from integrations.reasons import TITLES

ANN = {"userId": "u1", "email": "ann@example.org"}
DEAL = {"eventId": "d1", "event": "Deal Won", "userId": "u1"}
ACME = {"groupId": "acme", "userId": "u1", "name": "Acme"}


def sent(segment, record, **more):
    """The one message; its id is looked at elsewhere."""
    one = segment()
    (result,) = one.upload([record], **more).results
    assert result.ok, result
    (message,) = one.messages
    return {name: value for name, value in message.items() if name != "messageId"}


def refused(segment, record, **more):
    """Code and field; no call was made."""
    one = segment()
    outcome = one.upload([record], **more)
    (result,) = outcome.results
    assert not result.ok and not one.requests and not outcome.exchanges
    assert result.code in TITLES and result.message.endswith(".") and "@" not in result.message
    return result.code, result.field


def test_a_person_is_identified_with_free_traits_beside_those_segment_knows(segment):
    record = {**ANN, "plan": "pro", "seats": 3, "tags": ["a", "b"], "timestamp": "2026-03-01T10:30:00+01:00"}
    assert sent(segment, record) == {
        "type": "identify",
        "userId": "u1",
        "timestamp": "2026-03-01T09:30:00.000Z",
        "traits": {"email": "ann@example.org", "plan": "pro", "seats": 3, "tags": ["a", "b"]},
    }


def test_an_event_has_a_name_and_properties_and_its_key_is_not_sent(segment):
    record = {**DEAL, "revenue": "99.50", "context.campaign.source": "newsletter", "products": [{"sku": "a"}]}
    assert sent(segment, record, object_name="events", mode="create", key="eventId") == {
        "type": "track",
        "userId": "u1",
        "event": "Deal Won",
        "properties": {"revenue": 99.5, "products": [{"sku": "a"}]},
        "context": {"campaign": {"source": "newsletter"}},
    }


def test_a_company_is_a_group_with_somebody_in_it(segment):
    record = {**ACME, "employees": "329", "email": "info@acme.example"}
    assert sent(segment, record, object_name="groups", key="groupId") == {
        "type": "group",
        "userId": "u1",
        "groupId": "acme",
        "traits": {"name": "Acme", "employees": 329, "email": "info@acme.example"},
    }


def test_a_dot_makes_a_part_of_a_larger_trait(segment):
    record = {**ANN, "address.city": "Cork", "address.country": "Ireland", "company.employee_count": 4, "a.b.c": 1}
    assert sent(segment, record)["traits"] == {
        "email": "ann@example.org",
        "address": {"city": "Cork", "country": "Ireland"},
        "company": {"employee_count": 4},
        "a": {"b": {"c": 1}},
    }


def test_who_has_no_user_id_is_known_by_the_address_whatever_its_letters(segment):
    one, other = (sent(segment, {"email": address}, key="email") for address in ("Ann@Example.org", "ann@example.org"))
    assert one["anonymousId"] == other["anonymousId"] == make_anonymous_id("ann@example.org")
    assert UUID(one["anonymousId"]).version == 5 and "userId" not in one


def test_the_id_made_of_an_address_never_changes():
    assert make_anonymous_id(" ann@Example.org ") == "a94bbf94-1bfa-58f8-901e-adb560c44851"


def test_an_event_of_somebody_without_a_user_id_belongs_to_the_same_person(segment):
    record = {"eventId": "d1", "event": "Deal Won", "email": "ann@example.org"}
    message = sent(segment, record, object_name="events", mode="create", key="eventId")
    assert message["anonymousId"] == make_anonymous_id("ann@example.org")


def test_an_empty_value_empties_a_trait_and_says_nothing_in_an_event(segment):
    assert sent(segment, {**ANN, "phone": None, "age": "", "plan": " "})["traits"] == {
        "email": "ann@example.org",
        "phone": None,
        "age": None,
        "plan": None,
    }
    event = sent(segment, {**DEAL, "plan": None, "note": ""}, object_name="events", key="eventId")
    assert event["properties"] == {}


@pytest.mark.parametrize(
    ("field", "value", "wire"),
    [
        ("age", 41, 41),
        ("age", "41", 41),
        ("age", " 41.5 ", 41.5),
        ("birthday", "1985-04-01", "1985-04-01"),
        ("birthday", date(1985, 4, 1), "1985-04-01"),
        ("createdAt", "2026-03-01", "2026-03-01T00:00:00.000Z"),
        ("createdAt", datetime(2026, 3, 1, 9, 30), "2026-03-01T09:30:00.000Z"),
        ("createdAt", "2026-03-01T09:30:00.123456Z", "2026-03-01T09:30:00.123Z"),
        ("email", " ann@example.org ", "ann@example.org"),
        ("firstName", "Zoë 🎉", "Zoë 🎉"),
        ("unknown", 10**30, 10**30),
        ("unknown", True, True),
    ],
    ids=str,
)
def test_values_are_written_as_the_spec_has_them(segment, field, value, wire):
    assert sent(segment, {"userId": "u1", field: value})["traits"] == {field: wire}


@pytest.mark.parametrize(("given", "wire"), [(7, "7"), (7.0, "7"), (" u1 ", "u1")])
def test_an_id_is_text(segment, given, wire):
    assert sent(segment, {"userId": given})["userId"] == wire


@pytest.mark.parametrize(
    ("record", "more", "told"),
    [
        ({"userId": " ", "firstName": "Ann"}, {}, ("missing_key", "userId")),
        ({"email": None, "firstName": "Ann"}, {"key": "email"}, ("missing_key", "email")),
        ({**ANN, "email": "no-address"}, {}, ("invalid_email", "email")),
        ({**ANN, "age": "old"}, {}, ("invalid_number", "age")),
        ({**ANN, "age": True}, {}, ("invalid_number", "age")),
        ({**ANN, "birthday": "1.4.1985"}, {}, ("invalid_date", "birthday")),
        ({**ANN, "birthday": 5}, {}, ("invalid_date", "birthday")),
        ({**ANN, "createdAt": "soon"}, {}, ("invalid_date", "createdAt")),
        ({**ANN, "createdAt": "0001-01-01T00:00:00+14:00"}, {}, ("invalid_date", "createdAt")),
        ({**ANN, "timestamp": "soon"}, {}, ("invalid_date", "timestamp")),
        ({**ANN, "firstName": 5}, {}, ("wrong_type", "firstName")),
        ({**ANN, "address": "Cork", "address.city": "Cork"}, {}, ("wrong_type", "address.city")),
        ({**ANN, "address.city": "Cork", "address": "Cork"}, {}, ("wrong_type", "address")),
        ({**ANN, "bio": "x" * MOST_BYTES}, {}, ("too_large", "")),
        ({**ANN, **{f"f{i}": 1 for i in range(MOST_PROPERTIES)}}, {}, ("too_large", "")),
        ({**DEAL, "event": ""}, {"object_name": "events", "key": "eventId"}, ("required_missing", "event")),
        ({**DEAL, "eventId": None}, {"object_name": "events", "key": "eventId"}, ("missing_key", "eventId")),
        ({**DEAL, "userId": None}, {"object_name": "events", "key": "eventId"}, ("missing_key", "userId")),
        ({**ACME, "groupId": ""}, {"object_name": "groups", "key": "groupId"}, ("missing_key", "groupId")),
        ({**ACME, "groupId": ""}, {"object_name": "groups", "key": "userId"}, ("required_missing", "groupId")),
        (
            {"groupId": "acme", "email": "info@acme.example"},
            {"object_name": "groups", "key": "groupId"},
            ("missing_key", "userId"),
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_segment_would_lose_is_held_with_its_reason(segment, record, more, told):
    assert refused(segment, record, **more) == told


def test_a_message_may_be_as_large_as_segment_takes(segment):
    one = segment()
    frame = len(segment_body(segment, {**ANN, "bio": ""}))
    whole, over = ({**ANN, "bio": "x" * (MOST_BYTES - frame - more)} for more in (0, -1))
    assert [result.ok for result in one.upload([whole, over]).results] == [True, False]


def segment_body(segment, record):
    """The bytes of one message, with an empty text instead of nothing."""
    one = segment()
    one.upload([{**record, "bio": "x"}])
    body = one.adapter.upload_batch("users", [{**record, "bio": "x"}], "upsert", "userId", trace="7-1")
    text = body.exchanges[0].request_body
    return text[text.index(b"[") + 1 : text.rindex(b'],"sentAt"')].replace(b'"bio":"x"', b'"bio":""')
