"""Filters of reports. https://developers.google.com/analytics/devguides/reporting/data/v1/rest/v1beta/FilterExpression"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from integrations.sandbox.google_analytics.errors import refuse

MATCHES = ("", "EXACT", "BEGINS_WITH", "ENDS_WITH", "CONTAINS", "FULL_REGEXP", "PARTIAL_REGEXP")
OPERATIONS = ("", "EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL")

Read = Callable[[str], str]
"""The value of a field, by its name."""
Test = Callable[[Read], bool]


def compile_filter(expression: Mapping[str, Any] | None, known: Mapping[str, Any]) -> Test:
    """A function that says whether a row may pass."""
    if not expression:
        return lambda read: True
    if inner := expression.get("andGroup"):
        tests = [compile_filter(one, known) for one in inner.get("expressions", [])]
        return lambda read: all(test(read) for test in tests)
    if inner := expression.get("orGroup"):
        tests = [compile_filter(one, known) for one in inner.get("expressions", [])]
        return lambda read: any(test(read) for test in tests)
    if inner := expression.get("notExpression"):
        test = compile_filter(inner, known)
        return lambda read: not test(read)
    return _compile_one(expression.get("filter") or {}, known)


def _compile_one(one: Mapping[str, Any], known: Mapping[str, Any]) -> Test:
    name = str(one.get("fieldName", ""))
    if name not in known:
        raise refuse(400, f"Field {name} is not a valid dimension. For a list of valid dimensions and metrics, see ")
    for kind, make in _MAKERS.items():
        if kind in one:
            fits = make(one[kind])
            return lambda read: fits(read(name))
    raise refuse(400, "A filter must have one of stringFilter, inListFilter, numericFilter, betweenFilter.")


def _make_text(told: Mapping[str, Any]) -> Callable[[str], bool]:
    wanted, kind = str(told.get("value", "")), read_word(told.get("matchType", "EXACT"), MATCHES)
    is_exact = bool(told.get("caseSensitive"))
    wanted = wanted if is_exact else wanted.lower()

    def fits(value: str) -> bool:
        value = value if is_exact else value.lower()
        match kind:
            case "BEGINS_WITH":
                return value.startswith(wanted)
            case "ENDS_WITH":
                return value.endswith(wanted)
            case "CONTAINS":
                return wanted in value
            case "FULL_REGEXP":
                return bool(re.fullmatch(wanted, value))
            case "PARTIAL_REGEXP":
                return bool(re.search(wanted, value))
        return value == wanted

    return fits


def _make_list(told: Mapping[str, Any]) -> Callable[[str], bool]:
    values = [str(value) for value in told.get("values", [])]
    if told.get("caseSensitive"):
        return lambda value: value in values
    lowered = {value.lower() for value in values}
    return lambda value: value.lower() in lowered


def _make_number(told: Mapping[str, Any]) -> Callable[[str], bool]:
    wanted, kind = _number(told.get("value", {})), read_word(told.get("operation", "EQUAL"), OPERATIONS)
    return {
        "EQUAL": lambda value: float(value) == wanted,
        "LESS_THAN": lambda value: float(value) < wanted,
        "LESS_THAN_OR_EQUAL": lambda value: float(value) <= wanted,
        "GREATER_THAN": lambda value: float(value) > wanted,
        "GREATER_THAN_OR_EQUAL": lambda value: float(value) >= wanted,
    }[kind]


def _make_between(told: Mapping[str, Any]) -> Callable[[str], bool]:
    low, high = _number(told.get("fromValue", {})), _number(told.get("toValue", {}))
    return lambda value: low <= float(value) <= high


def _make_empty(told: Mapping[str, Any]) -> Callable[[str], bool]:
    return lambda value: value in ("", "(not set)")


def _number(told: Mapping[str, Any]) -> float:
    return float(told.get("int64Value", told.get("doubleValue", 0)))


def read_word(told: object, words: tuple[str, ...]) -> str:
    """An enum comes as its name, or as its number from clients that ask for that."""
    word = words[told] if isinstance(told, int) and 0 <= told < len(words) else str(told)
    if word not in words:
        raise refuse(400, f"Invalid value: {told}")
    return word


_MAKERS: Mapping[str, Callable[[Mapping[str, Any]], Callable[[str], bool]]] = {
    "stringFilter": _make_text,
    "inListFilter": _make_list,
    "numericFilter": _make_number,
    "betweenFilter": _make_between,
    "emptyFilter": _make_empty,
}
