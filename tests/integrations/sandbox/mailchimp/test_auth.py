"""Signing in to the simulated Mailchimp, and the calls it takes at one time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from integrations.sandbox.clock import Clock
from integrations.sandbox.mailchimp import credentials
from integrations.sandbox.mailchimp.connections import Connections
from integrations.sandbox.settings import Settings
from tests.integrations.sandbox.conftest import TLS
from tests.integrations.sandbox.mailchimp.conftest import MEMBERS


def ask(sandbox, path="/3.0/", **more):
    return httpx.get(f"{sandbox.url}{path}", verify=TLS, **more)


@pytest.mark.parametrize(
    "signed",
    [
        {"auth": ("anybody", credentials.API_KEY)},
        {"headers": {"Authorization": f"Bearer {credentials.API_KEY}"}},
        {"headers": {"Authorization": f"Bearer {credentials.ACCESS_TOKEN}"}},
        {"headers": {"Authorization": f"OAuth {credentials.ACCESS_TOKEN}"}},
    ],
)
def test_every_way_to_sign_in_is_taken(sandbox, signed):
    body = ask(sandbox, **signed).json()
    assert (body["account_id"], body["role"]) == (credentials.ACCOUNT_ID, "owner")
    assert ask(sandbox, "/3.0/ping", **signed).json() == {"health_status": "Everything's Chimpy!"}


@pytest.mark.parametrize(
    ("signed", "title"),
    [
        ({}, "API Key Missing"),
        ({"headers": {"Authorization": "Basic ???"}}, "API Key Missing"),
        ({"auth": ("x", credentials.API_KEY.replace("us21", "us1"))}, "API Key Invalid"),
        ({"headers": {"Authorization": "Bearer nope"}}, "API Key Invalid"),
    ],
)
def test_any_other_is_not(sandbox, signed, title):
    answer = ask(sandbox, **signed)
    assert (answer.status_code, answer.json()["title"]) == (401, title)


def test_a_viewer_may_look_and_not_write(sandbox):
    signed = {"headers": {"Authorization": f"Bearer {credentials.VIEWER_KEY}"}, "verify": TLS}
    assert httpx.get(f"{sandbox.url}/3.0{MEMBERS}", **signed).status_code == 200
    answer = httpx.post(f"{sandbox.url}/3.0{MEMBERS}", json={}, **signed)
    assert (answer.status_code, answer.json()["title"]) == (403, "User action not permitted")


def test_a_key_can_be_revoked(mailchimp, control):
    control.post("/faults", json={"platform": "mailchimp", "kind": "revoke"})
    assert mailchimp.get("/ping").status_code == 401


def test_a_code_becomes_a_token_that_tells_where_its_account_is(sandbox):
    form = {"grant_type": "authorization_code", "client_id": credentials.CLIENT_ID, "code": credentials.CODE}
    url = f"{sandbox.url}/login/oauth2/token"
    answer = httpx.post(url, data={**form, "client_secret": credentials.CLIENT_SECRET}, verify=TLS)
    assert answer.json() == {"access_token": credentials.ACCESS_TOKEN, "expires_in": 0, "scope": None}
    assert httpx.post(url, data={**form, "client_secret": "x"}, verify=TLS).status_code == 400
    found = ask(sandbox, "/login/oauth2/metadata", headers={"Authorization": f"OAuth {credentials.ACCESS_TOKEN}"})
    assert found.json()["dc"] == "us21"
    assert ask(sandbox, "/login/oauth2/metadata", headers={"Authorization": "OAuth x"}).json() == {
        "error": "invalid_token"
    }


def test_a_path_there_is_not_gets_mailchimps_words(mailchimp):
    answer = mailchimp.get("/no/such/path")
    assert (answer.status_code, answer.json()["title"]) == (404, "Resource Not Found")


def test_the_eleventh_call_at_one_time_is_turned_away_without_a_hint(mailchimp, control):
    control.post("/settings", json={"mailchimp_latency_ms": 300})
    with ThreadPoolExecutor(14) as pool:
        answers = list(pool.map(lambda _: mailchimp.get("/ping"), range(14)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 4 and "10 simultaneous connections" in refused[0].json()["detail"]
    assert not any(name.lower().startswith(("retry-after", "x-ratelimit")) for name in refused[0].headers)
    assert mailchimp.get("/ping").status_code == 200


def test_a_call_that_was_given_up_keeps_its_connection_for_two_minutes(mailchimp, control):
    control.post("/faults", json={"platform": "mailchimp", "kind": "hang", "route": "/ping"})

    def give_up():
        with pytest.raises(httpx.ReadTimeout):
            mailchimp.get("/ping", timeout=0.3)

    threads = [threading.Thread(target=give_up) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    control.delete("/faults")
    assert mailchimp.get("/ping").status_code == 429
    control.post("/clock", json={"advance_seconds": 121})
    assert mailchimp.get("/ping").status_code == 200


def test_without_limits_nobody_is_turned_away(control):
    connections = Connections(Settings(limits=False), Clock())
    held = [connections.hold("key") for _ in range(12)]
    assert [one.__enter__() for one in held] == [None] * 12 and connections.most_seen == 12


@pytest.mark.parametrize(
    ("fault", "status"),
    [({"kind": "empty_2xx", "status": 429}, 429), ({"kind": "empty_2xx", "status": 403}, 403), ({"kind": "html"}, 502)],
)
def test_the_edge_can_be_overloaded(mailchimp, control, fault, status):
    control.post("/faults", json={"platform": "mailchimp", **fault})
    answer = mailchimp.get("/ping")
    assert answer.status_code == status and not answer.content.startswith(b"{")
