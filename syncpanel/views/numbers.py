"""Numbers that come in a URL."""

from collections.abc import Iterable, Mapping

LARGEST = 2**63 - 1


def number_in(query: Mapping[str, str], name: str) -> int | None:
    """The value as a positive whole number, or None when it is not one: a mistyped address is no error."""
    return next(iter(numbers_of([query.get(name, "")])), None)


def numbers_of(texts: Iterable[str]) -> list[int]:
    """Those that are positive whole numbers a row can have."""
    plain = (text for text in texts if text.isascii() and text.isdigit() and len(text) < 20)
    return [number for number in map(int, plain) if 0 < number <= LARGEST]
