"""Google's addresses: four hosts, or one of a test system that plays them all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from integrations.exceptions import ConfigurationError

# Groups of calls, as the rate-limit policy names them.
COLLECT = "collect"
REPORTS = "reports"
REALTIME = "realtime"
ADMIN = "admin"

COLLECT_HOSTS: Mapping[str, str] = {
    "": "https://www.google-analytics.com",
    "eu": "https://region1.google-analytics.com",
}
REPORTS_HOST = "https://analyticsdata.googleapis.com"
ADMIN_HOST = "https://analyticsadmin.googleapis.com"
TOKEN_HOST = "https://oauth2.googleapis.com"  # noqa: S105 an address

_PROPERTY = re.compile(r"(?:properties/)?([0-9]{1,15})")
_STREAM = re.compile(r"G-[A-Z0-9]{4,20}")


@dataclass(frozen=True, slots=True)
class Places:
    """Where each kind of call goes."""

    collect: str
    reports: str
    admin: str
    token: str


def find_places(settings: Mapping[str, str]) -> Places:
    """Google's own hosts, unless the connection names another."""
    base = (settings.get("base_url") or "").rstrip("/")
    if base:
        return Places(base, base, base, f"{base}/token")
    collect = COLLECT_HOSTS.get(settings.get("region") or "", COLLECT_HOSTS[""])
    return Places(collect, REPORTS_HOST, ADMIN_HOST, f"{TOKEN_HOST}/token")


def read_property(settings: Mapping[str, str]) -> str:
    """The number of the property; ConfigurationError when there is none, or something else."""
    typed = (settings.get("property_id") or "").strip()
    found = _PROPERTY.fullmatch(typed)
    if found:
        return found[1]
    if not typed:
        raise ConfigurationError("The property ID is missing. Enter it in the connection.", code="property_id")
    raise ConfigurationError(
        "The property ID is not a number. In Analytics it is under Admin, Property details.", code="property_id"
    )


def read_stream(settings: Mapping[str, str]) -> str:
    """The measurement ID of the web stream; ConfigurationError when it cannot be one."""
    typed = (settings.get("measurement_id") or "").strip()
    if _STREAM.fullmatch(typed):
        return typed
    if not typed:
        raise ConfigurationError("The measurement ID is missing. Enter it in the connection.", code="measurement_id")
    raise ConfigurationError(
        "The measurement ID does not look like one of a web stream: it starts with G- and has capital letters and digits.",
        code="measurement_id",
    )


def sends_events(settings: Mapping[str, str]) -> bool:
    """True for a connection with the side that sends."""
    return bool((settings.get("measurement_id") or "").strip())


def reads_reports(method: str) -> bool:
    """True for a connection with the side that reads."""
    return method != "events"
