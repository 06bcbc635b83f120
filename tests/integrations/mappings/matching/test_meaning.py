"""A field is understood from its name and its label, as part of its object."""

import pytest

from integrations.enums import FieldType
from integrations.mappings.matching.meaning import Kind, find_kind, read_fields
from tests.integrations.mappings.matching.making import make_field, make_object


def understand(field, **names):
    return read_fields(make_object(field, **names))[0]


@pytest.mark.parametrize(
    ("name", "label", "kind"),
    [
        ("contacts", "Contacts", Kind.PERSON),
        ("Lead", "Lead", Kind.PERSON),
        ("members", "Members", Kind.PERSON),
        ("Account", "Account", Kind.COMPANY),
        ("groups", "Accounts", Kind.COMPANY),
        ("Organisation__c", "Organisations", Kind.COMPANY),
        ("events", "Events", Kind.OTHER),
        ("0-47", "Meetings", Kind.OTHER),
    ],
)
def test_an_object_is_known_by_what_its_records_are(name, label, kind):
    assert find_kind(make_object(make_field("x"), name=name, label=label)) is kind


def test_an_object_with_first_and_last_names_is_of_people_whatever_it_is_called():
    assert find_kind(make_object(make_field("fname"), name="2-77", label="Alumni")) is Kind.PERSON


@pytest.mark.parametrize(
    ("name", "label", "core", "weak"),
    [
        ("Phone", "Business Phone", {"phone number"}, {"business"}),
        ("MailingCity", "Mailing City", {"city"}, {"mailing"}),
        ("ADDRESS.city", "Address: City", {"city"}, set()),
        ("ADDRESS.addr2", "Address: Address line 2", {"street, second line"}, set()),
        ("OtherCity", "Other City", {"city", "other"}, set()),
        ("traits.firstName", "First name", {"first name"}, set()),
        ("hs_lead_status", "Lead Status", {"status"}, set()),
        ("Title", "Title", {"job title"}, set()),
        ("name", "Name", {"full name"}, set()),
        ("company.industry", "Company: Industry", {"industry"}, set()),
        ("company_phone", "Company phone", {"company name", "phone number"}, set()),
        ("Favourite_Colour__c", "Favorite color", {"favourite", "colour"}, set()),
        ("Field17__c", "E-mail", {"email address"}, set()),
        ("Title", "Berufsbild", {"job title"}, set()),
    ],
)
def test_a_field_of_a_person_is_about(name, label, core, weak):
    main = understand(make_field(name, label)).main
    assert (main.core, main.weak) == (core, weak)


@pytest.mark.parametrize(
    ("name", "label", "core"),
    [
        ("Name", "Account Name", {"company name"}),
        ("Phone", "Account Phone", {"phone number"}),
        ("Title", "Title", {"title"}),
        ("hs_industry_group", "Industry group", {"industry", "group"}),
    ],
)
def test_a_field_of_a_company_is_about(name, label, core):
    assert understand(make_field(name, label), name="Account", label="Account").main.core == core


@pytest.mark.parametrize(
    ("name", "label", "readings"),
    [
        ("role", "Employment Role", [{"employment", "role"}]),
        ("hs_status", "Status", [{"status"}]),
        ("company", "Company Phone", [{"company name", "phone number"}]),
        ("employeeid", "Employee", [{"employees", "record's own id"}]),
        ("acme_language", "Preferred language", [{"language"}, {"acme", "language"}]),
    ],
)
def test_of_name_and_label_the_one_that_tells_more_counts(name, label, readings):
    assert [reading.core for reading in understand(make_field(name, label)).readings] == readings


def test_a_field_whose_name_and_label_contradict_each_other_is_torn():
    torn = understand(make_field("Phone", "Fax number"))
    assert torn.is_torn and torn.main.core == {"fax number"}
    assert not understand(make_field("Field_3", "Fax number")).is_torn


def test_a_beginning_that_many_names_share_is_no_part_of_the_meaning():
    fields = [make_field(f"crm_{word}", "?", FieldType.STRING) for word in ("city", "state", "zip", "fax", "email")]
    assert [one.main.core for one in read_fields(make_object(*fields))][:2] == [{"city"}, {"state"}]
    assert read_fields(make_object(*fields[:4]))[0].main.core == {"crm", "city"}
