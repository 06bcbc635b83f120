"""Salesforce's tokens: where they lead, and refresh tokens that change."""

from urllib.parse import parse_qs

import httpx
import pytest

from integrations.adapters.testing import MemoryTokens
from integrations.exceptions import SignInError, TransientError
from integrations.types import Credentials, Token, Window

CLIENT = {"base_url": "https://acme.my.salesforce.com", "client_id": "key"}
REFRESH = Credentials("refresh_token", CLIENT, {"client_secret": "s", "refresh_token": "entered"})
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


class Org:
    """Takes the newest session only and rotates refresh tokens."""

    def __init__(self, instance="https://eu1.salesforce.com", rotates=True):
        self.instance = instance
        self.rotates = rotates
        self.session = ""
        self.forms: list[dict] = []
        self.hosts: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/services/oauth2/token":
            self.forms.append({name: values[0] for name, values in parse_qs(request.content.decode()).items()})
            self.session = f"session {len(self.forms)}"
            rotated = {"refresh_token": f"rotated {len(self.forms)}"} if self.rotates else {}
            return httpx.Response(200, json={"access_token": self.session, "instance_url": self.instance, **rotated})
        self.hosts.append(request.url.host)
        if request.headers["authorization"] != f"Bearer {self.session}":
            return httpx.Response(401, json=EXPIRED)
        return httpx.Response(200, json={"totalSize": 3, "done": True, "records": []})


def count(adapter):
    return adapter.count("Lead", Window(None, None))


def test_calls_go_to_the_instance_the_token_names(salesforce):
    org, tokens = Org(), MemoryTokens()
    assert count(salesforce(org, tokens=tokens, credentials=REFRESH)) == 3
    assert org.hosts == ["eu1.salesforce.com"] and tokens.current().base_url == "https://eu1.salesforce.com"


def test_a_rotated_refresh_token_is_kept_and_used_next(salesforce):
    org, tokens = Org(), MemoryTokens()
    adapter = salesforce(org, tokens=tokens, credentials=REFRESH)
    count(adapter)
    org.session = "another"
    count(adapter)
    assert [form["refresh_token"] for form in org.forms] == ["entered", "rotated 1"]
    assert tokens.current().refresh_token == "rotated 2"


def test_a_refresh_token_that_is_not_rotated_stays(salesforce):
    org, tokens = Org(rotates=False), MemoryTokens(Token("old", base_url="https://x.salesforce.com", refresh_token="r"))
    count(salesforce(org, tokens=tokens, credentials=REFRESH))
    assert tokens.current() == Token("session 1", None, "https://eu1.salesforce.com", "r")


def test_a_token_is_never_sent_unencrypted_because_an_answer_says_so(salesforce):
    org = Org(instance="http://eu1.salesforce.com")
    with pytest.raises(TransientError):
        count(salesforce(org, tokens=MemoryTokens(), credentials=REFRESH))
    assert org.hosts == []


def test_a_401_after_a_new_token_is_the_end_and_not_a_loop(salesforce):
    calls = []

    def refuse(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        if request.url.path == "/services/oauth2/token":
            return httpx.Response(200, json={"access_token": f"t{len(calls)}"})
        return httpx.Response(401, json=EXPIRED)

    with pytest.raises(SignInError):
        count(salesforce(refuse, tokens=MemoryTokens(), credentials=REFRESH))
    assert len(calls) == 4


@pytest.mark.parametrize("body", [{}, {"access_token": None}, [], "x"])
def test_an_answer_without_a_token_is_trouble_of_the_platform(salesforce, body):
    with pytest.raises(TransientError):
        count(salesforce(body, tokens=MemoryTokens(), credentials=REFRESH))


@pytest.mark.parametrize("missing", ["client_secret", "refresh_token"])
def test_what_was_not_entered_is_asked_for(salesforce, missing):
    secrets = {**REFRESH.secrets, missing: "  "}
    with pytest.raises(SignInError, match="missing"):
        count(salesforce(Org(), tokens=MemoryTokens(), credentials=Credentials("refresh_token", CLIENT, secrets)))
