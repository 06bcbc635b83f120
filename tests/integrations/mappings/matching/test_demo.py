"""The demo's two objects, as their adapters describe them: the draft alone makes leads that may be sent."""

import pytest

from integrations.adapters.hubspot.schema import build_schema as build_contacts
from integrations.adapters.salesforce.schema import build_schema as build_lead
from integrations.mappings.checks import check_code
from integrations.mappings.matching import Level, draft_code, match_fields
from integrations.mappings.validation import compile_validator
from integrations.sandbox.hubspot.schema import CONTACTS
from integrations.sandbox.salesforce.fields import ENTITIES
from tests.integrations.mappings.running import map_all

DESCRIBED = {
    entity.name: {
        "name": entity.name,
        "label": entity.label,
        "fields": [one.describe() for one in entity.fields.values()],
    }
    for entity in ENTITIES
}
CONTACT = {
    "id": "101",
    "hs_object_id": "101",
    "email": " Conor.OBrien@Axis.IE ",
    "firstname": "Conor",
    "lastname": "O'Brien",
    "company": "Axis Brewing Ltd",
    "phone": "(01) 555 0132",
    "country": "Ireland",
    "date_of_birth": "1984-05-06",
}


@pytest.fixture(scope="module")
def contacts():
    return build_contacts("contacts", "Contacts", [one.describe() for one in CONTACTS.make_schema().values()])


@pytest.fixture(scope="module")
def lead():
    return build_lead("Lead", DESCRIBED["Lead"], DESCRIBED.__getitem__)


def test_the_draft_alone_makes_leads_that_may_be_sent(contacts, lead):
    code = draft_code(match_fields(contacts, lead), contacts, lead)
    assert check_code(code) == []
    output = map_all(code, [CONTACT]).outputs[0]
    assert {name: value for name, value in output.items() if value is not None} == {
        "HubSpot_Email__c": "conor.obrien@axis.ie",
        "HubSpot_ID__c": "101",
        "Email": "conor.obrien@axis.ie",
        "FirstName": "Conor",
        "LastName": "O'Brien",
        "Company": "Axis Brewing Ltd",
        "Phone": "+35315550132",
        "Country": "Ireland",
        "Birthdate__c": "1984-05-06",
    }
    assert compile_validator(lead, "HubSpot_Email__c", "upsert", platform_label="Salesforce")(output) == []


def test_the_way_back_is_found_as_well(contacts, lead):
    found = {match.destination_field: match for match in match_fields(lead, contacts)}
    assert found["email"].level is Level.HIGH and found["zip"].source_field == "PostalCode"
    assert "hs_object_id" not in found
