"""What the values of a field look like, from some of its records."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from integrations.types import FlatRecord

_MOST_RECORDS = 50
_FEWEST_VALUES = 3
_MOST = 0.8
_LONGEST_VALUE = 400


class Shape(StrEnum):
    """Something nearly all filled values of a field look like."""

    EMAIL = "e-mail addresses"
    WEBSITE = "web addresses"
    DATE = "dates"
    YES_NO = "yes or no"
    NUMBER = "numbers"
    PHONE = "phone numbers"
    TWO_LETTERS = "codes of two letters"


_PATTERNS: tuple[tuple[Shape, re.Pattern[str]], ...] = (
    (Shape.EMAIL, re.compile(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;.]{2,}")),
    (Shape.WEBSITE, re.compile(r"(?:https?://|www\.)\S+")),
    (Shape.DATE, re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?|\d{1,2}[./]\d{1,2}[./]\d{4}|1\d{12}")),
    (Shape.YES_NO, re.compile(r"true|false|yes|no|ja|nein", re.IGNORECASE)),
    (Shape.NUMBER, re.compile(r"[+-]?\d{1,3}(?:,\d{3})*(?:\.\d+)?|[+-]?\d+(?:[.,]\d+)?")),
    (Shape.PHONE, re.compile(r"(?:\+|00|\()[\d\s()./-]{6,24}")),
    (Shape.TWO_LETTERS, re.compile(r"[A-Za-z]{2}")),
)


class Samples:
    """Records of the source, looked at field by field as needed. Values are read and never kept in a message."""

    def __init__(self, records: Sequence[FlatRecord]) -> None:
        self._records = records[:_MOST_RECORDS]
        self._shapes: dict[str, Shape | None] = {}

    def find_shape(self, field: str) -> Shape | None:
        """What at least four in five of the filled values look like; None when that is nothing, or there are too few."""
        if field not in self._shapes:
            self._shapes[field] = _find_shape(self._values(field))
        return self._shapes[field]

    def has_values(self, field: str) -> bool:
        """True when enough of its values are filled to tell what it holds."""
        return len(self._values(field)) >= _FEWEST_VALUES

    def _values(self, field: str) -> list[str]:
        return list(_filled(record.get(field) for record in self._records))


def _filled(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if value not in (None, "", [], {}):
            yield str(value).strip()[:_LONGEST_VALUE]


def _find_shape(values: list[str]) -> Shape | None:
    if len(values) < _FEWEST_VALUES:
        return None
    for shape, pattern in _PATTERNS:
        if sum(pattern.fullmatch(value) is not None for value in values) >= _MOST * len(values):
            return shape
    return None
