"""Looks up what rows refer to: parents by id, and parents by an external id of theirs."""

from typing import Any

from integrations.sandbox.salesforce.checks import Check, Problems, Values
from integrations.sandbox.salesforce.errors import RowError, refuse, row_error
from integrations.sandbox.salesforce.fields import Field
from integrations.sandbox.salesforce.table import Record, Table
from integrations.sandbox.wire import Refusal


def make_reference_check(field: Field, parents: Table) -> Check:
    """Account__c must hold the id of an account."""

    def check(values: Values, rows: list[Record], problems: Problems) -> None:
        for i, value in enumerate(values):
            if value and parents.find_slot(value) is None:
                problems[i].append(_describe_bad_id(field, value))

    return check


def _describe_bad_id(field: Field, value: str) -> RowError:
    if len(value) not in (15, 18):
        return row_error("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", field.name)
    return row_error("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", field.name)


def make_relationship_check(name: str, field: Field, parents: Table) -> Check:
    """Replaces "Account__r": {"Company_Key__c": "X"} by the id of the account with that key."""
    known: dict[tuple[str, Any], str] = {}
    version = parents.version

    def check(values: Values, rows: list[Record], problems: Problems) -> None:
        nonlocal version
        if parents.version != version:
            known.clear()
            version = parents.version
        for i, row in enumerate(rows):
            if name in row:
                parent = row.pop(name)
                try:
                    (pair,) = parent.items()
                    row[field.name] = known[pair]
                except (AttributeError, KeyError, TypeError, ValueError):
                    row[field.name] = _find(parent, field, parents, problems[i], known)

    return check


def _read_parent(parent: Any, field: Field, parents: Table) -> tuple[str, str]:
    """The one key and value that name a parent."""
    given = [pair for pair in parent.items() if pair[0] != "attributes"] if isinstance(parent, dict) else []
    if len(given) != 1 or given[0][0] not in parents.unique or not isinstance(given[0][1], str):
        raise _refuse_parent(field)
    return given[0][0], given[0][1]


def _refuse_parent(field: Field) -> Refusal:
    message = f"The relationship {field.relationship} needs one external id of {field.refers_to}"
    return refuse(400, "INVALID_FIELD", message)


def _find(
    parent: Any, field: Field, parents: Table, errors: list[RowError], known: dict[tuple[str, Any], str]
) -> str | None:
    """Null leaves the record without a parent; a parent there is not is an error of the row."""
    if not parent:
        return None
    name, value = _read_parent(parent, field, parents)
    found = parents.find_by_key(name, value)
    if found:
        return known.setdefault((name, value), parents.ids.make(found[0]))
    message = f"Foreign key external ID: {value.lower()} not found for field {name} in entity {field.refers_to}"
    errors.append(row_error("INVALID_FIELD", message))
    return None
