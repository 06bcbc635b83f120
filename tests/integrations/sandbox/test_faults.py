"""Every kind of fault does what its name says, when it should, and for as long as it should."""

import threading
import time

import httpx
import pytest

from tests.integrations.sandbox.conftest import TLS

CONTACTS = "/crm/v3/objects/contacts"
LEADS = "/composite/sobjects/Lead/HubSpot_Email__c"


@pytest.fixture
def add(control):
    def post(kind, **more):
        answer = control.post("/faults", json={"kind": kind, **more})
        assert answer.status_code == 201
        return answer.json()["id"]

    return post


@pytest.fixture
def stored(control):
    return lambda: control.get("/salesforce/Lead/summary").json()["stored"]


@pytest.mark.parametrize(("when", "written"), [("before", 0), ("after", 1)])
def test_a_reset_says_nothing_about_whether_the_write_was_done(add, upsert_leads, lead, stored, when, written):
    add("reset", platform="salesforce", route="/composite/sobjects", when=when, times=1)
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        upsert_leads(lead())
    assert stored() == written
    assert upsert_leads(lead()).json()[0]["created"] is (written == 0)


@pytest.mark.parametrize(("when", "written"), [("before", 0), ("after", 1)])
def test_a_hanging_call_never_answers(add, salesforce, lead, stored, when, written):
    add("hang", route="/composite/sobjects", when=when)
    body = {"records": [{"attributes": {"type": "Lead"}, **lead()}]}
    with pytest.raises(httpx.ReadTimeout):
        salesforce.patch(LEADS, json=body, timeout=0.2)
    assert stored() == written


def test_a_hanging_call_ends_without_an_answer_after_its_seconds(add, hubspot):
    add("hang", seconds=0.1)
    with pytest.raises(httpx.ReadError):
        hubspot.get(CONTACTS)


def test_deleting_the_faults_lets_hanging_calls_go(add, control, hubspot):
    add("hang")
    threading.Timer(0.2, lambda: control.delete("/faults")).start()
    with pytest.raises(httpx.ReadError):
        hubspot.get(CONTACTS)
    assert hubspot.get(CONTACTS).status_code == 200


def test_a_slow_answer_is_late_but_right(add, hubspot):
    add("slow", seconds=0.2, times=1)
    started = time.monotonic()
    assert hubspot.get(CONTACTS).status_code == 200
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(("given", "status"), [({}, 502), ({"status": 200}, 200)])
def test_html_comes_instead_of_json(add, hubspot, given, status):
    add("html", **given)
    answer = hubspot.get(CONTACTS)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "<html>" in answer.text


@pytest.mark.parametrize(("when", "written"), [("before", 0), ("after", 1)])
def test_an_empty_success_may_have_written_nothing(add, upsert_leads, lead, stored, when, written):
    add("empty_2xx", when=when)
    answer = upsert_leads(lead())
    assert (answer.status_code, answer.content, stored()) == (200, b"", written)


def test_half_a_body_cannot_be_read(add, upsert_leads, lead, stored):
    add("half_json")
    answer = upsert_leads(lead())
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    assert stored() == 1


def test_rows_can_go_missing_from_an_answer(add, upsert_leads, lead, hubspot, stored):
    add("drop_rows", rows=2)
    assert len(upsert_leads(*[lead(f"p{i}@x.io") for i in range(5)]).json()) == 3
    assert len(hubspot.get(CONTACTS, params={"limit": 10}).json()["results"]) == 8
    assert stored() == 5


@pytest.mark.parametrize(
    ("status", "more", "word"),
    [
        (429, {}, "TEN_SECONDLY_ROLLING"),
        (429, {"policy": "DAILY"}, "DAILY"),
        (477, {"headers": {"Retry-After": "3600"}}, "migrated"),
        (423, {}, "locked"),
        (502, {}, "Bad gateway"),
    ],
)
def test_hubspot_fails_in_its_own_words(add, hubspot, status, more, word):
    add("status", platform="hubspot", status=status, **more)
    answer = hubspot.get(CONTACTS)
    assert answer.status_code == status
    assert word in answer.text
    assert answer.headers.get("Retry-After") == more.get("headers", {}).get("Retry-After")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "UNKNOWN_EXCEPTION"),
        (503, "SERVER_UNAVAILABLE"),
        (403, "REQUEST_LIMIT_EXCEEDED"),
        (409, "UNABLE_TO_LOCK_ROW"),
    ],
)
def test_salesforce_fails_in_its_own_words(add, salesforce, status, code):
    add("status", platform="salesforce", status=status)
    answer = salesforce.get("/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


def test_any_body_can_be_given(add, hubspot):
    add("status", status=200, body={"status": "COMPLETE", "results": []})
    assert hubspot.get(CONTACTS).json() == {"status": "COMPLETE", "results": []}


def test_a_fault_skips_the_first_requests_and_ends_after_its_times(add, hubspot):
    add("status", status=500, after=2, times=2)
    assert [hubspot.get(CONTACTS).status_code for _ in range(6)] == [200, 200, 500, 500, 200, 200]


def test_a_fault_may_fire_now_and_then(add, hubspot, control):
    control.post("/settings", json={"limits": False})
    add("status", status=500, probability=0.5)
    statuses = [hubspot.get(CONTACTS, params={"limit": 1}).status_code for _ in range(60)]
    assert 10 < statuses.count(500) < 50


@pytest.mark.parametrize(
    ("rule", "hit"),
    [
        ({"route": "/contacts"}, True),
        ({"route": "/crm/*/contacts"}, True),
        ({"route": "/companies"}, False),
        ({"method": "POST"}, False),
        ({"method": "get"}, True),
        ({"platform": "salesforce"}, False),
    ],
    ids=str,
)
def test_a_fault_is_for_what_its_rule_matches(add, hubspot, rule, hit):
    add("status", status=500, **rule)
    assert (hubspot.get(CONTACTS).status_code == 500) is hit


def test_expired_tokens_can_be_refreshed(add, sandbox, refresh, salesforce):
    headers = {"Authorization": f"Bearer {refresh().json()['access_token']}"}
    add("expire_token", route="/crm")
    add("expire_token", route="/services")
    expired = httpx.get(f"{sandbox.url}{CONTACTS}", headers=headers, verify=TLS)
    assert expired.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert salesforce.get("/limits").status_code == 401
    renewed = {"Authorization": f"Bearer {refresh().json()['access_token']}"}
    assert httpx.get(f"{sandbox.url}{CONTACTS}", headers=renewed, verify=TLS).status_code == 200


def test_revoked_hubspot_credentials_are_dead_until_the_fault_is_deleted(add, control, hubspot, refresh):
    fault = add("revoke", platform="hubspot")
    assert hubspot.get(CONTACTS).json()["category"] == "INVALID_AUTHENTICATION"
    assert refresh().json()["status"] == "BAD_REFRESH_TOKEN"
    assert control.delete("/faults", params={"id": fault}).json() == {"deleted": 1}
    assert hubspot.get(CONTACTS).status_code == 200
    assert refresh().status_code == 200


def test_revoked_salesforce_credentials_are_dead_until_the_fault_is_deleted(add, control, sandbox, salesforce):
    known = sandbox.credentials()["salesforce"]
    form = {
        "grant_type": "client_credentials",
        "client_id": known["client_id"],
        "client_secret": known["client_secret"],
    }
    add("revoke", platform="salesforce")
    assert salesforce.get("/limits").json()[0]["errorCode"] == "INVALID_SESSION_ID"
    refused = httpx.post(f"{sandbox.url}/services/oauth2/token", data=form, verify=TLS)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    control.delete("/faults")
    assert salesforce.get("/limits").status_code == 200


def test_faults_are_listed_with_what_they_did(add, control, hubspot):
    add("status", status=500, route="/contacts", times=1)
    hubspot.get(CONTACTS)
    hubspot.get(CONTACTS)
    (fault,) = control.get("/faults").json()["faults"]
    assert (fault["kind"], fault["matched"], fault["fired"]) == ("status", 2, 1)


@pytest.mark.parametrize(
    "body", [{}, {"kind": "explode"}, {"kind": "reset", "colour": "red"}, {"kind": "reset", "when": "later"}]
)
def test_a_fault_that_cannot_be_is_refused(control, body):
    assert control.post("/faults", json=body).status_code == 400


def test_the_control_api_is_never_faulty(add, control):
    add("hang")
    assert control.get("/credentials").status_code == 200
