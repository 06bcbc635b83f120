"""The Tracking API says yes to nearly everything, and loses what it cannot use."""

import base64
import gzip
import json

import httpx
import pytest

from integrations.sandbox.segment.credentials import SWITCHED_OFF_KEY, WRITE_KEY

TRACK = {"type": "track", "userId": "u1", "event": "Signed Up", "properties": {"plan": "pro"}}
GROUP = {"type": "group", "userId": "u1", "groupId": "acme", "traits": {"name": "Acme"}}


def test_what_can_be_used_is_kept(send, told, person):
    answer = send(person(), TRACK, GROUP)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [told(name)["writes"] for name in ("users", "events", "groups")] == [1, 1, 1]
    assert told("lost") == {}


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"type": "identify", "traits": {"email": "a@x.io"}}, "no_user_anon_id"),
        ({"type": "track", "userId": "u1"}, "no_event"),
        ({"type": "group", "userId": "u1"}, "no_groupId"),
        ({"type": "alias", "userId": "u1"}, "no_previousId"),
        ({"type": "brand_new", "userId": "u1"}, "unknown_type"),
        ("text", "unknown_type"),
    ],
    ids=str,
)
def test_what_cannot_is_lost_with_a_yes_and_can_be_looked_at(send, told, control, event, reason):
    assert send(event).json() == {"success": True}
    assert told("lost") == {reason: 1}
    assert control.get("/segment/lost/records").json()["records"] == [{"reason": reason, "event": event}]


@pytest.mark.parametrize(("key", "reason"), [("wrong", "unknown_write_key"), (SWITCHED_OFF_KEY, "source_disabled")])
def test_a_wrong_key_hears_yes_too(sandbox, told, person, key, reason):
    answer = httpx.post(f"{sandbox.url}/v1/batch", json={"batch": [person()]}, auth=(key, ""))
    assert (answer.status_code, told("lost")) == (200, {reason: 1})
    assert told("users")["stored"] == 0


@pytest.mark.parametrize(
    ("header", "inside"),
    [(f"{WRITE_KEY}:", {}), (WRITE_KEY, {}), ("", {"writeKey": WRITE_KEY})],
    ids=["header", "header-without-colon", "body"],
)
def test_the_key_may_be_in_the_header_or_in_the_body(sandbox, told, person, header, inside):
    headers = {"Authorization": f"Basic {base64.b64encode(header.encode()).decode()}"} if header else {}
    httpx.post(f"{sandbox.url}/v1/batch", json={"batch": [person()], **inside}, headers=headers)
    assert told("users")["writes"] == 1


@pytest.mark.parametrize("kind", ["identify", "track", "group", "page", "screen", "alias"])
def test_each_type_has_a_path_of_its_own(tracking, told, kind):
    event = {"userId": "u1", "event": "x", "groupId": "g", "previousId": "p", "traits": {"a": 1}}
    assert tracking.post(f"/{kind}", json=event).json() == {"success": True}
    assert told("lost") == {}


def test_a_packed_call_is_understood(tracking, told, person):
    body = gzip.compress(json.dumps({"batch": [person()]}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert tracking.post("/batch", content=body, headers=headers).status_code == 200
    assert told("users")["writes"] == 1


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"batch":{}}', "application/json", 400),
        (b'{"batch":[]}', "text/plain", 415),
        (b'{"batch":[]}', "application/json; charset=utf-8", 200),
    ],
)
def test_only_what_is_no_json_is_refused(tracking, content, kind, status):
    answer = tracking.post("/batch", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status and answer.json()["success"] is (status == 200)


def test_an_event_of_more_than_32_kb_refuses_its_call(send, told, person):
    assert send(person(1), person(2, bio="x" * 33_000)).status_code == 400
    assert told("users")["writes"] == 0


def test_a_call_of_more_than_500_kb_is_refused_without_a_word(send, person):
    answer = send(*[person(i, bio="x" * 30_000) for i in range(17)])
    assert answer.status_code == 400 and "message" not in answer.json()


def test_more_than_2500_in_a_call_are_lost(send, told, person):
    assert send(*[person(i) for i in range(2_510)]).status_code == 200
    assert (told("users")["writes"], told("lost")) == (2_500, {"more_than_2500_in_a_call": 10})


def test_what_comes_again_with_its_id_counts_once_for_a_day(send, told, control):
    event = {**TRACK, "messageId": "m1"}
    send(event)
    send(event)
    assert (told("events")["writes"], told("events")["repeated"]) == (1, 1)
    control.post("/clock", json={"advance_seconds": 86_401})
    send(event)
    assert (told("events")["writes"], told("events")["keys_written_more"]) == (2, 1)


def test_an_id_is_compared_whatever_the_event_holds(send, told):
    send({**TRACK, "messageId": "m1"})
    send({**TRACK, "messageId": "m1", "event": "Another"})
    assert told("events")["writes"] == 1


def test_what_has_no_id_is_given_one_and_always_counts(send, told):
    send(TRACK, TRACK)
    assert told("events")["writes"] == 2


def test_the_context_of_a_call_is_that_of_each_event(send, control):
    send({**TRACK, "context": {"ip": "8.8.8.8"}}, context={"library": {"name": "x"}})
    (event,) = control.get("/segment/events/records").json()["records"]
    assert event["context"] == {"library": {"name": "x"}, "ip": "8.8.8.8"}
    assert event["receivedAt"] and event["channel"] == "server"


def test_a_thousand_calls_a_second_and_then_a_pause(tracking, control, person):
    control.post("/settings", json={"segment_calls": 3})
    answers = [tracking.post("/identify", json=person()) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert (answers[3].headers["Retry-After"], answers[3].headers["X-RateLimit-Reset"]) == ("1", "1")
    control.post("/clock", json={"advance_seconds": 1})
    assert tracking.post("/identify", json=person()).status_code == 200


def test_what_was_taken_shows_after_a_while(send, told, control, person):
    control.post("/settings", json={"segment_lag": 30})
    send(person())
    assert told("users")["stored"] == 0
    control.post("/clock", json={"advance_seconds": 31})
    assert told("users")["stored"] == 1


def test_no_such_path_is_segments_own_refusal(tracking):
    answer = tracking.get("/batch")
    assert (answer.status_code, answer.json()["success"]) == (404, False)
