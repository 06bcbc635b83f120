"""Searches, as HubSpot takes them. https://developers.hubspot.com/docs/api-reference/search/guide

A search ends after 10,000 rows, and thousands of records may share one timestamp; so one that reads on does it by record
id, each time as a new search.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from integrations.adapters.hubspot.paths import RECORD_ID, modified_property
from integrations.adapters.wire import dump_json
from integrations.types import Window

SEARCH_LIMIT = 200
MOST_CHARACTERS = 3_000
"""Of a search; a longer one is refused."""
MOST_GROUPS, MOST_IN_GROUP, MOST_FILTERS = 5, 6, 18
"""Groups of a search, of which one has to pass; filters of a group, which all have to pass; filters in all."""
START = "0"
Filters = Sequence[Mapping[str, Any]]


def build_search(object_name: str, window: Window, last_id: str, fields: Sequence[str]) -> dict[str, Any]:
    """The query for what changed in the window, after a record id."""
    return after_id([*bound(object_name, window)], last_id, fields)


def after_id(filters: list[dict[str, Any]], last_id: str, fields: Sequence[str]) -> dict[str, Any]:
    """The next page of what passes these filters, in the order of the ids."""
    return {
        "filterGroups": [{"filters": [*filters, {"propertyName": RECORD_ID, "operator": "GT", "value": last_id}]}],
        "sorts": [{"propertyName": RECORD_ID, "direction": "ASCENDING"}],
        "properties": list(fields),
        "limit": SEARCH_LIMIT,
    }


def bound(object_name: str, window: Window) -> list[dict[str, Any]]:
    """The window as filters; a start of None is no filter."""
    modified = modified_property(object_name)
    filters = [{"propertyName": modified, "operator": "LTE", "value": to_milliseconds(window.until)}]
    if window.since is not None:
        filters.append({"propertyName": modified, "operator": "GTE", "value": to_milliseconds(window.since)})
    return filters


def build_count(bounds: Filters, groups: Sequence[Filters]) -> dict[str, Any] | None:
    """The search that tells how many pass one of these groups; None for more than one search can ask."""
    filters = [[*bounds, *group] for group in groups]
    sizes = [len(one) for one in filters]
    if len(sizes) > MOST_GROUPS or max(sizes) > MOST_IN_GROUP or sum(sizes) > MOST_FILTERS:
        return None
    told = [{"filters": one} for one in filters] if any(sizes) else []
    query: dict[str, Any] = {"filterGroups": told, "properties": [RECORD_ID], "limit": 1}
    return None if is_too_long(query) else query


def is_too_long(query: Mapping[str, Any]) -> bool:
    """True for a search that HubSpot refuses because of its length."""
    return len(dump_json(query)) > MOST_CHARACTERS


def to_milliseconds(moment: datetime) -> str:
    """A time as the search compares it."""
    return str(int(moment.timestamp() * 1000))


def is_last_page(body: dict[str, Any], rows: list[Any]) -> bool:
    """A page that is not full is the last one, unless the platform says that more follow."""
    return not rows or (len(rows) < SEARCH_LIMIT and "paging" not in body) or body.get("total") == len(rows)
