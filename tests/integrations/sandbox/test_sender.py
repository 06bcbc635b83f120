"""Simulated platforms call whoever subscribed, as their vendors do."""

import hashlib
import time
from collections.abc import Iterator

import httpx
import orjson
import pytest

from tests.integrations.sandbox.conftest import TLS
from tests.integrations.sandbox.listening import Heard, Listener

CONTACTS = "hubspot/contacts"


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as somebody:
        yield somebody


def subscribe(control: httpx.Client, listener: Listener, platform: str = "hubspot", **more: object) -> int:
    answer = control.post(f"/{platform}/webhooks", json={"url": listener.url, **more})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def touch(control: httpx.Client, count: int = 1, path: str = CONTACTS, **values: str) -> list[str]:
    body = {"count": count, "properties": values or {"city": "Cork"}}
    return list(control.post(f"/{path}/touch", json=body).json()["ids"])


def tell(control: httpx.Client) -> dict[str, object]:
    return dict(control.get("/webhooks").json()["subscribers"][0])


def wait_until(control: httpx.Client, seconds: float = 10, **wanted: int) -> dict[str, object]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told = tell(control)
        if all(told[name] == value for name, value in wanted.items()):
            return told
        time.sleep(0.02)
    raise AssertionError(f"{wanted} did not come: {told}")


def events(heard: list[Heard]) -> list[dict[str, object]]:
    return [event for one in heard for event in orjson.loads(one.body)]


def test_a_change_is_told_to_who_subscribed(control, listener):
    subscribe(control, listener)
    ids = touch(control)
    event = events(listener.wait_for(1))[0]
    assert (event["subscriptionType"], str(event["objectId"])) == ("contact.propertyChange", ids[0])
    told = wait_until(control, acknowledged=1)
    assert (told["sent"], told["retried"], told["acknowledged_happenings"]) == (1, 0, 1)


def test_nobody_is_called_who_does_not_want_to(control, listener):
    subscribe(control, listener, properties=["email"], types=["contact.propertyChange"])
    touch(control)
    assert tell(control)["told"] == 0


def test_a_hundred_happenings_travel_in_one_call_or_as_few_as_asked(control, listener):
    subscribe(control, listener)
    touch(control, 250)
    assert sorted(len(orjson.loads(one.body)) for one in listener.wait_for(3)) == [50, 100, 100], "in any order"
    control.post("/settings", json={"webhook_most": 1})
    touch(control, 3, city="Galway")
    assert all(len(orjson.loads(one.body)) == 1 for one in listener.wait_for(6)[3:])


def test_who_does_not_answer_well_is_called_again_on_the_ladder(control, listener):
    control.post("/settings", json={"webhook_pace": 600})
    listener.answer = lambda heard, before: (500 if before < 2 else 200, b"")
    subscribe(control, listener)
    touch(control)
    heard = listener.wait_for(3)
    assert [event["attemptNumber"] for event in events(heard)] == [0, 1, 2]
    told = wait_until(control, acknowledged=1)
    assert (told["sent"], told["retried"]) == (3, 2)


def test_who_never_answers_is_given_up_in_the_end(control, listener):
    control.post("/settings", json={"webhook_pace": 1e6})
    listener.answer = lambda heard, before: (404, b"")
    subscribe(control, listener)
    touch(control)
    told = wait_until(control, given_up=1)
    assert (told["sent"], told["retried"], told["acknowledged"]) == (11, 10, 0)


def test_a_repetition_that_waits_holds_nobody_up(control, listener):
    control.post("/settings", json={"webhook_pace": 1, "webhook_most": 1, "webhook_in_flight": 1})
    listener.answer = lambda heard, before: (500 if before < 5 else 200, b"")
    subscribe(control, listener)
    touch(control, 10)
    told = wait_until(control, acknowledged=5)
    assert told["to_repeat"] == 5


def test_a_listener_that_is_away_is_called_again(control):
    control.post("/settings", json={"webhook_pace": 600})
    control.post("/hubspot/webhooks", json={"url": "http://127.0.0.1:1/hooks/x/"})
    touch(control)
    wait_until(control, retried=1)


def test_calls_come_twice_and_in_another_order_when_asked(control, listener):
    control.post("/settings", json={"webhook_duplicates": 1.0, "webhook_reorder": True, "webhook_most": 1})
    subscribe(control, listener)
    touch(control, 10)
    ids = [event["objectId"] for event in events(listener.wait_for(20))]
    assert len(ids) == 20
    assert len(set(ids)) == 10
    assert ids != sorted(ids)
    assert wait_until(control, acknowledged=20)["doubled"] == 10


def test_no_more_calls_are_under_way_than_allowed(control, listener):
    under_way, most = [0], [0]

    def answer(heard: Heard, before: int) -> tuple[int, bytes]:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        time.sleep(0.05)
        under_way[0] -= 1
        return 200, b""

    control.post("/settings", json={"webhook_in_flight": 3, "webhook_most": 1})
    listener.answer = answer
    subscribe(control, listener)
    touch(control, 12)
    listener.wait_for(12)
    assert 1 < most[0] <= 3


def test_an_ended_subscription_and_a_reset_are_quiet(control, listener):
    number = subscribe(control, listener)
    assert control.delete("/webhooks", params={"id": number}).json() == {"deleted": 1}
    touch(control)
    subscribe(control, listener)
    control.post("/reset", json={})
    assert control.get("/webhooks").json()["subscribers"] == []
    assert listener.heard == []


@pytest.mark.parametrize(
    ("platform", "body"),
    [
        ("hubspot", {}),
        ("hubspot", {"url": "http://x", "colour": "red"}),
        ("hubspot", {"url": "http://x", "signature": "v9"}),
        ("salesforce", {"url": "http://x", "colour": "red"}),
        ("moonbase", {"url": "http://x"}),
    ],
    ids=str,
)
def test_a_subscription_that_cannot_be_is_refused(control, platform, body):
    assert control.post(f"/{platform}/webhooks", json=body).status_code == 400


def fault(control: httpx.Client, kind: str) -> int:
    answer = control.post("/faults", json={"platform": "hubspot", "kind": kind})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def test_while_it_is_silent_nothing_is_told_and_all_of_it_later(control, listener):
    subscribe(control, listener)
    number = fault(control, "silent")
    touch(control, 3)
    time.sleep(0.5)
    assert listener.heard == []
    control.delete(f"/faults?id={number}")
    assert len(events(listener.wait_for(1))) == 3


def test_what_somebody_else_signs_is_the_same_call_with_another_signature(control, listener):
    subscribe(control, listener, secret="ours")
    touch(control)
    good = listener.wait_for(1)[0]
    fault(control, "forged")
    touch(control, city="Bonn")
    bad = listener.wait_for(2)[1]
    assert verify(good)
    assert not verify(bad)
    assert events([bad])[0]["subscriptionType"] == "contact.propertyChange"


def verify(heard: Heard) -> bool:
    wanted = hashlib.sha256(b"ours" + heard.body).hexdigest()
    return heard.headers["x-hubspot-signature"] == wanted


def test_in_a_flood_everything_is_told_a_hundred_times(control, listener):
    subscribe(control, listener)
    fault(control, "flood")
    touch(control)
    told = wait_until(control, told=100)
    assert told["dropped"] == 0
    found = events(listener.wait_for(1))
    assert len({event["eventId"] for event in found}) == 1


def test_a_fault_of_calls_leaves_requests_alone(control, listener):
    fault(control, "silent")
    answer = control.get("/hubspot/contacts/summary")
    assert answer.status_code == 200
    assert (
        httpx.get(f"{str(control.base_url).removesuffix('/_control/')}/crm/v3/objects/contacts", verify=TLS).status_code
        == 401
    )
