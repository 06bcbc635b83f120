"""Records in Salesforce's wire shape. Runs for every record that is sent.

None clears a field. A lookup by another object's external id is written with a dot, "Account__r.Company_Key__c", and
travels as an object inside the record.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from integrations.adapters.wire import join_choices
from integrations.types import FlatRecord

_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_wire(record: FlatRecord) -> dict[str, Any]:
    """Dotted names as nested objects; several choices joined; dates as text."""
    wire: dict[str, Any] = {}
    for name, value in record.items():
        plain = value if type(value) in _PLAIN else to_plain(value)
        if "." in name:
            _nest(wire, name, plain)
        else:
            wire[name] = plain
    return wire


def to_plain(value: Any) -> Any:
    """A value JSON can carry."""
    if isinstance(value, list | tuple):
        return join_choices(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def _nest(wire: dict[str, Any], name: str, value: Any) -> None:
    relationship, _, external_id = name.partition(".")
    if value is None or value == "":
        wire[reference_field(relationship)] = None
    else:
        wire[relationship] = {external_id: value}


def reference_field(relationship: str) -> str:
    """The field behind a relationship: Account__r is Account__c, Account is AccountId. An empty lookup clears it."""
    return f"{relationship[:-1]}c" if relationship.endswith("__r") else f"{relationship}Id"


def to_cell(value: Any) -> str:
    """A value in a CSV: an empty cell would leave the field as it is, so emptiness has a word of its own."""
    if value is None or value == "":
        return "#N/A"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value if type(value) in _PLAIN else to_plain(value))


def key_of(record: Mapping[str, Any], key: str) -> str:
    """The record's key as text, empty when it has none."""
    value = record.get(key)
    return "" if value is None else str(value).strip()
