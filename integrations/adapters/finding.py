"""Looking many records up at once, although a platform gives out only so many results of one question."""

from collections.abc import Callable, Mapping, Sequence

from integrations.comparing import read_text
from integrations.types import FlatRecord

MOST_FOUND = 10_000
"""Of one question. Of a single value that more records share, so many are found: it tells nobody apart."""

Question = Callable[[Sequence[str]], list[FlatRecord] | None]
"""Asks for the records that have one of these values. None: more than can be given out, and of several values."""


def find_in_parts(values: Sequence[str], ask: Question) -> list[FlatRecord]:
    """Asked for too many, it is asked for each half, so that a value that everybody has hides no other."""
    found = ask(values)
    if found is not None:
        return found
    middle = len(values) // 2
    return [*find_in_parts(values[:middle], ask), *find_in_parts(values[middle:], ask)]


def by_text(values: Sequence[str]) -> Mapping[str, str]:
    """Text as it is compared → the value as it was first given; without what is empty."""
    told: dict[str, str] = {}
    for value in values:
        if text := read_text(value):
            told.setdefault(text, value.strip())
    return told
