"""HubSpot's records as flat dicts, and values as HubSpot writes them: all are strings. Runs for every record."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any

import orjson

from integrations.adapters.wire import join_choices
from integrations.types import FlatRecord, MalformedRecord

MOST_BYTES = 1_000_000
MOST_TEXT = 20_000

Pick = Callable[[Mapping[str, Any]], tuple[Any, ...]]


def flatten_page(
    rows: Sequence[Any], fields: Sequence[str], size: int
) -> tuple[list[FlatRecord], list[MalformedRecord]]:
    """The records of an answer of `size` bytes with the fields asked for, and what in it is not a usable record."""
    if size <= MOST_BYTES:  # then no record can be larger
        try:
            return _flatten_all(rows, fields), []
        except (KeyError, TypeError, IndexError):
            pass
    return _flatten_each(rows, fields)


def _flatten_all(rows: Sequence[Any], fields: Sequence[str]) -> list[FlatRecord]:
    """The fast way, for pages on which all is as it should be."""
    ids = [row["id"] for row in rows]
    if not all(ids) or not set(map(type, ids)) <= {str}:
        raise TypeError("An id is not a string.")
    names, pick = ("id", *fields), _picker(fields)
    return [
        dict(zip(names, (record_id, *pick(row["properties"])), strict=True))
        for record_id, row in zip(ids, rows, strict=True)
    ]


def _picker(fields: Sequence[str]) -> Pick:
    if len(fields) > 1:
        return itemgetter(*fields)
    return lambda properties: tuple(properties[name] for name in fields)


def _flatten_each(rows: Sequence[Any], fields: Sequence[str]) -> tuple[list[FlatRecord], list[MalformedRecord]]:
    records: list[FlatRecord] = []
    malformed: list[MalformedRecord] = []
    for row in rows:
        problem = _find_problem(row)
        if problem:
            malformed.append(_describe_malformed(row, problem))
        else:
            properties = row["properties"]
            records.append({"id": str(row["id"]), **{name: properties.get(name) for name in fields}})
    return records, malformed


def _find_problem(row: object) -> str:
    if not isinstance(row, dict):
        return "HubSpot sent something that is not a record."
    if not isinstance(row.get("id"), str | int) or not str(row["id"]):
        return "HubSpot sent a record without an id."
    if not isinstance(row.get("properties"), dict):
        return "HubSpot sent a record without properties."
    if len(orjson.dumps(row)) > MOST_BYTES:
        return f"HubSpot sent a record of more than {MOST_BYTES // 1_000_000} MB."
    return ""


def _describe_malformed(row: object, problem: str) -> MalformedRecord:
    record_id = str(row.get("id") or "") if isinstance(row, dict) else ""
    text = orjson.dumps(row).decode()[:MOST_TEXT]
    return MalformedRecord(record_id, "malformed_record", problem, text)


def to_text(value: Any) -> str:
    """A value as HubSpot writes it; the empty string clears a property."""
    return _AS_TEXT.get(type(value), str)(value)


def _write_number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


_AS_TEXT: Mapping[type, Callable[[Any], str]] = {
    str: str,
    type(None): lambda _: "",
    bool: lambda value: "true" if value else "false",
    float: _write_number,
    list: join_choices,
    tuple: join_choices,
    date: date.isoformat,
    datetime: datetime.isoformat,
}


def to_properties(record: FlatRecord) -> dict[str, str]:
    """A mapped record in HubSpot's wire shape."""
    return {name: value if type(value) is str else to_text(value) for name, value in record.items()}
