"""Which traits a space knows: those its profiles have, and a few that every space of some age has."""

from collections.abc import Iterable
from typing import Any

from integrations.sandbox.clock import format_ms
from integrations.sandbox.segment.profiles import USERS, Profile

SAMPLES = 5
LOOKED_AT = 200
"""Profiles whose values are looked at."""

Row = dict[str, Any]

_ALWAYS = {
    "plan": ("CUSTOM", ("free", "pro", "team")),
    "seats": ("CUSTOM", ("1", "5", "12")),
    "is_trial": ("CUSTOM", ("true", "false")),
    "trial_ends_at": ("CUSTOM", ("2026-10-01T00:00:00.000Z", "2026-11-15T09:30:00.000Z")),
    "last_seen_page": ("CUSTOM", ("/pricing",)),
    "orders_90_days": ("COMPUTED", ("0", "2", "7")),
    "likely_to_buy": ("AUDIENCE", ("true", "false")),
}


def describe_traits(profiles: Iterable[Profile], search: str, with_samples: bool) -> list[Row]:
    """By name. Of companies only what was sent is known."""
    found: dict[str, Row] = {}
    samples: dict[str, list[str]] = {}
    is_of_people = True
    for at, profile in enumerate(profiles):
        is_of_people = profile.collection == USERS
        for name, (value, _, changed) in profile.traits.items():
            found[name] = _describe(name, "CUSTOM", changed)
            if at < LOOKED_AT and value is not None and len(samples.setdefault(name, [])) < SAMPLES:
                samples[name].append(_write(value))
    if is_of_people:
        for name, (kind, told) in _ALWAYS.items():
            found.setdefault(name, _describe(name, kind, 0))
            samples.setdefault(name, list(told))
    rows = [found[name] for name in sorted(found) if search.lower() in name.lower()]
    return [{**row, "samples": samples.get(row["trait"], [])} for row in rows] if with_samples else rows


def _describe(name: str, kind: str, changed: int) -> Row:
    return {"trait": name, "type": kind, "lastSeenAt": format_ms(changed)}


def _write(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
