"""Search: its caps, its lag, and the walk by id that reaches records which share one date."""

import httpx
import pytest

from integrations.sandbox.generate import SHARED_STAMP
from integrations.sandbox.server import SandboxServer
from tests.integrations.sandbox.conftest import TLS

SEARCH = "/crm/v3/objects/contacts/search"


def where(name, operator, value=None, **more):
    return {"propertyName": name, "operator": operator, **({} if value is None else {"value": str(value)}), **more}


def search(client, *filters, **more):
    return client.post(SEARCH, json={"filterGroups": [{"filters": list(filters)}], "limit": 200, **more})


@pytest.fixture
def quick(control):
    """No limits: these tests search more than five times a second."""
    control.post("/settings", json={"limits": False})


def test_walking_by_id_reaches_ten_thousand_contacts_with_one_date():
    with SandboxServer(contacts=47_000, limits=False) as server:
        token = server.credentials()["hubspot"]["access_token"]
        with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, verify=TLS) as client:
            ids, last, total = [], 0, None
            while True:
                body = search(
                    client,
                    where("lastmodifieddate", "GTE", SHARED_STAMP),
                    where("lastmodifieddate", "LTE", SHARED_STAMP),
                    where("hs_object_id", "GT", last),
                    sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                ).json()
                total = total or body["total"]
                ids += [record["id"] for record in body["results"]]
                if len(body["results"]) < 200:
                    break
                last = ids[-1]
    assert total == 10_000
    assert (len(ids), len(set(ids))) == (10_000, 10_000)


def test_ten_thousand_rows_is_the_end():
    with SandboxServer(contacts=12_000, limits=False) as server:
        token = server.credentials()["hubspot"]["access_token"]
        with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, verify=TLS) as client:
            last_page = search(client, after="9800").json()
            assert last_page["total"] == 12_000
            assert last_page["paging"]["next"]["after"] == "10000"
            assert search(client, after="10000").status_code == 400


def test_a_page_holds_at_most_two_hundred(hubspot, quick):
    assert len(search(hubspot).json()["results"]) == 200
    assert search(hubspot, limit=201).status_code == 400


def test_pages_follow_each_other(hubspot, quick):
    first = search(hubspot).json()
    second = search(hubspot, after=first["paging"]["next"]["after"]).json()
    assert first["paging"]["next"]["after"] == "200"
    assert not {one["id"] for one in first["results"]} & {one["id"] for one in second["results"]}


def test_the_index_lags_behind_writes(hubspot, upsert, control, quick):
    control.post("/settings", json={"search_lag": 5})
    upsert({"email": "ann@x.io"})
    assert search(hubspot, where("email", "EQ", "ann@x.io")).json()["total"] == 0
    control.post("/clock", json={"advance_seconds": 6})
    assert search(hubspot, where("email", "EQ", "ann@x.io")).json()["total"] == 1


def test_an_archived_contact_is_not_found(hubspot, quick):
    hubspot.delete("/crm/v3/objects/contacts/1000101")
    assert search(hubspot, where("hs_object_id", "EQ", 1000101)).json()["total"] == 0


@pytest.mark.parametrize(
    ("condition", "total"),
    [
        (where("city", "EQ", "TestVille"), 2),
        (where("city", "IN", values=["testville", "other"]), 3),
        (where("city", "CONTAINS_TOKEN", "test*"), 2),
        (where("zip", "HAS_PROPERTY"), 1),
        (where("zip", "NOT_HAS_PROPERTY"), 1_002),
        (where("createdate", "GT", "2026-07-01"), 3),
        (where("createdate", "BETWEEN", "2026-07-01", highValue="2099-01-01T00:00:00Z"), 3),
        (where("hs_object_id", "LTE", 1000105), 2),
        (where("city", "NOT_IN", values=["testville", "other"]), 1_000),
    ],
    ids=lambda value: value["operator"] if isinstance(value, dict) else "",
)
def test_operators_select_what_they_say(hubspot, upsert, quick, condition, total):
    upsert({"email": "a@x.io", "city": "Testville"}, {"email": "b@x.io", "city": "Testville", "zip": "1"})
    upsert({"email": "c@x.io", "city": "Other"})
    assert search(hubspot, condition).json()["total"] == total


def test_groups_are_alternatives_and_nobody_comes_twice(hubspot, quick):
    groups = [
        {"filters": [where("hs_object_id", "LTE", 1000109)]},
        {"filters": [where("hs_object_id", "LTE", 1000105)]},
    ]
    assert hubspot.post(SEARCH, json={"filterGroups": groups}).json()["total"] == 3


def test_results_can_be_sorted(hubspot, quick):
    newest = search(hubspot, sorts=[{"propertyName": "lastmodifieddate", "direction": "DESCENDING"}]).json()["results"]
    dates = [record["updatedAt"] for record in newest]
    assert dates == sorted(dates, reverse=True)
    assert search(hubspot, sorts=["-hs_object_id"]).json()["results"][0]["id"] == "1004097"


@pytest.mark.parametrize(
    "body",
    [
        {"filterGroups": [{"filters": [where("no_such_property", "EQ", "x")]}]},
        {"filterGroups": [{"filters": [where("email", "RESEMBLES", "x")]}]},
        {"filterGroups": [{"filters": [where("createdate", "GT", "soon")]}]},
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [where("email", "EQ", "x")] * 7}]},
        {"sorts": ["email", "city"]},
        {"query": "x" * 3_000},
        {"after": "x"},
    ],
    ids=["property", "operator", "value", "groups", "filters", "sorts", "length", "after"],
)
def test_a_search_that_cannot_be_is_refused(hubspot, body):
    assert hubspot.post(SEARCH, json=body).status_code == 400


def test_words_are_searched_in_all_values(hubspot, upsert, quick):
    upsert({"email": "ann@x.io", "firstname": "Zebulon", "city": "Cork"})
    assert hubspot.post(SEARCH, json={"query": "zebulon cork"}).json()["total"] == 1
