"""Salesforce's four grants, sessions that end without notice, and the words for no."""

import base64
import json
import time

import httpx
import pytest

QUERY = "/query?q=SELECT Id FROM Account LIMIT 1"


def ask(sandbox, **form):
    known = sandbox.credentials()["salesforce"]
    client = {"client_id": known["client_id"], "client_secret": known["client_secret"]}
    return httpx.post(f"{sandbox.url}/services/oauth2/token", data={**client, **form})


def make_assertion(issuer, expires_in):
    claims = {"iss": issuer, "sub": "ops@x.io", "aud": "https://login.salesforce.com", "exp": time.time() + expires_in}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def test_client_credentials_grant_a_session_without_an_end(sandbox):
    granted = ask(sandbox, grant_type="client_credentials").json()
    assert granted["instance_url"] == sandbox.url
    assert granted["token_type"] == "Bearer"
    assert "expires_in" not in granted
    assert "refresh_token" not in granted


def test_client_credentials_may_come_as_basic(sandbox):
    known = sandbox.credentials()["salesforce"]
    basic = (known["client_id"], known["client_secret"])
    form = {"grant_type": "client_credentials"}
    assert httpx.post(f"{sandbox.url}/services/oauth2/token", data=form, auth=basic).status_code == 200


def test_a_refresh_token_grants_a_session(sandbox):
    token = sandbox.credentials()["salesforce"]["refresh_token"]
    assert ask(sandbox, grant_type="refresh_token", refresh_token=token).status_code == 200
    refused = ask(sandbox, grant_type="refresh_token", refresh_token="old")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert refused.json()["error_description"] == "expired access/refresh token"


def test_a_code_is_exchanged_with_a_refresh_token(sandbox):
    query = {"redirect_uri": "http://panel/back", "state": "s"}
    back = httpx.get(f"{sandbox.url}/services/oauth2/authorize", params=query)
    code = httpx.URL(back.headers["location"]).params["code"]
    assert "refresh_token" in ask(sandbox, grant_type="authorization_code", code=code).json()


@pytest.mark.parametrize(("issuer", "expires_in", "status"), [(None, 120, 200), ("other", 120, 400), (None, -5, 400)])
def test_an_assertion_needs_the_right_issuer_and_some_life(sandbox, issuer, expires_in, status):
    issuer = issuer or sandbox.credentials()["salesforce"]["client_id"]
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert ask(sandbox, grant_type=grant, assertion=make_assertion(issuer, expires_in)).status_code == status


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "no"}, "invalid_client_id"),
        ({"client_secret": "no"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_request_is_refused_with_an_object(sandbox, form, error):
    assert ask(sandbox, **{"grant_type": "client_credentials", **form}).json()["error"] == error


def test_a_session_ends_two_hours_after_its_last_use(salesforce, control):
    for _ in range(2):
        control.post("/clock", json={"advance_seconds": 7_000})
        assert salesforce.get(QUERY).status_code == 200
    control.post("/clock", json={"advance_seconds": 7_201})
    expired = salesforce.get(QUERY)
    assert expired.status_code == 401
    assert expired.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_another_kind_of_header_is_a_mistake_of_the_caller(salesforce):
    answer = salesforce.get(QUERY, headers={"Authorization": "Token x"})
    assert answer.json()[0]["errorCode"] == "INVALID_AUTH_HEADER"


def test_user_info_names_the_organisation(sandbox, salesforce):
    answer = httpx.get(f"{sandbox.url}/services/oauth2/userinfo", headers=salesforce.headers)
    assert answer.json()["organization_id"].startswith("00D")


@pytest.mark.parametrize(
    ("version", "status"), [("21.0", 410), ("30.0", 410), ("31.0", 200), ("68.0", 200), ("69.0", 404)]
)
def test_only_supported_versions_answer(sandbox, salesforce, version, status):
    answer = httpx.get(f"{sandbox.url}/services/data/v{version}/limits", headers=salesforce.headers)
    assert answer.status_code == status


def test_versions_are_listed_without_a_session(sandbox):
    assert httpx.get(f"{sandbox.url}/services/data/").json()[-1]["label"] == "Winter '27"
