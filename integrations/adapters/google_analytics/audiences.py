"""Reading who is in an audience.

Google makes a list first, and nobody waits for it here: while it is being made the job is told to come back. What Google
says of its lists tells how far this one is, so that it is ordered once whatever happens meanwhile. A list costs quota: one
that was made lately, for whomever, will do.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from integrations.adapters.google_analytics.declaration import LABEL
from integrations.adapters.google_analytics.exports import ACTIVE, CREATING, Export, Exports, read_pages
from integrations.adapters.google_analytics.members import (
    build_schema,
    choose_dimensions,
    flatten_members,
    read_number,
)
from integrations.adapters.google_analytics.property import Property
from integrations.adapters.pagination import WATCH, advance, mark_page
from integrations.exceptions import ConfigurationError, PlatformError, RateLimitedError
from integrations.types import Cursor, FlatRecord, ObjectSchema, Page, Window

ROWS = 10_000
FRESH = timedelta(hours=6)
"""A list begun this long before the job will do."""
KEPT = timedelta(hours=72)
LISTED = timedelta(minutes=10)
"""A list that was ordered is named among the others by then, or never."""
LOOK_AGAIN = timedelta(seconds=60)
MOST_ORDERS = 3


class Audiences:
    """Reads the audiences of one connection."""

    def __init__(self, prop: Property, now: Callable[[], datetime]) -> None:
        self._property = prop
        self._exports = Exports(prop)
        self._now = now

    def describe(self, object_name: str) -> ObjectSchema:
        """The same for all audiences; no call is made."""
        return build_schema(object_name)

    def list_names(self) -> Iterator[tuple[str, str]]:
        """Number and name of every audience; where that may not be seen, of those that a list was made of."""
        try:
            found = list(read_pages(self._property.list_audiences, "audiences"))
        except ConfigurationError:
            found = [
                {"name": export.get("audience"), "displayName": export.get("audienceDisplayName")}
                for export in self._exports.read_all()
            ]
        names = {str(one.get("name") or "").rpartition("/")[2]: str(one.get("displayName") or "") for one in found}
        yield from ((number, name) for number, name in sorted(names.items()) if number.isdigit())

    def fetch(self, object_name: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        """The page after `cursor`. RateLimitedError while Google is at work on the list."""
        number, dimensions = read_number(object_name), choose_dimensions(fields)
        if "export" in cursor:
            page = self._fetch_page(str(cursor["export"]), cursor, fields)
            return page or self._order(number, dimensions, cursor, "The list is gone.")
        found = self._exports.find(number, dimensions, window.until - FRESH)
        usable = next((export for export in found if export.get("state") in (CREATING, ACTIVE)), None)
        if usable is None:
            self._refuse_to_hurry(cursor, found)
            told = str(found[0].get("errorMessage") or "") if found else ""
            return self._order(number, dimensions, cursor, told)
        if usable.get("state") == CREATING:
            raise self._being_made(usable)
        page = self._fetch_page(str(usable.get("name") or ""), cursor, fields)
        return page or self._order(number, dimensions, cursor, "The list is gone.")

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> list[FlatRecord]:
        """Members by id, from the newest list there is; RateLimitedError while there is none."""
        dimensions = choose_dimensions(fields)
        exports = self._exports.find(read_number(object_name), dimensions, self._now() - KEPT)
        export = next((one for one in exports if one.get("state") == ACTIVE), None)
        if export is None:
            raise self._being_made({})
        wanted = set(ids)
        found: list[FlatRecord] = []
        cursor: Cursor | None = {"export": str(export.get("name") or "")}
        while cursor is not None:
            page = self._fetch_page(cursor["export"], cursor, fields)
            found += [record for record in page.records if record["id"] in wanted] if page else []
            cursor = page.next_cursor if page else None
        return found

    def _fetch_page(self, name: str, cursor: Cursor, fields: Sequence[str]) -> Page | None:
        """None when the list is gone: Google keeps it for three days."""
        offset = int(cursor.get("offset", 0))
        answer = self._exports.query(name, offset, ROWS)
        if answer is None:
            return None
        export, rows, total = answer
        records, malformed = flatten_members(rows, export, fields)
        if not rows or offset + len(rows) >= total:
            return Page(records, None, malformed, total)
        position = {"export": name, "offset": offset + len(rows)}
        mark = mark_page([record["id"] for record in records])
        return Page(records, advance(cursor, position, mark, LABEL), malformed, total)

    def _order(self, number: str, dimensions: Sequence[str], cursor: Cursor, why: str) -> Page:
        """Has a list made, and begins anew: what was read of an old one comes again and is recognised by its key. The number
        of tries is forgotten when a person says "go on"."""
        watch = cursor.get(WATCH)
        orders = int(watch.get("orders", 0)) + 1 if isinstance(watch, dict) else 1
        if orders > MOST_ORDERS:
            words = f"{LABEL} could not make the list of this audience. We asked for it {MOST_ORDERS} times."
            raise PlatformError(words, code="export_failed", technical=why[:200])
        self._exports.order(number, dimensions)
        return Page([], {"ordered": self._now().isoformat(), WATCH: {"orders": orders}})

    def _refuse_to_hurry(self, cursor: Cursor, found: Sequence[Export]) -> None:
        """A list that was ordered a moment ago may not be named yet."""
        ordered = cursor.get("ordered")
        if ordered and not found and self._now() - datetime.fromisoformat(ordered) < LISTED:
            raise self._being_made({})

    def _being_made(self, export: Export) -> RateLimitedError:
        done = export.get("percentageCompleted")
        share = f" {done:.0f} % of it is done." if isinstance(done, int | float) and done >= 1 else ""
        words = f"{LABEL} is making the list of this audience, which takes about a quarter of an hour.{share}"
        return RateLimitedError(words, retry_at=self._now() + LOOK_AGAIN, is_long=True, code="being_made")
