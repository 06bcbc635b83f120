"""Conditions in SOQL, where both mean the same; everything else is not counted but estimated by whoever asks.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_comparisonoperators.htm
https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_null.htm

SOQL compares text without regard to case, except in unique fields that are told apart by it; Salesforce keeps no spaces around
a text and no empty one. A missing yes or no counts as no. Whether "is not" includes those who have no value depends on whom one
asks, so they are asked for by name.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import ceil, floor, isfinite
from typing import Any

from integrations.adapters.salesforce.soql import quote_text, write_time
from integrations.comparing import read_moment, read_number, read_text
from integrations.enums import Operator
from integrations.types import Condition

Fields = Mapping[str, Mapping[str, Any]]

LIKED = frozenset({"string", "email", "phone", "url", "textarea"})
"""LIKE is for these only."""
TEXTS = LIKED | {"picklist"}
NUMBERS = frozenset({"int", "long", "double", "percent", "currency"})
EMPTIED = TEXTS | NUMBERS | {"date", "datetime", "multipicklist", "reference"}
"""What may be without a value."""
MANY_CURRENCIES = "CurrencyIsoCode"
"""Records of an object with this field keep amounts in several currencies, and SOQL converts them before it compares."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OLDEST, _NEWEST = -62_135_596_800, 253_402_200_000
"""Seconds of the first and the last moment a date can name."""


def write_conditions(conditions: Sequence[Condition], fields: Fields) -> list[str] | None:
    """What has to hold in SOQL. None when a condition cannot be counted exactly."""
    told = [_write(one, fields) for one in conditions]
    known = [one for one in told if one]
    return known if len(known) == len(told) else None


def _write(condition: Condition, fields: Fields) -> str:
    """Empty where SOQL means something else."""
    found, operator = fields.get(condition.field, {}), condition.operator
    kind, text = str(found.get("type")), read_text(condition.value)
    if not found.get("filterable", True) or (kind in TEXTS and found.get("calculated")):
        return ""  # a formula may leave spaces around its text
    if operator in _PRESENCE or (operator in _EQUALITY and not text):
        sign = "!=" if operator in {Operator.IS_FILLED, Operator.IS_NOT} else "="
        return f"{condition.field} {sign} null" if kind in EMPTIED else ""
    if found.get("caseSensitive") or (kind == "currency" and MANY_CURRENCIES in fields):
        return ""
    if operator in _EQUALITY:
        return _write_equality(condition, kind)
    if operator in _PARTS:
        return _write_part(condition) if kind in LIKED and text else ""
    return _write_order(condition, kind)


def _write_equality(condition: Condition, kind: str) -> str:
    """Numbers are left out: we compare how they are written, Salesforce what they are worth."""
    name, text = condition.field, read_text(condition.value)
    if kind == "boolean":
        wanted = {"true": "true", "false": "false"}.get(text, "")
        sign = "=" if condition.operator == Operator.IS else "!="
        return f"{name} {sign} {wanted}" if wanted else ""
    if kind == "date":
        literal = text if _is_plain_date(text) else ""
    else:
        literal = quote_text(condition.value.strip()) if kind in TEXTS else ""
    if not literal:
        return ""
    is_same = f"{name} = {literal}"
    return is_same if condition.operator == Operator.IS else f"({name} != {literal} OR {name} = null)"


def _is_plain_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _write_part(condition: Condition) -> str:
    """Before a wildcard, a backslash makes it mean itself; for a backslash that means itself there is no way to say so."""
    name, value = condition.field, condition.value.strip()
    if "\\" in value:
        return ""
    text = quote_text(value)[1:-1].replace("%", "\\%").replace("_", "\\_")
    pattern = f"'{text}%'" if condition.operator == Operator.STARTS_WITH else f"'%{text}%'"
    if condition.operator != Operator.CONTAINS_NOT:
        return f"{name} LIKE {pattern}"
    return f"((NOT {name} LIKE {pattern}) OR {name} = null)"


def _write_order(condition: Condition, kind: str) -> str:
    kinds, sign, write = _ORDER[condition.operator]
    literal = write(condition.value, kind) if kind in kinds else ""
    return f"{condition.field} {sign} {literal}" if literal else ""


def _write_number(value: str, kind: str) -> str:
    number = read_number(value)
    return format(Decimal(repr(number)), "f") if number is not None and isfinite(number) else ""


def _write_moment(round_it: Callable[[float], int]) -> Callable[[str, str], str]:
    """Of a finer time, the whole day or millisecond that parts the same records."""

    def write(value: str, kind: str) -> str:
        moment = read_moment(value)
        if moment is None or not _OLDEST < moment < _NEWEST:
            return ""
        if kind == "date":
            return (_EPOCH + timedelta(days=round_it(moment / 86_400))).date().isoformat()
        return write_time(_EPOCH + timedelta(milliseconds=round_it(round(moment * 1_000, 3))))

    return write


_PRESENCE = frozenset({Operator.IS_EMPTY, Operator.IS_FILLED})
_EQUALITY = frozenset({Operator.IS, Operator.IS_NOT})
_PARTS = frozenset({Operator.CONTAINS, Operator.CONTAINS_NOT, Operator.STARTS_WITH})
_TIMES = frozenset({"date", "datetime"})
_ORDER: Mapping[Operator, tuple[frozenset[str], str, Callable[[str, str], str]]] = {
    Operator.ABOVE: (NUMBERS, ">", _write_number),
    Operator.BELOW: (NUMBERS, "<", _write_number),
    Operator.AFTER: (_TIMES, ">", _write_moment(floor)),
    Operator.BEFORE: (_TIMES, "<", _write_moment(ceil)),
}
