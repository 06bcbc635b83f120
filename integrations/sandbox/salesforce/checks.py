"""
Checks of rows, column by column: a column in which nothing is wrong costs a few calls into C for all rows together,
and only a column with something wrong is looked at value by value.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from integrations.sandbox.clock import format_offset, parse_instant
from integrations.sandbox.patterns import are_emails, is_email
from integrations.sandbox.salesforce.errors import RowError, refuse, row_error
from integrations.sandbox.salesforce.fields import NUMBER_TYPES, TEXT_TYPES, Field
from integrations.sandbox.salesforce.table import Record
from integrations.sandbox.wire import Refusal

Problems = defaultdict[int, list[RowError]]
"""What is wrong, by the number of the row."""
Values = Sequence[Any]
"""One column; None where a row has no such field."""
Check = Callable[[Values, list[Record], Problems], None]
"""Looks at one column of the rows; may put values right in the rows. Raises Refusal if the whole call is unreadable."""


def read_columns(rows: list[Record]) -> dict[str, Values]:
    """Rows of one kind, which is the rule, are turned into columns in one go."""
    names = tuple(rows[0])
    if all(map(names.__eq__, map(tuple, rows))):
        return dict(zip(names, zip(*map(dict.values, rows), strict=True), strict=True))
    union = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in union}


def make_check(field: Field) -> Check:
    if field.read_only:
        return _make_read_only_check(field)
    if field.type in TEXT_TYPES:
        return _make_text_check(field)
    return _make_value_check(field, _CONVERTERS[field.type])


def convert_text(field: Field, text: str) -> Any:
    """A cell of a CSV as the value it stands for; raises ValueError."""
    return text if field.type in TEXT_TYPES else _CONVERTERS[field.type](text)


def _make_read_only_check(field: Field) -> Check:
    message = (
        f"Unable to create/update fields: {field.name}. Please check the security settings of this field and verify "
        "that it is read/write for your profile or permission set."
    )

    def check(values: Values, rows: list[Record], problems: Problems) -> None:
        for i, row in enumerate(rows):
            if field.name in row:
                problems[i].append(row_error("INVALID_FIELD_FOR_INSERT_UPDATE", message, field.name))

    return check


def _make_text_check(field: Field) -> Check:
    name, length = field.name, field.length or 4_099
    is_fine, find_error = _text_rules(field)

    def check(values: Values, rows: list[Record], problems: Problems) -> None:
        texts = tuple(values) if all(values) else tuple(filter(None, values))
        if texts and set(map(type, texts)) != {str}:
            raise _refuse_type(field, next(text for text in texts if not isinstance(text, str)))
        trimmed = tuple(map(str.strip, texts))
        if trimmed != texts or "" in values:
            trim(name, rows)
            texts = tuple(filter(None, trimmed))
        if not texts:
            return
        if max(map(len, texts)) > length or not is_fine(texts):
            for i, row in enumerate(rows):
                if row.get(name):
                    problems[i].extend(_find_text_errors(field, length, row[name], find_error))

    return check


def trim(name: str, rows: list[Record]) -> None:
    """Salesforce keeps no spaces around a text, and no empty one."""
    for row in rows:
        if isinstance(row.get(name), str):
            row[name] = row[name].strip() or None


def _find_text_errors(
    field: Field, length: int, text: str, find_error: Callable[[str], RowError | None]
) -> Iterable[RowError]:
    if len(text) > length:
        message = f"{field.label}: data value too large: {text} (max length={length})"
        yield row_error("STRING_TOO_LONG", message, field.name)
    elif error := find_error(text):
        yield error


def _text_rules(field: Field) -> tuple[Callable[[tuple[str, ...]], bool], Callable[[str], RowError | None]]:
    """Is a whole column fine, and if not, what is wrong with one value?"""
    if field.type == "email":
        return are_emails, lambda text: None if is_email(text) else _email_error(field, text)
    if field.restricted:
        allowed = set(field.picklist)
        return (
            allowed.issuperset,
            lambda text: None if allowed.issuperset(_split(field, text)) else _picklist_error(field, text),
        )
    return lambda _: True, lambda _: None


def _split(field: Field, text: str) -> list[str]:
    return text.split(";") if field.type == "multipicklist" else [text]


def _email_error(field: Field, text: str) -> RowError:
    return row_error("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", field.name)


def _picklist_error(field: Field, text: str) -> RowError:
    message = f"{field.label}: bad value for restricted picklist field: {text}"
    return row_error("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, field.name)


def _make_value_check(field: Field, convert: Callable[[Any], Any]) -> Check:
    def check(values: Values, rows: list[Record], problems: Problems) -> None:
        for row in rows:
            value = row.get(field.name)
            if value == "":
                row[field.name] = None
            elif value is not None:
                try:
                    row[field.name] = convert(value)
                except (ValueError, TypeError) as exc:
                    raise _refuse_type(field, value) from exc

    return check


def _to_number(value: Any) -> float | int:
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, int | float):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number


def _to_boolean(value: Any) -> bool:
    text = str(value).lower()
    if text not in ("true", "false"):
        raise ValueError
    return text == "true"


def _to_date(value: Any) -> str:
    return date.fromisoformat(value[:10]).isoformat()


def _to_datetime(value: Any) -> str:
    return format_offset(parse_instant(value))


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(NUMBER_TYPES, _to_number),
    "boolean": _to_boolean,
    "date": _to_date,
    "datetime": _to_datetime,
}
_TOKENS = {
    str: "VALUE_STRING",
    bool: "VALUE_TRUE",
    int: "VALUE_NUMBER_INT",
    float: "VALUE_NUMBER_FLOAT",
    list: "START_ARRAY",
}
_NAMES = {**dict.fromkeys(TEXT_TYPES, "string"), "currency": "double", "percent": "double"}


def _refuse_type(field: Field, value: Any) -> Refusal:
    token = _TOKENS.get(type(value), "START_OBJECT")
    wanted = _NAMES.get(field.type, field.type)
    message = (
        f"Cannot deserialize instance of {wanted} from {token} value {value} or request may be missing a required field"
    )
    return refuse(400, "JSON_PARSER_ERROR", f"{message} at [line:1, column:1]")
