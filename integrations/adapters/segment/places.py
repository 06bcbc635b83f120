"""Segment's addresses: four hosts in each of two regions, and the groups of calls that the rate-limit policy names.

https://segment.com/docs/guides/regional-segment/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from integrations.exceptions import ConfigurationError

# Groups of calls, as the rate-limit policy names them.
TRACK = "track"
PROFILES = "profiles"
PUBLIC = "public"
TRAITS = "traits"

BATCH = "/v1/batch"
_SPACE = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Places:
    """Where each interface is."""

    tracking: str
    profiles: str
    public: str
    oauth: str


_REGIONS = {
    "us": Places(
        "https://api.segment.io",
        "https://profiles.segment.com",
        "https://api.segmentapis.com",
        "https://oauth2.segment.io",
    ),
    "eu": Places(
        "https://events.eu1.segmentapis.com",
        "https://profiles.euw1.segment.com",
        "https://eu1.api.segmentapis.com",
        "https://oauth2.eu1.segmentapis.com",
    ),
}


def find_places(settings: Mapping[str, str]) -> Places:
    """Those of the region; all at one address where a person has entered one. ConfigurationError for another region."""
    entered = (settings.get("base_url") or "").strip().rstrip("/")
    if entered:
        return Places(entered, entered, entered, f"{entered}/oauth2")
    region = settings.get("region") or "us"
    if region not in _REGIONS:
        raise ConfigurationError("Choose the region of your Segment workspace in the connection.", code="region")
    return _REGIONS[region]


def read_space(settings: Mapping[str, str]) -> str:
    """The id of the space, empty when none was entered; ConfigurationError for what cannot be one."""
    space = (settings.get("space_id") or "").strip()
    if space and not _SPACE.fullmatch(space):
        raise ConfigurationError("The space ID of this connection is not one. Copy it again.", code="space")
    return space


def traits_of_profile(space: str, collection: str, kind: str, value: str) -> str:
    """A profile's traits. Segment finds it in lower case only."""
    who = f"{kind}:{quote(value.lower(), safe='')}"
    return f"/v1/spaces/{space}/collections/{collection}/profiles/{who}/traits"
