"""What the workspace says about itself, with a token of its own: sources and their write keys, and the traits a space knows.

https://docs.segmentapis.com/
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from integrations.adapters.auth import SignedClient
from integrations.adapters.segment.names import LABEL
from integrations.adapters.segment.places import PUBLIC, TRAITS
from integrations.adapters.wire import dump_json
from integrations.exceptions import TransientError

STABLE = (("Accept", "application/vnd.segment.v1+json"),)
ALPHA = (("Accept", "application/vnd.segment.v1alpha+json"),)
SOURCES_A_PAGE = 200
TRAITS_A_PAGE = 1_000
MOST_PAGES = 25
"""More than any account has; a list without an end must not hold us."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """One source of the workspace."""

    name: str
    is_enabled: bool
    write_keys: tuple[str, ...]


class PublicApi:
    """One workspace."""

    def __init__(self, client: SignedClient) -> None:
        self._client = client

    def workspace(self) -> Row:
        """Its id and its name. https://docs.segmentapis.com/tag/Workspaces"""
        found = self._ask("/", PUBLIC, "workspace")
        return found if isinstance(found, dict) else {}

    def sources(self) -> Iterator[Source]:
        """https://docs.segmentapis.com/tag/Sources"""
        for row in self._pages("/sources", PUBLIC, "sources", SOURCES_A_PAGE):
            keys = row.get("writeKeys")
            yield Source(
                str(row.get("name") or row.get("slug") or ""),
                row.get("enabled") is not False,
                tuple(map(str, keys)) if isinstance(keys, list) else (),
            )

    def traits(self, space: str, collection: str, count: int = TRAITS_A_PAGE) -> Iterator[Row]:
        """Name, origin and samples of each. https://docs.segmentapis.com/tag/Spaces"""
        query = {"collection": collection, "includeSampleValues": "true"}
        return self._pages(f"/spaces/{space}/traits", TRAITS, "traits", count, query, ALPHA)

    def _pages(
        self,
        path: str,
        group: str,
        name: str,
        count: int,
        query: Mapping[str, str] | None = None,
        accept: tuple[tuple[str, str], ...] = STABLE,
    ) -> Iterator[Row]:
        """The rows of all pages; the cursor goes on where the last answer said."""
        cursor, seen = "", {""}
        for _ in range(MOST_PAGES):
            paging = {"count": count, **({"cursor": cursor} if cursor else {})}
            asked = urlencode({**(query or {}), "pagination": dump_json(paging).decode()})
            body = self._get(f"{path}?{asked}", group, accept)
            rows = body.get(name)
            yield from (row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict))
            told = body.get("pagination")
            cursor = str(told.get("next") or "") if isinstance(told, dict) else ""
            if not cursor:
                return
            if cursor in seen:
                raise TransientError(f"{LABEL} keeps sending us back to the same place.", code="cursor_stuck")
            seen.add(cursor)

    def _ask(self, path: str, group: str, name: str) -> Any:
        return self._get(path, group, STABLE).get(name)

    def _get(self, path: str, group: str, accept: tuple[tuple[str, str], ...]) -> dict[str, Any]:
        answer = self._client.call("GET", path, group, headers=accept)
        body = self._client.http.read_json(answer)
        found = body.get("data") if isinstance(body, dict) else None
        if not isinstance(found, dict):
            raise self._client.http.unexpected(answer)
        return found
