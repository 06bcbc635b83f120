"""What a storm does: a pure function of its seed. `storm.py` and `blows.py` carry it out."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
SIZES = (400, 1_000, 2_000)
"""Contacts of the portal. Few sizes, because what is to arrive is worked out once for each."""

HARM = {
    "kill_worker": 8,
    "kill_cluster": 3,
    "kill_main_process": 1,
    "kill_idle_worker": 1,
    "kill_beat": 2,
    "kill_everything": 2,
    "freeze_worker": 2,
    "take_database_away": 2,
}
PEOPLE = {
    "pause": 3,
    "resume": 4,
    "resume_at_once": 2,
    "cancel": 2,
    "start_over": 1,
    "retry": 2,
    "test_connections": 2,
    "start": 1,
}
BLOWS = {**HARM, **PEOPLE, "trouble": 14, "calm": 5}
"""Kind of blow → its weight."""

ROUTES: Mapping[str, Mapping[str, int]] = {
    "hubspot": {"": 4, "/objects/contacts": 4, "/search": 1, "/token": 1},
    "salesforce": {"": 6, "/composite/sobjects": 8, "/jobs/ingest": 3, "/describe": 1, "/token": 2},
}
"""Platform → part of the path → its weight."""
ANSWERS_TO_WRITES = ("/composite/sobjects", "Results/")
STATUSES: Mapping[str, Mapping[int, int]] = {
    "hubspot": {429: 4, 500: 2, 503: 2, 401: 1, 403: 1, 404: 1, 408: 1, 423: 1, 477: 1, 502: 1, 504: 1, 400: 1},
    "salesforce": {403: 4, 500: 2, 503: 2, 400: 2, 401: 1, 404: 1, 409: 1, 413: 1, 420: 1, 502: 1, 504: 1},
}
KINDS = {
    "status": 8,
    "reset": 3,
    "hang": 3,
    "slow": 2,
    "html": 2,
    "empty_2xx": 2,
    "half_json": 2,
    "drop_rows": 2,
    "expire_token": 3,
    "revoke": 2,
}
"""Kind of a platform's trouble → its weight."""


@dataclass(frozen=True)
class Blow:
    """One thing that happens once the job has come `steps` events further, and `delay` seconds more have passed; or after
    `patience` seconds, for a job that does not move. `choice` (0..1) picks among several jobs and victims. `presses`: a
    person has pressed Resume by then if the job has stopped."""

    kind: str
    steps: int
    delay: float
    patience: float
    choice: float
    presses: bool
    fault: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """One storm. `syncs`: so many do the same at the same time. `is_search`: they read by the search instead of the list.
    `is_limited`: with the platforms' limits."""

    seed: int
    vendor: str
    contacts: int
    batch_size: int
    clusters: int
    syncs: int
    latency_ms: int
    method: str
    is_bulk: bool
    is_search: bool
    is_limited: bool
    blows: tuple[Blow, ...]


def plan_storm(seed: int) -> Plan:
    """The storm of that number, the same for ever."""
    dice = random.Random(seed)
    pace = dice.choice((1, 3, 6))
    return Plan(
        seed=seed,
        vendor="postgresql" if dice.random() < 0.25 else "sqlite",
        contacts=dice.choice(SIZES),
        batch_size=dice.choice((10, 25, 100)),
        clusters=dice.choice((1, 1, 2)),
        syncs=dice.choice((1, 1, 1, 2)),
        latency_ms=dice.choice((10, 30, 80)),
        method=dice.choice(("token", "oauth")),
        is_bulk=dice.random() < 0.25,
        is_search=dice.random() < 0.3,
        is_limited=dice.random() < 0.35,
        blows=tuple(_plan_blow(dice, pace) for _ in range(dice.randint(4, 10))),
    )


def _plan_blow(dice: random.Random, pace: int) -> Blow:
    kind = _pick(dice, BLOWS)
    return Blow(
        kind=kind,
        steps=dice.randint(0, pace),
        delay=dice.choice((0.0, dice.uniform(0, 0.05), dice.uniform(0, 0.4))),
        patience=dice.uniform(0.3, 2.0),
        choice=dice.random(),
        presses=dice.random() < 0.8,
        fault=_plan_fault(dice) if kind == "trouble" else {},
    )


def _plan_fault(dice: random.Random) -> dict[str, Any]:
    """The body of a `POST /_control/faults`."""
    kind, platform = _pick(dice, KINDS), dice.choice(("hubspot", "salesforce", "salesforce"))
    fault = {
        "kind": kind,
        "platform": platform,
        "route": _pick(dice, ROUTES[platform]),
        "after": dice.choice((0, 0, 1, dice.randint(2, 8))),
        "times": dice.choice((1, 1, dice.randint(2, 8), None)),
        "probability": dice.choice((1.0, 1.0, 0.5, 0.2)),
        "when": dice.choice(("before", "after")),
    }
    return fault | _plan_details(dice, kind, platform)


def _plan_details(dice: random.Random, kind: str, platform: str) -> dict[str, Any]:
    """Rows are dropped from answers to writes only: of a page that came short nobody could know."""
    if kind == "status":
        return {"status": _pick(dice, STATUSES[platform])}
    if kind == "html":
        return {"status": dice.choice((200, 502, 503))}
    if kind == "slow":
        return {"seconds": dice.uniform(0.05, 1.0), "times": dice.randint(1, 4)}
    if kind == "hang":
        return {"seconds": dice.uniform(0.2, 2.0)}
    if kind == "drop_rows":
        return {"platform": "salesforce", "route": dice.choice(ANSWERS_TO_WRITES), "rows": dice.randint(1, 5)}
    return {}


def _pick(dice: random.Random, weights: Mapping[T, int]) -> T:
    return dice.choices(list(weights), list(weights.values()))[0]
