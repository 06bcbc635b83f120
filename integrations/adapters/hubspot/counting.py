"""Conditions as filters of the search, where both mean the same; everything else is not counted but estimated by whoever asks.

https://developers.hubspot.com/docs/api-reference/search/guide

The search compares text without regard to case, numbers as numbers and times as milliseconds. It knows no "contains" and no
"starts with", only whole words. Whether "is not" includes those who have no value is not documented, so both are asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import ceil, floor, isfinite
from typing import Any

from integrations.adapters.hubspot.searching import Filters
from integrations.adapters.hubspot.values import to_text
from integrations.comparing import read_moment, read_number, read_text
from integrations.enums import Operator
from integrations.types import Condition

Properties = Mapping[str, Mapping[str, Any]]
Alternatives = Sequence[Mapping[str, Any]]
"""Filters of which one has to pass."""

CHOICES = frozenset({("enumeration", "select"), ("enumeration", "radio"), ("bool", "booleancheckbox")})
TEXTS = frozenset({("string", "text")})
"""Long texts and telephone numbers have an index of their own kind."""


def build_groups(conditions: Sequence[Condition], properties: Properties) -> list[Filters] | None:
    """Groups of filters, of which one has to pass. None when a condition cannot be counted exactly."""
    told = [_write(one, properties[one.field]) if one.field in properties else None for one in conditions]
    known = [one for one in told if one is not None]
    return [list(group) for group in product(*known)] if len(known) == len(told) else None


def _write(condition: Condition, found: Mapping[str, Any]) -> Alternatives | None:
    name, operator = condition.field, condition.operator
    if operator in _PRESENCE or (operator in _EQUALITY and not read_text(condition.value)):
        is_filled = operator in {Operator.IS_FILLED, Operator.IS_NOT}
        return [_filter(name, "HAS_PROPERTY" if is_filled else "NOT_HAS_PROPERTY")]
    if operator in _EQUALITY:
        values = find_values(found, condition.value)
        return _is_one_of(name, values, operator == Operator.IS) if values else None
    if operator in _ORDER:
        kinds, sign, write = _ORDER[operator]
        value = write(condition.value) if found.get("type") in kinds else ""
        return [_filter(name, sign, value=value)] if value else None
    return None


def _is_one_of(name: str, values: Sequence[str], wanted: bool) -> Alternatives:
    if wanted:
        return [_filter(name, "IN", values=list(values))]
    return [_filter(name, "NOT_IN", values=list(values)), _filter(name, "NOT_HAS_PROPERTY")]


def find_values(found: Mapping[str, Any], wanted: str) -> list[str]:
    """All values of the property that are the wanted one, but for upper and lower case. Empty when nobody can tell: a choice that
    is not on the list may still be in some records."""
    kind = (str(found.get("type")), str(found.get("fieldType")))
    text = read_text(wanted)
    if kind in TEXTS:
        return [wanted.strip().lower()]
    if kind not in CHOICES:
        return []
    options = [str(one.get("value", "")) for one in found.get("options") or [] if isinstance(one, dict)]
    same = [option for option in options if read_text(option) == text]
    if not same and found.get("externalOptions") and text.isdecimal():
        return [text]
    return same


def _filter(name: str, operator: str, **values: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **values}


def _write_number(value: str) -> str:
    number = read_number(value)
    if number is None or not isfinite(number):
        return ""
    text = to_text(number)
    return "" if "e" in text else text


def _write_time(round_it: Callable[[float], int]) -> Callable[[str], str]:
    """HubSpot keeps milliseconds: of a finer time, the whole one that parts the same records."""

    def write(value: str) -> str:
        moment = read_moment(value)
        return "" if moment is None else str(round_it(round(moment * 1_000, 3)))

    return write


_PRESENCE = frozenset({Operator.IS_EMPTY, Operator.IS_FILLED})
_EQUALITY = frozenset({Operator.IS, Operator.IS_NOT})
_NUMBERS = frozenset({"number"})
_TIMES = frozenset({"date", "datetime"})
_ORDER: Mapping[Operator, tuple[frozenset[str], str, Callable[[str], str]]] = {
    Operator.ABOVE: (_NUMBERS, "GT", _write_number),
    Operator.BELOW: (_NUMBERS, "LT", _write_number),
    Operator.AFTER: (_TIMES, "GT", _write_time(floor)),
    Operator.BEFORE: (_TIMES, "LT", _write_time(ceil)),
}
