"""The control API: what it tells about a sandbox, and how it changes one that runs."""

import time

import httpx
import pytest

CONTACTS = "/crm/v3/objects/contacts"


def test_credentials_are_what_a_connection_form_asks_for(control, sandbox):
    known = control.get("/credentials").json()
    assert known == sandbox.credentials()
    assert known["hubspot"]["access_token"].startswith("pat-")
    assert set(known["hubspot"]["oauth"]) == {"client_id", "client_secret", "refresh_token", "token_url"}
    assert set(known["salesforce"]) == {"base_url", "client_id", "client_secret", "refresh_token", "api_version"}


def test_requests_are_counted_by_route_and_status(control, hubspot, salesforce):
    hubspot.get(f"{CONTACTS}/1000101")
    hubspot.get(f"{CONTACTS}/7")
    hubspot.get("/no/such/path")
    salesforce.get("/limits")
    counted = control.get("/requests").json()
    rows = {(row["method"], row["route"], row["status"]): row["count"] for row in counted["routes"]}
    assert counted["total"] == 5
    assert rows["GET", "/crm/v3/objects/{object}/{id}", 200] == 1
    assert rows["GET", "/crm/v3/objects/{object}/{id}", 404] == 1
    assert rows["GET", "(no such path)", 404] == 1
    assert rows["GET", "/services/data/v{version}/limits", 200] == 1


def test_a_call_without_an_answer_counts_as_status_zero(control, hubspot):
    control.post("/faults", json={"kind": "reset"})
    with pytest.raises(httpx.ReadError):
        hubspot.get(CONTACTS)
    assert [row["status"] for row in control.get("/requests").json()["routes"]] == [0]


def test_records_can_be_looked_at_page_by_page(control, upsert_leads, lead):
    upsert_leads(*[lead(f"p{i}@x.io") for i in range(5)])
    first = control.get("/salesforce/Lead/records", params={"limit": 3}).json()
    second = control.get("/salesforce/Lead/records", params={"limit": 3, "after": first["next"]}).json()
    emails = [record["HubSpot_Email__c"] for record in first["records"] + second["records"]]
    assert (emails, second["next"]) == ([f"p{i}@x.io" for i in range(5)], None)


def test_contacts_are_stored_as_they_were_generated(control):
    record = control.get("/hubspot/contacts/records", params={"limit": 1}).json()["records"][0]
    assert record["id"] == "1000101"
    assert {"email", "company", "lastmodifieddate"} <= set(record)


def test_touching_changes_records_at_the_source(control, hubspot):
    body = {"ids": ["1000105"], "properties": {"city": "Cork"}}
    assert control.post("/hubspot/contacts/touch", json=body).json() == {"ids": ["1000105"]}
    touched = hubspot.get(f"{CONTACTS}/1000105", params={"properties": "city"}).json()
    assert touched["properties"]["city"] == "Cork"
    assert touched["updatedAt"] > "2026-07"
    assert len(control.post("/hubspot/contacts/touch", json={"count": 3}).json()["ids"]) == 3
    assert control.get("/hubspot/contacts/summary").json()["writes"] == 0


def test_a_reset_makes_another_portal(control, hubspot, upsert):
    upsert({"email": "ann@x.io"})
    control.post("/faults", json={"kind": "status", "status": 500})
    assert control.post("/reset", json={"contacts": 300, "seed": 8}).json() == {"contacts": 300, "seed": 8}
    assert hubspot.get(CONTACTS).status_code == 200
    assert control.get("/hubspot/contacts/summary").json()["stored"] == 300
    assert control.get("/faults").json() == {"faults": []}


def test_oddities_are_told(control):
    control.post("/reset", json={"contacts": 47_000})
    assert control.get("/hubspot/contacts/oddities").json()["without_company"] == 14


def test_a_small_portal_can_have_more_oddities_than_usual(control):
    control.post("/reset", json={"contacts": 1_500, "oddness": 4})
    assert control.get("/hubspot/contacts/oddities").json()["without_company"] == 2


def test_latency_can_be_added(control, hubspot):
    control.post("/settings", json={"latency_ms": 120})
    assert hubspot.get(CONTACTS).elapsed.total_seconds() >= 0.12


@pytest.mark.parametrize(
    "body",
    [
        {"colour": "red"},
        {"limits": "yes"},
        {"contacts": 5},
        {"oddness": 2},
        {"tier": "gold"},
        {"daily_used": {"moon": 1}},
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_is_refused(control, body):
    assert control.post("/settings", json=body).status_code == 400


@pytest.mark.parametrize(
    "path", ["/hubspot/spaceships/summary", "/moonbase/contacts/summary", "/salesforce/Nope/records"]
)
def test_what_there_is_not_is_refused_with_a_reason(control, path):
    answer = control.get(path)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_one_platform_can_be_slower_than_the_other(control, hubspot, salesforce):
    control.post("/settings", json={"salesforce_latency_ms": 150})
    started = time.monotonic()
    hubspot.get("/account-info/v3/details")
    quick = time.monotonic() - started
    salesforce.get("/services/data/")
    assert time.monotonic() - started - quick >= 0.15
