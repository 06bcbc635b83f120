"""HubSpot's sign-in: which tokens work, for how long, for what, and in which words it refuses."""

import httpx
import pytest

from tests.integrations.sandbox.conftest import TLS

CONTACTS = "/crm/v3/objects/contacts"


def test_a_call_without_a_token_is_refused(sandbox):
    answer = httpx.get(f"{sandbox.url}{CONTACTS}", verify=TLS)
    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"


def test_an_oauth_token_lives_half_an_hour(sandbox, control, refresh):
    granted = refresh().json()
    headers = {"Authorization": f"Bearer {granted['access_token']}"}
    assert granted["expires_in"] == 1_800
    assert httpx.get(f"{sandbox.url}{CONTACTS}", headers=headers, verify=TLS).status_code == 200
    control.post("/clock", json={"advance_seconds": 1_801})
    expired = httpx.get(f"{sandbox.url}{CONTACTS}", headers=headers, verify=TLS)
    assert expired.status_code == 401
    assert expired.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert "expire time" in expired.json()["context"]


def test_a_private_app_token_never_expires(control, hubspot):
    control.post("/clock", json={"advance_seconds": 10_000_000})
    assert hubspot.get(CONTACTS).status_code == 200


@pytest.mark.parametrize(
    ("path", "change", "word"),
    [
        ("/oauth/v1/token", {"refresh_token": "no"}, "BAD_REFRESH_TOKEN"),
        ("/oauth/v1/token", {"client_secret": "no"}, "BAD_CLIENT_SECRET"),
        ("/oauth/v1/token", {"client_id": "no"}, "BAD_CLIENT_ID"),
    ],
)
def test_the_token_endpoint_says_what_is_wrong(sandbox, path, change, word):
    oauth = sandbox.credentials()["hubspot"]["oauth"]
    form = {"grant_type": "refresh_token", **oauth, **change}
    answer = httpx.post(f"{sandbox.url}{path}", data=form, verify=TLS)
    assert (answer.status_code, answer.json()["status"]) == (400, word)


def test_the_newer_token_endpoints_say_invalid_grant(sandbox):
    form = {"grant_type": "refresh_token", **sandbox.credentials()["hubspot"]["oauth"], "refresh_token": "no"}
    assert httpx.post(f"{sandbox.url}/oauth/2026-03/token", data=form, verify=TLS).json()["error"] == "invalid_grant"


def test_a_code_is_exchanged_for_tokens(sandbox):
    back = httpx.get(
        f"{sandbox.url}/oauth/authorize", params={"redirect_uri": "http://panel/back", "state": "s"}, verify=TLS
    )
    code = httpx.URL(back.headers["location"]).params["code"]
    form = {"grant_type": "authorization_code", **sandbox.credentials()["hubspot"]["oauth"], "code": code}
    assert "refresh_token" in httpx.post(f"{sandbox.url}/oauth/v1/token", data=form, verify=TLS).json()


def test_a_revoked_refresh_token_grants_nothing(sandbox, refresh):
    token = sandbox.credentials()["hubspot"]["oauth"]["refresh_token"]
    httpx.delete(f"{sandbox.url}/oauth/v1/refresh-tokens/{token}", verify=TLS)
    assert refresh().json()["status"] == "BAD_REFRESH_TOKEN"


def test_a_token_without_the_scope_is_told_which_one_is_missing(sandbox):
    token = sandbox.credentials()["hubspot"]["read_only_access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{sandbox.url}{CONTACTS}", headers=headers, verify=TLS).status_code == 200
    refused = httpx.post(f"{sandbox.url}{CONTACTS}", headers=headers, json={"properties": {}}, verify=TLS)
    assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")
    assert refused.json()["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.contacts.write"]


def test_the_account_tells_who_it_is_and_what_is_used(hubspot):
    assert hubspot.get("/account-info/v3/details").json()["portalId"] == 49547190
    usage = hubspot.get("/account-info/v3/api-usage/daily/private-apps").json()["results"][0]
    assert (usage["usageLimit"], usage["currentUsage"]) == (250_000, 2)
