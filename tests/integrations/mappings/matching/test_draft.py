"""Drafted code is code a person could have written: it passes the checks and does what the pairs say."""

import orjson
import pytest

from integrations.enums import FieldType as T
from integrations.mappings.checks import check_code, source_fields
from integrations.mappings.matching import Conversion, Level, Match, draft_code, match_fields
from integrations.mappings.review import review_code
from integrations.mappings.runner import MappingRunner
from integrations.mappings.validation import compile_validator
from tests.integrations.mappings.matching.field_lists import read_object
from tests.integrations.mappings.matching.gold import GOLD
from tests.integrations.mappings.matching.making import make_field, make_object
from tests.integrations.mappings.running import map_all


def draft(source, destination, samples=()):
    return draft_code(match_fields(source, destination, samples), source, destination)


def run(source, destination, *records):
    code = draft(source, destination)
    assert check_code(code) == []
    batch = map_all(code, list(records))
    assert not batch.failed, batch.failed
    return batch.outputs


def test_the_code_reads_like_one_written_by_hand():
    source = make_object(
        make_field("email", kind=T.EMAIL),
        make_field("fname"),
        make_field("phone", kind=T.PHONE),
        make_field("country"),
        make_field("tier", kind=T.CHOICE, choices=("gold", "silver")),
        make_field("plan", kind=T.STRING),
    )
    destination = make_object(
        make_field("Email", kind=T.EMAIL, is_key=True),
        make_field("LastName", "Last Name", required=True),
        make_field("FirstName", "First Name"),
        make_field("Phone", kind=T.PHONE),
        make_field("Tier__c", "Tier", T.CHOICE, choices=("Gold", "Silver")),
        make_field("Plan__c", "Plan"),
        name="Lead",
        label="Lead",
    )
    assert (
        draft(source, destination)
        == '''TIER = {
    "gold": "Gold",
    "silver": "Silver",
}


def map_record(record):
    """Contacts become Lead. Suggested by matching; look it over."""
    return {
        # Lead needs Last Name: which field of Contacts holds it?
        "LastName": None,
        "Email": clean_email(record.get("email")),
        "FirstName": clean_name(record.get("fname")),
        "Phone": clean_phone(record.get("phone"), record.get("country")) or clean_text(record.get("phone")),
        # Not sure: Both are called “Plan”.
        "Plan__c": clean_text(record.get("plan")),
        "Tier__c": choose(record.get("tier"), TIER),
    }
'''
    )


@pytest.mark.parametrize("gold", GOLD, ids=[gold.name for gold in GOLD])
def test_every_draft_passes_the_checks_and_writes_only_what_may_be_written(gold):
    source, destination = read_object(gold.source), read_object(gold.destination)
    code = draft(source, destination)
    errors = review_code(code, source, destination).errors
    assert {error.field for error in errors} <= {field.name for field in destination.fields if field.required}, errors
    assert source_fields(code) <= {field.name for field in source.fields}
    output = map_all(code, [{}]).outputs[0]
    assert set(output) <= {field.name for field in destination.fields if field.writable}
    assert {field.name for field in destination.fields if field.required and field.writable} <= set(output)


CONTACT = {
    "id": "101",
    "email": " Conor.OBrien@Axis.IE ",
    "firstname": "Conor  ",
    "lastname": "O'Brien",
    "company": "Axis  Brewing Ltd",
    "phone": "(01) 555 0132",
    "jobtitle": "Head of Brewing",
    "country": "Ireland",
    "industry": "food & beverage",
    "salutation": "mr.",
    "annualrevenue": "1,200,000",
    "hs_email_optout": "true",
    "website": "axis.ie",
}


def test_a_contact_becomes_a_valid_lead():
    lead = read_object("salesforce_lead")
    output = run(read_object("hubspot_contacts"), lead, CONTACT)[0]
    filled = {name: value for name, value in output.items() if value is not None}
    assert filled == {
        "Email": "conor.obrien@axis.ie",
        "FirstName": "Conor",
        "LastName": "O'Brien",
        "Company": "Axis Brewing Ltd",
        "Phone": "+35315550132",
        "Title": "Head of Brewing",
        "Country": "Ireland",
        "Industry": "Food & Beverage",
        "Salutation": "Mr.",
        "AnnualRevenue": 1_200_000.0,
        "HasOptedOutOfEmail": True,
        "Website": "axis.ie",
    }
    assert compile_validator(lead, "Email", "upsert", platform_label="Salesforce")(output) == []


@pytest.mark.parametrize(
    ("source", "destination", "value", "written"),
    [
        ({"kind": T.STRING}, {"kind": T.NUMBER}, "1,200.5", 1200.5),
        ({"kind": T.STRING}, {"kind": T.NUMBER}, "0", 0),
        ({"kind": T.STRING}, {"kind": T.NUMBER}, "a dozen", "a dozen"),
        ({"kind": T.STRING}, {"kind": T.DATE}, "1.3.2024", "2024-03-01"),
        ({"kind": T.STRING}, {"kind": T.DATE}, "last spring", "last spring"),
        ({"kind": T.DATETIME}, {"kind": T.DATE}, "2024-03-01T10:00:00Z", "2024-03-01"),
        ({"kind": T.STRING}, {"kind": T.BOOLEAN}, "no", False),
        ({"kind": T.STRING}, {"kind": T.BOOLEAN}, "perhaps", "perhaps"),
        ({"kind": T.NUMBER}, {"kind": T.STRING}, 42, "42"),
        ({"kind": T.MULTI_CHOICE}, {"kind": T.STRING}, "a; b;a", "a;b"),
        ({"kind": T.STRING}, {"kind": T.CHOICE, "choices": ("x",), "choice_labels": ("Big",)}, "big", "x"),
        ({"kind": T.STRING}, {"kind": T.CHOICE, "choices": ("x",)}, "y", "y"),
        ({"kind": T.CHOICE, "choices": ("x", "y")}, {"kind": T.CHOICE, "choices": ("X", "Z")}, "y", None),
        ({"kind": T.BOOLEAN}, {"kind": T.CHOICE, "choices": ("Yes", "No")}, True, "Yes"),
        (
            {"kind": T.MULTI_CHOICE, "choices": ("a", "b", "c")},
            {"kind": T.MULTI_CHOICE, "choices": ("A", "B", "D")},
            "b;c;a",
            "B;A",
        ),
        ({"kind": T.STRING}, {"kind": T.MULTI_CHOICE, "choices": ("A", "B")}, "b; z", "B;z"),
        ({"kind": T.STRING}, {"kind": T.MULTI_CHOICE}, "b; z", "b;z"),
        ({"kind": T.CHOICE, "choices": ("a",)}, {"kind": T.CHOICE}, " a ", "a"),
    ],
)
def test_values_are_converted_and_what_cannot_be_read_is_seen(source, destination, value, written):
    a, b = make_field("store_size", **source), make_field("Store_Size__c", "store size", **destination)
    assert run(make_object(a), make_object(b), {"store_size": value}) == [{"Store_Size__c": written}]


@pytest.mark.parametrize(
    ("source", "destination", "value", "written"),
    [
        ("country", "country_code", "Germany", "DE"),
        ("country_code", "country", "DE", "Germany"),
        ("country", "country_code", "Atlantis", "Atlantis"),
    ],
)
def test_places_are_turned_into_codes_and_back(source, destination, value, written):
    output = run(make_object(make_field(source)), make_object(make_field(destination)), {source: value})
    assert output == [{destination: written}]


def test_a_whole_name_comes_apart():
    source = make_object(make_field("full_name"))
    destination = make_object(make_field("FirstName", "First Name"), make_field("LastName", "Last Name"))
    output = run(source, destination, {"full_name": "Dr. Anna van der Berg"}, {})
    assert output == [{"FirstName": "Anna", "LastName": "van der Berg"}, {"FirstName": None, "LastName": None}]


@pytest.mark.parametrize(("value", "written"), [("1984-05-06", "05/06"), ("in May", "in May"), (None, None)])
def test_a_birthday_is_a_month_and_a_day_where_there_is_room_for_no_more(value, written):
    source, destination = make_object(make_field("dob")), make_object(make_field("BIRTHDAY", max_length=5))
    assert run(source, destination, {"dob": value}) == [{"BIRTHDAY": written}]


def test_a_state_s_code_is_looked_up_in_the_record_s_country():
    source = make_object(make_field("state"), make_field("country"))
    output = run(source, make_object(make_field("state_code")), {"state": "Ontario", "country": "Canada"})
    assert output == [{"state_code": "ON"}]


def test_suggestions_and_pairs_of_fields_that_are_gone_are_left_out():
    source, destination = make_object(make_field("a")), make_object(make_field("b"), make_field("c", writable=False))
    pairs = [
        Match("a", "b", 0.5, Level.LOW, "Perhaps."),
        Match("a", "c", 0.9, Level.HIGH, "It was writable once."),
        Match("gone", "b", 0.9, Level.HIGH, "It was there once."),
    ]
    code = draft_code(pairs, source, destination)
    assert check_code(code) == [] and map_all(code, [{"a": 1}]).outputs == [{}]


def test_a_sign_that_turns_text_around_is_seen_in_the_code():
    name = "\u202eliame"
    thing = make_object(make_field(name))
    code = draft_code([Match(name, name, 0.9, Level.HIGH, "")], thing, thing)
    assert '"\\u202eliame": clean_text(record.get("\\u202eliame"))' in code
    assert map_all(code, [{name: "x"}]).outputs == [{name: "x"}]


@pytest.mark.parametrize(
    "text",
    [
        'He said """hi"""',
        "back\\slash",
        "two\nlines",
        "# not a comment",
        "{braces}",
        "",
        "日本語",
        "\u202eleft",
        "'",
        "x" * 900,
    ],
)
def test_any_name_and_label_makes_valid_code(text):
    name = text or "empty"
    source = make_object(make_field(name, text, T.CHOICE, choices=("a",)), label=text)
    needed = make_field("needed", text, required=True)
    target = make_field(name, text, T.CHOICE, choices=("A", text))
    destination = make_object(needed, target, name="Thing", label=text)
    pair = Match(name, name, 0.7, Level.MEDIUM, text, Conversion.CHOICE)
    code = draft_code([pair], source, destination)
    assert check_code(code) == []
    assert map_all(code, [{name: "a"}]).outputs == [{"needed": None, name: "A"}]


def test_tables_get_names_that_are_free():
    names = ("re", "RE", "2nd_choice", "日本", "any", "skip")
    fields = [make_field(name, kind=T.CHOICE, choices=(f"a{n}", f"b{n}")) for n, name in enumerate(names)]
    thing = make_object(*fields)
    pairs = [Match(name, name, 0.9, Level.HIGH, "", Conversion.CHOICE) for name in names]
    code = draft_code(pairs, thing, thing)
    assert check_code(code) == []
    record = {name: f"A{n}" for n, name in enumerate(names)}
    assert map_all(code, [record]).outputs == [{name: f"a{n}" for n, name in enumerate(names)}]


def test_a_draft_never_grows_beyond_what_a_mapping_may_hold():
    choices = tuple(f"choice {n} {'x' * 60}" for n in range(200))
    fields = [make_field(f"size_{n}", kind=T.CHOICE, choices=choices) for n in range(40)]
    thing = make_object(*fields)
    code = draft(thing, thing)
    assert 60_000 < len(code) < 100_000 and check_code(code) == []


def test_a_draft_of_nothing_is_an_empty_record():
    nothing = make_object()
    code = draft(nothing, nothing)
    with MappingRunner(code, processes=1) as runner:
        assert runner.map_batch(orjson.dumps([{"a": 1}])).outputs == [{}]
