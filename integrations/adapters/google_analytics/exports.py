"""The lists that Google makes of an audience, on demand and within a quarter of an hour.

https://developers.google.com/analytics/devguides/reporting/data/v1/audience-list-basics
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from integrations.adapters.google_analytics.property import Property
from integrations.adapters.google_analytics.quotas import EXPORT_COST
from integrations.adapters.http import Answer
from integrations.exceptions import ConfigurationError

CREATING, ACTIVE, FAILED = "CREATING", "ACTIVE", "FAILED"
GONE = "not_there"
LONG_AGO = datetime.min.replace(tzinfo=UTC)

Export = Mapping[str, Any]


class Exports:
    """Lists of the audiences of one property, finished or not."""

    def __init__(self, prop: Property) -> None:
        self._property = prop

    def find(self, audience: str, dimensions: Sequence[str], since: datetime) -> list[Export]:
        """Those of this audience with these dimensions that were begun since then, the newest first."""
        name = f"{self._property.name}/audiences/{audience}"
        found = [
            export
            for export in self.read_all()
            if export.get("audience") == name and _dimensions(export) == list(dimensions) and began(export) >= since
        ]
        return sorted(found, key=began, reverse=True)

    def read_all(self) -> Iterator[Export]:
        """All there are; Google forgets them after three days."""
        path = "/audienceExports?pageSize=200"
        return read_pages(lambda page: self._property.get(f"{path}{page}"), "audienceExports")

    def order(self, audience: str, dimensions: Sequence[str]) -> None:
        """Has one made."""
        order = {
            "audience": f"{self._property.name}/audiences/{audience}",
            "dimensions": [{"dimensionName": name} for name in dimensions],
        }
        self._property.order("/audienceExports", order, EXPORT_COST)

    def query(self, name: str, offset: int, limit: int) -> tuple[Export, list[Any], int] | None:
        """The list, its rows from `offset` on, and how many there are in all; None when it is gone."""
        tail = f"/audienceExports/{quote(name.rpartition('/')[2], safe='')}:query"
        try:
            answer, body = self._property.query(tail, {"offset": offset, "limit": limit})
        except ConfigurationError as problem:
            if problem.code == GONE:
                return None
            raise
        return self._read(answer, body)

    def _read(self, answer: Answer, body: Mapping[str, Any]) -> tuple[Export, list[Any], int]:
        export, rows, total = body.get("audienceExport"), body.get("audienceRows", []), body.get("rowCount", 0)
        if not isinstance(export, dict) or not isinstance(rows, list) or not isinstance(total, int):
            raise self._property.unexpected(answer)
        return export, rows, total


def read_pages(ask: Callable[[str], Mapping[str, Any]], name: str) -> Iterator[Export]:
    """What Google lists in pages; `ask` gets the part of the query that names the page."""
    page = ""
    while True:
        body = ask(page)
        rows = body.get(name)
        yield from (one for one in rows if isinstance(one, dict)) if isinstance(rows, list) else ()
        if not (token := body.get("nextPageToken")):
            return
        page = f"&pageToken={quote(str(token), safe='')}"


def began(export: Export) -> datetime:
    """When Google began to make it (aware UTC); long ago, if it does not say. Its fractions have up to nine digits."""
    text = str(export.get("beginCreatingTime") or "")
    try:
        return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return LONG_AGO


def _dimensions(export: Export) -> list[object]:
    found = export.get("dimensions")
    return [one.get("dimensionName") for one in found if isinstance(one, dict)] if isinstance(found, list) else []
