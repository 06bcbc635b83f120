"""CSV as Bulk API 2.0 speaks it. https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles.htm"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from integrations.sandbox.salesforce.checks import convert_text
from integrations.sandbox.salesforce.errors import RowError, row_error
from integrations.sandbox.salesforce.fields import Field
from integrations.sandbox.salesforce.table import Record, Table

DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "TAB": "\t", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
NULL = "#N/A"
"""Clears a field; an empty cell leaves it as it is."""

csv.field_size_limit(max(csv.field_size_limit(), 1_000_000))  # one limit per process, which others may have raised


class Column:
    """One column: the field it fills, directly or through a relationship (Account__r.Company_Key__c)."""

    def __init__(self, header: str, field: Field, parent_key: str = "") -> None:
        self.header = header
        self._field = field
        self._parent_key = parent_key

    def fill(self, row: Record, cell: str) -> RowError | None:
        if cell == "":
            return None
        if self._parent_key:
            row[self._field.relationship] = None if cell == NULL else {self._parent_key: cell}
            return None
        try:
            row[self._field.name] = None if cell == NULL else convert_text(self._field, cell)
        except ValueError:
            message = f"{self._field.label}: value not of required type: {cell}"
            return row_error("INVALID_TYPE_ON_FIELD_IN_RECORD", message, self._field.name)
        return None


def find_column(header: str, table: Table, tables: dict[str, Table]) -> Column | None:
    """None for a header that names nothing."""
    path, _, last = header.rpartition(".")
    if not path:
        field = table.find_field(last)
        return Column(header, field) if field else None
    for field in table.entity.fields.values():
        if field.relationship == path and field.refers_to in tables:
            key = tables[field.refers_to].find_field(last)
            return Column(header, field, key.name) if key else None
    return None


def read_lines(content: bytes, delimiter: str) -> tuple[list[str], list[list[str]]]:
    """Headers and lines; raises ValueError for text that is not UTF-8."""
    lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=DELIMITERS[delimiter])
    headers = next(lines, [])
    return headers, [line for line in lines if line]


def write_lines(headers: Sequence[str], lines: Iterable[Sequence[Any]], delimiter: str = "COMMA") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=DELIMITERS[delimiter], quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows(lines)
    return out.getvalue().encode()


def to_cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def describe_errors(errors: list[RowError]) -> str:
    """REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"""
    return ";".join(f"{one['statusCode']}:{one['message']}:{','.join(one['fields'])} --" for one in errors)
