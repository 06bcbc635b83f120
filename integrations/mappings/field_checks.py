"""What one field of a destination accepts, by its type. A check takes a filled value: None when it is fine."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from integrations.enums import FieldType
from integrations.types import FieldSchema

Found = tuple[str, str]
"""A reason's code and its detail."""
Check = Callable[[Any], Found | None]

_EMAIL = re.compile(r"""[^\s@,;:()<>"]{1,64}@(?:[^\s@,;:()<>".]+\.)+[^\s@,;:()<>".]{2,}""")
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\s*")
_WHOLE = re.compile(r"\s*[+-]?[0-9]+(?:\.0*)?\s*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOOLEANS = frozenset({"true", "false"})
_UNLIMITED = 1 << 62
_NO_TEXT: Found = ("wrong_type", "text")
_MULTI_SEPARATOR = ";"


def make_check(field: FieldSchema) -> Check:
    """The check for this field's type."""
    return _MAKERS.get(field.type, _check_text)(field)


def _check_text(field: FieldSchema) -> Check:
    longest = field.max_length or _UNLIMITED
    too_long = ("too_long", f"at most {longest:,} characters")

    def check(value: Any) -> Found | None:
        if type(value) is not str:
            return _NO_TEXT
        return too_long if len(value) > longest and len(value.strip()) > longest else None

    return _also_in_bytes(check, field.max_bytes) if field.max_bytes else check


def _also_in_bytes(check: Check, most: int) -> Check:
    too_long = ("too_long", f"at most {most:,} bytes, of which “é” takes two and an emoji four")

    def check_both(value: Any) -> Found | None:
        problem = check(value)
        if problem is not None or len(value) * 4 <= most:
            return problem
        return too_long if len(value.strip().encode("utf-8", "surrogatepass")) > most else None

    return check_both


def _check_email(field: FieldSchema) -> Check:
    check_text, matches = _check_text(field), _EMAIL.fullmatch
    found = ("invalid_email", "")

    def check(value: Any) -> Found | None:
        problem = check_text(value)
        if problem is not None or matches(value) or matches(value.strip()):
            return problem
        return found

    return check


def _check_choice(field: FieldSchema) -> Check:
    check_text, allowed = _check_text(field), frozenset(field.choices)
    if not (allowed and field.restricted):
        return check_text
    found = ("not_in_list", "")

    def check(value: Any) -> Found | None:
        if type(value) is not str:
            return _NO_TEXT
        return None if value in allowed else found

    return check


def _check_multi_choice(field: FieldSchema) -> Check:
    """Several choices as one text with ";" between them, or as a list."""
    check_text, allowed = _check_text(field), frozenset(field.choices)
    is_restricted = bool(allowed and field.restricted)

    def check(value: Any) -> Found | None:
        parts = value if type(value) is list else [value]
        if any(type(part) is not str for part in parts):
            return _NO_TEXT
        text = _MULTI_SEPARATOR.join(parts)
        if is_restricted and not allowed.issuperset(part.strip() for part in text.split(_MULTI_SEPARATOR) if part):
            return ("not_in_list", "")
        return check_text(text)

    return check


def _check_integer(field: FieldSchema) -> Check:
    found = ("invalid_number", "a whole number")

    def check(value: Any) -> Found | None:
        kind = type(value)
        if kind is int or (kind is float and value.is_integer()):
            return None
        return None if kind is str and _WHOLE.fullmatch(value) else found

    return check


def _check_number(field: FieldSchema) -> Check:
    found = ("invalid_number", "a number")

    def check(value: Any) -> Found | None:
        kind = type(value)
        if kind is int or kind is float:
            return None
        return None if kind is str and _NUMBER.fullmatch(value) else found

    return check


def _check_boolean(field: FieldSchema) -> Check:
    found = ("wrong_type", "yes or no")

    def check(value: Any) -> Found | None:
        if type(value) is bool or (type(value) is str and value.strip().lower() in _BOOLEANS):
            return None
        return found

    return check


def _check_date(field: FieldSchema) -> Check:
    found = ("invalid_date", "a date such as 2026-03-01")

    def check(value: Any) -> Found | None:
        if type(value) is not str or not _DATE.fullmatch(value):
            return found
        return None if _reads(date.fromisoformat, value) else found

    return check


def _check_datetime(field: FieldSchema) -> Check:
    found = ("invalid_date", "a date and time such as 2026-03-01T09:30:00Z")

    def check(value: Any) -> Found | None:
        if type(value) is not str or not _DATE.match(value):
            return found
        return None if _reads(datetime.fromisoformat, value) else found

    return check


def _reads(read: Callable[[str], Any], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _check_anything(field: FieldSchema) -> Check:
    return lambda value: None


_MAKERS: dict[str, Callable[[FieldSchema], Check]] = {
    FieldType.EMAIL: _check_email,
    FieldType.CHOICE: _check_choice,
    FieldType.MULTI_CHOICE: _check_multi_choice,
    FieldType.INTEGER: _check_integer,
    FieldType.NUMBER: _check_number,
    FieldType.BOOLEAN: _check_boolean,
    FieldType.DATE: _check_date,
    FieldType.DATETIME: _check_datetime,
    FieldType.OTHER: _check_anything,
}
"""Types that are not here are text."""
