"""SOQL queries. https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from integrations.adapters.salesforce.paths import check_name
from integrations.types import Cursor, Window

STAMP = "SystemModstamp"
LIMIT = 2000
MOST_LIST = 8_000
"""Characters a list of values may take in the address, of the 16 KB that address and headers may have together."""


def select_all(object_name: str, fields: Sequence[str], cursor: Cursor) -> str:
    """Everything, by id: a record that changes meanwhile keeps its place."""
    after = [f"Id > {quote_text(cursor['id'])}"] if cursor.get("id") else []
    return f"{_select(object_name, ('Id', *fields))}{_where(after)} ORDER BY Id ASC LIMIT {LIMIT}"


def select_changed(object_name: str, fields: Sequence[str], cursor: Cursor, window: Window) -> str:
    """What changed in the window. Many records share a second, so the id goes on where the time stands still."""
    conditions = bound(window)
    if cursor.get("id"):
        stamp = cursor["stamp"]
        conditions.append(f"({STAMP} > {stamp} OR ({STAMP} = {stamp} AND Id > {quote_text(cursor['id'])}))")
    columns = ("Id", STAMP, *fields)
    return f"{_select(object_name, columns)}{_where(conditions)} ORDER BY {STAMP} ASC, Id ASC LIMIT {LIMIT}"


def select_count(object_name: str, conditions: Sequence[str]) -> str:
    """How many records fulfil these conditions."""
    return f"SELECT COUNT() FROM {check_name(object_name)}{_where(list(conditions))}"  # noqa: S608 names are checked


def select_where_in(object_name: str, fields: Sequence[str], column: str, values: Sequence[str]) -> Iterator[str]:
    """Records whose `column` has one of the values, in as many queries as their length takes."""
    for chunk in in_lists([quote_text(value) for value in dict.fromkeys(values)]):
        yield f"{_select(object_name, ('Id', *fields))}{_where([_is_in(column, chunk)])}"


def select_found(
    object_name: str, fields: Sequence[str], column: str, literals: Sequence[str], last_id: str = ""
) -> str:
    """The next page of the records whose `column` has one of these values."""
    after = [f"Id > {quote_text(last_id)}"] if last_id else []
    where = _where([_is_in(column, literals), *after])
    return f"{_select(object_name, ('Id', *fields))}{where} ORDER BY Id ASC LIMIT {LIMIT}"


def _is_in(column: str, literals: Sequence[str]) -> str:
    return f"{check_name(column)} IN ({','.join(literals)})"


def bound(window: Window) -> list[str]:
    """The window as conditions; a start of None is no condition."""
    since = [f"{STAMP} >= {write_time(window.since)}"] if window.since else []
    return [*since, f"{STAMP} <= {write_time(window.until)}"]


def write_time(moment: datetime) -> str:
    """A datetime literal: never in quotes."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def quote_text(text: str) -> str:
    """A text literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def _select(object_name: str, columns: Sequence[str]) -> str:
    names = dict.fromkeys(check_name(column) for column in columns)
    return f"SELECT {','.join(names)} FROM {check_name(object_name)}"  # noqa: S608 names are checked


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def in_lists(literals: Sequence[str]) -> Iterator[list[str]]:
    """In pieces that fit into an address."""
    chunk: list[str] = []
    size = 0
    for literal in literals:
        length = len(quote(literal, safe="")) + 3
        if chunk and size + length > MOST_LIST:
            yield chunk
            chunk, size = [], 0
        chunk.append(literal)
        size += length
    if chunk:
        yield chunk
