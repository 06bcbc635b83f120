"""Names that events, parameters and user properties may have.

https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference#reserved_names

Google drops what breaks these rules without a word, so they are kept here.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from integrations.exceptions import ConfigurationError

LONGEST_NAME = 40
LONGEST_PROPERTY_NAME = 24

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

_RESERVED_EVENTS = """
ad_activeview ad_click ad_exposure ad_impression ad_query ad_reward adunit_exposure app_background app_clear_data
app_exception app_install app_remove app_store_refund app_store_subscription_cancel app_store_subscription_convert
app_store_subscription_renew app_update app_upgrade dynamic_link_app_open dynamic_link_app_update
dynamic_link_first_open error firebase_campaign firebase_in_app_message_action firebase_in_app_message_dismiss
firebase_in_app_message_impression first_open first_visit in_app_purchase notification_dismiss
notification_foreground notification_open notification_receive notification_send os_update screen_view session_start
user_engagement
"""
RESERVED_EVENTS = frozenset(_RESERVED_EVENTS.split())
RESERVED_PARAMETERS = frozenset({"firebase_conversion"})
RESERVED_PROPERTIES = frozenset(
    {"first_open_time", "first_visit_time", "last_deep_link_referrer", "user_id", "first_open_after_install"}
)
RESERVED_STARTS = ("_", "firebase_", "ga_", "google_", "gtag.")

Fault = tuple[str, str]
"""A reason's code and its detail."""


@lru_cache(maxsize=4096)
def find_event_fault(name: str) -> Fault | None:
    """What is wrong with the name of an event."""
    return _find_fault(name, LONGEST_NAME, RESERVED_EVENTS)


@lru_cache(maxsize=4096)
def find_parameter_fault(name: str) -> Fault | None:
    """What is wrong with the name of an event's parameter."""
    return _find_fault(name, LONGEST_NAME, RESERVED_PARAMETERS)


@lru_cache(maxsize=4096)
def find_property_fault(name: str) -> Fault | None:
    """What is wrong with the name of a user property."""
    return _find_fault(name, LONGEST_PROPERTY_NAME, RESERVED_PROPERTIES)


def _find_fault(name: str, longest: int, reserved: frozenset[str]) -> Fault | None:
    if name in reserved:
        return "reserved_name", ""
    if name.startswith(RESERVED_STARTS):
        return "reserved_name", f"none may start with {', '.join(RESERVED_STARTS)}"
    if not _NAME.fullmatch(name):
        return "invalid_name", "and it starts with a letter"
    return ("invalid_name", f"at most {longest} of them") if len(name) > longest else None


def read_parameters(typed: str) -> tuple[str, ...]:
    """The names of a person's own parameters; ConfigurationError names the first that Google would not take."""
    return _read(typed, "event parameter", find_parameter_fault)


def read_properties(typed: str) -> tuple[str, ...]:
    """The names of a person's own user properties, likewise."""
    return _read(typed, "user property", find_property_fault)


def _read(typed: str, what: str, find: Callable[[str], Fault | None]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(filter(None, re.split(r"[,;\s]+", typed.strip()))))
    for name in names:
        if fault := find(name):
            raise ConfigurationError(_explain(name, what, fault), code="own_names")
    return names


def _explain(name: str, what: str, fault: Fault) -> str:
    code, detail = fault
    why = "is reserved by Google" if code == "reserved_name" else "may have letters, digits and “_” only"
    more = f": {detail}" if detail else ""
    return f"The {what} “{name[:60]}” in this connection {why}{more}. Change it there."
