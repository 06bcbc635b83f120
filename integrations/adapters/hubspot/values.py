"""Values as HubSpot writes them: all are strings. Runs for every value that is sent."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from integrations.adapters.wire import join_choices
from integrations.types import FlatRecord


def to_text(value: Any) -> str:
    """A value as HubSpot writes it; the empty string clears a property."""
    return _AS_TEXT.get(type(value), str)(value)


def _write_number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


_AS_TEXT: Mapping[type, Callable[[Any], str]] = {
    str: str,
    type(None): lambda _: "",
    bool: lambda value: "true" if value else "false",
    float: _write_number,
    list: join_choices,
    tuple: join_choices,
    date: date.isoformat,
    datetime: datetime.isoformat,
}


def to_properties(record: FlatRecord) -> dict[str, str]:
    """A mapped record in HubSpot's wire shape."""
    return {name: value if type(value) is str else to_text(value) for name, value in record.items()}
