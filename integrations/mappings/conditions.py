"""Who is included: conditions on the source record, all of which must hold.

Text is compared without regard to upper and lower case or spaces around it. A value that is not the number or date that a
comparison needs does not fulfil it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from integrations.comparing import read_moment, read_number, read_text
from integrations.enums import Operator
from integrations.exceptions import ConfigurationError
from integrations.types import Condition, FlatRecord

Predicate = Callable[[FlatRecord], bool]
WITHOUT_VALUE = frozenset({Operator.IS_EMPTY, Operator.IS_FILLED})


def read_conditions(plain: Iterable[Mapping[str, str]]) -> tuple[Condition, ...]:
    """The conditions of a sync's column."""
    return tuple(Condition(one["field"], Operator(one["operator"]), one.get("value", "")) for one in plain)


def compile_conditions(conditions: Sequence[Condition]) -> Predicate | None:
    """A function that says whether a record is included; None when everybody is. ConfigurationError when a condition's own
    value is not what it compares with."""
    tests = [(one.field, _make_test(one)) for one in conditions]
    if not tests:
        return None
    return lambda record: all(test(record.get(field)) for field, test in tests)


def _make_test(condition: Condition) -> Callable[[Any], bool]:
    """The value is made comparable once, not for every record."""
    operator, wanted = condition.operator, read_text(condition.value)
    if operator in {Operator.ABOVE, Operator.BELOW}:
        return _compared(operator == Operator.ABOVE, _needed(read_number, condition, "a number"), read_number)
    if operator in {Operator.BEFORE, Operator.AFTER}:
        return _compared(operator == Operator.AFTER, _needed(read_moment, condition, "a date"), read_moment)
    return {
        Operator.IS: lambda value: read_text(value) == wanted,
        Operator.IS_NOT: lambda value: read_text(value) != wanted,
        Operator.CONTAINS: lambda value: wanted in read_text(value),
        Operator.CONTAINS_NOT: lambda value: wanted not in read_text(value),
        Operator.STARTS_WITH: lambda value: read_text(value).startswith(wanted),
        Operator.IS_EMPTY: lambda value: not read_text(value),
        Operator.IS_FILLED: lambda value: bool(read_text(value)),
    }[operator]


def _compared(above: bool, wanted: float, read: Callable[[Any], float | None]) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        found = read(value)
        return found is not None and (found > wanted if above else found < wanted)

    return test


def _needed(read: Callable[[Any], float | None], condition: Condition, what: str) -> float:
    found = read(condition.value)
    if found is None:
        raise ConfigurationError(f"“{condition.value}” is not {what}. Look at who is included.", code="condition")
    return found
