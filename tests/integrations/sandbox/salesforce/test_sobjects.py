"""Single records, describe, and deleted ids."""

import pytest

LEAD = "/sobjects/Lead"


def create(salesforce, **values):
    return salesforce.post(f"{LEAD}/", json={"LastName": "A", "Company": "B", **values}).json()["id"]


def test_describe_tells_what_a_writer_must_know(salesforce):
    fields = {field["name"]: field for field in salesforce.get(f"{LEAD}/describe").json()["fields"]}
    required = [
        name
        for name, one in fields.items()
        if one["createable"] and not one["nillable"] and not one["defaultedOnCreate"]
    ]
    assert required == ["LastName", "Company"]
    assert fields["Company"]["length"] == 255
    assert (fields["HubSpot_Email__c"]["externalId"], fields["HubSpot_Email__c"]["unique"]) == (True, True)
    assert (fields["Account__c"]["relationshipName"], fields["Account__c"]["referenceTo"]) == (
        "Account__r",
        ["Account"],
    )
    assert fields["LeadSource"]["restrictedPicklist"]
    assert fields["Status"]["picklistValues"][0] == {
        "value": "Open - Not Contacted",
        "label": "Open - Not Contacted",
        "active": True,
        "defaultValue": True,
        "validFor": None,
    }


def test_describe_is_not_sent_again_when_nothing_changed(salesforce):
    first = salesforce.get(f"{LEAD}/describe")
    again = salesforce.get(f"{LEAD}/describe", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert again.status_code == 304


def test_objects_are_listed(salesforce):
    names = [one["name"] for one in salesforce.get("/sobjects/").json()["sobjects"]]
    assert names == ["Lead", "Contact", "Account", "Subscription__c"]


def test_a_record_is_created_read_changed_and_deleted(salesforce):
    record_id = create(salesforce)
    assert len(record_id) == 18
    assert salesforce.patch(f"{LEAD}/{record_id}", json={"City": "Cork"}).status_code == 204
    assert salesforce.get(f"{LEAD}/{record_id[:15]}", params={"fields": "City,Name"}).json()["City"] == "Cork"
    assert salesforce.delete(f"{LEAD}/{record_id}").status_code == 204
    assert salesforce.get(f"{LEAD}/{record_id}").status_code == 404


def test_a_bad_record_is_refused_with_error_codes(salesforce):
    answer = salesforce.post(LEAD, json={"LastName": "A"})
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"


def test_a_single_upsert_says_what_it_did(salesforce):
    path, body = f"{LEAD}/HubSpot_ID__c/a%2F1", {"LastName": "A", "Company": "B"}
    made, again = salesforce.patch(path, json=body), salesforce.patch(path, json=body)
    assert (made.status_code, made.json()["created"]) == (201, True)
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert salesforce.get(path).json()["HubSpot_ID__c"] == "a/1"


def test_update_only_never_inserts(salesforce):
    body = {"LastName": "A", "Company": "B"}
    answer = salesforce.patch(f"{LEAD}/HubSpot_ID__c/1", params={"updateOnly": "true"}, json=body)
    assert answer.status_code == 404


def test_several_matches_are_listed(salesforce):
    made = {create(salesforce, Legacy_ID__c="L1"), create(salesforce, Legacy_ID__c="L1")}
    answer = salesforce.patch(f"{LEAD}/Legacy_ID__c/L1", json={"City": "Cork"})
    assert answer.status_code == 300
    assert {path.rpartition("/")[2] for path in answer.json()} == made


def test_deleted_ids_are_told(salesforce):
    record_id = create(salesforce)
    salesforce.delete(f"{LEAD}/{record_id}")
    period = {"start": "2020-01-01T00:00:00Z", "end": "2099-01-01T00:00:00Z"}
    deleted = salesforce.get(f"{LEAD}/deleted/", params=period).json()["deletedRecords"]
    assert [one["id"] for one in deleted] == [record_id]


@pytest.mark.parametrize("path", ["/sobjects/Spaceship/describe", "/sobjects/Lead/00Q000000000000AAA", "/no/such/path"])
def test_what_is_not_there_is_not_found(salesforce, path):
    answer = salesforce.get(path)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")
