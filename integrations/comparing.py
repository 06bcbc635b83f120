"""Values as conditions compare them: as text, as a number, as a moment.

Whoever counts with conditions, we ourselves or a platform for us, has to mean the same by them.
"""

from datetime import UTC, datetime
from typing import Any

_MOST_MS = 32_503_680_000_000
"""Milliseconds until the year 3000; a larger number is no date."""


def read_text(value: Any) -> str:
    """Without regard to upper and lower case and spaces around it; nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip().casefold()


def read_number(value: Any) -> float | None:
    """None for what is no number."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def read_moment(value: Any) -> float | None:
    """Seconds since the epoch of an ISO date or instant, or of milliseconds as many systems write them. None for neither."""
    text = str(value).strip() if value is not None else ""
    if text.removeprefix("-").isdecimal() and len(text) > len("20261129"):
        return int(text) / 1_000 if abs(int(text)) < _MOST_MS else None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
