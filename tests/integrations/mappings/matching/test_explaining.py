"""What a suggestion does is said field by field, and what it cannot know is asked."""

import pytest

from integrations.enums import FieldType as T
from integrations.mappings.matching import Conversion, Level, Match, ask_questions, match_fields, summarise
from tests.integrations.mappings.matching.field_lists import read_object
from tests.integrations.mappings.matching.making import make_field, make_object


def explain(source, destination):
    notes = summarise(match_fields(source, destination), source, destination)
    return {note.field: (note.level, note.text) for note in notes}


@pytest.mark.parametrize(
    ("source", "destination", "sentence"),
    [
        (make_field("email"), make_field("Email", kind=T.EMAIL), "“Email” comes from “email”, in lower case."),
        (
            make_field("phone"),
            make_field("Phone", kind=T.PHONE),
            "“Phone” comes from “phone”, as an international number where it can be read.",
        ),
        (
            make_field("store", kind=T.CHOICE, choices=("a", "b", "c")),
            make_field("Store", kind=T.CHOICE, choices=("A", "B")),
            "“Store” comes from “store”; 2 of its 3 choices are paired by name, the others stay empty.",
        ),
        (
            make_field("store", kind=T.CHOICE, choices=("a", "b")),
            make_field("Store", kind=T.CHOICE, choices=("A", "B")),
            "“Store” comes from “store”, choice by choice.",
        ),
        (
            make_field("store"),
            make_field("Store", kind=T.CHOICE, choices=("A", "B")),
            "“Store” comes from “store”, as the choice of that name.",
        ),
    ],
)
def test_one_sentence_says_where_a_field_comes_from(source, destination, sentence):
    level, text = explain(make_object(source), make_object(destination))[destination.name]
    assert (level, text) == (Level.HIGH, sentence)


def test_doubt_and_suggestions_are_said():
    source = make_object(make_field("plan"), make_field("email"))
    destination = make_object(make_field("Plan"), make_field("Email"), make_field("Work_Email__c", "Work email"))
    assert explain(source, destination) == {
        "Plan": (Level.MEDIUM, "“Plan” comes from “plan”. Not sure: Both are called “Plan”."),
        "Email": (Level.HIGH, "“Email” comes from “email”, in lower case."),
        "Work_Email__c": (
            Level.LOW,
            "“Work email” stays empty; it could come from “email”. “email” and “Work email” both mean email address. "
            "It fits “Email” better.",
        ),
    }


def test_a_required_field_that_nothing_fills_is_said():
    found = explain(make_object(make_field("fax")), make_object(make_field("Company", required=True)))
    assert found == {"Company": (None, "“Company” is required, and nothing fills it yet.")}


def test_required_fields_and_choices_without_a_counterpart_are_asked_about():
    source = make_object(
        make_field("marital_status", "Marital status"),
        make_field(
            "store", "Store", T.CHOICE, choices=("a", "b", "c", "d", "e"), choice_labels=("A", "B", "C", "D", "E")
        ),
    )
    destination = make_object(
        make_field("Company", required=True),
        make_field("Status", required=True),
        make_field("Number__c", "Number", required=True, writable=False),
        make_field("Store__c", "Store", T.CHOICE, choices=("A",)),
    )
    matches = match_fields(source, destination)
    assert ask_questions(matches, source, destination, ("HubSpot", "Salesforce")) == (
        "Salesforce needs “Company”; no field of HubSpot seems to hold it. Which one does?",
        "Salesforce needs “Status”; no field of HubSpot seems to hold it. Could it be “Marital status”?",
        "“Store”: “B”, “C”, “D” and 1 more have no choice of that name in “Store”. "
        "Where do they go? They stay empty so far.",
    )


def test_a_single_choice_without_a_counterpart_is_asked_about():
    source = make_object(make_field("store", "Store", T.CHOICE, choices=("A", "B")))
    destination = make_object(
        make_field("Store__c", "Shop", T.CHOICE, choices=("A",)), make_field("Store", kind=T.NUMBER)
    )
    matches = [Match("store", "Store__c", 0.9, Level.HIGH, "", Conversion.CHOICE)]
    assert ask_questions(matches, source, destination) == (
        "“Store”: “B” has no choice of that name in “Shop”. Where do they go? They stay empty so far.",
    )


def test_nothing_is_asked_when_everything_is_clear():
    source, destination = read_object("salesforce_contact"), read_object("mailchimp_members")
    matches = [match for match in match_fields(source, destination) if match.destination_field != "status"]
    asked = ask_questions(matches, source, destination)
    assert asked == ("Members needs “Status”; no field of Contact seems to hold it. Which one does?",)
