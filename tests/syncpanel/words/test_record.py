"""One failed record side by side, and what happened to it."""

from dataclasses import replace

import pytest

from integrations.enums import FailureKind, FieldType, RecordEventKind
from integrations.models import FailedRecord, RecordEvent
from integrations.queries.failures import FailureDetail
from integrations.types import FieldSchema, ObjectSchema
from syncpanel.words.record import also_received, counterpart, history, pairs, shown, tried
from tests.syncpanel.words.lives import NOON, live_of

LEAD = ObjectSchema(
    "Lead",
    "Lead",
    (
        FieldSchema("LastName", "Last Name", FieldType.STRING),
        FieldSchema("HubSpot_Email__c", "HubSpot Email", FieldType.EMAIL),
        FieldSchema("Company", "Company", FieldType.STRING),
    ),
)
CONTACT = ObjectSchema("contacts", "Contacts", (FieldSchema("lastname", "Last name", FieldType.STRING),))


def detail_of(received=None, mapped=None, **values) -> FailureDetail:
    live = live_of()
    values = {"kind": FailureKind.INVALID, "field": "Company", "corrections": {}} | values
    return FailureDetail(
        record=FailedRecord(pk=1, **values),
        source=live.source,
        destination=live.destination,
        received=received
        or {"id": "9", "lastname": "okafor", "email": "t@kestrel.example", "company": "", "city": "Ulm"},
        mapped=mapped,
        history=(),
        newer=None,
        older=None,
    )


MAPPED = {"LastName": "Okafor", "HubSpot_Email__c": "t@kestrel.example"}


def test_each_sent_field_stands_beside_what_was_received_and_the_bad_one_comes_first():
    told = pairs(detail_of(mapped=MAPPED), CONTACT, LEAD)
    assert [(pair.label, pair.received, pair.sent, pair.is_bad) for pair in told] == [
        ("Company", "", "", True),
        ("Last Name", "okafor", "Okafor", False),
        ("HubSpot Email", "t@kestrel.example", "t@kestrel.example", False),
    ]


def test_what_was_received_and_goes_nowhere_is_listed_apart():
    told = also_received(detail_of(mapped=MAPPED), CONTACT)
    assert [(pair.label, pair.received) for pair in told] == [("city", "Ulm")]


def test_a_record_the_mapping_failed_on_shows_what_was_received_only():
    told = pairs(detail_of(mapped=None, field="company"), CONTACT, LEAD)
    assert [(pair.label, pair.received, pair.is_bad) for pair in told] == [
        ("Last name", "okafor", False),
        ("email", "t@kestrel.example", False),
        ("company", "", True),
        ("city", "Ulm", False),
    ]
    assert also_received(detail_of(mapped=None), CONTACT) == []


def test_a_corrected_value_is_marked():
    told = pairs(detail_of(mapped={**MAPPED, "Company": "New"}, corrections={"sent": {"Company": "New"}}), None, LEAD)
    assert [pair.label for pair in told if pair.is_corrected] == ["Company"]


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("LastName", "whatever", "lastname"),
        ("last_name", "", "lastname"),
        ("Nickname__c", "Tom", "firstname"),
        ("CompanyName", "other", "company"),
        ("Xyz", "", None),
        ("Score", 5, None),
    ],
    ids=["same name", "other spelling", "same value", "like name", "nothing alike", "short values prove nothing"],
)
def test_a_sent_field_finds_the_received_one_it_comes_from(name, value, found):
    assert counterpart(name, value, {"lastname": "O", "firstname": "tom ", "company": "K", "points": 5}) == found


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, ""), ("", ""), (True, "Yes"), (False, "No"), (0, "0"), ("x" * 400, "x" * 300 + "…")],
    ids=["nothing", "empty", "yes", "no", "zero", "long"],
)
def test_a_value_reads_as_text(value, said):
    assert shown(value) == said


@pytest.mark.parametrize(
    ("kind", "said"), [(FailureKind.INVALID, "Held back by us"), (FailureKind.REJECTED, "Salesforce refused it")]
)
def test_who_held_it_is_never_mixed_up(kind, said):
    assert tried(detail_of(kind=kind)) == said


@pytest.mark.parametrize("kind", list(RecordEventKind))
def test_everything_that_happens_to_a_record_has_words(kind):
    event = RecordEvent(kind=kind, job=5, detail="", actor="dana@example.com", at=NOON)
    told = history(replace(detail_of(), history=(event,)))[0]
    assert told.title == kind.label
    assert told.actor == "dana"


def test_a_reason_code_in_the_history_reads_as_a_reason():
    event = RecordEvent(kind=RecordEventKind.REJECTED, job=5, detail="duplicate_value", at=NOON)
    assert history(replace(detail_of(), history=(event,)))[0].title == "Refused: A value is already used in Salesforce"
