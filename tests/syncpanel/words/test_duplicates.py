"""Two records that may be one person, in words."""

from typing import Any

import pytest

from integrations.enums import DuplicateKind, DuplicateVerdict, FieldType
from integrations.models.blobs import pack
from integrations.queries.duplicates import DuplicateDetail, DuplicateFilter, show_duplicate
from integrations.types import FieldSchema, ObjectSchema
from syncpanel.words.duplicates import KINDS, VERDICTS, choices, heads, name_of, reason, rows, verdict_of
from tests.factories import make_duplicate
from tests.syncpanel.views.people import LEAD

pytestmark = pytest.mark.django_db
SAME, OTHER, SYSTEM, TAKEN = (
    DuplicateKind.SAME_KEY,
    DuplicateKind.OTHER_KEY,
    DuplicateKind.OTHER_SYSTEM,
    DuplicateKind.TAKEN,
)
THERE = {"other_id": "", "destination_id": "00Q1", "why": "same Last Name"}
OWNED = {"other_id": "4711", "destination_id": "00Q1", "why": "same Last Name"}
NUMBERED = ObjectSchema("Lead", "Lead", (FieldSchema("HubSpot_Email__c", "Customer number", FieldType.STRING),))


def detail_of(kind: str = SAME, **values: Any) -> DuplicateDetail:
    row = make_duplicate(kind=kind, **values)
    return show_duplicate(row.pk, DuplicateFilter())


def test_every_kind_and_every_verdict_has_words() -> None:
    assert set(KINDS) == set(DuplicateKind.values)
    assert {*VERDICTS, DuplicateVerdict.OPEN} == set(DuplicateVerdict.values)


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        (SAME, {}, "Both have the same address."),
        (OTHER, {}, "The first has the address of the other as a second address."),
        (SYSTEM, THERE, "Same Last Name, but another address."),
        (
            TAKEN,
            OWNED,
            "Same Last Name, but another address. The one in Salesforce stands for person 4711 so far.",
        ),
        (TAKEN, OWNED | {"why": "same key"}, "The one in Salesforce stands for person 4711 so far."),
    ],
)
def test_what_speaks_for_one_person_is_one_sentence(kind, values, said) -> None:
    assert reason(detail_of(kind, **values), LEAD) == said


def test_who_is_told_apart_by_something_else_has_no_address() -> None:
    assert reason(detail_of(), NUMBERED) == "Both have the same Customer number."


def test_what_differs_comes_first_and_what_both_leave_empty_does_not() -> None:
    left = {"id": "1", "email": "a@x.org", "city": "Bonn", "phone": "", "state": "", "note": "x"}
    right = {"id": "2", "email": "A@x.org", "city": "Bonn", "phone": None, "state": "NRW"}
    found = rows(detail_of(sides=pack([left, right])), None, None)
    assert [tuple(row) for row in found] == [
        ("email", "a@x.org", "A@x.org", True),
        ("state", "", "NRW", True),
        ("note", "x", None, True),
        ("city", "Bonn", "Bonn", False),
    ]


def test_somebody_over_there_is_compared_with_what_we_would_send_in_that_systems_words() -> None:
    sides = pack([{"LastName": "Lee"}, {"id": "00Q1", "LastName": "Li"}])
    (row,) = rows(detail_of(SYSTEM, sides=sides, **THERE), NUMBERED, LEAD)
    assert row.label == "Last Name"


@pytest.mark.parametrize(
    ("kind", "values", "answers"),
    [
        (SAME, {}, [("same", "a", "1"), ("same", "b", "2"), ("different", "", "d"), ("later", "", "l")]),
        (OTHER, {}, [("same", "a", "1"), ("same", "b", "2"), ("different", "", "d"), ("later", "", "l")]),
        (SYSTEM, THERE, [("same", "", "1"), ("different", "", "d"), ("later", "", "l")]),
        (TAKEN, OWNED, [("same", "a", "1"), ("same", "4711", "2"), ("different", "", "d"), ("later", "", "l")]),
    ],
)
def test_the_answers_have_a_key_each_and_say_what_comes_of_them(kind, values, answers) -> None:
    found = choices(detail_of(kind, **{"source_id": "a", "other_id": "b"} | values))
    assert [(choice.verdict, choice.keeps, choice.key) for choice in found] == answers
    assert len({choice.label for choice in found}) == len(found)
    assert all(choice.note for choice in found if choice.verdict != "same") and found[0].note


def test_a_decided_pair_has_no_answers_and_one_that_was_put_off_has() -> None:
    assert choices(detail_of(verdict=DuplicateVerdict.SAME)) == ()
    assert choices(detail_of(verdict=DuplicateVerdict.LATER))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, ""),
        ({"verdict": "different"}, "Two people"),
        ({"verdict": "later", "decided_by": "dana@x.org", "decided_at": "now"}, "Decide later. dana said so"),
        ({"verdict": "same", "keeps": "7"}, "One person: 7 goes on, the other is left out"),
        ({"verdict": "same", **THERE}, "One person: 00Q1 in Salesforce"),
    ],
)
def test_what_was_decided_is_said_with_who_decided_it(values, said) -> None:
    detail = detail_of(**{name: value for name, value in values.items() if name != "decided_at"})
    detail.row.decided_at = detail.row.found_at if "decided_at" in values else None
    assert verdict_of(detail) == said


def test_the_columns_say_where_each_is_and_what_becomes_of_it() -> None:
    left, right = heads(detail_of(source_id="1", other_id="2"))
    assert (left[:3], right[:3]) == (("HubSpot", "is sent", "1"), ("HubSpot", "left out", "2"))
    left, right = heads(detail_of(SYSTEM, source_id="1", **THERE))
    assert (left[:3], right[:3]) == (("HubSpot", "held back", "1"), ("Salesforce", "", "00Q1"))


def test_who_has_no_name_is_called_by_what_is_known() -> None:
    assert name_of(make_duplicate(label="", email="a@x.org")) == "a@x.org"
    assert name_of(make_duplicate(label="", email="", source_id="9")) == "Record 9"
