"""Audiences: lists that take their time, fail, run out, and hold people by their numbers."""

import pytest

from integrations.sandbox.google_analytics.credentials import PROPERTY
from tests.integrations.sandbox.google_analytics.conftest import BASE, get_token

EXPORTS = f"{BASE}/audienceExports"


@pytest.fixture
def order(reader, control):
    control.post("/settings", json={"export_seconds": 900.0})

    def make(audience: str = "78", *dimensions: str):
        names = dimensions or ("userId",)
        body = {
            "audience": f"properties/{PROPERTY}/audiences/{audience}",
            "dimensions": [{"dimensionName": name} for name in names],
        }
        return reader.post(EXPORTS, json=body)

    return make


def test_audiences_have_numbers_and_names(reader):
    found = reader.get(f"/v1alpha/properties/{PROPERTY}/audiences").json()["audiences"]
    assert {"name": f"properties/{PROPERTY}/audiences/77", "displayName": "Purchasers"} in found


def test_a_list_takes_its_time_and_says_how_far_it_is(order, reader, control):
    operation = order().json()
    assert operation["name"] and "AudienceExportMetadata" in operation["metadata"]["@type"]
    control.post("/clock", json={"advance_seconds": 450})
    (export,) = reader.get(EXPORTS).json()["audienceExports"]
    assert export["state"] == "CREATING" and 49 < export["percentageCompleted"] < 52 and "rowCount" not in export
    assert reader.post(f"/v1beta/{export['name']}:query", json={}).status_code == 400
    control.post("/clock", json={"advance_seconds": 451})
    export = reader.get(f"/v1beta/{export['name']}").json()
    assert export["state"] == "ACTIVE" and export["audienceDisplayName"] == "Newsletter readers"


def test_people_come_in_pages_by_the_numbers_of_the_crm(order, reader, control):
    order()
    control.post("/clock", json={"advance_seconds": 901})
    users = []
    for offset in range(0, 200, 20):
        body = reader.post(f"{EXPORTS}/1:query", json={"offset": str(offset), "limit": "20"}).json()
        users += [row["dimensionValues"][0]["value"] for row in body.get("audienceRows", [])]
    assert len(users) == body["rowCount"] == len(set(users)) > 60
    known = [int(user) for user in users if user != "(not set)"]
    assert all((number - 1_000_101) % 4 == 0 for number in known) and "(not set)" in users


def test_more_columns_have_more_rows(order, reader, control):
    order("78")
    order("78", "userId", "deviceId")
    control.post("/clock", json={"advance_seconds": 901})
    one, other = (reader.get(f"{EXPORTS}/{number}").json()["rowCount"] for number in (1, 2))
    assert other > one


def test_lists_are_named_in_pages(order, reader):
    for _ in range(3):
        order()
    first = reader.get(EXPORTS, params={"pageSize": 2}).json()
    rest = reader.get(EXPORTS, params={"pageSize": 2, "pageToken": first["nextPageToken"]}).json()
    names = [one["name"] for one in first["audienceExports"] + rest["audienceExports"]]
    assert len(set(names)) == 3 and "nextPageToken" not in rest


def test_a_list_is_forgotten_after_three_days(order, sandbox, reader, control):
    order()
    control.post("/clock", json={"advance_seconds": 72 * 3600 + 1})
    headers = {"Authorization": f"Bearer {get_token(sandbox).json()['access_token']}"}
    assert reader.get(EXPORTS, headers=headers).json() == {"audienceExports": []}
    assert reader.get(f"{EXPORTS}/1", headers=headers).status_code == 404


def test_a_list_can_fail(order, reader, control):
    order()
    control.post("/settings", json={"exports_fail": True})
    export = reader.get(f"{EXPORTS}/1").json()
    assert export["state"] == "FAILED" and "Exhausted" in export["errorMessage"]


@pytest.mark.parametrize(("audience", "names", "status"), [("1", ("userId",), 404), ("77", ("email",), 400)])
def test_what_there_is_not_cannot_be_ordered(order, audience, names, status):
    assert order(audience, *names).status_code == status
