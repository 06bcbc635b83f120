"""The example mapping does what its instructions say, and shows what is wrong instead of hiding it."""

import orjson
import pytest

from integrations.mappings.checks import source_fields
from integrations.mappings.runner import MappingRunner
from integrations.mappings.validation import compile_validator

CONTACT = {
    "id": "101",
    "email": " Conor.OBrien@Axis.IE ",
    "firstname": "Conor  ",
    "lastname": "O'Brien",
    "company": "Axis  Brewing Ltd",
    "phone": "(01) 555 0132",
    "mobilephone": None,
    "jobtitle": "Head of Brewing",
    "city": "Dublin",
    "country": "Ireland",
    "state": None,
    "zip": "D02",
    "address": "1 Quay",
    "website": "axis.ie",
    "lifecyclestage": "lead",
    "hs_analytics_source": "ORGANIC_SEARCH",
    "numberofemployees": "40",
    "createdate": "2024-03-01T10:00:00.000Z",
    "lastmodifieddate": "2024-03-01T10:00:00.000Z",
}


@pytest.fixture(scope="module")
def run(demo_code):
    with MappingRunner(demo_code, processes=1) as runner:

        def map_contact(**changes):
            batch = runner.map_batch(orjson.dumps([{**CONTACT, **changes}]))
            assert not batch.failed and not batch.left_out
            return batch.outputs[0]

        yield map_contact


@pytest.fixture(scope="module")
def validate(lead):
    return compile_validator(lead, "HubSpot_Email__c", "upsert", platform_label="Salesforce")


def test_a_contact_becomes_a_lead(run, validate):
    lead = run()
    assert lead == {
        "Email": "conor.obrien@axis.ie",
        "HubSpot_Email__c": "conor.obrien@axis.ie",
        "HubSpot_ID__c": "101",
        "FirstName": "Conor",
        "LastName": "O'Brien",
        "Company": "Axis Brewing Ltd",
        "Account__r.Company_Key__c": "Axis Brewing Ltd",
        "Phone": "+35315550132",
        "Title": "Head of Brewing",
        "City": "Dublin",
        "Country": "Ireland",
        "LeadSource": "Organic Search",
    }
    assert validate(lead) == []


@pytest.mark.parametrize("source", [None, ""])
def test_an_empty_source_becomes_marketing_site(run, source):
    assert run(hs_analytics_source=source)["LeadSource"] == "Marketing Site"


@pytest.mark.parametrize(
    "source",
    [
        *("ORGANIC_SEARCH", "PAID_SEARCH", "EMAIL_MARKETING", "SOCIAL_MEDIA", "REFERRALS"),
        *("OTHER_CAMPAIGNS", "DIRECT_TRAFFIC", "OFFLINE", "PAID_SOCIAL", "AI_REFERRALS"),
    ],
)
def test_every_source_becomes_one_of_the_destination_s_choices(run, validate, source):
    assert validate(run(hs_analytics_source=source)) == []


def test_a_source_that_is_filled_is_never_called_marketing_site(run):
    assert run(hs_analytics_source="AI_REFERRALS")["LeadSource"] == "Other"


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"lastname": None}, "Last Name is missing"),
        ({"lastname": "  "}, "Last Name is missing"),
        ({"company": None}, "Company is missing"),
        ({"email": None}, "HubSpot Email is missing"),
        ({"email": "conor(at)axis.ie"}, "Email address is not valid"),
        ({"email": "conor@axis"}, "Email address is not valid"),
        ({"phone": "+353 1 555 0132 (office), after 5 pm +353 1 555 0132"}, "Phone is too long"),
        ({"phone": "+353 1 555 0132 ext. 4711 / please call the front desk first"}, "Phone is too long"),
        ({"phone": "; ".join(["+353 1 555 0132"] * 4)}, "Phone is too long"),
    ],
)
def test_what_is_wrong_with_a_contact_is_seen_and_not_invented_away(run, validate, changes, title):
    assert validate(run(**changes))[0].title == title


@pytest.mark.parametrize("phone", ["55 55 80 18", "ext. 12", "12345", ""])
def test_a_number_that_cannot_be_read_goes_out_as_it_is(run, phone):
    assert run(phone=phone, country="Atlantis")["Phone"] == phone


def test_a_contact_with_the_read_fields_alone_is_mapped_the_same(run, demo_code):
    slim = {name: None for name in CONTACT if name not in (source_fields(demo_code) or ())}
    assert run(**slim) == run()
