"""The vendor's own client, segment-analytics-python 2.4, works against the sandbox."""

import pytest
from segment.analytics.client import Client
from segment.analytics.oauth_manager import OauthManager

from integrations.sandbox.segment.credentials import APP_ID, KEY_ID, WRITE_KEY
from integrations.sandbox.segment.key import private_pem


@pytest.fixture
def client(sandbox):
    made = []

    def make(**more):
        made.append(Client(WRITE_KEY, host=sandbox.url, max_retries=2, on_error=_raise, **more))
        return made[-1]

    yield make
    for one in made:
        if one.consumers:
            one.join()


def _raise(error, items):
    raise AssertionError(error)


def say_all(client):
    client.identify("u1", {"email": "ann@x.io", "plan": "pro"})
    client.track("u1", "Signed Up", {"plan": "pro"})
    client.group("u1", "acme", {"name": "Acme"})
    client.page("u1", "Docs", "Pricing")
    client.alias("old", "u1")
    client.flush()


@pytest.mark.parametrize("more", [{}, {"gzip": True}, {"sync_mode": True}, {"upload_size": 2}], ids=str)
def test_everything_it_says_arrives(client, told, profiles, more):
    say_all(client(**more))
    assert [told(name)["writes"] for name in ("users", "events", "groups")] == [1, 1, 1]
    assert told("lost") == {}
    assert profiles.get("/users/profiles/user_id:u1/traits").json()["traits"] == {"email": "ann@x.io", "plan": "pro"}


def test_it_signs_in_by_oauth(sandbox, told):
    one = Client(
        WRITE_KEY,
        host=sandbox.url,
        sync_mode=True,
        oauth_client_id=APP_ID,
        oauth_client_key=private_pem(),
        oauth_key_id=KEY_ID,
        oauth_auth_server=f"{sandbox.url}/oauth2",
    )
    one.identify("u1", {"email": "ann@x.io"})
    assert told("users")["writes"] == 1


def test_its_tokens_are_ours(sandbox):
    manager = OauthManager(APP_ID, private_pem(), KEY_ID, auth_server=f"{sandbox.url}/oauth2")
    assert manager.get_token()


def test_it_waits_as_long_as_it_is_told_and_then_everything_arrives(client, told, control):
    fault = {"platform": "segment", "route": "/v1/batch", "kind": "status", "status": 429, "times": 1}
    control.post("/faults", json={**fault, "headers": {"Retry-After": "1"}})
    one = client()
    one.track("u1", "Signed Up")
    one.flush()
    assert told("events")["writes"] == 1


def test_what_it_sends_twice_counts_once(client, told, control):
    fault = {"platform": "segment", "route": "/v1/batch", "kind": "status", "status": 500, "times": 1, "when": "after"}
    control.post("/faults", json=fault)
    one = client()
    one.track("u1", "Signed Up")
    one.flush()
    assert (told("events")["writes"], told("events")["repeated"]) == (1, 1)
