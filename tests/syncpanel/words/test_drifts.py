"""What changed over there under a mapping, in words."""

import pytest

from integrations.enums import DriftKind
from integrations.models import Connection, SchemaDrift
from integrations.queries.drifts import DriftRow, Touched
from syncpanel.words.drifts import cards, note_of, title_of
from tests.syncpanel.words.lives import NOON

SALESFORCE = Connection(pk=2, name="Salesforce", platform="salesforce")
LEADS = Touched(4, "Contacts to leads", reads=False)
KNOWN = {"name": "Region__c"}


def row_of(*mappings: Touched, **values) -> DriftRow:
    values = {"kind": DriftKind.REMOVED, "field": "Region__c", "label": "Region", "before": KNOWN} | values
    drift = SchemaDrift(connection=SALESFORCE, object_name="Lead", found_at=NOON, **values)
    return DriftRow(drift, "Leads", "people", mappings or (LEADS,))


@pytest.mark.parametrize(
    ("values", "title", "text"),
    [
        ({}, "Salesforce removed Region", "“Contacts to leads” writes it: the next job would send nobody."),
        (
            {"before": None, "label": "Region__c"},
            "Salesforce has no field Region__c",
            "“Contacts to leads” writes it: the next job would send nobody.",
        ),
        (
            {"kind": DriftKind.READ_ONLY},
            "Salesforce does not let us write Region any more",
            "“Contacts to leads” writes it: the next job would send nobody.",
        ),
        (
            {"kind": DriftKind.TYPE, "detail": "was text, is a number now"},
            "Salesforce made Region another kind of field",
            "It was text, is a number now. “Contacts to leads” writes it: people whose value does not fit would be held back.",
        ),
        (
            {"kind": DriftKind.CHOICES, "detail": "“Hot”, “Warm”"},
            "Salesforce took choices away from Region",
            "Gone: “Hot”, “Warm”. “Contacts to leads” writes it: people with one of them would be held back.",
        ),
        (
            {"kind": DriftKind.REQUIRED},
            "Salesforce wants Region filled now",
            "“Contacts to leads” does not fill it: new people would be held back.",
        ),
    ],
    ids=["removed", "never there", "read only", "type", "choices", "required"],
)
def test_each_kind_of_change_is_said_with_what_comes_of_it(values, title, text):
    note = note_of(row_of(**values))
    assert (note.title, note.text) == (title, text)
    assert "12:00</time>" in str(note.seen)


def test_every_kind_of_change_has_words():
    for kind in DriftKind:
        assert title_of(row_of(kind=kind)).startswith("Salesforce ")


def test_who_reads_and_who_writes_are_told_apart_and_named_three_at_most():
    readers = [Touched(n, f"M{n}", reads=True) for n in range(5)]
    note = note_of(row_of(*readers, LEADS))
    assert note.text == (
        "“M0”, “M1”, “M2” and 2 more read it: the next job would stop. "
        "“Contacts to leads” writes it: the next job would send nobody."
    )


def test_one_change_is_a_card_that_opens_the_mapping():
    card = cards([row_of()])[0]
    assert (card.title, card.action, card.url) == ("Salesforce removed Region", "Open the mapping", "/mappings/4/")
    assert str(card.text).startswith("“Contacts to leads” writes it: the next job would send nobody. Seen <time")


def test_a_change_that_touches_several_mappings_leads_to_where_all_are_told():
    card = cards([row_of(LEADS, Touched(5, "Other", reads=False))])[0]
    assert (card.action, card.url) == ("Look", "/connections/2/#fields")


def test_many_changes_of_one_object_are_one_card():
    rows = [row_of(label=label) for label in ("Region", "Rating", "Title", "City")]
    card = cards([*rows, row_of(kind=DriftKind.REQUIRED)])[0]
    assert len(cards(rows)) == 1
    assert card.title == "Salesforce changed 5 fields of leads that mappings use"
    assert card.text == "It removed Region, removed Rating, removed Title and 2 more"


def test_names_of_others_cannot_bring_markup():
    card = cards([row_of(Touched(4, "<b>x</b>", reads=False), label="<i>y</i>")])[0]
    assert "<b>" not in str(card.text)
    assert "&lt;b&gt;" in str(card.text)
