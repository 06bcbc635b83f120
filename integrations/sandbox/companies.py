"""The companies of the simulated portal, and the few that Salesforce has never heard of."""

import random
from dataclasses import dataclass
from functools import lru_cache

from integrations.sandbox.names import COUNTRIES, SECTORS, STEMS, Country, spell

COMPANIES = 2_000
UNKNOWN_COMPANIES = 4
"""Companies after the first 2,000 are in HubSpot only."""


@dataclass(frozen=True, slots=True)
class Company:
    """One employer: everybody who works there shares its country, its domain and its way to write addresses."""

    name: str
    domain: str
    country: Country
    city: str
    industry: str
    employees: int
    pattern: int
    """Which of the spellings of `spell_pair` it uses."""
    offset: int
    """Where in its country's list of names it starts to hire."""


def spell_pair(first: str, last: str) -> tuple[str, ...]:
    """What stands before the @, in each of the ways companies have to write it."""
    return (f"{first}.{last}", f"{last}.{first}", f"{first}_{last}")


@lru_cache(maxsize=4)
def make_companies(seed: int) -> tuple[Company, ...]:
    """The 2,000 companies Salesforce knows, then the unknown ones; the same for the same seed."""
    dice = random.Random(f"companies {seed}")
    names = [(stem, sector, industry) for stem in STEMS for sector, industry in SECTORS]
    dice.shuffle(names)
    chosen = names[: COMPANIES + UNKNOWN_COMPANIES]
    return tuple(_make_company(dice, stem, sector, industry) for stem, sector, industry in chosen)


def _make_company(dice: random.Random, stem: str, sector: str, industry: str) -> Company:
    country = dice.choice(COUNTRIES)
    return Company(
        name=f"{stem} {sector} {dice.choice(country.company_forms)}",
        domain=f"{spell(stem)}-{spell(sector)}.{country.ending}",
        country=country,
        city=dice.choice(country.cities),
        industry=industry,
        employees=dice.choice((4, 9, 18, 40, 75, 130, 260, 480, 950, 2400, 7800)),
        pattern=dice.choice((0, 0, 1, 2)),
        offset=dice.randrange(10_000),
    )
