"""Values, choices and lists.

Runs in the sandbox.
"""

import re
from typing import Any, NoReturn

_TRUE = {"true", "yes", "y", "1", "on", "t", "ja", "oui", "si", "sí"}
_FALSE = {"false", "no", "n", "0", "off", "f", "nein", "non"}
_NUMBER = re.compile(r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$")
_DIGITS = re.compile("^[0-9]{1,18}$")
_GROUPED = re.compile(r"[\s,'_ ]")
_LOOSE = re.compile(r"[\s_-]+")


def print(*values: Any, **how: Any) -> None:
    """Prints nothing: a mapping has no screen."""


def skip(why: str = "") -> NoReturn:
    """Leaves this record out; `why` is counted and shown with the job.

    In words: left out
    """
    raise SystemExit("" if why is None else str(why))


def first_of(*values: Any) -> Any:
    """The first value that is not empty, or None.

    In words: the first that is filled
    >>> first_of("", None, "+1 415 555 0132")
    '+1 415 555 0132'
    >>> first_of(0, 5)
    0
    >>> first_of("", None)
    """
    for value in values:
        if value not in (None, "", []):
            return value
    return None


def to_bool(value: Any) -> bool | None:
    """True or False for "true", "yes", "1", "on" and their opposites; None for anything else.

    In words: as yes or no
    >>> to_bool("Yes")
    True
    >>> to_bool("off")
    False
    >>> to_bool("maybe")
    """
    if value is True or value is False:
        return value
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def to_number(value: Any, decimal: str = ".") -> float | None:
    """A number, also from text such as "1,234.50" (or "1.234,50" with decimal=","); None when it is none.

    In words: as a number
    >>> to_number("1,234.50")
    1234.5
    >>> to_number("1.234,50", decimal=",")
    1234.5
    >>> to_number("12 apples")
    """
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
    """A whole number, also from "42.0" or "1,200"; None when it is none or has more than 18 digits.

    In words: as a whole number
    >>> to_int("1,200")
    1200
    >>> to_int("42.5")
    """
    if isinstance(value, str) and _DIGITS.match(value):
        return int(value)
    number = to_number(value)
    if number is None or abs(number) >= 10**18 or number != int(number):
        return None
    return int(number)


def choose(value: Any, allowed: Any, default: Any = None) -> Any:
    """The choice that `value` means: `allowed` lists the choices, or says {value: choice}.

    Upper and lower case, spaces, "_" and "-" make no difference. An empty or unknown value gives the default.

    In words: translated with a list
    >>> choose("paid search", {"PAID_SEARCH": "Ads", "OFFLINE": "Event"}, "Other")
    'Ads'
    >>> choose("ORGANIC_SEARCH", ["Organic Search", "Referral"])
    'Organic Search'
    >>> choose("TikTok", ["Organic Search", "Referral"], "Other")
    'Other'
    """
    if value is None or value == "":
        return default
    is_table = isinstance(allowed, dict)
    if isinstance(value, str) and value in allowed:
        return allowed[value] if is_table else value
    wanted = _LOOSE.sub("", str(value).lower())
    for choice in allowed:
        if _LOOSE.sub("", str(choice).lower()) == wanted:
            return allowed[choice] if is_table else choice
    return default


def pick(value: Any, allowed: Any, default: Any = None) -> Any:
    """The former name of choose."""
    return choose(value, allowed, default)


def choose_each(values: Any, allowed: Any, default: Any = None) -> list[Any]:
    """The choice for each part of "a;b;c" or of a list, as a list; unknown parts give the default or nothing.

    In words: each translated with a list
    >>> choose_each("news; EVENTS;spam", {"news": "Newsletter", "events": "Events"})
    ['Newsletter', 'Events']
    >>> join_multi(choose_each("news;spam", {"news": "Newsletter"}, "Other"))
    'Newsletter;Other'
    """
    kept: list[Any] = []
    for part in split_multi(values):
        choice = choose(part, allowed, default)
        if choice is not None and choice not in kept:
            kept.append(choice)
    return kept


def split_multi(value: Any, separators: str = ";") -> list[str]:
    """The parts of "a; b; c" as a list, without empty ones and without the same one twice.

    In words: taken apart into a list
    >>> split_multi("a; b;;a")
    ['a', 'b']
    >>> split_multi("a, b; c", ";,")
    ['a', 'b', 'c']
    >>> split_multi(None)
    []
    """
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
    """The filled values as "a;b;c"; None when there are none.

    In words: put together into one text
    >>> join_multi(["a", None, " ", "b"])
    'a;b'
    >>> join_multi(["a", "b"], ", ")
    'a, b'
    >>> join_multi([])
    """
    parts = values if isinstance(values, (list, tuple, set)) else [values]
    texts = [str(part).strip() for part in parts if part is not None]
    return separator.join([text for text in texts if text]) or None
