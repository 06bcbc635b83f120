"""The reports that are offered: what people in marketing ask for, by day.

https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema

The dimensions of a report are its grain: with others there would be other rows, and other ids. Of its metrics (ten at most
in one report) a mapping reads those it uses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.adapters.google_analytics.declaration import LABEL, REPORT
from integrations.exceptions import ConfigurationError

DATE = "date"


@dataclass(frozen=True, slots=True)
class Preset:
    """One report. `dimensions` begin with the date, `metrics` with the one that is seldom zero."""

    name: str
    label: str
    noun: tuple[str, str]
    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    only: Mapping[str, Any] | None = None

    @property
    def object_name(self) -> str:
        """What it is called as an object."""
        return f"{REPORT}:{self.name}"

    def question(self, metrics: tuple[str, ...]) -> dict[str, Any]:
        """What is asked for, without the days. Rows come in the order of the dimensions, so that pages fit together."""
        asked: dict[str, Any] = {
            "dimensions": [{"name": name} for name in self.dimensions],
            "metrics": [{"name": name} for name in metrics],
            "orderBys": [{"dimension": {"dimensionName": name}} for name in self.dimensions],
        }
        return {**asked, "dimensionFilter": self.only} if self.only else asked

    def compatibility(self) -> dict[str, Any]:
        """What is asked to learn which metrics go with its dimensions."""
        asked: dict[str, Any] = {
            "dimensions": [{"name": name} for name in self.dimensions],
            "compatibilityFilter": "COMPATIBLE",
        }
        return {**asked, "dimensionFilter": self.only} if self.only else asked


def only_where(field: str, value: str) -> dict[str, Any]:
    """A filter that lets one value through."""
    return {"filter": {"fieldName": field, "stringFilter": {"matchType": "EXACT", "value": value}}}


PRESETS = (
    Preset(
        "traffic",
        "Traffic by source and day",
        ("source and day", "sources and days"),
        (DATE, "sessionSource", "sessionMedium", "sessionDefaultChannelGroup"),
        ("sessions", "totalUsers", "newUsers", "engagedSessions", "engagementRate", "keyEvents", "totalRevenue"),
    ),
    Preset(
        "campaigns",
        "Campaigns by day",
        ("campaign and day", "campaigns and days"),
        (DATE, "sessionCampaignName", "sessionSource", "sessionMedium"),
        ("sessions", "totalUsers", "newUsers", "engagedSessions", "keyEvents", "totalRevenue"),
    ),
    Preset(
        "ads",
        "Google Ads by campaign and day",
        ("campaign and day", "campaigns and days"),
        (DATE, "sessionCampaignName"),
        ("advertiserAdImpressions", "advertiserAdClicks", "advertiserAdCost", "returnOnAdSpend"),
    ),
    Preset(
        "conversions",
        "Key events (conversions) by source and day",
        ("key event and day", "key events and days"),
        (DATE, "eventName", "sessionSource", "sessionMedium"),
        ("keyEvents", "totalUsers", "totalRevenue"),
        only_where("isKeyEvent", "true"),
    ),
    Preset(
        "pages",
        "Landing pages by day",
        ("landing page and day", "landing pages and days"),
        (DATE, "landingPage"),
        ("sessions", "totalUsers", "newUsers", "engagementRate", "keyEvents"),
    ),
    Preset(
        "countries",
        "Visitors by country and day",
        ("country and day", "countries and days"),
        (DATE, "country"),
        ("activeUsers", "newUsers", "sessions", "keyEvents", "totalRevenue"),
    ),
    Preset(
        "products",
        "Products sold by day",
        ("product and day", "products and days"),
        (DATE, "itemName"),
        ("itemsAddedToCart", "itemsPurchased", "itemRevenue"),
    ),
)


def find_preset(object_name: str) -> Preset:
    """The report of that name ("report:traffic"); ConfigurationError if there is none."""
    for preset in PRESETS:
        if preset.object_name == object_name:
            return preset
    words = f"There is no report “{object_name.partition(':')[2]}”. Choose one of the list."
    raise ConfigurationError(words, code="not_there", technical=LABEL)
