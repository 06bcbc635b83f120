"""Reports: happenings grouped by dimensions and added up to metrics."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from integrations.sandbox.google_analytics.visits import KEY_EVENTS, Happening

READERS: Mapping[str, Callable[[Happening], str]] = {
    "date": lambda one: one.date,
    "sessionSource": lambda one: one.source,
    "sessionMedium": lambda one: one.medium,
    "sessionSourceMedium": lambda one: f"{one.source} / {one.medium}",
    "sessionDefaultChannelGroup": lambda one: one.channel,
    "sessionCampaignName": lambda one: one.campaign,
    "landingPage": lambda one: one.page,
    "country": lambda one: one.country,
    "city": lambda one: one.city,
    "deviceCategory": lambda one: one.device,
    "eventName": lambda one: one.event,
    "isKeyEvent": lambda one: "true" if one.event in KEY_EVENTS else "false",
    "itemName": lambda one: one.item,
    "customEvent:crm_stage": lambda one: one.stage,
}


@dataclass(slots=True)
class Group:
    """What the happenings of one row add up to."""

    visits: set[str] = field(default_factory=set)
    engaged: set[str] = field(default_factory=set)
    visitors: set[str] = field(default_factory=set)
    new: set[str] = field(default_factory=set)
    events: int = 0
    keys: int = 0
    views: int = 0
    purchases: int = 0
    items: int = 0
    added: int = 0
    clicks: int = 0
    revenue: float = 0.0
    cost: float = 0.0

    def add(self, one: Happening) -> None:
        self.visits.add(one.visit)
        self.visitors.add(one.visitor)
        if one.is_engaged:
            self.engaged.add(one.visit)
        if one.is_new:
            self.new.add(one.visitor)
        self.events += one.times
        self.keys += one.times if one.event in KEY_EVENTS else 0
        self.views += one.times if one.event == "page_view" else 0
        self.purchases += one.event == "purchase"
        self.items += one.items
        self.added += one.added
        self.clicks += one.clicks
        self.revenue += one.revenue
        self.cost += one.cost


COUNTERS: Mapping[str, Callable[[Group], float]] = {
    "sessions": lambda group: len(group.visits),
    "engagedSessions": lambda group: len(group.engaged),
    "engagementRate": lambda group: len(group.engaged) / max(1, len(group.visits)),
    "bounceRate": lambda group: 1 - len(group.engaged) / max(1, len(group.visits)),
    "totalUsers": lambda group: len(group.visitors),
    "activeUsers": lambda group: len(group.visitors),
    "newUsers": lambda group: len(group.new),
    "eventCount": lambda group: group.events,
    "keyEvents": lambda group: float(group.keys),
    "screenPageViews": lambda group: group.views,
    "totalRevenue": lambda group: round(group.revenue, 2),
    "purchaseRevenue": lambda group: round(group.revenue, 2),
    "transactions": lambda group: group.purchases,
    "itemsAddedToCart": lambda group: group.added,
    "itemsPurchased": lambda group: group.items,
    "itemRevenue": lambda group: round(group.revenue, 2),
    "advertiserAdCost": lambda group: round(group.cost, 2),
    "advertiserAdClicks": lambda group: group.clicks,
    "advertiserAdImpressions": lambda group: group.clicks * 34,
    "returnOnAdSpend": lambda group: group.revenue / group.cost if group.cost else 0.0,
}

Row = tuple[tuple[str, ...], tuple[str, ...]]
"""The values of the dimensions and those of the metrics, all as text."""


def add_up(
    happenings: Iterable[Happening],
    dimensions: Sequence[str],
    metrics: Sequence[str],
    lets_through: Callable[[Happening], bool],
    *,
    keeps_empty: bool = False,
) -> list[Row]:
    """The rows of a report, in no order."""
    readers = [READERS[name] for name in dimensions]
    groups: dict[tuple[str, ...], Group] = {}
    items_only = "itemName" in dimensions
    for one in happenings:
        if (items_only and not one.item) or not lets_through(one):
            continue
        key = tuple(reader(one) for reader in readers)
        if (group := groups.get(key)) is None:
            group = groups[key] = Group()
        group.add(one)
    counters = [COUNTERS[name] for name in metrics]
    rows = [(key, tuple(_write(count(group)) for count in counters)) for key, group in groups.items()]
    return [row for row in rows if keeps_empty or not metrics or any(value != "0" for value in row[1])]


def _write(number: float) -> str:
    """Whole numbers without a point, as Google writes them."""
    return str(int(number)) if float(number).is_integer() else f"{number:.10g}"
