"""A mapped record as an event, or the reason why Google would not take it.

https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference

Google answers everything with the same "no content", so whatever it would drop without a word is refused here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.adapters.google_analytics.declaration import BYTES_A_CALL
from integrations.adapters.google_analytics.fields import (
    ANSWERS,
    CLIENT,
    CONSENT,
    ITEMS,
    KEY,
    LONGEST_PROPERTY,
    LONGEST_USER,
    LONGEST_VALUE,
    LONGEST_VALUES,
    NAME,
    PERSON,
    PLACE,
    PROPERTY,
    TIME,
    USER,
)
from integrations.adapters.google_analytics.names import (
    find_event_fault,
    find_parameter_fault,
    find_property_fault,
)
from integrations.adapters.google_analytics.person import AT_TOP, NORMALISERS, PersonalValueError
from integrations.adapters.google_analytics.values import read_scalar, read_time, refuse
from integrations.adapters.wire import dump_json
from integrations.types import FlatRecord

MOST_PARAMETERS = 25
MOST_PROPERTIES = 25
MOST_ITEMS = 200
FRAME = 64
"""Bytes of a call around who it is about and its events."""

_COOKIE = "GA1."


@dataclass(frozen=True, slots=True)
class Event:
    """One event, ready to leave. `who` is what all events of a call share, as JSON, and so is `body`, the event alone."""

    id: str
    who: bytes
    body: bytes


@dataclass(slots=True)
class _Draft:
    """What the fields of a record add up to."""

    params: dict[str, Any] = field(default_factory=dict)
    who: dict[str, Any] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)


def build_event(record: FlatRecord, now: datetime) -> Event:
    """The event; RecordRejectedError with the field and the reason. `now` is when it leaves."""
    for name in (KEY, NAME, CLIENT):
        _need(record, name)
    draft = _Draft()
    for name, value in record.items():
        if value is not None and value != "":
            _take(draft, name, value)
    body: dict[str, Any] = {"name": _read_name(record[NAME]), "params": _finish_params(draft.params)}
    if record.get(TIME):
        body["timestamp_micros"] = read_time(record[TIME], now)
    event = Event(str(record[KEY]).strip(), dump_json(_finish_who(draft)), dump_json(body))
    if len(event.who) + len(event.body) + FRAME > BYTES_A_CALL:
        raise refuse(("too_large", f"{BYTES_A_CALL // 1_000} kB"), "")
    return event


def _need(record: FlatRecord, name: str) -> None:
    value = record.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise refuse(("missing_key" if name == KEY else "required_missing", ""), name)


def _take(draft: _Draft, name: str, value: Any) -> None:
    """Puts one field where Google wants it."""
    start, dot, rest = name.partition(".")
    taker = _TAKERS.get(name) or _TAKERS.get(f"{start}{dot}" if dot else "", _take_parameter)
    taker(draft, name, rest or name, value)


def _take_parameter(draft: _Draft, name: str, short: str, value: Any) -> None:
    if fault := find_parameter_fault(name):
        raise refuse(fault, name)
    draft.params[name] = read_scalar(value, name, LONGEST_VALUES.get(name, LONGEST_VALUE))


def _take_items(draft: _Draft, name: str, short: str, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise refuse(("wrong_type", "a list of items, each with its own parameters"), name)
    if len(value) > MOST_ITEMS:
        raise refuse(("too_many", f"at most {MOST_ITEMS} items"), name)
    draft.params[name] = [_read_item(item) for item in value]


def _read_item(item: Mapping[str, Any]) -> dict[str, str | float]:
    for inner in item:
        if fault := find_parameter_fault(str(inner)):
            raise refuse(fault, f"{ITEMS}.{inner}")
    filled = {str(name): value for name, value in item.items() if value is not None and value != ""}
    return {name: read_scalar(value, f"{ITEMS}.{name}", LONGEST_VALUE) for name, value in filled.items()}


def _take_property(draft: _Draft, name: str, short: str, value: Any) -> None:
    if fault := find_property_fault(short):
        raise refuse(fault, name)
    properties = draft.who.setdefault("user_properties", {})
    properties[short] = {"value": read_scalar(value, name, LONGEST_PROPERTY)}
    if len(properties) > MOST_PROPERTIES:
        raise refuse(("too_many", f"at most {MOST_PROPERTIES} user properties"), "")


def _take_personal(draft: _Draft, name: str, short: str, value: Any) -> None:
    found = NORMALISERS.get(short)
    if found is None:
        raise refuse(("unknown_field", ""), name)
    if not isinstance(value, str):
        raise refuse(("wrong_type", "text"), name)
    theirs, normalise = found
    try:
        normal = normalise(value)
    except PersonalValueError as problem:
        raise refuse(problem.fault, name) from problem
    if short in AT_TOP:
        draft.who.setdefault("user_data", {})[theirs] = [normal]
    else:
        draft.address[theirs] = normal


def _take_consent(draft: _Draft, name: str, short: str, value: Any) -> None:
    if short not in ("ad_user_data", "ad_personalization"):
        raise refuse(("unknown_field", ""), name)
    if value not in ANSWERS:
        raise refuse(("not_in_list", ""), name)
    draft.who.setdefault("consent", {})[short] = value


def _take_place(draft: _Draft, name: str, short: str, value: Any) -> None:
    if short not in ("city", "region_id", "country_id"):
        raise refuse(("unknown_field", ""), name)
    draft.who.setdefault("user_location", {})[short] = str(read_scalar(value, name, LONGEST_VALUE))


def _take_user(draft: _Draft, name: str, short: str, value: Any) -> None:
    draft.who[USER] = _read_id(value, name)


def _take_client(draft: _Draft, name: str, short: str, value: Any) -> None:
    """People copy the whole cookie: GA1.1.1812345678.1767225600."""
    client = _read_id(value, name)
    draft.who[CLIENT] = ".".join(client.split(".")[2:]) if client.startswith(_COOKIE) else client


def _leave(draft: _Draft, name: str, short: str, value: Any) -> None:
    """Has a place of its own."""


_TAKERS: Mapping[str, Callable[[_Draft, str, str, Any], None]] = {
    NAME: _leave,
    TIME: _leave,
    USER: _take_user,
    CLIENT: _take_client,
    ITEMS: _take_items,
    PROPERTY: _take_property,
    PERSON: _take_personal,
    CONSENT: _take_consent,
    PLACE: _take_place,
}


def _read_id(value: Any, name: str) -> str:
    return str(read_scalar(value, name, LONGEST_USER)).strip()


def _read_name(value: Any) -> str:
    name = str(value).strip()
    if fault := find_event_fault(name):
        raise refuse(fault, NAME)
    return name


def _finish_params(params: dict[str, Any]) -> dict[str, Any]:
    """Without an engagement Google counts no active visitor for the visit."""
    if "session_id" in params:
        params.setdefault("engagement_time_msec", 1)
    if len(params) > MOST_PARAMETERS:
        raise refuse(("too_many", f"at most {MOST_PARAMETERS} parameters, of which event_id is one"), "")
    return params


def _finish_who(draft: _Draft) -> dict[str, Any]:
    """In one order, so that the same person's events are recognised as such."""
    who = {name: draft.who[name] for name in sorted(draft.who)}
    if draft.address:
        who["user_data"] = {**who.get("user_data", {}), "address": [draft.address]}
    return who
