"""Values as Segment's spec has them. It takes anything without a word; tools behind it do not."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from integrations.adapters.segment.names import LABEL
from integrations.enums import FieldType
from integrations.exceptions import RecordRejectedError
from integrations.reasons import sentence

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]+\.[^\s@]+")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


def refuse(code: str, field: str, label: str = "", detail: str = "") -> RecordRejectedError:
    """The record is held. The words hold no value."""
    return RecordRejectedError(sentence(code, label or field, LABEL, detail), field=field, code=code)


def is_empty(value: Any) -> bool:
    """Nothing, or nothing but spaces."""
    return value is None or (type(value) is str and not value.strip())


def to_id(value: Any) -> str:
    """An id is text; empty when there is none."""
    if is_empty(value):
        return ""
    return str(int(value)) if type(value) is float and value.is_integer() else str(value).strip()


def convert(value: Any, kind: FieldType | None, name: str, label: str) -> Any:
    """A filled value of a field whose kind is known; what is of another kind is refused."""
    maker = _MAKERS.get(kind) if kind else None
    return maker(value, name, label) if maker else value


def to_moment(value: Any, name: str, label: str = "") -> str:
    """A time as Segment compares it, in UTC; a day is its first moment."""
    try:
        found = _read_moment(value)
    except ValueError:
        raise refuse("invalid_date", name, label, "a date and time such as 2026-03-01T09:30:00Z") from None
    return f"{found.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _read_moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime(value.year, value.month, value.day)
    elif isinstance(value, str):
        found = datetime.fromisoformat(value.strip())
    else:
        raise ValueError("That is no date.")
    if found.tzinfo is None:
        return found.replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC)
    except OverflowError as exc:
        raise ValueError("No calendar reaches that far.") from exc


def _to_text(value: Any, name: str, label: str) -> str:
    if type(value) is not str:
        raise refuse("wrong_type", name, label, "text")
    return value


def _to_email(value: Any, name: str, label: str) -> str:
    text = _to_text(value, name, label).strip()
    if not _EMAIL.fullmatch(text):
        raise refuse("invalid_email", name, label)
    return text


def _to_number(value: Any, name: str, label: str) -> float | int:
    if type(value) in (int, float):
        number: float | int = value
        return number
    try:
        text = _to_text(value, name, label).strip()
        return int(text) if _WHOLE.fullmatch(text) else float(text)
    except (ValueError, RecordRejectedError):
        raise refuse("invalid_number", name, label, "a number") from None


def _to_day(value: Any, name: str, label: str) -> str:
    """As it was written: a birthday has no time zone."""
    text = value.isoformat() if isinstance(value, date) else value
    try:
        datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise refuse("invalid_date", name, label, "a date such as 2026-03-01") from None
    return str(text)


_MAKERS: Mapping[FieldType, Callable[[Any, str, str], Any]] = {
    FieldType.STRING: _to_text,
    FieldType.TEXT: _to_text,
    FieldType.PHONE: _to_text,
    FieldType.URL: _to_text,
    FieldType.EMAIL: _to_email,
    FieldType.NUMBER: _to_number,
    FieldType.DATE: _to_day,
    FieldType.DATETIME: to_moment,
}
