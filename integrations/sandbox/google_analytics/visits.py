"""What happened on the website, day by day: the same for the same seed, made when a day is asked for."""

import random
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

# source | medium | channel | campaign | weight
_SOURCES = """
google|organic|Organic Search|(organic)|34
google|cpc|Paid Search|Spring_Brand_DE|14
google|cpc|Paid Search|Spring_Generic|9
(direct)|(none)|Direct|(direct)|22
newsletter|email|Email|2026_06_Newsletter|12
linkedin|paid_social|Paid Social|B2B_Lookalike|6
linkedin.com|referral|Organic Social|(referral)|5
partner-blog.example|referral|Referral|(referral)|4
bing|organic|Organic Search|(organic)|3
"""
PAGES = ("/", "/pricing", "/product", "/blog/lead-scoring", "/blog/utm-guide", "/demo", "/contact")
PLACES = (
    ("Germany", "Berlin"),
    ("Germany", "Munich"),
    ("United Kingdom", "London"),
    ("Ireland", "Dublin"),
    ("France", "Paris"),
    ("United States", "New York"),
    ("Netherlands", "Amsterdam"),
)
DEVICES = ("desktop", "desktop", "mobile", "mobile", "mobile", "tablet")
ITEMS = (("Starter seat", 19.0), ("Team seat", 49.0), ("Onboarding day", 890.0))
VISITS_A_DAY = 60
KEY_EVENTS = frozenset({"generate_lead", "sign_up", "purchase"})
NOT_SET = "(not set)"


class Happening(NamedTuple):
    """One event of one visit, with all that a report may ask about it. `clicks` is 1 on the first event of a paid visit."""

    date: str
    event: str
    visit: str
    visitor: str
    source: str = "(not set)"
    medium: str = "(not set)"
    channel: str = "Unassigned"
    campaign: str = "(not set)"
    page: str = "(not set)"
    country: str = "(not set)"
    city: str = "(not set)"
    device: str = "desktop"
    item: str = ""
    stage: str = "(not set)"
    is_new: bool = False
    is_engaged: bool = True
    revenue: float = 0.0
    items: int = 0
    added: int = 0
    clicks: int = 0
    cost: float = 0.0
    times: int = 1


_CHOICES = [line.split("|") for line in _SOURCES.strip().splitlines()]
_WEIGHTS = [int(choice[-1]) for choice in _CHOICES]


@lru_cache(maxsize=4_096)
def make_day(seed: int, day: date) -> tuple[Happening, ...]:
    """All that happened on that day; half as much at weekends."""
    dice = random.Random(f"visits {seed} {day.isoformat()}")
    usual = VISITS_A_DAY if day.weekday() < 5 else VISITS_A_DAY // 2
    number = usual + dice.randrange(-9, 10)
    return tuple(one for i in range(number) for one in _make_visit(dice, day, i))


def _make_visit(dice: random.Random, day: date, number: int) -> Iterator[Happening]:
    source, medium, channel, campaign, _ = dice.choices(_CHOICES, _WEIGHTS)[0]
    country, city = dice.choice(PLACES)
    is_new = dice.random() < 0.7
    visit = f"{day:%Y%m%d}.{number}"
    start = Happening(
        date=f"{day:%Y%m%d}",
        event="session_start",
        visit=visit,
        visitor=f"new {visit}" if is_new else f"known {dice.randrange(400)}",
        source=source,
        medium=medium,
        channel=channel,
        campaign=campaign,
        page=dice.choice(PAGES),
        country=country,
        city=city,
        device=dice.choice(DEVICES),
        is_new=is_new,
        is_engaged=dice.random() < 0.6,
    )
    is_paid = medium == "cpc"
    yield start._replace(clicks=int(is_paid), cost=round(dice.uniform(0.4, 2.6), 2) if is_paid else 0.0)
    yield start._replace(event="page_view", times=dice.randrange(1, 6))
    if start.is_engaged:
        yield from _make_conversion(dice, start)


def _make_conversion(dice: random.Random, start: Happening) -> Iterator[Happening]:
    chance = dice.random()
    if chance < 0.07:
        yield start._replace(event="generate_lead")
    elif chance < 0.10:
        yield start._replace(event="sign_up")
    elif chance < 0.16:
        name, price = dice.choice(ITEMS)
        number = dice.randrange(1, 4)
        yield start._replace(event="add_to_cart", item=name, added=number)
        if chance < 0.13:
            yield start._replace(event="purchase", item=name, items=number, revenue=round(price * number, 2))
