"""What Google accepts of an event, and the words of its validation server.

https://developers.google.com/analytics/devguides/collection/protocol/ga4/validating-events
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_EVENTS = 25
MOST_PARAMETERS = 25
MOST_PROPERTIES = 25
MOST_BYTES = 130_000
OLDEST = 72 * 3_600
LONGEST_NAME, LONGEST_VALUE = 40, 100
LONGEST_PROPERTY_NAME, LONGEST_PROPERTY_VALUE = 24, 36
LONGER_VALUES = {"page_title": 300, "page_referrer": 420, "page_location": 1_000}

KNOWN = frozenset(
    {
        "client_id",
        "app_instance_id",
        "user_id",
        "timestamp_micros",
        "user_properties",
        "user_data",
        "consent",
        "non_personalized_ads",
        "user_location",
        "ip_override",
        "device",
        "user_agent",
        "validation_behavior",
        "events",
    }
)
_RESERVED = """
ad_activeview ad_click ad_exposure ad_impression ad_query ad_reward adunit_exposure app_clear_data app_exception
app_install app_remove app_store_refund app_update app_upgrade dynamic_link_app_open dynamic_link_app_update
dynamic_link_first_open error firebase_campaign firebase_in_app_message_action firebase_in_app_message_dismiss
firebase_in_app_message_impression first_open first_visit in_app_purchase notification_dismiss
notification_foreground notification_open notification_receive notification_send os_update screen_view session_start
user_engagement
"""
RESERVED = frozenset(_RESERVED.split())
RESERVED_STARTS = ("_", "firebase_", "ga_", "google_", "gtag.")
RESERVED_PROPERTIES = frozenset(
    ["first_open_time", "first_visit_time", "last_deep_link_referrer", "user_id", "first_open_after_install"]
)
_CLIENT = re.compile(r"\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Message:
    """One thing the validation server has to say. `event` is the number of the event it is about; None is about all."""

    path: str
    description: str
    code: str
    event: int | None = None
    is_strict: bool = False
    """Only who asks for ENFORCE_RECOMMENDATIONS is told; for everybody else the event counts."""

    def tell(self) -> dict[str, str]:
        path = {"fieldPath": self.path} if self.path else {}
        return {**path, "description": self.description, "validationCode": self.code}


def find_messages(body: Mapping[str, Any], size: int, now: float) -> Iterator[Message]:
    """All that is wrong with a request, whether or not Google would have said it."""
    for name in body:
        if name not in KNOWN:
            yield _unreadable(f"({name}): Cannot find field.")
    if size > MOST_BYTES:
        yield Message("", f"Measurement is larger than {MOST_BYTES} bytes.", "VALUE_OUT_OF_BOUNDS")
    yield from _look_at_client(body.get("client_id"))
    yield from _look_at_time("timestamp_micros", body.get("timestamp_micros"), None, now)
    yield from _look_at_properties(body.get("user_properties") or {})
    events = body.get("events")
    if not isinstance(events, list) or not events:
        yield Message("events", "Measurement requires at least one event.", "VALUE_REQUIRED")
        return
    if len(events) > MOST_EVENTS:
        told = f"Measurement has [{len(events)}] events. It can have at most [{MOST_EVENTS}]."
        yield Message("events", told, "EXCEEDED_MAX_ENTITIES")
    for index, event in enumerate(events):
        if isinstance(event, dict):
            yield from _look_at_event(index, event, now)
        else:
            yield _unreadable(f"(events[{index}]): Expect message object.")


def is_strict(body: Mapping[str, Any]) -> bool:
    """True when the caller wants to know more."""
    return body.get("validation_behavior") == "ENFORCE_RECOMMENDATIONS"


def _unreadable(why: str) -> Message:
    return Message("", f"Unable to parse Measurement Protocol JSON payload. {why}", "VALUE_INVALID")


def _look_at_client(client: object) -> Iterator[Message]:
    if not isinstance(client, str) or not client:
        yield Message("client_id", "Measurement requires a client_id.", "VALUE_REQUIRED")
    elif not _CLIENT.fullmatch(client):
        told = f"client_id [{client}] has invalid format. It should be in <number>.<number> format."
        yield Message("client_id", told, "VALUE_INVALID", is_strict=True)


def _look_at_time(path: str, micros: object, event: int | None, now: float) -> Iterator[Message]:
    if micros is None:
        return
    if not isinstance(micros, int | float):
        yield _unreadable(f"({path}): invalid value.")
    elif micros / 1_000_000 < now - OLDEST:
        told = "Measurement timestamp_micros has timestamp more than 72 hours in the past."
        yield Message(path, told, "VALUE_OUT_OF_BOUNDS", event, is_strict=True)


def _look_at_properties(properties: Mapping[str, Any]) -> Iterator[Message]:
    path = "user_properties"
    if len(properties) > MOST_PROPERTIES:
        told = f"Measurement has [{len(properties)}] user properties. It can have at most [{MOST_PROPERTIES}]."
        yield Message(path, told, "EXCEEDED_MAX_ENTITIES", is_strict=True)
    for name, holder in properties.items():
        what = f"User property [{name}]"
        yield from _look_at_name(path, what, name, LONGEST_PROPERTY_NAME, RESERVED_PROPERTIES, None)
        value = holder.get("value") if isinstance(holder, dict) else None
        if value is None or len(str(value)) > LONGEST_PROPERTY_VALUE:
            told = f"{what} has a value that is missing or longer than [{LONGEST_PROPERTY_VALUE}]."
            yield Message(path, told, "VALUE_INVALID", is_strict=True)


def _look_at_event(index: int, event: Mapping[str, Any], now: float) -> Iterator[Message]:
    name, what = str(event.get("name") or ""), f"Event at index: [{index}]"
    yield from _look_at_name("events", what, name, LONGEST_NAME, RESERVED, index)
    yield from _look_at_time("timestamp_micros", event.get("timestamp_micros"), index, now)
    params = event.get("params") or {}
    if len(params) > MOST_PARAMETERS:
        told = f"{what} has [{len(params)}] parameters. It can have at most [{MOST_PARAMETERS}]."
        yield Message("events", told, "EXCEEDED_MAX_ENTITIES", index)
    for param, value in params.items():
        yield from _look_at_name(f"events[{index}].params", what, param, LONGEST_NAME, frozenset(), index)
        yield from _look_at_value(index, what, param, value)


def _look_at_value(index: int, what: str, param: str, value: object) -> Iterator[Message]:
    path = f"events[{index}].params.{param}"
    if param == "items" and isinstance(value, list):
        return
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        yield Message(path, f"{what} has param [{param}] with unsupported value type.", "VALUE_INVALID", index, True)
    elif len(str(value)) > (longest := LONGER_VALUES.get(param, LONGEST_VALUE)):
        told = f"{what} has param [{param}] with a value longer than [{longest}]."
        yield Message(path, told, "VALUE_OUT_OF_BOUNDS", index, is_strict=True)


def _look_at_name(
    path: str, what: str, name: str, longest: int, reserved: frozenset[str], event: int | None
) -> Iterator[Message]:
    if name in reserved or name.startswith(RESERVED_STARTS[1:]):
        yield Message(path, f"{what} has reserved name [{name}].", "NAME_RESERVED", event)
    elif not name[:1].isalpha():
        told = f"{what} has invalid name [{name}]. Names must start with an alphabetic character."
        yield Message(path, told, "NAME_INVALID", event)
    elif not (name.isascii() and name.replace("_", "").isalnum()):
        told = f"{what} has invalid name [{name}]. Only alphanumeric characters and underscores are allowed."
        yield Message(path, told, "NAME_INVALID", event)
    elif len(name) > longest:
        told = f"{what} has invalid name [{name}]. Names must be [{longest}] characters or fewer."
        yield Message(path, told, "NAME_INVALID", event)
