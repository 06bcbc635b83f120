"""The form that corrects one record: the right control per field, and only what was changed."""

from typing import Any

import pytest

from integrations.enums import FailureKind, FieldType
from integrations.models import FailedRecord, MappingVersion, SyncJob
from integrations.queries.failures import FailureDetail
from integrations.types import FieldSchema, ObjectSchema
from syncpanel.forms.corrections import CorrectionForm
from tests.syncpanel.words.lives import live_of

LEAD = ObjectSchema(
    "Lead",
    "Lead",
    (
        FieldSchema("Company", "Company", FieldType.STRING, required=True, max_length=255),
        FieldSchema("Email", "E-mail", FieldType.EMAIL, max_length=80),
        FieldSchema("Rating", "Rating", FieldType.CHOICE, choices=("Hot", "Cold"), choice_labels=("Heiß", "Kalt")),
        FieldSchema("Score", "Score", FieldType.INTEGER),
        FieldSchema("Share", "Share", FieldType.NUMBER),
        FieldSchema("Consent", "Consent", FieldType.BOOLEAN),
        FieldSchema("Born", "Born", FieldType.DATE),
        FieldSchema("Notes", "Notes", FieldType.TEXT),
        FieldSchema("Id", "Id", FieldType.STRING, writable=False),
    ),
)
MAPPED: dict[str, Any] = {
    "Company": None,
    "Email": "a@b.example",
    "Rating": "Warm",
    "Score": 5,
    "Share": 0.5,
    "Consent": True,
    "Born": "2000-01-31",
    "Notes": "Line",
    "Id": "00Q",
    "Extra": {"nested": 1},
}


def form_of(posted: dict[str, str] | None = None, mapped: Any = MAPPED, problems: tuple[str, ...] = (), **values: Any):
    live = live_of()
    values = {"kind": FailureKind.INVALID, "field": "Company", "corrections": {}} | values
    record = FailedRecord(job=SyncJob(mapping_version=MappingVersion(source_fields=["id", "company"])), **values)
    received = {"id": "9", "company": "", "lastname": "Okafor"}
    detail = FailureDetail(record, live.source, live.destination, received, mapped, (), None, None)
    return CorrectionForm(posted, detail=detail, source=None, destination=LEAD, problems=problems)


def as_posted(**changed: str) -> dict[str, str]:
    form = form_of()
    return {name: str(field.initial) for name, field in form.fields.items()} | changed


SUGGESTION = {"values": {"Rating": "Hot", "Email": "a@c.example"}, "why": "it is nearly the same"}


def test_what_is_suggested_stands_in_its_field_and_counts_as_a_change():
    form = form_of(field="Rating", suggestion=SUGGESTION)
    assert [form.fields[name].initial for name in ("Rating", "Email")] == ["Hot", "a@c.example"]
    assert [field.name for field in form.prominent] == ["Rating", "Email"]
    posted = {name: str(field.initial) for name, field in form.fields.items()}
    sent = form_of(posted, field="Rating", suggestion=SUGGESTION)
    assert sent.is_valid()
    assert sent.changes() == {"sent": {"Rating": "Hot", "Email": "a@c.example"}}


def test_what_a_person_has_put_there_is_not_suggested_away():
    corrected = {"sent": {"Rating": "Cold"}, "received": {}}
    form = form_of(field="Rating", suggestion=SUGGESTION, corrections=corrected, mapped={**MAPPED, "Rating": "Cold"})
    assert form.fields["Rating"].initial == "Cold"
    assert list(form.suggested) == ["Email"]


@pytest.mark.parametrize(
    ("name", "control"),
    [
        ("Company", 'type="text"'),
        ("Email", 'type="email"'),
        ("Rating", "<select"),
        ("Score", 'type="number"'),
        ("Consent", '<option value="true" selected>Yes'),
        ("Born", 'type="date"'),
        ("Notes", "<textarea"),
    ],
)
def test_a_control_fits_its_field(name, control):
    assert control in str(form_of()[name])


def test_a_value_that_is_not_in_the_list_stays_visible_and_says_so():
    assert "Warm (not in the list)" in str(form_of()["Rating"])
    assert ">Heiß<" in str(form_of()["Rating"])


def test_the_field_the_problem_is_about_comes_first_and_alone():
    form = form_of()
    assert [field.name for field in form.prominent] == ["Company"]
    assert "Company" not in [field.name for field in form.others]


def test_other_fields_that_would_be_refused_come_first_too():
    assert [field.name for field in form_of(problems=("Company", "Email")).prominent] == ["Company", "Email"]


@pytest.mark.parametrize("name", ["Id", "Extra"], ids=["read-only", "nested"])
def test_what_cannot_be_typed_is_left_out(name):
    assert name not in form_of().fields


def test_only_what_a_person_changed_is_a_correction():
    form = form_of(as_posted(Company="Kestrel", Score="7", Consent="false", Rating="Hot"))
    assert form.is_valid(), form.errors
    assert form.changes() == {"sent": {"Company": "Kestrel", "Score": 7, "Consent": False, "Rating": "Hot"}}


def test_nothing_changed_is_no_correction():
    form = form_of(as_posted())
    assert form.is_valid(), form.errors
    assert form.changes() == {}


def test_emptying_a_value_is_a_correction():
    form = form_of(as_posted(Notes="", Score=""))
    assert form.is_valid(), form.errors
    assert form.changes() == {"sent": {"Notes": "", "Score": None}}


def test_a_number_that_is_none_is_told_at_its_field():
    form = form_of(as_posted(Score="many"))
    assert not form.is_valid()
    assert list(form.errors) == ["Score"]


def test_the_engines_problems_stand_at_their_fields_and_come_first():
    form = form_of(as_posted(Email="x"))
    assert form.is_valid()
    form.refuse({"Email": "E-mail does not look like an e-mail address.", "Gone": "There is no such field."})
    assert form.errors["Email"] == ["E-mail does not look like an e-mail address."]
    assert form.non_field_errors() == ["There is no such field."]
    assert "Email" in [field.name for field in form.prominent]


def test_a_record_the_mapping_failed_on_is_corrected_on_the_received_side():
    form = form_of({"company": "Kestrel", "lastname": "Okafor"}, mapped=None, field="")
    assert [field.name for field in form.prominent] == ["company"]
    assert form.is_valid()
    assert form.changes() == {"received": {"company": "Kestrel"}}
