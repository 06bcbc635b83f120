"""Which record is a row for? By id, by external id, and whether another record stands in its way."""

from collections import Counter
from typing import Any

from integrations.sandbox.salesforce.checks import Problems
from integrations.sandbox.salesforce.errors import RowError, row_error
from integrations.sandbox.salesforce.fields import Field
from integrations.sandbox.salesforce.table import Record, Table

Slots = list[int | None]
"""Where each row goes; None means a new record."""


def find_ids(table: Table, ids: list[str], problems: Problems) -> Slots:
    slots = [table.find_slot(record_id) for record_id in ids]
    for i, slot in enumerate(slots):
        if slot is None:
            problems[i].append(_describe_missing(table, ids[i]))
    return slots


def _describe_missing(table: Table, record_id: str) -> RowError:
    if not record_id:
        return row_error("MISSING_ARGUMENT", "Id not specified in an update call")
    if table.ids.find_slot(record_id) is None:
        return row_error("MALFORMED_ID", f"Record ID: id value of incorrect type: {record_id}", "Id")
    return row_error("ENTITY_IS_DELETED", "entity is deleted")


def find_keys(table: Table, field: Field, keys: list[str], rows: list[Record], problems: Problems) -> Slots:
    """A key that is blank or comes twice in one call is a problem of its rows."""
    if len(set(keys)) < len(keys) or "" in keys:
        _report_bad_keys(keys, field, rows, problems)
    index = table.unique.get(field.name)
    if index is not None:
        return list(map(index.get, keys))
    return [_find_only(table, field, key, i, problems) for i, key in enumerate(keys)]


def read_keys(rows: list[Record], name: str) -> list[str]:
    """Keys are compared in lower case."""
    return [value.lower() if (value := row.get(name)) else "" for row in rows]


def _report_bad_keys(keys: list[str], field: Field, rows: list[Record], problems: Problems) -> None:
    times = Counter(keys)
    for i, key in enumerate(keys):
        if not key:
            problems[i].append(row_error("MISSING_ARGUMENT", f"{field.name} not specified"))
        elif times[key] > 1:
            message = f"Duplicate external id specified: {rows[i][field.name]}"
            problems[i].append(row_error("DUPLICATE_VALUE", message, field.name))


def _find_only(table: Table, field: Field, key: str, i: int, problems: Problems) -> int | None:
    found = table.find_by_key(field.name, key)
    if len(found) > 1:
        ids = ", ".join(map(table.ids.make, found))
        message = f"{field.label}: more than one record found for external id field: [{ids}]"
        problems[i].append(row_error("DUPLICATE_EXTERNAL_ID", message))
    return found[0] if found else None


def is_unchanged(table: Table, name: str, keys: list[str], slots: Slots) -> bool:
    """Every value is where it belongs already, or new and there once: the usual case, and quickly told."""
    return list(map(table.unique[name].get, keys)) == slots and len(set(keys)) == len(keys)


def check_unique(table: Table, name: str, keys: list[str], slots: Slots, problems: Problems) -> None:
    """No other record may have the value, in the table or earlier in the call."""
    owners = list(map(table.unique[name].get, keys))
    seen = {""}
    for i, key in enumerate(keys):
        if key and (key in seen or owners[i] not in (None, slots[i])):
            problems[i].append(_describe_duplicate(table, name, owners[i]))
        seen.add(key)


def _describe_duplicate(table: Table, name: str, owner: int | None) -> RowError:
    record_id = "<unknown>" if owner is None else table.ids.make(owner)
    message = f"duplicate value found: {name} duplicates value on record with id: {record_id}"
    return row_error("DUPLICATE_VALUE", message)


def check_required(names: list[str], rows: list[Record], slots: Slots, problems: Problems) -> None:
    """A new record needs them all; an existing one must not lose them."""
    for name in names:
        texts: list[Any] = [row.get(name) for row in rows]
        if all(texts) and all(map(str.strip, texts)):
            continue
        for i, text in enumerate(texts):
            if not (text or "").strip() and (slots[i] is None or name in rows[i]):
                _add_missing(problems[i], name)


def _add_missing(errors: list[RowError], name: str) -> None:
    """One error lists all missing fields of a row."""
    for error in errors:
        if error["statusCode"] == "REQUIRED_FIELD_MISSING":
            error["fields"].append(name)
            error["message"] = f"Required fields are missing: [{', '.join(error['fields'])}]"
            return
    errors.append(row_error("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", name))
