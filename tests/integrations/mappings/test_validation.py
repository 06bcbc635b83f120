"""Mapped records against the destination's fields: what is held back, with which words, and what may go out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.enums import SyncMode
from integrations.mappings.validation import compile_validator
from integrations.reasons import TITLES
from integrations.types import ObjectSchema

KEY = "HubSpot_Email__c"
FINE = {KEY: "ann@example.com", "LastName": "Lee", "Company": "Axis"}


@pytest.fixture(scope="module")
def validate(lead):
    return compile_validator(lead, KEY, SyncMode.UPSERT, platform_label="Salesforce")


def test_a_record_with_what_is_needed_has_no_problem(validate):
    assert validate(FINE) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("FirstName", "O'Brien"),
        ("FirstName", "x" * 40),
        ("FirstName", "x" * 40 + "  "),
        ("FirstName", None),
        ("FirstName", ""),
        ("Email", "o'brien+news@mail.example.co.uk"),
        ("Email", " ann@example.com "),
        ("Email", "jörg@müller.de"),
        ("Phone", "(415) 555-0132"),
        ("LeadSource", "Web"),
        ("LeadSource", None),
        ("Industry", "Something new"),
        ("Interests", "Product;Pricing"),
        ("Interests", ["Product", "Pricing"]),
        ("Interests", "Product; Pricing"),
        ("Employees", 12),
        ("Employees", 12.0),
        ("Employees", "12"),
        ("Score", -0.5),
        ("Score", "1e3"),
        ("OptOut", True),
        ("OptOut", "false"),
        ("Birthdate", "2000-02-29"),
        ("LastSeen", "2026-03-01T09:30:00Z"),
        ("LastSeen", "2026-03-01T09:30:00.123+0100"),
        ("LastSeen", "2026-03-01"),
        ("Notes", "x" * 100_000),
        ("Anything", {"a": [1]}),
        ("Account__r.Company_Key__c", "Axis"),
    ],
)
def test_accepted(validate, field, value):
    assert validate({**FINE, field: value}) == []


@pytest.mark.parametrize(
    ("field", "value", "code", "title", "message"),
    [
        ("Company", None, "required_missing", "Company is missing", "Company is empty, but Salesforce needs it."),
        ("Company", "   ", "required_missing", "Company is missing", "Company is empty, but Salesforce needs it."),
        (KEY, "", "missing_key", "HubSpot Email is missing", "tell who this is"),
        ("Email", "ann(at)example.com", "invalid_email", "Email address is not valid", "does not look like"),
        ("Email", "ann@example", "invalid_email", "Email address is not valid", "does not look like"),
        ("Email", "ann lee@example.com", "invalid_email", "Email address is not valid", "does not look like"),
        ("Email", "a@" + "b" * 80 + ".com", "too_long", "Email is too long", "at most 80 characters"),
        ("Phone", "1" * 41, "too_long", "Phone is too long", "longer than Salesforce accepts: at most 40 characters."),
        ("FirstName", 5, "wrong_type", "First Name is not the right kind of value", "expects text in First Name."),
        ("FirstName", ["a"], "wrong_type", "First Name is not the right kind of value", "expects text"),
        ("LeadSource", "Pigeon", "not_in_list", "Lead source is not in Salesforce's list", "does not offer"),
        ("LeadSource", "web", "not_in_list", "Lead source is not in Salesforce's list", "does not offer"),
        ("LeadSource", True, "wrong_type", "Lead source is not the right kind of value", "expects text"),
        ("Industry", "x" * 21, "too_long", "Industry is too long", "at most 20"),
        ("Interests", "Product;Pigeons", "not_in_list", "Interests is not in Salesforce's list", "does not offer"),
        ("Interests", [1], "wrong_type", "Interests is not the right kind of value", "expects text"),
        ("Employees", "12.5", "invalid_number", "Employees is not a number", "expects a whole number"),
        ("Employees", 12.5, "invalid_number", "Employees is not a number", "expects a whole number"),
        ("Employees", True, "invalid_number", "Employees is not a number", "expects a whole number"),
        ("Score", "much", "invalid_number", "Score is not a number", "expects a number"),
        ("Score", "nan", "invalid_number", "Score is not a number", "expects a number"),
        ("OptOut", "maybe", "wrong_type", "Opt out is not the right kind of value", "expects yes or no"),
        ("OptOut", 1, "wrong_type", "Opt out is not the right kind of value", "expects yes or no"),
        ("Birthdate", "2001-02-29", "invalid_date", "Birthdate is not a date", "a date such as"),
        ("Birthdate", "1.3.2000", "invalid_date", "Birthdate is not a date", "a date such as"),
        ("Birthdate", "2000-02-29T10:00:00Z", "invalid_date", "Birthdate is not a date", "a date such as"),
        ("Birthdate", 0, "invalid_date", "Birthdate is not a date", "a date such as"),
        ("LastSeen", "2026-03-01T25:00:00Z", "invalid_date", "Last seen is not a date", "a date and time such as"),
        ("Pigeon", "x", "unknown_field", "Pigeon does not exist in Salesforce", "no field called Pigeon"),
        ("Pigeon", None, "unknown_field", "Pigeon does not exist in Salesforce", "no field called Pigeon"),
        ("Name", "Ann Lee", "not_writable", "Full Name cannot be changed", "does not let us write Full Name"),
        ("Name", None, "not_writable", "Full Name cannot be changed", "does not let us write Full Name"),
        ("Account__r.Company_Key__c", "x" * 256, "too_long", "Account: Company Key is too long", "at most 255"),
    ],
)
def test_held_back(validate, field, value, code, title, message):
    [problem] = validate({**FINE, field: value})
    assert (problem.code, problem.field, problem.title) == (code, field, title)
    assert message in problem.message
    assert code in TITLES


def test_a_required_field_that_the_mapping_never_sets_is_missing_too(validate):
    assert [problem.field for problem in validate({KEY: "ann@example.com"})] == ["LastName", "Company"]


def test_every_problem_is_told_and_what_is_missing_comes_first(validate):
    problems = validate({"Email": "x", "LastName": "Lee", "Phone": "1" * 50})
    assert [problem.code for problem in problems] == ["missing_key", "required_missing", "invalid_email", "too_long"]


@pytest.mark.parametrize(
    ("mode", "record", "codes"),
    [
        (SyncMode.CREATE, {KEY: "a@b.co"}, ["required_missing", "required_missing"]),
        (SyncMode.UPDATE, {KEY: "a@b.co"}, []),
        (SyncMode.UPDATE, {KEY: "a@b.co", "Company": None}, ["required_missing"]),
        (SyncMode.UPDATE, {"Company": "Axis"}, ["missing_key"]),
    ],
    ids=["adding needs all", "updating needs the key alone", "updating empties nothing required", "no key"],
)
def test_what_is_needed_depends_on_how_the_sync_writes(lead, mode, record, codes):
    assert [problem.code for problem in compile_validator(lead, KEY, mode)(record)] == codes


def test_without_a_key_no_field_tells_who_a_record_is(lead):
    assert compile_validator(lead, "", "create")({"LastName": "Lee", "Company": "Axis"}) == []


def test_a_key_that_cannot_be_written_may_be_used_as_the_key(lead):
    assert compile_validator(lead, "Id", "update")({"Id": "00Q000000000001", "LastName": "Lee"}) == []


def test_a_key_the_destination_does_not_have_is_an_unknown_field():
    problems = compile_validator(ObjectSchema("Lead", "Lead", ()), "Key__c", "upsert")({"Key__c": "x"})
    assert [problem.code for problem in problems] == ["unknown_field"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)


@given(st.data())
def test_whatever_the_mapping_puts_into_a_field_is_fine_or_has_a_sentence(lead, validate, data):
    names = st.sampled_from([field.name for field in lead.fields]) | st.text(max_size=5)
    record = data.draw(st.dictionaries(names, VALUES, max_size=6))
    for problem in validate(record):
        assert problem.code in TITLES and problem.message.endswith(".") and problem.title


class TestAnObjectThatTakesOtherFieldsToo:
    @pytest.fixture
    def validate_more(self, lead):
        return compile_validator(replace(lead, extra_fields=True), KEY, SyncMode.UPSERT, platform_label="Salesforce")

    def test_a_field_it_does_not_know_may_hold_anything(self, validate_more):
        assert validate_more({**FINE, "plan": "pro", "seats": 3, "tags": ["a"]}) == []

    def test_the_fields_it_knows_are_checked_as_ever(self, validate_more):
        codes = [(one.code, one.field) for one in validate_more({**FINE, "Email": "no", "Id": "00Q", "plan": "pro"})]
        assert codes == [("invalid_email", "Email"), ("not_writable", "Id")]
