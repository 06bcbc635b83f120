"""Contacts, companies and deals one by one and page by page."""

import pytest

CONTACTS = "/crm/v3/objects/contacts"


def walk(client, path, **query):
    after, pages = None, []
    while True:
        body = client.get(path, params={**query, **({"after": after} if after else {})}).json()
        pages.append(body["results"])
        if "paging" not in body:
            return pages
        after = body["paging"]["next"]["after"]


def test_listing_reaches_every_contact_once(hubspot):
    pages = walk(hubspot, CONTACTS, limit=100)
    ids = [record["id"] for page in pages for record in page]
    assert (len(pages), len(ids), len(set(ids))) == (10, 1_000, 1_000)


def test_the_last_page_has_no_paging(hubspot):
    assert "paging" not in hubspot.get("/crm/v3/objects/deals", params={"limit": 20, "after": "MzAwCg"}).json()


@pytest.mark.parametrize("limit", ["101", "0", "x"])
def test_a_page_holds_at_most_a_hundred(hubspot, limit):
    assert hubspot.get(CONTACTS, params={"limit": limit}).status_code == 400


def test_a_cursor_that_was_made_up_is_refused(hubspot):
    assert hubspot.get(CONTACTS, params={"after": "abc!"}).status_code == 400


@pytest.mark.parametrize("path", [CONTACTS, "/crm/objects/2026-03/contacts", "/crm/objects/2026-09/0-1"])
def test_all_three_path_families_answer_alike(hubspot, path):
    first = hubspot.get(path, params={"limit": 1}).json()["results"][0]
    assert first["id"] == "1000101"
    assert set(first["properties"]) == {
        "email",
        "firstname",
        "lastname",
        "createdate",
        "lastmodifieddate",
        "hs_object_id",
    }


def test_only_known_properties_come_back_and_empty_ones_are_null(hubspot):
    query = {"limit": 1, "properties": "company,zip,no_such_thing"}
    properties = hubspot.get(CONTACTS, params=query).json()["results"][0]["properties"]
    assert properties["zip"] is None
    assert properties["company"]
    assert "no_such_thing" not in properties


def test_companies_and_deals_are_there(hubspot):
    assert hubspot.get("/crm/v3/objects/companies").json()["results"][0]["properties"]["name"]
    assert hubspot.get("/crm/v3/objects/deals").json()["results"][0]["properties"]["amount"]


def test_a_contact_is_found_by_its_address_in_any_case(hubspot):
    email = hubspot.get(CONTACTS, params={"limit": 1}).json()["results"][0]["properties"]["email"]
    found = hubspot.get(f"{CONTACTS}/{email.upper()}", params={"idProperty": "email"})
    assert found.json()["id"] == "1000101"


def test_a_contact_that_is_not_there_is_not_found(hubspot):
    answer = hubspot.get(f"{CONTACTS}/999")
    assert (answer.status_code, answer.json()["category"]) == (404, "OBJECT_NOT_FOUND")


def test_creating_twice_is_a_conflict_that_names_the_first(hubspot):
    body = {"properties": {"email": "Ann@X.io", "firstname": "Ann"}}
    made = hubspot.post(CONTACTS, json=body)
    again = hubspot.post(CONTACTS, json=body)
    assert (made.status_code, made.json()["properties"]["email"]) == (201, "ann@x.io")
    assert (again.status_code, again.json()["category"]) == (409, "CONFLICT")
    assert made.json()["id"] in again.json()["message"]


def test_a_change_bumps_the_modified_date_and_blank_clears(hubspot):
    before = hubspot.get(f"{CONTACTS}/1000101", params={"properties": "company"}).json()
    after = hubspot.patch(f"{CONTACTS}/1000101", json={"properties": {"company": ""}}).json()
    assert before["properties"]["company"]
    assert after["properties"]["company"] is None
    assert after["updatedAt"] > before["updatedAt"]


def test_a_lifecycle_stage_does_not_move_backwards_unless_cleared(hubspot):
    def set_stage(stage):
        properties = {"lifecyclestage": stage}
        return hubspot.patch(f"{CONTACTS}/1000101", json={"properties": properties}).json()["properties"][
            "lifecyclestage"
        ]

    assert set_stage("customer") == "customer"
    assert set_stage("lead") == "customer"
    set_stage("")
    assert set_stage("lead") == "lead"


def test_an_archived_contact_is_listed_as_archived_only(hubspot):
    assert hubspot.delete(f"{CONTACTS}/1000105").status_code == 204
    assert hubspot.delete(f"{CONTACTS}/1000105").status_code == 204
    assert hubspot.get(f"{CONTACTS}/1000105").status_code == 404
    archived = hubspot.get(CONTACTS, params={"archived": "true"}).json()["results"]
    assert [record["id"] for record in archived] == ["1000105"]
    assert archived[0]["archivedAt"]
    assert sum(map(len, walk(hubspot, CONTACTS, limit=100))) == 999


def test_merging_keeps_the_other_address_as_an_additional_one(hubspot):
    emails = [record["properties"]["email"] for record in hubspot.get(CONTACTS, params={"limit": 2}).json()["results"]]
    body = {"primaryObjectId": "1000101", "objectIdToMerge": "1000105"}
    assert hubspot.post(f"{CONTACTS}/merge", json=body).status_code == 200
    assert hubspot.get(f"{CONTACTS}/1000105").status_code == 404
    assert hubspot.get(f"{CONTACTS}/{emails[1]}", params={"idProperty": "email"}).json()["id"] == "1000101"
    assert hubspot.post(CONTACTS, json={"properties": {"email": emails[1]}}).status_code == 409


def test_erasing_blocks_an_address_for_the_future(hubspot, upsert):
    body = {"objectId": "gone@x.io", "idProperty": "email"}
    assert hubspot.post(f"{CONTACTS}/gdpr-delete", json=body).status_code == 204
    assert upsert({"email": "gone@x.io"}).status_code == 207


def test_malformed_json_is_refused_without_a_category(hubspot):
    answer = hubspot.post(CONTACTS, content=b"{nope")
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Invalid input JSON on line 1, column")
    assert "category" not in answer.json()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("missing", "x", "PROPERTY_DOESNT_EXIST"),
        ("email", "not an address", "INVALID_EMAIL"),
        ("hs_analytics_source", "OFFLINE", "READ_ONLY_VALUE"),
        ("lifecyclestage", "chief", "INVALID_OPTION"),
        ("closedate", "yesterday", "INVALID_DATE"),
        ("salesforce_campaign_date", "2026-01-02T10:00:00Z", "INVALID_DATE"),
    ],
)
def test_a_value_a_property_does_not_take_is_named_in_the_message(hubspot, name, value, code):
    answer = hubspot.post(CONTACTS, json={"properties": {name: value}})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["message"].startswith("Property values were not valid: [{")
    assert f'"error":"{code}"' in answer.json()["message"]
