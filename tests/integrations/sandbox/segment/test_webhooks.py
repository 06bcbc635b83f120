"""How the simulated Segment calls, and that our adapter understands it."""

import hmac
from datetime import UTC, datetime

import orjson
import pytest

from integrations.adapters.registry import capabilities
from integrations.enums import ChangeKind, Proof
from integrations.incoming import Account, Call, SignatureError
from tests.integrations.sandbox.listening import Listener

FORMAT = capabilities("segment").webhook
TOKEN, SECRET = "a-bearer-token", "a-shared-secret"


@pytest.fixture
def listener():
    with Listener() as somebody:
        yield somebody


@pytest.fixture
def subscribe(control, listener):
    def call(**more):
        answer = control.post("/segment/webhooks", json={"url": listener.url, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    return call


@pytest.fixture
def touch(control):
    def call(name="users", count=1, **values):
        return control.post(f"/segment/{name}/touch", json={"count": count, "properties": values}).json()["ids"]

    return call


def as_call(heard):
    return Call("POST", "https://panel.example/hooks/x/", heard.headers, heard.body, datetime.now(UTC))


def changes(heard):
    return [change for one in heard for change in FORMAT.parse(as_call(one))]


def test_a_visitor_who_says_who_he_is_is_told_with_his_traits(subscribe, touch, listener):
    subscribe(token=TOKEN)
    (who,) = touch(plan="pro")
    (heard,) = listener.wait_for(1)
    assert heard.headers["user-agent"] == "Segment.io/1.0"
    assert FORMAT.verify(as_call(heard), Account({"webhook_token": TOKEN})) == Proof.SIGNED
    (change,) = changes([heard])
    assert (change.object_name, change.record_id, change.kind) == ("users", who, ChangeKind.CHANGED)
    assert change.record["plan"] == "pro" and "@" in change.record["email"] and change.record["company.name"]
    assert change.record["context.campaign.source"] == "newsletter"


def test_the_classic_destination_makes_a_call_for_each_event(subscribe, touch, listener):
    subscribe(mode="classic", secret=SECRET)
    touch(count=3)
    heard = listener.wait_for(3)
    assert {type(orjson.loads(one.body)) for one in heard} == {dict}
    assert {FORMAT.verify(as_call(one), Account({"webhook_secret": SECRET})) for one in heard} == {Proof.SIGNED}


def test_the_actions_destination_signs_the_first_of_many(subscribe, touch, listener):
    subscribe(mode="actions", secret=SECRET)
    touch(count=20)
    (heard,) = listener.wait_for(1)
    events = orjson.loads(heard.body)
    assert len(events) == 20
    wanted = hmac.new(SECRET.encode(), orjson.dumps(events[0]), "sha1").hexdigest()
    assert heard.headers["x-signature"] == wanted
    assert FORMAT.verify(as_call(heard), Account({"webhook_secret": SECRET})) == Proof.ACCOUNT
    with pytest.raises(SignatureError):
        FORMAT.verify(as_call(heard), Account({"webhook_secret": "another"}))
    assert len(changes([heard])) == 20


def test_a_batch_may_be_smaller_or_none(subscribe, touch, listener):
    subscribe(mode="actions", batch=5)
    subscribe(mode="actions", batch=0)
    touch(count=10)
    sizes = sorted(
        len(found) if isinstance(found := orjson.loads(one.body), list) else 0 for one in listener.wait_for(12)
    )
    assert sizes == [0] * 10 + [5, 5]


def test_events_come_too_and_only_those_that_are_wanted(subscribe, touch, listener):
    subscribe(types=["track"])
    touch("users")
    (number,) = touch("events", plan="team")
    (change,) = changes(listener.wait_for(1))
    assert (change.object_name, change.record_id) == ("events", number)
    assert change.record["event"] == "Signed Up" and change.record["plan"] == "team"


def test_what_we_send_is_not_told_to_us_unless_a_destination_hangs_on_our_source(
    subscribe, send, touch, listener, person
):
    subscribe()
    subscribe(sources=["Syncpanel"])
    send(person())
    (change,) = changes(listener.wait_for(1))
    assert change.record_id == "u1"


def test_a_deletion_is_told(subscribe, touch, listener, public):
    subscribe()
    (who,) = touch()
    public.post("/regulations", json={"regulationType": "DELETE_ONLY", "subjectType": "USER_ID", "subjectIds": [who]})
    told = changes(listener.wait_for(1))
    told = told if len(told) == 2 else changes(listener.wait_for(2))
    assert [(change.record_id, change.kind) for change in told] == [
        (who, ChangeKind.CHANGED),
        (who, ChangeKind.DELETED),
    ]


@pytest.mark.parametrize(("status", "again"), [(500, True), (429, True), (400, False), (404, False)])
def test_trouble_is_repeated_for_four_hours_and_a_refusal_never(subscribe, touch, listener, control, status, again):
    control.post("/settings", json={"webhook_pace": 1_000_000})
    subscribe()
    listener.answer = lambda heard, before: (status if before == 0 else 200, b"")
    touch()
    listener.wait_for(2 if again else 1)
    for _ in range(200):
        told = control.get("/webhooks").json()["subscribers"][0]
        if told["acknowledged"] + told["dropped"]:
            break
    assert (told["retried"], told["acknowledged"], told["dropped"]) == ((1, 1, 0) if again else (0, 0, 1))


def test_after_four_hours_it_is_given_up(subscribe, touch, listener, control):
    control.post("/settings", json={"webhook_pace": 1_000_000})
    subscribe()
    listener.answer = lambda heard, before: (503, b"")
    touch()
    assert len(listener.wait_for(10)) == 10
    assert sum((30, 60, 120, 240, 480, 960, 1_920, 3_840, 6_750)) == 4 * 3_600


@pytest.mark.parametrize("option", [{"mode": "pigeon"}, {"colour": "red"}, {"batch": 4_001}], ids=str)
def test_an_option_there_is_not_is_refused(control, listener, option):
    assert control.post("/segment/webhooks", json={"url": listener.url, **option}).status_code == 400


def test_nobody_touches_a_company(control):
    assert control.post("/segment/groups/touch", json={"count": 1}).status_code == 400
