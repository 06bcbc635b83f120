"""Does a reading get on? A platform whose cursor stands still, or whose pages come round again, must not loop us.

What is needed to notice lives in the cursor itself, so that it survives a restart. Pages that come round after any
number of others are found as Brent finds a cycle: one earlier page is remembered, and replaced by the present one
after 1, 2, 4, 8, … pages.
"""

from collections.abc import Sequence

from integrations.exceptions import TransientError
from integrations.types import Cursor

WATCH = "watch"


def mark_page(ids: Sequence[str]) -> str:
    """What a page is recognised by; empty for an empty page."""
    return f"{ids[0]}…{ids[-1]}/{len(ids)}" if ids else ""


def advance(cursor: Cursor, position: Cursor, mark: str, platform: str) -> Cursor:
    """The next cursor: `position` (the platform's own) and what we remember. Raises TransientError when the reading
    does not get on; the job shows it as its reason and can be resumed."""
    if all(cursor.get(name) == value for name, value in position.items()):
        raise TransientError(f"{platform} keeps sending us back to the same place.", code="cursor_stuck")
    return {**position, WATCH: _watch(cursor.get(WATCH), mark, platform)}


def forget_pages(cursor: Cursor) -> Cursor:
    """The same place without what we remember, for a person who says that it works again: a platform that once sent us
    back may rightly give us those pages anew."""
    return {name: value for name, value in cursor.items() if name != WATCH}


def _watch(watch: object, mark: str, platform: str) -> list[object]:
    """The last page, the remembered one, the steps since, and after how many steps it is replaced."""
    last, remembered, steps, power = watch if isinstance(watch, list) else ("", "", 0, 1)
    if mark and mark in (last, remembered):
        raise TransientError(f"{platform} sent the same page twice.", code="page_repeated")
    if steps + 1 >= power:
        return [mark, mark or remembered, 0, power * 2]
    return [mark, remembered, steps + 1, power]
