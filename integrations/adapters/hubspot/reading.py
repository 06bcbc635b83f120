"""Reading: everything by the list, what changed by the search.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
https://developers.hubspot.com/docs/api-reference/search/guide

The search ends after 10,000 rows, and thousands of records may share one timestamp; so a reading asks for a fixed
window of time and goes on by record id, each time with a new query.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from integrations.adapters.auth import SignedClient
from integrations.adapters.http import Answer
from integrations.adapters.hubspot.declaration import BATCH, LABEL
from integrations.adapters.hubspot.paths import CRM, RECORD_ID, SEARCH, Paths
from integrations.adapters.hubspot.searching import (
    START,
    Filters,
    bound,
    build_count,
    build_search,
    is_last_page,
    is_too_long,
)
from integrations.adapters.pagination import advance, mark_page
from integrations.adapters.records import RowShape
from integrations.adapters.wire import dump_json
from integrations.types import Cursor, FlatRecord, MalformedRecord, Page, Window

LIST_LIMIT = 100
ROWS = RowShape(LABEL, "id", inner="properties")


class Reader:
    """Reads the records of one connection."""

    def __init__(self, client: SignedClient, paths: Paths) -> None:
        self._client = client
        self._paths = paths
        self._described: dict[str, Mapping[str, Mapping[str, Any]]] = {}

    def fetch(self, object_name: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        """The page after `cursor`."""
        fields = fields or self._all_fields(object_name)
        if window.since is None:
            return self._fetch_list(object_name, cursor, fields)
        return self._fetch_changed(object_name, cursor, window, fields)

    def _fetch_list(self, object_name: str, cursor: Cursor, fields: Sequence[str]) -> Page:
        query = {"limit": LIST_LIMIT, "archived": "false", "properties": ",".join(fields)}
        if after := cursor.get("after"):
            query["after"] = after
        answer = self._client.call("GET", f"{self._paths.objects(object_name)}?{urlencode(query)}", CRM)
        body, rows = self.read_rows(answer)
        page = self._page(rows, fields, answer)
        following = ((body.get("paging") or {}).get("next") or {}).get("after")
        if following is None:
            return page
        mark = mark_page([record["id"] for record in page.records])
        return self._goes_on(page, advance(cursor, {"after": following}, mark, LABEL))

    def _fetch_changed(self, object_name: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        last_id = str(cursor.get("last_id", START))
        query = build_search(object_name, window, last_id, fields)
        is_long = is_too_long(query)
        body, rows, answer = self.search(object_name, {**query, "properties": [RECORD_ID]} if is_long else query)
        page = self._page(rows, () if is_long else fields, answer, body.get("total") if last_id == START else None)
        ids = [int(record["id"]) for record in page.records if record["id"].isdigit()]
        if is_long:
            page = self._with_fields(object_name, page, fields)
        if is_last_page(body, rows):
            return page
        position = {"last_id": str(max(ids, default=int(last_id)))}
        return self._goes_on(page, advance(cursor, position, mark_page([str(i) for i in ids]), LABEL))

    def _with_fields(self, object_name: str, page: Page, fields: Sequence[str]) -> Page:
        """For more properties than a search can name: it tells the ids, and the records are read by them."""
        records, malformed = self._read(object_name, [record["id"] for record in page.records], fields)
        return Page(records, None, (*page.malformed, *malformed), page.total)

    def count(self, object_name: str, window: Window, groups: Sequence[Filters] = ((),)) -> int | None:
        """How many records of the window pass one of these groups of filters, by the search, which lags by seconds. None for
        more than one search can ask."""
        query = build_count(bound(object_name, window) if window.since is not None else [], groups)
        if query is None:
            return None
        total = self.search(object_name, query)[0].get("total")
        return total if isinstance(total, int) else None

    def search(self, object_name: str, query: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any], Answer]:
        """What a search answers, its rows, and the call."""
        answer = self._client.call("POST", f"{self._paths.objects(object_name)}/search", SEARCH, body=dump_json(query))
        return *self.read_rows(answer), answer

    def read(
        self, object_name: str, ids: Sequence[str], fields: Sequence[str], *, by: str = RECORD_ID
    ) -> list[FlatRecord]:
        """Records by id, or by a property that is unique, a hundred a call; unknown ones are left out."""
        return self._read(object_name, ids, fields, by)[0]

    def _read(
        self, object_name: str, ids: Sequence[str], fields: Sequence[str], by: str = RECORD_ID
    ) -> tuple[list[FlatRecord], list[MalformedRecord]]:
        fields = fields or self._all_fields(object_name)
        wanted = list(dict.fromkeys(ids))
        records: list[FlatRecord] = []
        malformed: list[MalformedRecord] = []
        for start in range(0, len(wanted), BATCH):
            query: dict[str, Any] = {
                "properties": list(fields),
                "inputs": [{"id": one} for one in wanted[start : start + BATCH]],
            }
            if by != RECORD_ID:
                query["idProperty"] = by
            answer = self._client.call(
                "POST", f"{self._paths.objects(object_name)}/batch/read", CRM, body=dump_json(query)
            )
            found = ROWS.flatten(self.read_rows(answer)[1], fields, len(answer.body))
            records += found[0]
            malformed += found[1]
        return records, malformed

    def properties(self, object_name: str) -> list[Mapping[str, Any]]:
        """The object's properties as HubSpot describes them."""
        answer = self._client.call("GET", f"{self._paths.properties(object_name)}?archived=false", CRM)
        return [one for one in self.read_rows(answer)[1] if isinstance(one, dict) and one.get("name")]

    def described(self, object_name: str) -> Mapping[str, Mapping[str, Any]]:
        """The same by name, asked for once."""
        if object_name not in self._described:
            self._described[object_name] = {str(one["name"]): one for one in self.properties(object_name)}
        return self._described[object_name]

    def _all_fields(self, object_name: str) -> tuple[str, ...]:
        """Without a list of properties HubSpot returns a handful of its own choice."""
        return tuple(self.described(object_name))

    def read_rows(self, answer: Answer) -> tuple[dict[str, Any], list[Any]]:
        """The body of an answer that lists records, and its rows."""
        body = self._client.http.read_json(answer)
        rows = body.get("results") if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise self._client.http.unexpected(answer)
        return body, rows

    def _page(self, rows: list[Any], fields: Sequence[str], answer: Answer, total: int | None = None) -> Page:
        records, malformed = ROWS.flatten(rows, fields, len(answer.body))
        return Page(records, None, malformed, total)

    def _goes_on(self, page: Page, cursor: Cursor) -> Page:
        return Page(page.records, cursor, page.malformed, page.total)
