"""Google's grants, tokens of an hour, and the words for no."""

import time
from typing import Any

import httpx
import jwt
import pytest

from integrations.sandbox.google_analytics import credentials
from integrations.sandbox.google_analytics.key import make_key, write_key
from tests.integrations.sandbox.conftest import TLS
from tests.integrations.sandbox.google_analytics.conftest import BASE, get_token

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/analytics.readonly"


def ask(sandbox, **form: str) -> httpx.Response:
    return httpx.post(f"{sandbox.url}/token", data=form, verify=TLS)


def sign(key: str = "", lasts: float = 3600, begun: float = 0, **changes: Any) -> str:
    now = time.time() + begun
    claims = {"iss": credentials.SERVICE_ACCOUNT, "scope": SCOPE, "aud": credentials.TOKEN_URI, "iat": now}
    return jwt.encode({**claims, "exp": now + lasts, **changes}, key or write_key(), algorithm="RS256")


def test_the_key_is_the_same_on_every_start():
    assert make_key().private_numbers().public_numbers.n.bit_length() == 2048
    assert write_key() in credentials.write_key_file().replace("\\n", "\n")


def test_a_signed_assertion_gets_a_token_of_an_hour(sandbox):
    granted = ask(sandbox, grant_type=GRANT, assertion=sign()).json()
    assert granted["access_token"].startswith("ya29.") and granted["token_type"] == "Bearer"
    assert granted["expires_in"] == 3599 and "refresh_token" not in granted


def test_the_token_endpoint_itself_is_an_audience_too(sandbox):
    assert ask(sandbox, grant_type=GRANT, assertion=sign(aud=f"{sandbox.url}/token")).status_code == 200


@pytest.mark.parametrize(
    ("assertion", "error", "words"),
    [
        (lambda: sign(lasts=-1), "invalid_grant", "check your iat and exp"),
        (lambda: sign(lasts=4000), "invalid_grant", "check your iat and exp"),
        (lambda: sign(begun=900), "invalid_grant", "check your iat and exp"),
        (lambda: sign(iss="stranger@x.iam"), "invalid_grant", "account not found"),
        (lambda: sign(scope="other"), "invalid_scope", "scope"),
        (lambda: sign(aud="https://elsewhere"), "invalid_grant", "audience"),
        (lambda: sign()[:-8] + "AAAAAAAA", "invalid_grant", "signature"),
        (lambda: "nonsense", "invalid_grant", "jwt"),
        (lambda: "", "invalid_grant", "jwt"),
    ],
)
def test_a_wrong_assertion_is_refused_in_google_s_words(sandbox, assertion, error, words):
    refused = ask(sandbox, grant_type=GRANT, assertion=assertion())
    assert refused.status_code == 400 and refused.json()["error"] == error
    assert words in refused.json()["error_description"].lower()


def test_a_refresh_token_gets_a_token_and_a_wrong_one_does_not(sandbox):
    assert get_token(sandbox).status_code == 200
    client = {"client_id": credentials.CLIENT_ID, "client_secret": credentials.CLIENT_SECRET}
    refused = ask(sandbox, grant_type="refresh_token", refresh_token="old", **client)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    stranger = ask(sandbox, grant_type="refresh_token", client_id="x", client_secret="y", refresh_token="z")
    assert (stranger.status_code, stranger.json()["error"]) == (401, "invalid_client")
    assert ask(sandbox, grant_type="password").json()["error"] == "unsupported_grant_type"


def test_a_code_is_exchanged_with_a_refresh_token(sandbox):
    back = httpx.get(
        f"{sandbox.url}/o/oauth2/v2/auth", params={"redirect_uri": "http://panel/back", "state": "s"}, verify=TLS
    )
    code = httpx.URL(back.headers["location"]).params["code"]
    client = {"client_id": credentials.CLIENT_ID, "client_secret": credentials.CLIENT_SECRET}
    assert "refresh_token" in ask(sandbox, grant_type="authorization_code", code=code, **client).json()


def test_a_token_ends_after_an_hour(reader, control):
    assert reader.get(f"{BASE}/metadata").status_code == 200
    control.post("/clock", json={"advance_seconds": 3_600})
    refused = reader.get(f"{BASE}/metadata")
    assert refused.status_code == 401 and refused.json()["error"]["status"] == "UNAUTHENTICATED"


def test_a_revoked_sign_in_is_refused_everywhere(sandbox, reader, control):
    control.post("/faults", json={"platform": "google_analytics", "kind": "revoke"})
    assert reader.get(f"{BASE}/metadata").status_code == 401
    assert get_token(sandbox).json()["error"] == "invalid_grant"


def test_another_property_is_forbidden_and_what_is_common_is_not(reader, control):
    refused = reader.get("/v1beta/properties/999/metadata")
    assert refused.status_code == 403 and "sufficient permissions" in refused.json()["error"]["message"]
    assert reader.get("/v1beta/properties/0/metadata").status_code == 200
    control.post("/settings", json={"api_disabled": True})
    off = reader.get(f"{BASE}/metadata").json()["error"]
    assert off["details"][0]["reason"] == "SERVICE_DISABLED"


@pytest.mark.parametrize("path", ["/v1beta/nothing", "/v1alpha/nothing", "/mp/other", "/debug/mp/other"])
def test_a_path_that_nobody_serves_gets_google_s_words(reader, path):
    refused = reader.get(path)
    assert refused.status_code == 404 and refused.json()["error"]["status"] == "NOT_FOUND"
