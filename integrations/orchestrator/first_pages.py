"""The first records of a list, to look at some of them: page by page, since one may be short, or hold nothing usable."""

from collections.abc import Sequence

from integrations.adapters.base import Adapter
from integrations.mappings.conditions import Predicate
from integrations.types import Cursor, FlatRecord, Window

MOST_PAGES = 4


def first_records(
    adapter: Adapter,
    object_name: str,
    window: Window,
    fields: Sequence[str],
    wanted: int,
    is_included: Predicate | None = None,
) -> tuple[list[FlatRecord], bool]:
    """Until so many are included, the list ends, or enough pages were read; and whether it goes on behind them."""
    found: list[FlatRecord] = []
    cursor: Cursor | None = {}
    for _ in range(MOST_PAGES):
        if cursor is None or len(found) >= wanted:
            break
        page = adapter.fetch_records(object_name, cursor, window, fields)
        found += [record for record in page.records if is_included is None or is_included(record)]
        cursor = page.next_cursor
    return found, cursor is not None
