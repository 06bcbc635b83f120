"""Search filters: from the request's JSON to a test of one value. https://developers.hubspot.com/docs/api/crm/search"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import inf
from typing import Any

from integrations.sandbox.clock import parse_instant
from integrations.sandbox.hubspot.errors import refuse_invalid
from integrations.sandbox.hubspot.schema import Property

Comparable = float | str
Test = Callable[[str | None], bool]

MOST_GROUPS = 5
MOST_FILTERS_A_GROUP = 6
MOST_FILTERS = 18
_ORDER = {"EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN"}
_PRESENCE = {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}
_TOKENS = {"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}
NEGATIVE = {"NEQ", "NOT_IN", "NOT_HAS_PROPERTY", "NOT_CONTAINS_TOKEN"}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition with its values made comparable; hashable, so that results can be remembered."""

    name: str
    operator: str
    values: tuple[Comparable, ...]


Group = tuple[Filter, ...]


def read_groups(body: dict[str, Any], schema: dict[str, Property]) -> list[Group]:
    """All filter groups; no filter at all is one empty group, which everything passes."""
    given = body.get("filterGroups") or []
    if not given and body.get("filters"):
        given = [{"filters": body["filters"]}]
    groups = [tuple(_read_filter(one, schema) for one in group.get("filters") or []) for group in given]
    sizes = [len(group) for group in groups]
    if len(groups) > MOST_GROUPS or max(sizes, default=0) > MOST_FILTERS_A_GROUP or sum(sizes) > MOST_FILTERS:
        raise refuse_invalid(
            f"Too many filters: at most {MOST_GROUPS} groups of {MOST_FILTERS_A_GROUP} filters, {MOST_FILTERS} in total"
        )
    return groups or [()]


def _read_filter(one: dict[str, Any], schema: dict[str, Property]) -> Filter:
    name, operator = str(one.get("propertyName")), str(one.get("operator"))
    if name not in schema:
        raise refuse_invalid(f"There was a problem with the request. Property {name} does not exist")
    if operator not in _ORDER | _PRESENCE | _TOKENS:
        raise refuse_invalid(f"Invalid input JSON: {operator} is not an operator")
    return Filter(name, operator, tuple(to_comparable(schema[name], text) for text in _read_operands(one, operator)))


def _read_operands(one: dict[str, Any], operator: str) -> list[str]:
    if operator in _PRESENCE:
        return []
    if operator in ("IN", "NOT_IN"):
        wanted = one.get("values")
    elif operator == "BETWEEN":
        wanted = [one.get("value"), one.get("highValue")]
    else:
        wanted = [one.get("value")]
    if not isinstance(wanted, list) or not wanted or None in wanted:
        raise refuse_invalid(f"operator {operator} requires values")
    return [str(value) for value in wanted]


def to_comparable(found: Property, text: str) -> Comparable:
    """Instants and numbers as numbers, everything else in lower case."""
    try:
        if found.type in ("date", "datetime"):
            return parse_instant(text)
        return float(text) if found.type == "number" else text.lower()
    except ValueError as exc:
        raise refuse_invalid(f"{text} is not a valid value of {found.name}") from exc


def compile_filter(one: Filter, found: Property) -> Test:
    """A test of the value as stored; what cannot be compared does not match."""
    if one.operator in _PRESENCE:
        wanted = one.operator == "HAS_PROPERTY"
        return lambda text: bool(text) is wanted
    test = _TESTS[one.operator](one.values)
    missing = one.operator in NEGATIVE
    return lambda text: missing if not text else _compare(test, found, text)


def _compare(test: Callable[[Any], bool], found: Property, text: str) -> bool:
    return test(to_comparable(found, text))


def _contains(pattern: str) -> Callable[[str], bool]:
    """Any word of the value, or the value itself, with * as a wildcard."""
    return lambda text: any(fnmatchcase(word, pattern) for word in [text, *re.split(r"[^\w]+", text)])


def _not(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: not test(value)


_TESTS: dict[str, Callable[[tuple[Any, ...]], Callable[[Any], bool]]] = {
    "EQ": lambda values: lambda value: value == values[0],
    "NEQ": lambda values: lambda value: value != values[0],
    "LT": lambda values: lambda value: value < values[0],
    "LTE": lambda values: lambda value: value <= values[0],
    "GT": lambda values: lambda value: value > values[0],
    "GTE": lambda values: lambda value: value >= values[0],
    "BETWEEN": lambda values: lambda value: values[0] <= value <= values[1],
    "IN": lambda values: lambda value: value in values,
    "NOT_IN": lambda values: lambda value: value not in values,
    "CONTAINS_TOKEN": lambda values: _contains(values[0]),
    "NOT_CONTAINS_TOKEN": lambda values: _not(_contains(values[0])),
}


_RANGES: dict[str, Callable[[list[float]], tuple[float, float]]] = {
    "EQ": lambda values: (values[0], values[0]),
    "LT": lambda values: (-inf, values[0] - 1),
    "LTE": lambda values: (-inf, values[0]),
    "GT": lambda values: (values[0] + 1, inf),
    "GTE": lambda values: (values[0], inf),
    "BETWEEN": lambda values: (values[0], values[1]),
}


def narrow_stamps(one: Filter) -> tuple[float, float] | None:
    """The closed range of whole numbers a filter leaves, if it leaves a range."""
    numbers = [value for value in one.values if not isinstance(value, str)]
    return _RANGES[one.operator](numbers) if one.operator in _RANGES and len(numbers) == len(one.values) else None
