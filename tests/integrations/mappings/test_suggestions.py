"""Suggested fixes: for the whole record, with a reason, and only when with them it would be accepted."""

import pytest

from integrations.enums import FieldType, SyncMode
from integrations.mappings.suggestions import Suggester, Suggestion
from integrations.mappings.validation import compile_validator
from integrations.types import FieldSchema, ObjectSchema

LEAD = ObjectSchema(
    "Lead",
    "Lead",
    (
        FieldSchema("Key", "Key", FieldType.EMAIL, is_key=True, max_length=30),
        FieldSchema("Email", "Email", FieldType.EMAIL),
        FieldSchema("FirstName", "First Name", FieldType.STRING),
        FieldSchema("LastName", "Last Name", FieldType.STRING, required=True, max_length=20),
        FieldSchema("Company", "Company", FieldType.STRING, required=True),
        FieldSchema("Country", "Country", FieldType.STRING, required=True),
        FieldSchema(
            "CountryCode", "Country", FieldType.CHOICE, choices=("GB", "SE"), choice_labels=("United Kingdom", "Sweden")
        ),
        FieldSchema("Phone", "Phone", FieldType.PHONE, max_length=20),
        FieldSchema("Website", "Website", FieldType.URL, max_length=10),
        FieldSchema("Source", "Source", FieldType.CHOICE, choices=("Web", "Trade Show", "Partner")),
        FieldSchema("Topics", "Topics", FieldType.MULTI_CHOICE, choices=("Brewing", "Barley")),
        FieldSchema("Employees", "Employees", FieldType.INTEGER),
        FieldSchema("Since", "Since", FieldType.DATE),
        FieldSchema("Account", "Account", FieldType.REFERENCE),
    ),
)
GOOD = {
    "Key": "t.okafor@kestrel.example",
    "Email": "t.okafor@kestrel.example",
    "FirstName": "Tomasz",
    "LastName": "Okafor",
    "Company": "Kestrel",
    "Country": "Sweden",
    "Phone": "+46812345678",
}


def suggest(code: str, field: str, **values: object) -> Suggestion | None:
    suggester = Suggester(LEAD, "Key", compile_validator(LEAD, "Key", SyncMode.UPSERT))
    return suggester.suggest(code, field, {**GOOD, **values})


@pytest.mark.parametrize(
    ("code", "field", "values", "mended"),
    [
        ("invalid_email", "Email", {"Email": "t@@kestrel.example"}, {"Email": "t@kestrel.example"}),
        ("required_missing", "LastName", {"LastName": None}, {"LastName": "Okafor"}),
        ("required_missing", "Country", {"Country": ""}, {"Country": "Sweden"}),
        ("required_missing", "CountryCode", {"CountryCode": ""}, {"CountryCode": "SE"}),
        ("too_long", "LastName", {"LastName": "Wolfe " * 9}, {"LastName": "Wolfe Wolfe Wolfe"}),
        ("too_long", "Phone", {"Phone": "+46 8 123 456 78, in the afternoon"}, {"Phone": "+46812345678"}),
        ("not_in_list", "Source", {"Source": "tradeshow"}, {"Source": "Trade Show"}),
        ("not_in_list", "Topics", {"Topics": "brewing; Barley"}, {"Topics": "Brewing;Barley"}),
        ("invalid_number", "Employees", {"Employees": "1,200"}, {"Employees": 1200}),
        ("invalid_date", "Since", {"Since": "3 Nov 2026"}, {"Since": "2026-11-03"}),
        ("lookup_not_found", "Account", {"Account": "Kestrel"}, {"Account": None}),
    ],
)
def test_a_suggestion_is_made_with_its_reason(code, field, values, mended):
    found = suggest(code, field, **values)
    assert found is not None
    assert found.values == mended
    assert found.why
    assert not found.why.endswith(".")


@pytest.mark.parametrize(
    ("code", "field", "values"),
    [
        ("required_missing", "Company", {"Company": None}),
        ("required_missing", "Country", {"Country": None, "Phone": "08 123"}),
        ("too_long", "Key", {"Key": "t.okafor.of.the.long.name@kestrel.example"}),
        ("too_long", "Website", {"Website": "https://kestrel.example/about"}),
        ("not_in_list", "Source", {"Source": "Fax"}),
        ("not_in_list", "Topics", {"Topics": "Brewing;Fax"}),
        ("not_in_list", "Source", {"Source": 7}),
        ("invalid_email", "Email", {"Email": "t" * 5_000 + "@@kestrel.example"}),
        ("custom_rule", "Company", {}),
        ("unknown_field", "Nonesuch", {"Nonesuch": 1}),
        ("invalid_email", "", {}),
    ],
)
def test_what_only_a_person_can_know_is_not_suggested(code, field, values):
    assert suggest(code, field, **values) is None


def test_every_problem_of_the_record_is_mended_at_once():
    found = suggest("invalid_email", "Key", Key="t@@kestrel.example", Email="t@@kestrel.example")
    assert found == Suggestion({"Key": "t@kestrel.example", "Email": "t@kestrel.example"}, "there was one @ too many")


def test_half_a_suggestion_is_none():
    assert suggest("invalid_email", "Key", Key="t@@kestrel.example", Company=None) is None


def test_a_job_with_a_hundred_thousand_slips_stops_comparing_them():
    suggester = Suggester(LEAD, "Key", compile_validator(LEAD, "Key", SyncMode.UPSERT), most_compared=3)

    def source_of(text: str) -> object:
        found = suggester.suggest("not_in_list", "Source", {**GOOD, "Source": text})
        return found and found.values["Source"]

    assert [source_of(text) for text in ("Partnerr", "Partnner", "Paartner", "Parttner")] == ["Partner"] * 3 + [None]
    assert source_of("Partnerr") == "Partner", "what was found is kept"
    assert source_of("PARTNER") == "Partner", "the same word costs nothing"
