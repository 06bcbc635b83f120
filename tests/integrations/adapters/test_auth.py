"""Calls that carry a token: in which words, and when another one is asked for."""

import base64
from datetime import UTC, datetime

import httpx
import pytest

from integrations.adapters.auth import FixedToken, RenewedToken, SignedClient, basic
from integrations.adapters.errors import status_error, unexpected
from integrations.adapters.http import PlatformClient
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.exceptions import SyncpanelError
from integrations.types import Token


def handle_error(problem):
    return status_error(problem, "Acme") if isinstance(problem, httpx.Response) else unexpected(problem, "Acme")


def make_client(answers, tokens, **more):
    """A client that gets one answer after another, and the requests it makes."""
    requests = []

    def respond(request):
        requests.append(request)
        return httpx.Response(answers.pop(0), json={})

    http = PlatformClient("Acme", Unlimited(), handle_error, transport=httpx.MockTransport(respond))
    return SignedClient(http, tokens, handle_error, lambda answer: True, "https://acme.example", **more), requests


def make_renewed():
    """Tokens t1, t2, …"""
    given = iter(f"t{n}" for n in range(1, 9))
    return RenewedToken(MemoryTokens(), lambda last: Token(next(given), datetime(2999, 1, 1, tzinfo=UTC)))


def test_a_name_and_a_password_are_written_as_browsers_do():
    assert base64.b64decode(basic("key")) == b"key:"
    assert basic("Aladdin", "open sesame") == "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
def test_the_token_is_sent_as_the_scheme_says_with_the_headers_of_the_call(scheme):
    client, requests = make_client([200], FixedToken(lambda: "abc"), scheme=scheme)
    client.call("GET", "/x", "api", headers=[("Accept", "application/x")])
    assert requests[0].headers["Authorization"] == f"{scheme} abc"
    assert requests[0].headers["Accept"] == "application/x"


@pytest.mark.parametrize(("status", "asked"), [(401, 2), (403, 1)])
def test_another_token_is_asked_for_at_401_unless_told_otherwise(status, asked):
    client, requests = make_client([status, 200], make_renewed())
    if asked == 1:
        with pytest.raises(SyncpanelError):
            client.get("/x", "api")
    else:
        client.get("/x", "api")
    assert [request.headers["Authorization"] for request in requests] == [f"Bearer t{n + 1}" for n in range(asked)]


def test_a_platform_with_other_words_for_a_dead_token_names_its_statuses():
    client, requests = make_client([511, 200], make_renewed(), renewed_at=(401, 511))
    client.get("/x", "api")
    assert [request.headers["Authorization"] for request in requests] == ["Bearer t1", "Bearer t2"]
