"""A mapping as its pages are tested with: its fields, its code, a draft of it."""

import re
from collections.abc import Callable
from typing import Any

from django.test import Client

from integrations.enums import FieldType
from integrations.models import Mapping, MappingDraft
from integrations.orchestrator.drafts import open_draft, save_draft
from integrations.types import FieldSchema, ObjectSchema

SignIn = Callable[..., Client]
PLAIN = 'def map_record(record):\n    return {"LastName": record["name"], "Company": record["company"]}\n'
UPPER = PLAIN.replace('record["name"]', 'record["name"].upper()')
LEAD_OBJECT = ObjectSchema(
    "Lead",
    "Lead",
    (
        FieldSchema("LastName", "Last name", FieldType.STRING, required=True),
        FieldSchema("Company", "Company", FieldType.STRING, required=True),
        FieldSchema("HubSpot_Email__c", "Key", FieldType.STRING),
    ),
)
CONTACT = ObjectSchema(
    "contacts",
    "Contact",
    (FieldSchema("name", "Full name", FieldType.STRING), FieldSchema("company", "Company", FieldType.STRING)),
)


def drafted(mapping: Mapping, code: str = UPPER, actor: str = "ann@example.com") -> MappingDraft:
    draft = open_draft(mapping.pk, actor)
    return save_draft(mapping.pk, draft.revision, actor=actor, code=code)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())
