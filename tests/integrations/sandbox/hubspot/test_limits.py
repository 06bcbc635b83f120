"""HubSpot's limits: ten seconds, one second for searches, and the day."""

import httpx
import pytest

from tests.integrations.sandbox.conftest import TLS

CONTACTS = "/crm/v3/objects/contacts"
HEADER = "X-HubSpot-RateLimit-"


def exhaust(client, calls, path=CONTACTS):
    return [client.get(path, params={"limit": 1}).status_code for _ in range(calls)]


def test_the_hundred_and_first_call_in_ten_seconds_is_refused(hubspot, control):
    assert set(exhaust(hubspot, 100)) == {200}
    refused = hubspot.get(CONTACTS)
    assert (refused.status_code, refused.json()["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
    assert refused.json()["errorType"] == "RATE_LIMIT"
    assert refused.headers[f"{HEADER}Remaining"] == "0"
    control.post("/clock", json={"advance_seconds": 10})
    assert hubspot.get(CONTACTS).status_code == 200


def test_headers_count_down(hubspot):
    first, second = hubspot.get(CONTACTS).headers, hubspot.get(CONTACTS).headers
    assert (first[f"{HEADER}Max"], first[f"{HEADER}Remaining"], second[f"{HEADER}Remaining"]) == ("100", "99", "98")
    assert (first[f"{HEADER}Daily"], second[f"{HEADER}Daily-Remaining"]) == ("250000", "249998")
    assert first[f"{HEADER}Interval-Milliseconds"] == "10000"


@pytest.mark.parametrize(("tier", "most"), [("pro", "190"), ("enterprise", "190"), ("addon", "250"), ("free", "100")])
def test_a_better_tier_may_call_more(hubspot, control, tier, most):
    control.post("/settings", json={"tier": tier})
    assert hubspot.get(CONTACTS).headers[f"{HEADER}Max"] == most


def test_an_oauth_app_has_its_own_limit_and_no_daily_one(sandbox, refresh):
    headers = {"Authorization": f"Bearer {refresh().json()['access_token']}"}
    answer = httpx.get(f"{sandbox.url}{CONTACTS}", headers=headers, verify=TLS)
    assert answer.headers[f"{HEADER}Max"] == "110"
    assert f"{HEADER}Daily" not in answer.headers


def test_five_searches_a_second_and_no_headers(hubspot, control):
    control.post("/clock", json={"advance_seconds": 5})
    answers = [hubspot.post(f"{CONTACTS}/search", json={"limit": 1}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json()["policyName"] == "SECONDLY"
    assert f"{HEADER}Max" not in answers[0].headers
    control.post("/clock", json={"advance_seconds": 1})
    assert hubspot.post(f"{CONTACTS}/search", json={}).status_code == 200


def test_the_day_ends_at_midnight(hubspot, control):
    control.post("/settings", json={"daily_used": {"hubspot": 250_000}})
    refused = hubspot.get(CONTACTS)
    assert (refused.status_code, refused.json()["policyName"]) == (429, "DAILY")
    control.post("/clock", json={"advance_seconds": 86_400})
    assert hubspot.get(CONTACTS).status_code == 200


def test_limits_can_be_switched_off(hubspot, control):
    control.post("/settings", json={"limits": False})
    assert set(exhaust(hubspot, 120)) == {200}
    assert f"{HEADER}Max" not in hubspot.get(CONTACTS).headers
