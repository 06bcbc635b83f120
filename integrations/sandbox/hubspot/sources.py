"""The companies and deals a new portal begins with, in the shape the store reads people in."""

import random
from collections.abc import Sequence
from typing import Protocol

from integrations.sandbox.companies import Company
from integrations.sandbox.generate import FIRST_DAY, LAST_DAY
from integrations.sandbox.hubspot.schema import COMPANY_COLUMNS, DEAL_STAGES, describe_company

DEALS = 320
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


def make_company_source(companies: Sequence[Company]) -> FixedSource:
    return FixedSource(COMPANY_COLUMNS, [describe_company(company) for company in companies])


def make_deal_source(companies: Sequence[Company], seed: int) -> FixedSource:
    dice = random.Random(f"deals {seed}")
    columns = ("dealname", "amount", "dealstage", "pipeline", "dealtype")
    return FixedSource(columns, [_make_deal(dice, dice.choice(companies)) for _ in range(DEALS)])


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
