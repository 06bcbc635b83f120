"""Are these values what the merge fields take? The words are Mailchimp's; what is too long is cut without a word."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from integrations.sandbox.mailchimp.errors import Fault
from integrations.sandbox.mailchimp.kinds import Layout, MergeField

MOST_BYTES = 255
_NEEDED = ("addr1", "city", "state", "zip")
_BIRTHDAY = re.compile(r"(0[1-9]|1[0-2])/(0[1-9]|[12][0-9]|3[01])")
_URL = re.compile(r"https?://\S+|[\w-]+(\.[\w-]+)+\S*")
_ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")

Check = Callable[[MergeField, Any], str]
"""The sentence, or nothing."""


def check_merges(layout: Layout, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """The values as they are stored, and what is wrong with them. Unknown tags are passed over."""
    kept: dict[str, Any] = {}
    faults: list[Fault] = []
    for tag, value in given.items():
        found = layout.find(tag)
        if found is None:
            continue
        message = "" if value in ("", None) else _CHECKS.get(found.type, _accept)(found, value)
        if message:
            faults.append({"field": tag, "message": message})
        else:
            kept[tag] = cut(value)
    return kept, faults


def find_missing(layout: Layout, merges: Mapping[str, Any]) -> list[Fault]:
    """Required fields that are empty."""
    empty = [one.tag for one in layout.merge_fields if one.required and not merges.get(one.tag)]
    return [{"field": tag, "message": "This value should not be blank."} for tag in empty]


def cut(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode()[:MOST_BYTES].decode("utf-8", "ignore")
    return "" if value is None else value


def _accept(found: MergeField, value: Any) -> str:
    return "" if isinstance(value, str | int | float) else "Data did not match any of the schemas described in anyOf."


def _check_number(found: MergeField, value: Any) -> str:
    try:
        float(value)
    except (TypeError, ValueError):
        return "Please enter a number"
    return ""


def _check_choice(found: MergeField, value: Any) -> str:
    return "" if value in found.choices else f"Value must be one of: {', '.join(found.choices)}"


def _check_date(found: MergeField, value: Any) -> str:
    try:
        date.fromisoformat(str(value)[:10])
    except ValueError:
        return "Please enter the date"
    return ""


def _check_birthday(found: MergeField, value: Any) -> str:
    good = isinstance(value, str) and _BIRTHDAY.fullmatch(value)
    return "" if good else "Please enter a month (01-12) and a day (01-31)"


def _check_address(found: MergeField, value: Any) -> str:
    good = isinstance(value, dict) and all(value.get(part) for part in _NEEDED)
    return "" if good else "Please enter a complete address"


def _check_url(found: MergeField, value: Any) -> str:
    return "" if isinstance(value, str) and _URL.fullmatch(value) else "Please enter a valid URL"


def _check_zip(found: MergeField, value: Any) -> str:
    return "" if _ZIP.fullmatch(str(value)) else "Please enter a valid zip code"


_CHECKS: dict[str, Check] = {
    "number": _check_number,
    "dropdown": _check_choice,
    "radio": _check_choice,
    "date": _check_date,
    "birthday": _check_birthday,
    "address": _check_address,
    "url": _check_url,
    "imageurl": _check_url,
    "zip": _check_zip,
}
