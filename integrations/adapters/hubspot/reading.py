"""Reading: everything by the list, what changed by the search.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
https://developers.hubspot.com/docs/api-reference/search/guide

The search ends after 10,000 rows, and thousands of records may share one timestamp; so a reading asks for a fixed
window of time and goes on by record id, each time with a new query.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from integrations.adapters.auth import SignedClient
from integrations.adapters.http import Answer
from integrations.adapters.hubspot.declaration import BATCH, LABEL
from integrations.adapters.hubspot.paths import CRM, SEARCH, Paths, modified_property
from integrations.adapters.pagination import advance, mark_page
from integrations.adapters.records import RowShape
from integrations.adapters.wire import dump_json
from integrations.types import Cursor, FlatRecord, Page, Window

LIST_LIMIT = 100
SEARCH_LIMIT = 200
START = "0"
ROWS = RowShape(LABEL, "id", inner="properties")


class Reader:
    """Reads the records of one connection."""

    def __init__(self, client: SignedClient, paths: Paths) -> None:
        self._client = client
        self._paths = paths
        self._fields: dict[str, tuple[str, ...]] = {}

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
        body, rows = self._read_rows(answer)
        page = self._page(rows, fields, answer)
        following = ((body.get("paging") or {}).get("next") or {}).get("after")
        if following is None:
            return page
        mark = mark_page([record["id"] for record in page.records])
        return self._goes_on(page, advance(cursor, {"after": following}, mark, LABEL))

    def _fetch_changed(self, object_name: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        last_id = str(cursor.get("last_id", START))
        query = build_search(object_name, window, last_id, fields)
        answer = self._client.call("POST", f"{self._paths.objects(object_name)}/search", SEARCH, body=dump_json(query))
        body, rows = self._read_rows(answer)
        page = self._page(rows, fields, answer, body.get("total") if last_id == START else None)
        ids = [int(record["id"]) for record in page.records if record["id"].isdigit()]
        if is_last_page(body, rows):
            return page
        position = {"last_id": str(max(ids, default=int(last_id)))}
        return self._goes_on(page, advance(cursor, position, mark_page([str(i) for i in ids]), LABEL))

    def count(self, object_name: str, window: Window) -> int | None:
        """How many records the window holds, by the search, which lags by seconds."""
        query = {**build_search(object_name, window, START, ("hs_object_id",)), "limit": 1}
        if window.since is None:
            query["filterGroups"] = []
        body = self._client.query(f"{self._paths.objects(object_name)}/search", SEARCH, query)
        total = body.get("total") if isinstance(body, dict) else None
        return total if isinstance(total, int) else None

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> list[FlatRecord]:
        """Records by id, a hundred a call; unknown ids are left out."""
        fields = fields or self._all_fields(object_name)
        wanted = list(dict.fromkeys(ids))
        found: list[FlatRecord] = []
        for start in range(0, len(wanted), BATCH):
            chunk = wanted[start : start + BATCH]
            query = {"properties": list(fields), "inputs": [{"id": one} for one in chunk]}
            path = f"{self._paths.objects(object_name)}/batch/read"
            answer = self._client.call("POST", path, CRM, body=dump_json(query))
            _, rows = self._read_rows(answer)
            found += ROWS.flatten(rows, fields, len(answer.body))[0]
        return found

    def properties(self, object_name: str) -> list[Mapping[str, Any]]:
        """The object's properties as HubSpot describes them."""
        answer = self._client.call("GET", f"{self._paths.properties(object_name)}?archived=false", CRM)
        return [one for one in self._read_rows(answer)[1] if isinstance(one, dict) and one.get("name")]

    def _all_fields(self, object_name: str) -> tuple[str, ...]:
        """Without a list of properties HubSpot returns a handful of its own choice."""
        if object_name not in self._fields:
            self._fields[object_name] = tuple(str(one["name"]) for one in self.properties(object_name))
        return self._fields[object_name]

    def _read_rows(self, answer: Answer) -> tuple[dict[str, Any], list[Any]]:
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


def build_search(object_name: str, window: Window, last_id: str, fields: Sequence[str]) -> dict[str, Any]:
    """The query for what changed in the window, after a record id; without a time it covers everything."""
    modified = modified_property(object_name)
    filters = [{"propertyName": modified, "operator": "LTE", "value": to_milliseconds(window.until)}]
    if window.since is not None:
        filters.append({"propertyName": modified, "operator": "GTE", "value": to_milliseconds(window.since)})
    filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": last_id})
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(fields),
        "limit": SEARCH_LIMIT,
    }


def to_milliseconds(moment: datetime) -> str:
    """A time as the search compares it."""
    return str(int(moment.timestamp() * 1000))


def is_last_page(body: dict[str, Any], rows: list[Any]) -> bool:
    """A page that is not full is the last one, unless the platform says that more follow."""
    return not rows or (len(rows) < SEARCH_LIMIT and "paging" not in body) or body.get("total") == len(rows)
