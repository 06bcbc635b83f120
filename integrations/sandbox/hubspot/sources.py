"""The companies and deals a new portal begins with, in the shape the store reads people in."""

import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from integrations.sandbox.companies import Company, make_companies
from integrations.sandbox.generate import FIRST_DAY, LAST_DAY
from integrations.sandbox.hubspot.schema import COMPANY_COLUMNS, DEAL_STAGES, describe_company

DEALS = 320
SUBSCRIPTIONS = 60
Row = tuple[str | None, ...]


class Source(Protocol):
    """Records that exist from the start; number i is always the same."""

    columns: tuple[str, ...]
    count: int

    def row(self, i: int) -> Row: ...

    def created(self, i: int) -> int:
        """Milliseconds, never earlier than that of the record before."""

    def modified(self, i: int) -> int: ...


class FixedSource:
    """A source of rows made in advance."""

    def __init__(self, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
        self.columns = columns
        self.count = len(rows)
        self._rows = rows
        self._step = (LAST_DAY - FIRST_DAY) // max(len(rows), 1)

    def row(self, i: int) -> Row:
        return self._rows[i]

    def created(self, i: int) -> int:
        return FIRST_DAY + i * self._step

    def modified(self, i: int) -> int:
        return self.created(i) + self._step


@lru_cache(maxsize=4)
def make_company_source(seed: int) -> FixedSource:
    return FixedSource(COMPANY_COLUMNS, [describe_company(company) for company in make_companies(seed)])


@lru_cache(maxsize=4)
def make_deal_source(seed: int) -> FixedSource:
    companies = make_companies(seed)
    dice, visits = random.Random(f"deals {seed}"), random.Random(f"visits before deals {seed}")
    columns = ("dealname", "amount", "dealstage", "pipeline", "dealtype", "ga_client_id")
    return FixedSource(columns, [(*_make_deal(dice, dice.choice(companies)), _visit(visits)) for _ in range(DEALS)])


def _visit(dice: random.Random) -> str | None:
    """The browser with which somebody first filled in a form; not every deal began on the website."""
    return f"{dice.randrange(10**9)}.{FIRST_DAY // 1_000 + dice.randrange(10**8)}" if dice.random() < 0.8 else None


def _make_deal(dice: random.Random, company: Company) -> Row:
    amount = str(dice.randrange(2_000, 90_000, 250))
    kind = dice.choice(("newbusiness", "existingbusiness"))
    return (
        f"{company.name} – {dice.choice(('Pilot', 'Renewal', 'Expansion'))}",
        amount,
        dice.choice(DEAL_STAGES),
        "default",
        kind,
    )


@lru_cache(maxsize=4)
def make_subscription_source(seed: int) -> FixedSource:
    companies = make_companies(seed)
    dice = random.Random(f"subscriptions {seed}")
    columns = ("subscription_key", "subscription_name", "plan", "seats", "renewal_day", "is_trial")
    return FixedSource(columns, [_make_subscription(dice, i, companies[i]) for i in range(SUBSCRIPTIONS)])


def _make_subscription(dice: random.Random, i: int, company: Company) -> Row:
    """Who only tries it out has no day of renewal."""
    plan = dice.choice(("free", "team", "business"))
    is_trial = dice.random() < 0.3
    day = None if is_trial else f"2026-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"
    return f"SUB-{i + 1:04d}", f"{company.name} {plan}", plan, str(dice.randrange(1, 80)), day, str(is_trial).lower()
