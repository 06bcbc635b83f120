"""Which fields are paired, how sure that is, and what is said about it."""

import pytest

from integrations.enums import FieldType as T
from integrations.mappings.matching import Conversion, Level, match_fields
from tests.integrations.mappings.matching.field_lists import read_object
from tests.integrations.mappings.matching.making import make_field, make_object, match_one


def test_fields_of_one_meaning_are_a_sure_pair_with_a_reason():
    match = match_one(make_field("fname", "Given name"), make_field("FirstName", "First Name"))
    assert match.level is Level.HIGH and match.confidence > 0.95
    assert match.why == "“Given name” and “First Name” both mean first name."


def test_own_fields_of_one_name_are_a_sure_pair():
    match = match_one(make_field("favourite_product"), make_field("Favourite_Product__c", "Favourite product"))
    assert match.level is Level.HIGH and match.why == "Both are called “Favourite product”."


@pytest.mark.parametrize(
    ("source", "destination"),
    [
        (make_field("fax"), make_field("phone")),
        (make_field("email_domain"), make_field("email", kind=T.EMAIL)),
        (make_field("city"), make_field("ShippingCity", "Shipping City")),
        (make_field("nps_score_2025"), make_field("NPS_Score_2026__c", "NPS Score 2026")),
        (make_field("company_phone"), make_field("Phone", kind=T.PHONE)),
    ],
)
def test_fields_that_only_look_alike_are_not_paired(source, destination):
    match = match_one(source, destination)
    assert match is None or match.level is Level.LOW


@pytest.mark.parametrize(
    ("source", "destination"),
    [
        ("nps_score_2025", "NPS score 2026"),
        ("first_campaign_name", "Last campaign name"),
        ("old_store_size", "Store size"),
        ("partner_store_size", "Store size"),
    ],
)
def test_a_telling_word_or_number_on_one_side_is_not_even_suggested(source, destination):
    assert match_one(make_field(source), make_field(destination)) is None


def test_a_word_more_or_less_is_a_suggestion_unless_it_is_about_something_else():
    wanted = make_object(make_field("Preferred store for pick-up"), name="things", label="Things")
    loose = make_object(make_field("preferred_store_pick"), name="things", label="Things")
    assert match_fields(loose, wanted)[0].level in (Level.MEDIUM, Level.LOW)
    emails = [make_field(f"{word}_email") for word in ("store", "parking", "garden", "roof")]
    other = make_object(make_field("email_domain"), *emails, name="things", label="Things")
    match = match_fields(other, make_object(make_field("domain"), name="things", label="Things"))[0]
    assert (match.source_field, match.level) == ("email_domain", Level.LOW)


def test_a_plain_field_comes_before_a_primary_one():
    source = make_object(make_field("primary_city"), make_field("town"))
    match = match_fields(source, make_object(make_field("City")))[0]
    assert (match.source_field, match.level) == ("town", Level.HIGH)


def test_a_field_whose_name_and_label_contradict_each_other_is_no_sure_pair():
    match = match_one(make_field("Phone", "Fax number"), make_field("Fax"))
    assert match is None or match.level is not Level.HIGH


def test_what_people_see_counts_more_than_the_name_behind_it():
    source = make_object(make_field("alpha", "Store size"), make_field("store_size", "Something old"))
    match = match_fields(source, make_object(make_field("omega", "Store size")))[0]
    assert (match.source_field, match.level) == ("alpha", Level.HIGH)


def test_a_word_that_says_little_needs_choices_in_common():
    source = make_field("tier", kind=T.CHOICE, choices=("gold", "silver", "bronze"))
    alike = make_field("Tier__c", "Tier", T.CHOICE, choices=("Gold", "Silver", "Platinum"))
    other = make_field("Tier__c", "Tier", T.CHOICE, choices=("A", "B"))
    assert match_one(source, alike).level is Level.HIGH
    assert match_one(source, other) is None or match_one(source, other).level is Level.LOW
    assert match_one(make_field("tier"), make_field("Tier__c", "Tier")).level is Level.MEDIUM


@pytest.mark.parametrize("hidden", [{"writable": False}, {"kind": T.REFERENCE}, {"kind": T.OTHER}])
def test_a_destination_that_cannot_be_written_is_never_paired(hidden):
    assert match_one(make_field("email"), make_field("email", **hidden)) is None


@pytest.mark.parametrize("hidden", [{"readable": False}, {"kind": T.REFERENCE}, {"kind": T.OTHER}])
def test_a_source_that_cannot_be_read_is_never_paired(hidden):
    assert match_one(make_field("email", **hidden), make_field("email")) is None


def test_a_read_only_source_is_paired():
    assert match_one(make_field("email", writable=False), make_field("Email")).level is Level.HIGH


def test_each_destination_gets_the_source_that_fits_best():
    source = make_object(make_field("work_email"), make_field("email"), make_field("home_city"), make_field("city"))
    destination = make_object(make_field("City"), make_field("Email", kind=T.EMAIL))
    assert {m.destination_field: m.source_field for m in match_fields(source, destination)} == {
        "City": "city",
        "Email": "email",
    }


def test_a_source_feeds_a_second_field_only_when_that_is_called_the_same():
    source = make_object(make_field("email", kind=T.EMAIL))
    twins = make_object(make_field("Email", kind=T.EMAIL), make_field("Email__c", "Email", T.EMAIL))
    others = make_object(make_field("Email", kind=T.EMAIL), make_field("Work_Email__c", "Work email", T.EMAIL))
    assert sorted(match.level for match in match_fields(source, twins)) == [Level.HIGH, Level.MEDIUM]
    assert sorted(match.level for match in match_fields(source, others)) == [Level.HIGH, Level.LOW]


def test_a_key_named_after_a_tool_is_fed_as_well():
    source = make_object(make_field("email", kind=T.EMAIL))
    key = make_field("Acme_Email__c", "Acme Email", T.EMAIL, is_key=True)
    found = match_fields(source, make_object(make_field("Email", kind=T.EMAIL), key))
    assert {m.destination_field: m.level for m in found} == {"Email": Level.HIGH, "Acme_Email__c": Level.MEDIUM}


def test_two_sources_that_fit_equally_well_are_not_a_sure_pair():
    source = make_object(make_field("visits_a", "Store visits"), make_field("visits_b", "Store visits"))
    match = match_fields(source, make_object(make_field("Store_Visits__c", "Store visits")))[0]
    assert match.level is Level.MEDIUM and "would fit as well" in match.why


@pytest.mark.parametrize(
    ("name", "most"),
    [("record_id", Level.MEDIUM), ("owner_id", Level.LOW), ("last_modified", Level.LOW)],
)
def test_what_a_system_keeps_for_itself_is_no_sure_pair(name, most):
    match = match_one(make_field(name), make_field(name))
    assert match is not None and match.level is most


@pytest.mark.parametrize("name", ["parent_id", "company_id", "user_id", "associated_company_id"])
def test_ids_of_other_records_are_never_paired(name):
    assert match_one(make_field(name), make_field(name), name="things", label="Things") is None


def test_an_id_of_the_world_outside_is_paired():
    assert match_one(make_field("vat_id", "VAT ID"), make_field("VAT_ID__c", "VAT ID")).level is Level.HIGH


def test_keys_and_required_fields_come_first():
    source = make_object(make_field("city"), make_field("company"), make_field("email"), make_field("fax"))
    destination = make_object(
        make_field("City"),
        make_field("Fax"),
        make_field("Company", required=True),
        make_field("Email", is_key=True),
    )
    assert [m.destination_field for m in match_fields(source, destination)] == ["Email", "Company", "City", "Fax"]


def test_a_person_s_fields_are_no_sure_pair_for_a_company_s():
    person = make_object(make_field("phone"), make_field("industry"), make_field("company"))
    company = make_object(
        make_field("Phone"), make_field("Industry"), make_field("Name"), name="Account", label="Account"
    )
    levels = {m.destination_field: m.level for m in match_fields(person, company)}
    assert levels == {"Phone": Level.MEDIUM, "Industry": Level.HIGH, "Name": Level.HIGH}


@pytest.mark.parametrize(
    ("source", "destination", "conversion"),
    [
        ("country", "country_code", Conversion.COUNTRY_CODE),
        ("country_code", "country", Conversion.COUNTRY_NAME),
        ("state", "state_code", Conversion.STATE_CODE),
        ("state_code", "state", Conversion.STATE_NAME),
    ],
)
def test_codes_and_names_of_places_are_made_from_each_other(source, destination, conversion):
    match = match_one(make_field(source), make_field(destination))
    assert (match.level, match.conversion) == (Level.MEDIUM, conversion)


def test_a_code_is_made_only_from_the_same_address():
    assert match_one(make_field("billing_country"), make_field("mailing_country_code")) is None


def test_a_whole_name_is_taken_apart():
    destination = make_object(make_field("FirstName", "First Name"), make_field("LastName", "Last Name"))
    found = match_fields(make_object(make_field("full_name")), destination)
    assert [(m.level, m.conversion) for m in found] == [
        (Level.MEDIUM, Conversion.FIRST_NAME),
        (Level.MEDIUM, Conversion.LAST_NAME),
    ]


EMAILS = [{"field_17": f"person{n}@example.com", "country": "DE"} for n in range(5)]


def test_values_show_what_a_name_hides():
    source, destination = make_field("field_17", "Field 17"), make_field("Email", kind=T.EMAIL)
    assert match_one(source, destination) is None
    match = match_one(source, destination, EMAILS)
    assert match.level is Level.MEDIUM and match.why == "The values of “Field 17” look like e-mail addresses."


def test_two_fields_with_such_values_are_only_suggested():
    records = [{"field_17": "a@example.com", "field_18": "b@example.com"}] * 5
    source = make_object(make_field("field_17", "Field 17"), make_field("field_18", "Field 18"))
    match = match_fields(source, make_object(make_field("Email", kind=T.EMAIL)), records)[0]
    assert (match.source_field, match.level) == ("field_17", Level.LOW)


def test_values_that_look_like_something_else_speak_against_a_pair():
    records = [{"email": "see notes"}] * 5
    source, destination = make_field("email"), make_field("Email", kind=T.EMAIL)
    assert match_one(source, destination).level is Level.HIGH
    assert match_one(source, destination, records).level is Level.LOW
    assert match_one(source, destination, records[:2]).level is Level.HIGH


def test_a_country_that_holds_codes_is_written_out():
    match = match_one(make_field("country"), make_field("Country"), EMAILS)
    assert (match.level, match.conversion) == (Level.HIGH, Conversion.COUNTRY_NAME)
    short = match_one(make_field("country"), make_field("Country", max_length=2), EMAILS)
    assert short.conversion is Conversion.COUNTRY_CODE


def test_the_demo_s_fields_are_paired_as_a_person_would():
    matches = match_fields(read_object("hubspot_contacts"), read_object("salesforce_lead"))
    assert [m.destination_field for m in matches[:3]] == ["Email", "Company", "LastName"]
    assert all(m.why and m.why.endswith(".") for m in matches)
