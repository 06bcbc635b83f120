"""Are these values what the properties take? The words are HubSpot's."""

from collections.abc import Callable
from typing import Any

from integrations.sandbox.clock import parse_instant
from integrations.sandbox.generate import LIFECYCLE_STAGES
from integrations.sandbox.hubspot.schema import Property
from integrations.sandbox.hubspot.store import Store
from integrations.sandbox.patterns import is_email

Problem = dict[str, Any]
Check = Callable[[Property, str], tuple[str, str] | None]
"""Returns the error code and the sentence, or nothing."""


def check_values(store: Store, properties: dict[str, Any]) -> tuple[dict[str, str], list[Problem]]:
    """The values as they are stored, and what is wrong with them."""
    values: dict[str, str] = {}
    problems = []
    for name, given in properties.items():
        text = to_text(given)
        if problem := _check_one(store, name, text):
            problems.append(problem)
        else:
            values[name] = text.strip().lower() if name == "email" else text
    return values, problems


def to_text(value: Any) -> str:
    """All values travel as strings."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_one(store: Store, name: str, text: str) -> Problem | None:
    found = store.schema.get(name)
    if found is None:
        return _problem(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if not found.writable:
        return _problem(name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
    if text and (error := _CHECKS.get(found.type, _check_text)(found, text)):
        return _problem(name, *error)
    return None


def _problem(name: str, code: str, message: str) -> Problem:
    return {"isValid": False, "message": message, "error": code, "name": name, "localizedErrorMessage": message}


def _check_text(found: Property, text: str) -> tuple[str, str] | None:
    if found.name == "email" and not is_email(text.strip()):
        return "INVALID_EMAIL", f"Email address {text} is invalid"
    if len(text) > 65_536:
        return "PROPERTY_VALUE_TOO_LONG", f"{found.name} is longer than 65536 characters"
    return None


def _check_number(found: Property, text: str) -> tuple[str, str] | None:
    try:
        float(text)
    except ValueError:
        return "INVALID_INTEGER", f"{text} was not a valid number."
    return None


def _check_instant(found: Property, text: str) -> tuple[str, str] | None:
    try:
        instant = parse_instant(text)
    except ValueError:
        return "INVALID_DATE", f"{text} was not a valid date."
    if found.type == "date" and instant % 86_400_000:
        return "INVALID_DATE", f"{text} is not at midnight UTC."
    return None


def _check_option(found: Property, text: str) -> tuple[str, str] | None:
    allowed = [value for value, _ in found.options]
    given = text.split(";") if found.field_type == "checkbox" else [text]
    if not allowed or all(value in allowed for value in given):
        return None
    return "INVALID_OPTION", f"{text} was not one of the allowed options: {allowed}"


_CHECKS: dict[str, Check] = {
    "number": _check_number,
    "date": _check_instant,
    "datetime": _check_instant,
    "enumeration": _check_option,
    "bool": _check_option,
}


def drop_backward_stage(old: str | None, changes: dict[str, str]) -> dict[str, str]:
    """A lifecycle stage silently refuses to move backwards, unless it has been cleared first."""
    new = changes.get("lifecyclestage", "")
    if old not in _ORDER or new not in _ORDER or _ORDER[new] >= _ORDER[old]:
        return changes
    return {name: value for name, value in changes.items() if name != "lifecyclestage"}


_ORDER: dict[str | None, int] = {stage: i for i, stage in enumerate(LIFECYCLE_STAGES) if stage != "other"}
