"""Runs in the sandbox: plain values, choices and lists."""

import re
from typing import Any, NoReturn

_TRUE = {"true", "yes", "y", "1", "on", "t", "ja", "oui", "si", "sí"}
_FALSE = {"false", "no", "n", "0", "off", "f", "nein", "non"}
_NUMBER = re.compile(r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$")
_DIGITS = re.compile("^[0-9]+$")
_GROUPED = re.compile(r"[\s,'_ ]")


def print(*values: Any, **how: Any) -> None:
    """Prints nothing: a mapping has no screen."""


def skip(why: str = "") -> NoReturn:
    """Leaves this record out; `why` is counted and shown with the job."""
    raise SystemExit(why)


def first_of(*values: Any) -> Any:
    """The first value that is not empty, or None."""
    for value in values:
        if value not in (None, "", []):
            return value
    return None


def to_bool(value: Any) -> bool | None:
    """True or False for "true", "yes", "1", "on" and their opposites; None for anything else."""
    if value is True or value is False:
        return value
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def to_number(value: Any, decimal: str = ".") -> float | None:
    """A number, also from text such as "1,234.50" (or "1.234,50" with decimal=","); None when it is none."""
    if isinstance(value, (int, float)):
        number = float(value)
        return number if number - number == 0 else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    if decimal == ",":
        text = text.replace(".", "").replace(",", ".")
    text = _GROUPED.sub("", text)
    return to_number(float(text)) if _NUMBER.match(text) else None


def to_int(value: Any) -> int | None:
    """A whole number, also from "42.0" or "1,200"; None when it is none."""
    if isinstance(value, str) and _DIGITS.match(value):
        return int(value)
    number = to_number(value)
    if number is None or number != int(number):
        return None
    return int(number)


def pick(value: Any, allowed: Any, default: Any = None) -> Any:
    """The choice that `value` means, whatever its case: `allowed` lists the choices, or says {value: choice}."""
    if value is None or value == "":
        return default
    is_table = isinstance(allowed, dict)
    if isinstance(value, str) and value in allowed:
        return allowed[value] if is_table else value
    wanted = str(value).strip().lower()
    for choice in allowed:
        if str(choice).strip().lower() == wanted:
            return allowed[choice] if is_table else choice
    return default


def split_multi(value: Any, separators: str = ";") -> list[str]:
    """The parts of "a; b; c" as a list, without empty ones and without the same one twice."""
    if value is None:
        return []
    parts = value if isinstance(value, list) else [str(value)]
    for separator in separators:
        parts = [piece for part in parts for piece in str(part).split(separator)]
    kept: list[str] = []
    for part in parts:
        text = str(part).strip()
        if text and text not in kept:
            kept.append(text)
    return kept


def join_multi(values: Any, separator: str = ";") -> str | None:
    """The filled values as "a;b;c"; None when there are none."""
    texts = [str(value).strip() for value in values or [] if value is not None]
    return separator.join([text for text in texts if text]) or None
