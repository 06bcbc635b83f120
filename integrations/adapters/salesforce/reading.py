"""Reading by SOQL, page after page, each with a query of its own: cursors of the platform end after two days.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm
"""

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.http import Answer
from integrations.adapters.pagination import advance, mark_page
from integrations.adapters.records import RowShape
from integrations.adapters.salesforce.declaration import LABEL
from integrations.adapters.salesforce.paths import API, Paths
from integrations.adapters.salesforce.soql import (
    LIMIT,
    STAMP,
    bound,
    select_all,
    select_changed,
    select_count,
    select_where_in,
)
from integrations.types import Cursor, FlatRecord, Page, Window

ROWS = RowShape(LABEL, "Id")
_UNREADABLE = frozenset({"address", "location", "base64"})


class Reader:
    """Reads the records of one connection."""

    def __init__(self, client: SignedClient, paths: Paths) -> None:
        self._client = client
        self._paths = paths
        self._described: dict[str, Mapping[str, Mapping[str, Any]]] = {}

    def fetch(self, object_name: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        """The page after `cursor`."""
        fields = fields or self.all_fields(object_name)
        if window.since is None:
            soql = select_all(object_name, fields, cursor)
        else:
            soql = select_changed(object_name, fields, cursor, window)
        body, rows, answer = self.ask(soql)
        records, malformed = ROWS.flatten(rows, fields, len(answer.body))
        if body.get("done") is not False and len(rows) < LIMIT:
            return Page(records, None, malformed)
        position = self._find_position(rows, answer, window)
        mark = mark_page([record["id"] for record in records])
        return Page(records, advance(cursor, position, mark, LABEL), malformed)

    def _find_position(self, rows: Sequence[Any], answer: Answer, window: Window) -> Cursor:
        """Where the last usable row stands; a full page without one cannot be gone on from."""
        for row in reversed(rows):
            if isinstance(row, dict) and isinstance(row.get("Id"), str):
                if window.since is None:
                    return {"id": row["Id"]}
                if isinstance(row.get(STAMP), str):
                    return {"id": row["Id"], "stamp": row[STAMP].replace("+0000", "Z")}
        raise self._client.http.unexpected(answer)

    def count(self, object_name: str, window: Window, conditions: Sequence[str] = ()) -> int | None:
        """By COUNT(), which costs one call. `conditions` are those of the window, in SOQL."""
        where = [*(bound(window) if window.since else []), *conditions]
        total = self.ask(select_count(object_name, where))[0].get("totalSize")
        return total if isinstance(total, int) else None

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str], column: str = "Id") -> list[FlatRecord]:
        """Records by id, or by another column; unknown ones are left out."""
        fields = fields or self.all_fields(object_name)
        found: list[FlatRecord] = []
        for soql in select_where_in(object_name, fields, column, ids):
            _, rows, answer = self.ask(soql)
            found += ROWS.flatten(rows, fields, len(answer.body))[0]
        return found

    def describe(self, object_name: str) -> Mapping[str, Any]:
        """The object as Salesforce describes it."""
        answer = self._client.call("GET", self._paths.describe(object_name), API)
        body = self._client.http.read_json(answer)
        if not isinstance(body, dict) or not isinstance(body.get("fields"), list) or not body.get("name"):
            raise self._client.http.unexpected(answer)
        return body

    def ask(self, soql: str) -> tuple[dict[str, Any], list[Any], Answer]:
        """The answer to a query, its rows, and the call."""
        answer = self._client.call("GET", self._paths.query(soql), API)
        body = self._client.http.read_json(answer)
        rows = body.get("records") if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise self._client.http.unexpected(answer)
        return body, rows, answer

    def rows(self, soql: str, fields: Sequence[str]) -> tuple[list[FlatRecord], bool]:
        """The records of one page, and whether it is the last."""
        body, rows, answer = self.ask(soql)
        records = ROWS.flatten(rows, fields, len(answer.body))[0]
        return records, not records or (body.get("done") is not False and len(rows) < LIMIT)

    def described(self, object_name: str) -> Mapping[str, Mapping[str, Any]]:
        """The object's fields by name, asked for once."""
        if object_name not in self._described:
            found = self.describe(object_name)["fields"]
            self._described[object_name] = {str(one["name"]): one for one in found if isinstance(one, dict)}
        return self._described[object_name]

    def all_fields(self, object_name: str) -> tuple[str, ...]:
        """SOQL has no "all": the names come from the description."""
        found = self.described(object_name).values()
        return tuple(str(one["name"]) for one in found if one.get("type") not in _UNREADABLE)
