"""Choosing a few records out of many so that together they show as much of what occurs as possible."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from integrations.types import FlatRecord

_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")
_LONGEST_SHAPE = 24
_FEW = 12
"""A field with at most so many values is taken as a choice: each value is worth seeing."""

Trait = tuple[str, str]


def choose_different(records: Sequence[FlatRecord], count: int) -> list[FlatRecord]:
    """`count` records, greedily: each one shows the most that the ones before it do not. Always the same choice."""
    choices = _choices(records)
    traits = [set(_traits(record, choices)) for record in records]
    left = list(range(len(records)))
    seen: Counter[Trait] = Counter()
    chosen: list[FlatRecord] = []
    while left and len(chosen) < count:
        best = max(left, key=lambda index: (sum(1 / (1 + 4 * seen[trait]) ** 2 for trait in traits[index]), -index))
        left.remove(best)
        seen.update(traits[best])
        chosen.append(records[best])
    return chosen


def _choices(records: Sequence[FlatRecord]) -> frozenset[str]:
    values: dict[str, set[str]] = {}
    for record in records:
        for name, value in record.items():
            values.setdefault(name, set()).add(str(value))
    return frozenset(name for name, found in values.items() if len(found) <= _FEW)


def _traits(record: FlatRecord, choices: frozenset[str]) -> Iterator[Trait]:
    for name, value in record.items():
        if name != "id":
            yield name, str(value).casefold() if name in choices else _shape(value)


def _shape(value: Any) -> str:
    """What kind of text it is, roughly: "O'Brien" is "a'a", "+44 20 79" is "+9 9 9"; letters beyond ASCII are told apart."""
    if value in (None, ""):
        return ""
    text = str(value)
    mark = "" if text.isascii() else "é"
    shape = _DIGITS.sub("9", _LETTERS.sub("a", text.strip()))
    return f"{mark}{shape[:_LONGEST_SHAPE]}{'…' if len(text) > 60 else ''}{'_' if text != text.strip() else ''}"
