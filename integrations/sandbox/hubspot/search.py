"""Search. https://developers.hubspot.com/docs/api/crm/search"""

from typing import Any

from integrations.sandbox.hubspot.errors import read_json, refuse_invalid
from integrations.sandbox.hubspot.filters import read_groups
from integrations.sandbox.hubspot.finder import Finder
from integrations.sandbox.hubspot.objects import PREFIXES, READ
from integrations.sandbox.hubspot.stores import Shelf, Stores
from integrations.sandbox.wire import Answer, Call, Route, answer_json

PAGE = 200
MOST_ROWS = 10_000
LONGEST_BODY = 3_000


class SearchApi:
    """Sees the portal as the search index does, which may be some seconds ago."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._finders: dict[str, Finder] = {}

    def routes(self) -> list[Route]:
        return [Route("POST", f"{prefix}/search", self.search, READ, search=True) for prefix in PREFIXES]

    def search(self, call: Call) -> Answer:
        if len(call.body) > LONGEST_BODY:
            raise refuse_invalid(f"The request body is too long: at most {LONGEST_BODY} characters")
        shelf, body = self._stores.shelf(call), read_json(call.body)
        start, limit = read_start(body), read_limit(body)
        slots = self._find(shelf, body)
        end = min(start + limit, MOST_ROWS)
        view = shelf.views.get(tuple(map(str, body.get("properties") or ())))
        answer: dict[str, Any] = {"total": len(slots), "results": view.render(slots[start:end], shelf.store.index)}
        if end < len(slots):
            answer["paging"] = {"next": {"after": str(end)}}
        return answer_json(answer)

    def _find(self, shelf: Shelf, body: dict[str, Any]) -> Any:
        finder = self._finders.setdefault(shelf.store.kind.name, Finder(shelf.store))
        slots = finder.find(read_groups(body, shelf.store.schema), str(body.get("query") or ""))
        sorts = body.get("sorts") or []
        if len(sorts) > 1:
            raise refuse_invalid("Only one sort is supported")
        if not sorts:
            return slots
        name, descending = read_sort(sorts[0])
        if name not in shelf.store.schema:
            raise refuse_invalid(f"There was a problem with the request. Property {name} does not exist")
        return finder.sort(slots, name, descending)


def read_sort(given: Any) -> tuple[str, bool]:
    """An object as in the guide, or a string as in the OpenAPI description: `name`, `-name`, `name DESCENDING`."""
    if isinstance(given, dict):
        return str(given.get("propertyName")), given.get("direction") == "DESCENDING"
    name, _, direction = str(given).partition(" ")
    return name.lstrip("-"), name.startswith("-") or direction.upper().startswith("DESC")


def read_start(body: dict[str, Any]) -> int:
    text = str(body.get("after") or "0")
    if not text.isdigit():
        raise refuse_invalid(f"The after parameter {text} must be an integer")
    if int(text) >= MOST_ROWS:
        raise refuse_invalid(f"The maximum number of results of a search is {MOST_ROWS}; after cannot be {text}")
    return int(text)


def read_limit(body: dict[str, Any]) -> int:
    limit = body.get("limit") or 10
    if not isinstance(limit, int) or not 0 < limit <= PAGE:
        raise refuse_invalid(f"Invalid limit {limit}: a page has at most {PAGE} results")
    return limit
