"""People from a seed: contact number i of a portal is always the same person, made when it is asked for."""

import random
from array import array
from collections.abc import Sequence
from functools import lru_cache

from integrations.sandbox.companies import COMPANIES, Company, make_companies, spell_pair
from integrations.sandbox.names import COUNTRIES, JOB_TITLES, Country
from integrations.sandbox.oddities import count_oddities, count_sharing_a_stamp, make_odd, place_oddities

COLUMNS = (
    "email",
    "firstname",
    "lastname",
    "company",
    "phone",
    "country",
    "city",
    "jobtitle",
    "lifecyclestage",
    "hs_analytics_source",
    "website",
    "industry",
)
"""What a generated person knows, in the order of its values."""

Person = tuple[str | None, ...]

FIRST_DAY = 1_546_300_800_000
LAST_DAY = 1_782_777_600_000
"""Contacts were created and changed between 1 January 2019 and 30 June 2026 (ms)."""
SHARED_STAMP = 1_780_272_000_000
"""1 June 2026, 00:00: when a bulk update touched thousands of contacts at once."""

LIFECYCLE_STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
SOURCES = (
    "ORGANIC_SEARCH",
    "PAID_SEARCH",
    "EMAIL_MARKETING",
    "SOCIAL_MEDIA",
    "REFERRALS",
    "OTHER_CAMPAIGNS",
    "DIRECT_TRAFFIC",
    "OFFLINE",
    "PAID_SOCIAL",
)
EMOJI = ("🚀", "🌻", "😊", "🎸", "⚡", "🏔️")
_NEXT_COMPANY = 1_009
"""Neighbours work in different companies; has no factor in common with the number of companies."""
_EMAIL = COLUMNS.index("email")


def tell_oddities(seed: int, count: int, oddness: float = 1) -> dict[str, int]:
    """How many contacts of this portal have each oddity, and how many share one lastmodifieddate."""
    placed = [str(odd.oddity) for odd in place_oddities(seed, count, oddness).values()]
    numbers = {str(oddity): placed.count(str(oddity)) for oddity in count_oddities(count, oddness)}
    return {**numbers, "sharing_one_lastmodifieddate": count_sharing_a_stamp(count)}


def _spread(values: Sequence[str], per_mille_empty: int) -> tuple[str | None, ...]:
    """1,024 places: look-ups by ten random bits. The first values come up more often than the last."""
    empty = 1_024 * per_mille_empty // 1_000
    filled = [values[min(i * i * len(values) // 1_024**2, len(values) - 1)] for i in range(empty, 1_024)]
    return (None,) * empty + tuple(filled)


_TITLES = _spread(JOB_TITLES, 90)
_STAGES = _spread(("lead", "customer", "marketingqualifiedlead", *LIFECYCLE_STAGES), 0)
_SOURCES = _spread(SOURCES, 300)


class People:
    """All contacts of a portal; one number of 64 random bits each is all that is kept."""

    def __init__(self, seed: int, count: int, oddness: float = 1) -> None:
        self.columns: tuple[str, ...] = COLUMNS
        self.count = count
        self.companies = make_companies(seed)
        self._unknown = [company.name for company in self.companies[COMPANIES:]]
        self._pairs = _pair_names(seed)
        self._bits = array("Q", random.Random(f"people {seed}").randbytes(8 * count))
        self._odd = place_oddities(seed, count, oddness)
        self._step = (LAST_DAY - FIRST_DAY) // max(count, 1)
        shared = count_sharing_a_stamp(count)
        self._shared = range(count // 3, count // 3 + shared)

    def row(self, i: int) -> Person:
        odd = self._odd.get(i)
        person = self._plain_row(i)
        if odd is None:
            return person
        other = "" if odd.other is None else str(self._plain_row(odd.other)[_EMAIL])
        return tuple(make_odd(odd, dict(zip(COLUMNS, person, strict=True)), other, self._unknown).values())

    def _plain_row(self, i: int) -> Person:
        bits = self._bits[i]
        company = self.companies[i * _NEXT_COMPANY % COMPANIES]
        first, last, email = self._name(company, i // COMPANIES)
        if bits >> 55 == 1:
            first = f"{first} {EMOJI[i % len(EMOJI)]}"
        return (
            email,
            first,
            last,
            company.name,
            _phone(company.country, bits),
            company.country.name,
            company.city,
            _TITLES[bits & 1_023],
            _STAGES[bits >> 10 & 1_023],
            _SOURCES[bits >> 20 & 1_023],
            company.domain,
            company.industry,
        )

    def _name(self, company: Company, nth: int) -> tuple[str, str, str]:
        """Name and address of the nth person a company hired; addresses never repeat."""
        pairs = self._pairs[company.country.name]
        first, last, spellings = pairs[(company.offset + nth) % len(pairs)]
        again = nth // len(pairs) or ""
        return first, last, f"{spellings[company.pattern]}{again}@{company.domain}"

    def created(self, i: int) -> int:
        return FIRST_DAY + i * self._step + (self._bits[i] >> 30) % self._step

    def modified(self, i: int) -> int:
        if i in self._shared:
            return SHARED_STAMP
        created = self.created(i)
        return created + (self._bits[i] >> 16) % (LAST_DAY - created)


Pair = tuple[str, str, tuple[str, ...]]
"""First name, last name, and the ways to spell the two inside an address."""


@lru_cache(maxsize=4)
def _pair_names(seed: int) -> dict[str, list[Pair]]:
    """All first and last names of a country combined, shuffled, so that neighbours have nothing in common."""
    dice = random.Random(f"names {seed}")
    return {country.name: _pair_names_of(country, dice) for country in COUNTRIES}


def _pair_names_of(country: Country, dice: random.Random) -> list[Pair]:
    pairs = [
        (first, last, spell_pair(first_spelt, last_spelt))
        for first, first_spelt in country.firsts
        for last, last_spelt in country.lasts
    ]
    dice.shuffle(pairs)
    return pairs


def _phone(country: Country, bits: int) -> str | None:
    """International or local, and missing for one in eight."""
    if not bits >> 40 & 7:
        return None
    template, digits = country.phones[bits >> 43 & 1]
    return template % tuple(f"{bits >> 32:010d}"[-digits:])
