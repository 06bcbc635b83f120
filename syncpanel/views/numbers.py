"""Numbers that come in a URL."""

from collections.abc import Mapping

LARGEST = 2**63 - 1


def number_in(query: Mapping[str, str], name: str) -> int | None:
    """The value as a positive whole number, or None when it is not one: a mistyped address is no error."""
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) <= LARGEST else None
