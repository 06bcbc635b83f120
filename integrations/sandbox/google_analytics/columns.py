"""Dimensions and metrics of the property. https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.google_analytics.errors import refuse

LIST = "https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema"
EXPLORER = "https://ga-dev-tools.google/ga4/dimensions-metrics-explorer/"

# api name | name on screen | category
_DIMENSIONS = """
date|Date|Time
sessionSource|Session source|Traffic source
sessionMedium|Session medium|Traffic source
sessionSourceMedium|Session source / medium|Traffic source
sessionDefaultChannelGroup|Session default channel group|Traffic source
sessionCampaignName|Session campaign|Traffic source
landingPage|Landing page|Page / screen
country|Country|Geography
city|City|Geography
deviceCategory|Device category|Platform / device
eventName|Event name|Event
isKeyEvent|Is key event|Event
itemName|Item name|Ecommerce
customEvent:crm_stage|CRM stage|Custom
"""
# api name | name on screen | type | category
_METRICS = """
sessions|Sessions|TYPE_INTEGER|Session
engagedSessions|Engaged sessions|TYPE_INTEGER|Session
engagementRate|Engagement rate|TYPE_FLOAT|Session
bounceRate|Bounce rate|TYPE_FLOAT|Session
totalUsers|Total users|TYPE_INTEGER|User
activeUsers|Active users|TYPE_INTEGER|User
newUsers|New users|TYPE_INTEGER|User
eventCount|Event count|TYPE_INTEGER|Event
keyEvents|Key events|TYPE_FLOAT|Event
screenPageViews|Views|TYPE_INTEGER|Page / screen
totalRevenue|Total revenue|TYPE_CURRENCY|Revenue
purchaseRevenue|Purchase revenue|TYPE_CURRENCY|Ecommerce
transactions|Transactions|TYPE_INTEGER|Ecommerce
itemsAddedToCart|Items added to cart|TYPE_INTEGER|Ecommerce
itemsPurchased|Items purchased|TYPE_INTEGER|Ecommerce
itemRevenue|Item revenue|TYPE_CURRENCY|Ecommerce
advertiserAdCost|Ads cost|TYPE_CURRENCY|Advertising
advertiserAdClicks|Ads clicks|TYPE_INTEGER|Advertising
advertiserAdImpressions|Ads impressions|TYPE_INTEGER|Advertising
returnOnAdSpend|Return on ad spend|TYPE_FLOAT|Advertising
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One dimension, or one metric, which has a type."""

    name: str
    label: str
    category: str
    kind: str = ""

    def describe(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "apiName": self.name,
            "uiName": self.label,
            "description": f"{self.label}, as Analytics counts it.",
            "category": self.category,
        }
        if self.name.startswith("custom"):
            told["customDefinition"] = True
        return {**told, "type": self.kind} if self.kind else told


def _read(lines: str) -> list[list[str]]:
    return [line.split("|") for line in lines.strip().splitlines()]


DIMENSIONS = {name: Column(name, label, category) for name, label, category in _read(_DIMENSIONS)}
METRICS = {name: Column(name, label, category, kind) for name, label, kind, category in _read(_METRICS)}

ITEM_METRICS = frozenset({"itemsAddedToCart", "itemsPurchased", "itemRevenue"})
AD_METRICS = frozenset({"advertiserAdCost", "advertiserAdClicks", "advertiserAdImpressions", "returnOnAdSpend"})


def check_names(dimensions: Sequence[str], metrics: Sequence[str]) -> None:
    """The two spaces are Google's."""
    for name in dimensions:
        if name not in DIMENSIONS:
            raise refuse(
                400, f"Field {name} is not a valid dimension. For a list of valid dimensions and metrics, see {LIST} "
            )
    for name in metrics:
        if name not in METRICS:
            raise refuse(
                400, f"Field {name} is not a valid metric.  For a list of valid dimensions and metrics, see {LIST} "
            )


def check_together(dimensions: Sequence[str], metrics: Sequence[str]) -> None:
    """Refuses what Google does not add up."""
    for name in metrics:
        if problem := find_conflict(name, dimensions):
            raise refuse(
                400,
                f"Please {problem} to make the request compatible. The request's dimensions & metrics are incompatible. "
                f"To learn more, see {EXPLORER}",
            )


def find_conflict(metric: str, dimensions: Sequence[str]) -> str:
    """What would have to be changed for this metric to go with these dimensions; empty when it does."""
    if metric in AD_METRICS and "sessionCampaignName" not in dimensions:
        return "add sessionCampaignName"
    if metric in AD_METRICS and "itemName" in dimensions:
        return f"remove {metric}"
    if "itemName" in dimensions and metric not in ITEM_METRICS:
        return f"remove {metric}"
    return f"remove {metric}" if metric in ITEM_METRICS and "eventName" in dimensions else ""
