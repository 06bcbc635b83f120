"""What a report asks for, and how a page of it is written."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from integrations.sandbox.google_analytics.adding_up import READERS, Row
from integrations.sandbox.google_analytics.columns import METRICS
from integrations.sandbox.google_analytics.errors import refuse
from integrations.sandbox.google_analytics.filters import compile_filter
from integrations.sandbox.google_analytics.stream import ZONE
from integrations.sandbox.google_analytics.visits import Happening

DEFAULT_ROWS, MOST_ROWS = 10_000, 250_000


def names_in(body: Mapping[str, Any], kind: str) -> list[str]:
    """The names of dimensions or metrics."""
    return [str(one.get("name", "")) for one in body.get(kind) or []]


def always(value: str) -> Callable[[str], str]:
    """One value, whatever field is asked for."""
    return lambda name: value


def through(passes: Callable[[Callable[[str], str]], bool]) -> Callable[[Happening], bool]:
    """A filter of fields as one of happenings."""
    return lambda one: passes(lambda name: READERS[name](one))


def read_date(text: str, today: date) -> date:
    """2026-01-31, today, yesterday, 7daysAgo."""
    if text in ("today", "yesterday"):
        return today - timedelta(days=text == "yesterday")
    if found := re.fullmatch(r"(\d{1,5})daysAgo", text):
        return today - timedelta(days=int(found[1]))
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise refuse(400, f"Invalid dateRange: {text} is not a date.") from exc


def keep_by_metric(rows: list[Row], metrics: Sequence[str], wanted: Any) -> list[Row]:
    """Rows whose numbers pass."""
    passes = compile_filter(wanted, METRICS)
    return [row for row in rows if passes(dict(zip(metrics, row[1], strict=True)).__getitem__)]


def sort_rows(rows: list[Row], dimensions: Sequence[str], metrics: Sequence[str], orders: Sequence[Any]) -> list[Row]:
    """By the last order first, since sorting keeps the order of equals."""
    for order in reversed(orders):
        turned = bool(order.get("desc"))
        if name := (order.get("dimension") or {}).get("dimensionName"):
            place = _place_of(name, dimensions)
            rows = sorted(rows, key=text_at(place), reverse=turned)
        elif name := (order.get("metric") or {}).get("metricName"):
            place = _place_of(name, metrics)
            rows = sorted(rows, key=number_at(place), reverse=turned)
    return rows


def text_at(place: int) -> Callable[[Row], str]:
    return lambda row: row[0][place]


def number_at(place: int) -> Callable[[Row], float]:
    return lambda row: float(row[1][place])


def _place_of(name: str, names: Sequence[str]) -> int:
    if name not in names:
        raise refuse(400, f"Field {name} in orderBys is not in the request.")
    return names.index(name)


def tell_report(body: Mapping[str, Any], rows: list[Row], kind: str, quota: dict[str, Any]) -> dict[str, Any]:
    """One page of a report. What is zero or empty is left out, as in all of Google's JSON."""
    offset = int(body.get("offset") or 0)
    limit = min(int(body.get("limit") or DEFAULT_ROWS), MOST_ROWS)
    page = [
        {
            "dimensionValues": [{"value": value} for value in row[0]],
            "metricValues": [{"value": value} for value in row[1]],
        }
        for row in rows[offset : offset + limit]
    ]
    told: dict[str, Any] = {
        "dimensionHeaders": [{"name": name} for name in names_in(body, "dimensions")],
        "metricHeaders": [{"name": name, "type": METRICS[name].kind} for name in names_in(body, "metrics")],
        "metadata": {"currencyCode": "EUR", "timeZone": ZONE.key},
        "kind": kind,
    }
    if page:
        told["rows"] = page
    if rows:
        told["rowCount"] = len(rows)
    return {**told, "propertyQuota": quota} if body.get("returnPropertyQuota") else told
