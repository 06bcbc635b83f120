"""People on the Fix-it list, and what their leads look like."""

import html
import re
from typing import Any

from integrations.enums import FieldType
from integrations.models import FailedRecord, SyncJob
from integrations.models.blobs import pack
from integrations.types import FieldSchema, ObjectSchema
from tests.factories import make_failure

DRAWER = {"HX-Request": "true", "HX-Target": "drawer"}
BENCH = {"HX-Request": "true", "HX-Target": "bench"}
LEAD = ObjectSchema(
    "Lead",
    "Lead",
    (
        FieldSchema("Company", "Company", FieldType.STRING, required=True, max_length=255),
        FieldSchema("LastName", "Last Name", FieldType.STRING, required=True),
        FieldSchema("HubSpot_Email__c", "HubSpot Email", FieldType.EMAIL),
    ),
)


def make_open(job: SyncJob, **values: Any) -> FailedRecord:
    """Tomasz Okafor, whose company is missing."""
    mapped = {"Company": None, "LastName": "Okafor", "HubSpot_Email__c": "t@kestrel.example"}
    return make_failure(job, **{"label": "Tomasz Okafor", "mapped": pack(mapped)} | values)


def undo_in(answer: Any) -> str:
    """The address behind the "Undo" of the page's message."""
    found = re.search(
        r'<form method="post" action="([^"]+)"[^>]*>(?:<input[^>]*>)?<button type="submit">Undo<',
        answer.content.decode(),
    )
    assert found, "nothing to undo"
    return html.unescape(found[1])


def statuses() -> list[str]:
    """How each failed record is, in order."""
    return list(FailedRecord.objects.order_by("pk").values_list("status", flat=True))
