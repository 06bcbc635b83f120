"""What a call says happened, and to whom. Nothing that comes in is relied upon."""

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.adapters.segment.deliveries import LONGEST_ID, read_changes
from integrations.enums import ChangeKind
from integrations.incoming import Change, UnreadableDeliveryError

IDENTIFY = {
    "version": 1,
    "type": "identify",
    "userId": "019mr8mf4r",
    "anonymousId": "a-1",
    "messageId": "m-1",
    "traits": {"email": "achilles@segment.com", "plan": "Premium", "address": {"city": "Phthia"}, "tags": ["a"]},
    "context": {"campaign": {"source": "newsletter"}, "page": {"path": "/"}, "ip": "8.8.8.8", "library": {"name": "x"}},
    "timestamp": "2012-12-02T00:30:08.276Z",
    "receivedAt": "2012-12-02T00:30:09.276Z",
}
TRACK = {
    "version": 1,
    "type": "track",
    "userId": "019mr8mf4r",
    "event": "Purchased an Item",
    "messageId": "m-2",
    "properties": {"revenue": "39.95", "products": [{"sku": "a"}]},
    "timestamp": "2012-12-02T00:30:08+02:00",
}
DELETE = {"type": "delete", "userId": "019mr8mf4r", "timestamp": "2012-12-02T00:30:08.276Z"}


def read(*events, array=True):
    return read_changes(json.dumps(list(events) if array else events[0]).encode())


def without(event, *names, **changes):
    return {name: value for name, value in event.items() if name not in names} | changes


def test_an_identified_person_is_a_change_with_all_that_was_told():
    (change,) = read(IDENTIFY, array=False)
    assert change == Change(
        key="identify:m-1",
        object_name="users",
        record_id="019mr8mf4r",
        kind=ChangeKind.CHANGED,
        what="Person identified: email, plan, address, tags",
        at=datetime(2012, 12, 2, 0, 30, 8, 276_000, UTC),
        record={
            "id": "019mr8mf4r",
            "email": "achilles@segment.com",
            "plan": "Premium",
            "address.city": "Phthia",
            "tags": ["a"],
            "context.campaign.source": "newsletter",
            "context.page.path": "/",
            "userId": "019mr8mf4r",
            "anonymousId": "a-1",
            "timestamp": "2012-12-02T00:30:08.276Z",
        },
    )
    assert next(iter(change.record)) == "id"


def test_an_event_is_known_by_its_message_and_says_who_did_it():
    (change,) = read(TRACK)
    assert (change.key, change.object_name, change.record_id) == ("track:m-2", "events", "m-2")
    assert change.what == "Event: Purchased an Item" and change.at == datetime(2012, 12, 1, 22, 30, 8, tzinfo=UTC)
    assert change.record == {
        "id": "m-2",
        "eventId": "m-2",
        "event": "Purchased an Item",
        "userId": "019mr8mf4r",
        "anonymousId": None,
        "timestamp": "2012-12-02T00:30:08+02:00",
        "revenue": "39.95",
        "products": [{"sku": "a"}],
    }


def test_somebody_who_asked_to_be_forgotten_is_deleted():
    (change,) = read(DELETE)
    assert (change.object_name, change.record_id, change.kind) == ("users", "019mr8mf4r", ChangeKind.DELETED)
    assert change.record is None and change.what == "Asked to be deleted"


def test_what_happened_is_told_without_a_value():
    (change,) = read(without(IDENTIFY, traits={f"trait{i}": "secret" for i in range(9)}))
    assert change.what == "Person identified: trait0, trait1, trait2, trait3, trait4, trait5, …"


def test_one_call_may_hold_many_in_their_order():
    changes = read(IDENTIFY, TRACK, DELETE)
    assert [change.key.partition(":")[0] for change in changes] == ["identify", "track", "delete"]


@pytest.mark.parametrize(
    "event",
    [
        {"type": "page", "userId": "u", "properties": {}},
        {"type": "screen", "userId": "u"},
        {"type": "group", "groupId": "g", "userId": "u", "traits": {}},
        {"type": "alias", "userId": "u", "previousId": "p"},
        {"type": "brand_new", "userId": "u"},
        without(IDENTIFY, "userId", "anonymousId"),
        without(IDENTIFY, traits=None),
        without(TRACK, "event"),
        without(TRACK, "userId"),
        without(DELETE, "userId"),
    ],
    ids=str,
)
def test_what_is_of_no_interest_is_left_out(event):
    assert read(event, TRACK) == read(TRACK)


@pytest.mark.parametrize(
    ("event", "name", "record_id"),
    [
        (without(IDENTIFY, "type"), "users", "019mr8mf4r"),
        (without(TRACK, "type"), "events", "m-2"),
        (without(IDENTIFY, type="IDENTIFY"), "users", "019mr8mf4r"),
        (without(IDENTIFY, "userId"), "users", "a-1"),
        (without(IDENTIFY, userId=7), "users", "7"),
        (without(IDENTIFY, userId=True), "users", "a-1"),
        (without(IDENTIFY, userId={"a": 1}), "users", "a-1"),
        (without(IDENTIFY, userId="  "), "users", "a-1"),
    ],
)
def test_events_that_were_mapped_otherwise_are_understood(event, name, record_id):
    (change,) = read(event)
    assert (change.object_name, change.record_id, change.record["id"]) == (name, record_id, record_id)


def test_a_trait_called_id_does_not_take_the_place_of_the_id():
    (change,) = read(without(IDENTIFY, traits={"id": "other", "userId": "other"}))
    assert change.record["id"] == "019mr8mf4r" and change.record["userId"] == "019mr8mf4r"


def test_a_repetition_has_the_same_key_whatever_was_delivered_around_it():
    assert read(TRACK)[0].key == read(IDENTIFY, TRACK)[1].key
    assert read(DELETE)[0].key == read(without(DELETE, receivedAt="now"))[0].key


def test_events_without_a_message_id_are_known_by_all_they_hold():
    plain = without(TRACK, "messageId")
    one, again, other = (read(event)[0] for event in (plain, plain, plain | {"event": "x"}))
    assert one == again and len(one.record_id) <= LONGEST_ID
    assert one.record_id != other.record_id and one.key != other.key


@pytest.mark.parametrize("moment", [None, "soon", 5, "", "9999-12-31T23:59:59-23:59", {"a": 1}], ids=str)
def test_a_moment_that_is_none_is_left_open(moment):
    assert read(without(TRACK, timestamp=moment))[0].at is None


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"5", b'"x"', b"{}", b"<html>", b"\xff\xfe", b'{"a":1}', b"[5]", b'[{"type":"track"},[]]', b'{"type":5}',
     b'{"type":"track","event":"x","userId":"u"', b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_event_is_kept_with_its_reason(body):
    with pytest.raises(UnreadableDeliveryError) as caught:
        read_changes(body)
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("name", ["userId", "messageId"])
def test_an_id_that_is_too_long_to_keep_is_a_reason(name):
    with pytest.raises(UnreadableDeliveryError, match="characters"):
        read(without(TRACK, **{name: "x" * (LONGEST_ID + 1)}))


def test_lists_inside_lists_without_an_end_are_a_reason():
    deep = json.loads("[" * 300 + "]" * 300)
    with pytest.raises(UnreadableDeliveryError):
        read(without(TRACK, properties={"deep": deep}))


def test_parts_of_parts_far_inside_stay_together():
    (change,) = read(without(TRACK, properties={"a": {"b": {"c": {"d": {"e": 1}}}}}))
    assert change.record["a.b.c.d"] == {"e": 1}


def test_half_an_emoji_does_not_make_it_unreadable():
    (change,) = read_changes(b'{"type":"track","userId":"u","event":"x","properties":{"a":"\\ud83d"}}')
    assert change.record["a"] == "?"


def test_five_megabytes_are_read_in_a_second():
    event = without(IDENTIFY, traits={f"t{i}": {"a": "x" * 10} for i in range(100)})
    body = json.dumps([event] * 1_700).encode()
    assert len(body) > 5_000_000
    started = time.process_time()
    assert len(read_changes(body)) == 1_700
    assert time.process_time() - started < 2


texts = st.text(max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(
    ["type", "userId", "anonymousId", "event", "traits", "properties", "messageId", "timestamp", "context"]
)
events = st.dictionaries(names | texts, values | st.sampled_from(["identify", "track", "delete", "Größe"]), max_size=9)


@settings(max_examples=300)
@given(st.binary() | (events | st.lists(events | values, max_size=4)).map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_result_or_a_reason(body):
    try:
        changes = read_changes(body)
    except UnreadableDeliveryError as problem:
        assert problem.message.endswith(".")
        return
    for change in changes:
        assert 0 < len(change.record_id) <= LONGEST_ID and len(change.key) < 170 and len(change.what) < 300
        assert change.record is None or change.record["id"] == change.record_id
