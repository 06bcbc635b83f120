"""Tokens for signed assertions, each of which is good once and for a minute."""

import time

import httpx
import jwt
import pytest

from integrations.sandbox.segment.credentials import APP_ID, KEY_ID, WRITE_KEY
from integrations.sandbox.segment.key import private_pem
from integrations.sandbox.segment.oauth import ASSERTION, SCOPE

HOST = "https://oauth2.segment.io"


def assertion(key_id=KEY_ID, **claims):
    now = int(time.time())
    told = {"iss": APP_ID, "sub": APP_ID, "aud": HOST, "iat": now, "exp": now + 55, "jti": "j1", **claims}
    return jwt.encode(told, private_pem(), algorithm="RS256", headers={"kid": key_id})


@pytest.fixture
def ask(sandbox):
    def post(signed, **form):
        told = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": signed,
            "scope": SCOPE,
            **form,
        }
        return httpx.post(f"{sandbox.url}/oauth2/token", data=told)

    return post


def test_a_token_is_good_for_a_day(ask, sandbox, control, told, person):
    granted = ask(assertion()).json()
    assert (granted["token_type"], granted["expires_in"]) == ("Bearer", 86_400)
    headers = {"Authorization": f"Bearer {granted['access_token']}"}
    body = {"batch": [person()], "writeKey": WRITE_KEY}
    assert httpx.post(f"{sandbox.url}/v1/batch", json=body, headers=headers).status_code == 200
    assert told("users")["writes"] == 1
    control.post("/clock", json={"advance_seconds": 86_400})
    assert httpx.post(f"{sandbox.url}/v1/batch", json=body, headers=headers).status_code == 401


@pytest.mark.parametrize("aud", [HOST, "https://oauth2.eu1.segmentapis.com"])
def test_each_region_has_its_host(ask, aud):
    assert ask(assertion(aud=aud)).status_code == 200


@pytest.mark.parametrize(
    ("signed", "form", "error"),
    [
        (lambda: "no assertion", {}, "invalid_client"),
        (lambda: assertion(key_id="other"), {}, "invalid_client"),
        (lambda: assertion(sub="other"), {}, "invalid_client"),
        (lambda: assertion(aud="https://elsewhere.example"), {}, "invalid_client"),
        (lambda: assertion(exp=int(time.time()) - 1), {}, "invalid_request"),
        (lambda: assertion(iat=int(time.time()) + 60, exp=int(time.time()) + 100), {}, "invalid_request"),
        (lambda: assertion(exp=int(time.time()) + 3_600), {}, "invalid_request"),
        (assertion, {"scope": "all"}, "invalid_scope"),
        (assertion, {"grant_type": "password"}, "invalid_request"),
    ],
)
def test_what_is_wrong_is_refused(ask, signed, form, error):
    refused = ask(signed(), **form)
    assert refused.status_code in (400, 401) and refused.json()["error"] == error


def test_an_assertion_is_good_once(ask):
    signed = assertion()
    assert [ask(signed).status_code for _ in range(2)] == [200, 400]
