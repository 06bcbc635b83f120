"""Reading members: by the time of their last change, and within one second by position.

https://mailchimp.com/developer/marketing/api/list-members/list-members-info/

Mailchimp pages by position only, and whoever is changed meanwhile moves to the end of the list and shifts the rest. So a
reading goes on from the last second it saw, not from a position; only inside a second that holds more people than a page it
counts, and then it looks at the last few people of the page before once more: if none of them is found, the list has
shifted, and the second is read again from its start. What comes twice is left out by id and time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.http import Answer
from integrations.adapters.mailchimp.audiences import Audiences
from integrations.adapters.mailchimp.declaration import LABEL
from integrations.adapters.mailchimp.paths import API, of_list
from integrations.adapters.mailchimp.rows import Shape, find_id
from integrations.adapters.pagination import WATCH, advance, forget_pages, mark_page
from integrations.exceptions import TransientError
from integrations.types import Cursor, Page, Window

ARCHIVED = "archived"
PAGE = 1_000
OVERLAP = 50
MOST_REMEMBERED = 100
MOST_RESTARTS = 3
EARLIER = timedelta(minutes=5)
"""Changes may become visible a little later than their time says."""
SECOND = timedelta(seconds=1)
"""The finest Mailchimp tells; whether its bounds include their second it does not say."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an audience a page begins: after a time, and how many after that. `seen`: marks of those read already."""

    since: datetime | None
    offset: int = 0
    seen: tuple[str, ...] = ()
    restarts: int = 0

    def cursor(self) -> Cursor:
        """As it is kept."""
        since = self.since.isoformat() if self.since else None
        return {"since": since, "offset": self.offset, "seen": list(self.seen), "restarts": self.restarts}


def read_place(cursor: Cursor, window: Window) -> Place:
    """Where to go on; at the start of the window without a cursor."""
    if "offset" not in cursor:
        return Place(window.since - EARLIER if window.since else None)
    since = datetime.fromisoformat(cursor["since"]) if cursor["since"] else None
    return Place(since, int(cursor["offset"]), tuple(cursor["seen"]), int(cursor["restarts"]))


class Reader:
    """Reads the members of one connection's audiences."""

    def __init__(self, client: SignedClient, audiences: Audiences) -> None:
        self._client = client
        self._audiences = audiences

    def fetch(self, audience_id: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        """The page after `cursor`. A complete reading has no upper bound: who is changed meanwhile must not be missed."""
        place, shape = read_place(cursor, window), Shape(self._audiences, audience_id, fields)
        answer, rows, total = self._ask(audience_id, place, window, shape)
        if has_shifted(rows, place):
            return Page([], self._restart(cursor, place))
        records, malformed = shape.flatten(find_new(rows, place), len(answer.body))
        known = None if cursor else total
        if place.offset + len(rows) >= total:
            return Page(records, None, malformed, known)
        if not rows:
            raise self._client.http.unexpected(answer)
        following = advance(cursor, find_next(place, rows).cursor(), mark_page([r["id"] for r in records]), LABEL)
        return Page(records, following, malformed, known)

    def _ask(self, audience_id: str, place: Place, window: Window, shape: Shape) -> tuple[Answer, list[Any], int]:
        query: dict[str, Any] = {"count": PAGE, "offset": place.offset, "sort_field": "last_changed", "sort_dir": "ASC"}
        query |= bound(place.since, window)
        query["fields"] = ",".join([*(f"members.{part}" for part in shape.parts), "total_items"])
        answer = self._client.call("GET", of_list(audience_id, "members", **query), API)
        body = self._client.http.read_json(answer)
        rows, total = (body.get("members"), body.get("total_items")) if isinstance(body, dict) else (None, None)
        if not isinstance(rows, list) or not isinstance(total, int):
            raise self._client.http.unexpected(answer)
        return answer, rows, total

    def _restart(self, cursor: Cursor, place: Place) -> Cursor:
        """Back to the start of the second. A cursor that remembers no pages is one a person wants to go on with."""
        if place.restarts >= MOST_RESTARTS and WATCH in cursor:
            raise TransientError(f"{LABEL}'s list changes faster than we can read it.", code="list_moves")
        again = Place(place.since, restarts=place.restarts + 1 if WATCH in cursor else 1)
        return forget_pages({**cursor, **again.cursor()})

    def count(self, audience_id: str, window: Window, **filters: Any) -> int | None:
        """How many members the window holds."""
        since = window.since - EARLIER if window.since else None
        query = {"count": 1, "fields": "total_items", **bound(since, window), **filters}
        body = self._client.get(of_list(audience_id, "members", **query), API)
        total = body.get("total_items") if isinstance(body, dict) else None
        return total if isinstance(total, int) else None


def bound(since: datetime | None, window: Window) -> dict[str, str]:
    """The times a list is asked for. One second more on either side: nobody says whether a bound belongs to what it bounds."""
    if since is None:
        return {}
    query = {"since_last_changed": _write_time(since - SECOND)}
    if window.since is not None:
        query["before_last_changed"] = _write_time(window.until + 2 * SECOND)
    return query


def has_shifted(rows: Sequence[Any], place: Place) -> bool:
    """A page that should begin with people of the page before, and has none of them."""
    expected = rows[: len(place.seen)]
    return bool(place.offset and place.seen) and not any(_mark(row) in place.seen for row in expected)


def find_new(rows: Sequence[Any], place: Place) -> list[Any]:
    """Those not read already. Who is archived has left the audience."""
    seen = frozenset(place.seen)
    return [
        row for row in rows if not isinstance(row, dict) or (row.get("status") != ARCHIVED and _mark(row) not in seen)
    ]


def find_next(place: Place, rows: Sequence[Any]) -> Place:
    """On to the second of the last row, if the rows are in order and few of them are of that second or the one before;
    otherwise on by position."""
    stamps = [_read_time(row) for row in rows]
    last = stamps[-1]
    if last is not None and all(stamps) and stamps == sorted(s for s in stamps if s):
        again = [row for row, stamp in zip(rows, stamps, strict=True) if stamp and stamp >= last - SECOND]
        if len(again) <= MOST_REMEMBERED and (place.since is None or last > place.since):
            return Place(last, 0, tuple(map(_mark, again)))
    tail = [row for row in rows[-OVERLAP:] if isinstance(row, dict)]
    return Place(place.since, place.offset + len(rows) - len(tail), tuple(map(_mark, tail)), place.restarts)


def _mark(row: Any) -> str:
    """Short, and another one once the member has changed."""
    text = f"{find_id(row)} {row.get('last_changed')}" if isinstance(row, dict) else ""
    return blake2s(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def _read_time(row: Any) -> datetime | None:
    try:
        stamp = datetime.fromisoformat(str(row.get("last_changed")) if isinstance(row, dict) else "")
    except ValueError:
        return None
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)


def _write_time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()
