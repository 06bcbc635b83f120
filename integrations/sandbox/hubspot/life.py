"""What people do in the simulated HubSpot by themselves."""

import random

from integrations.sandbox.generate import LIFECYCLE_STAGES
from integrations.sandbox.hubspot.schema import COMPANIES, CONTACTS, DEALS, ObjectKind
from integrations.sandbox.hubspot.sources import DEALS as DEALS_THERE
from integrations.sandbox.hubspot.store import ID_STEP
from integrations.sandbox.life import Habit

COMPANIES_THERE = 2_000


def _id(kind: ObjectKind, number: int) -> str:
    return str(kind.first_id + number * ID_STEP)


def _move_on(dice: random.Random) -> dict[str, str]:
    return {"lifecyclestage": dice.choice(LIFECYCLE_STAGES[2:7]), "phone": _phone(dice)}


def _phone(dice: random.Random) -> str:
    return f"+49 30 {dice.randrange(2_000_000, 9_000_000)}"


HABITS = (
    Habit("contacts", 8, lambda number: _id(CONTACTS, number), _move_on),
    Habit(
        "companies", 25, lambda number: _id(COMPANIES, number), lambda dice: {"phone": _phone(dice)}, COMPANIES_THERE
    ),
    Habit("deals", 60, lambda number: _id(DEALS, number), lambda dice: {"dealstage": "closedwon"}, DEALS_THERE),
)
