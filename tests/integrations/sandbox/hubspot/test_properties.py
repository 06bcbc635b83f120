"""The properties API tells what can be written, and takes new properties."""

import pytest

PROPERTIES = "/crm/v3/properties/contacts"
NEW = {"name": "shoe_size", "label": "Shoe", "type": "number", "fieldType": "number", "groupName": "contactinformation"}


def test_properties_say_what_they_are(hubspot):
    found = {one["name"]: one for one in hubspot.get(PROPERTIES).json()["results"]}
    assert found["lifecyclestage"]["options"][0]["value"] == "subscriber"
    assert found["hs_analytics_source"]["modificationMetadata"]["readOnlyValue"]
    assert found["hubspotscore"]["calculated"]
    assert found["createdate"]["type"] == "datetime"


@pytest.mark.parametrize("name", ["companies", "deals"])
def test_the_other_objects_have_properties_too(hubspot, name):
    names = {one["name"] for one in hubspot.get(f"/crm/v3/properties/{name}").json()["results"]}
    assert "hs_lastmodifieddate" in names


def test_a_new_property_can_be_written_and_removed(hubspot, upsert):
    assert hubspot.post(PROPERTIES, json=NEW).status_code == 201
    assert upsert({"email": "ann@x.io", "shoe_size": 38}).json()["results"][0]["properties"]["shoe_size"] == "38"
    assert upsert({"email": "ann@x.io", "shoe_size": "big"}).status_code == 207
    assert hubspot.delete(f"{PROPERTIES}/shoe_size").status_code == 204
    assert upsert({"email": "ann@x.io", "shoe_size": 38}).status_code == 207


@pytest.mark.parametrize(
    ("change", "status"),
    [({"label": ""}, 400), ({"name": "Shoe Size"}, 400), ({"type": "shoe"}, 400), ({"name": "email"}, 409)],
)
def test_a_property_that_cannot_be_is_refused(hubspot, change, status):
    assert hubspot.post(PROPERTIES, json={**NEW, **change}).status_code == status


def test_an_unknown_object_is_refused(hubspot):
    assert hubspot.get("/crm/v3/properties/spaceships").status_code == 400
