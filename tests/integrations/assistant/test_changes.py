"""Which fields a wish is about."""

import pytest

from integrations.assistant.changes import asked_fields
from integrations.enums import FieldType
from integrations.types import FieldSchema

FIELDS = (
    FieldSchema("Email", "Email", FieldType.EMAIL),
    FieldSchema("MailingCountryCode", "Mailing Country Code", FieldType.STRING),
    FieldSchema("LeadSource", "Lead source", FieldType.CHOICE),
    FieldSchema("OwnerId", "Owner ID", FieldType.REFERENCE),
)
WISHES = [
    ("If there is no phone, use the company's country", {"MailingCountryCode"}),
    ("Set LeadSource to Website", {"LeadSource"}),
    ("the lead source of ads is Paid", {"LeadSource"}),
    ("take the owner's address instead", {"OwnerId"}),
    ("make it nicer", set()),
]


@pytest.mark.parametrize(("wish", "fields"), WISHES)
def test_a_wish_names_the_fields_it_is_about(wish: str, fields: set[str]) -> None:
    assert asked_fields(wish, FIELDS) == fields
