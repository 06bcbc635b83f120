"""Reading reports: rows of days.

https://developers.google.com/analytics/devguides/reporting/data/v1/basics

Google does not say when a number has changed, and numbers change for days: hits come late, and conversions are given to
other sources. So what changed is: the days since then, and three more.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integrations.adapters.google_analytics.columns import build_schema
from integrations.adapters.google_analytics.declaration import BACK_DAYS, EVERYTHING, LABEL
from integrations.adapters.google_analytics.presets import DATE, Preset, find_preset
from integrations.adapters.google_analytics.property import Property
from integrations.adapters.google_analytics.rows import Flattener, day_of
from integrations.adapters.http import Answer
from integrations.adapters.pagination import advance, mark_page
from integrations.types import Cursor, FlatRecord, ObjectSchema, Page, Window

ROWS = 10_000
AGAIN = timedelta(days=3)
ZONES_DIFFER = timedelta(days=1)
"""Somewhere it is yesterday still."""
FIRST_DAY = date(2015, 8, 14)
"""Earlier days are refused."""
TODAY = "today"


class Reports:
    """Reads the reports of one connection."""

    def __init__(self, prop: Property, settings: Mapping[str, str]) -> None:
        self._property = prop
        self._back = settings.get("reports_back") or BACK_DAYS
        self._metrics: dict[str, tuple[str, ...]] = {}

    def describe(self, object_name: str) -> ObjectSchema:
        """The columns of the report, as far as this property has them."""
        preset = find_preset(object_name)
        return build_schema(preset, self._property.find_compatible(preset.compatibility()))

    def fetch(self, object_name: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        """The page after `cursor`. The first reads to the end of today, where the property is; those after it to the same
        day, whatever the clock says by then."""
        preset = find_preset(object_name)
        offset = int(cursor.get("offset", 0))
        question = {
            **preset.question(self._choose_metrics(preset, fields)),
            "dateRanges": [{"startDate": self._first_day(window).isoformat(), "endDate": cursor.get("end", TODAY)}],
            "offset": offset,
            "limit": ROWS,
        }
        answer, body = self._property.report(question)
        rows, total = self._read_rows(answer, body)
        records, malformed = Flattener(preset, body).flatten(rows, fields)
        if not rows or offset + len(rows) >= total:
            return Page(records, None, malformed, total)
        end = cursor.get("end") or find_end(body, window).isoformat()
        position = {"offset": offset + len(rows), "end": end}
        mark = mark_page([record["id"] for record in records])
        return Page(records, advance(cursor, position, mark, LABEL), malformed, total)

    def count(self, object_name: str, window: Window) -> int | None:
        """About how many rows there are: those on which the first metric is not zero. With conditions Google would have to be
        asked otherwise."""
        if window.conditions:
            return None
        preset = find_preset(object_name)
        days = {"startDate": self._first_day(window).isoformat(), "endDate": TODAY}
        answer, body = self._property.report({**preset.question(preset.metrics[:1]), "dateRanges": [days], "limit": 1})
        return self._read_rows(answer, body)[1]

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> list[FlatRecord]:
        """Rows by id: all rows of their days are looked at."""
        preset = find_preset(object_name)
        wanted = set(ids)
        days = sorted({day for one in wanted if (day := day_of(one))})
        if not days:
            return []
        chosen = {"filter": {"fieldName": DATE, "inListFilter": {"values": [f"{day:%Y%m%d}" for day in days]}}}
        question = {
            **preset.question(self._choose_metrics(preset, fields)),
            "dateRanges": [{"startDate": days[0].isoformat(), "endDate": days[-1].isoformat()}],
            "dimensionFilter": {"andGroup": {"expressions": [chosen, preset.only]}} if preset.only else chosen,
        }
        return [record for record in self._read_all(preset, question, fields) if record["id"] in wanted]

    def _read_all(self, preset: Preset, question: Mapping[str, Any], fields: Sequence[str]) -> Iterator[FlatRecord]:
        offset = 0
        while True:
            answer, body = self._property.report({**question, "offset": offset, "limit": ROWS})
            rows, total = self._read_rows(answer, body)
            yield from Flattener(preset, body).flatten(rows, fields)[0]
            offset += len(rows)
            if not rows or offset >= total:
                return

    def _read_rows(self, answer: Answer, body: Mapping[str, Any]) -> tuple[list[Any], int]:
        """An empty report has neither rows nor their number; but every report says what its columns are."""
        rows, total = body.get("rows", []), body.get("rowCount", 0)
        if not isinstance(rows, list) or not isinstance(total, int) or "dimensionHeaders" not in body:
            raise self._property.unexpected(answer)
        return rows, total

    def _choose_metrics(self, preset: Preset, fields: Sequence[str]) -> tuple[str, ...]:
        """Those asked for, else all that the report has in this property."""
        if fields:
            asked = tuple(name for name in fields if name in preset.metrics)
            return asked or preset.metrics[:1]
        if preset.name not in self._metrics:
            schema = self.describe(preset.object_name)
            self._metrics[preset.name] = tuple(one.name for one in schema.fields if one.name in preset.metrics)
        return self._metrics[preset.name]

    def _first_day(self, window: Window) -> date:
        if window.since is not None:
            return max(FIRST_DAY, (window.since - AGAIN - ZONES_DIFFER).date())
        if self._back == EVERYTHING:
            return FIRST_DAY
        return max(FIRST_DAY, (window.until - timedelta(days=int(self._back))).date())


def find_end(body: Mapping[str, Any], window: Window) -> date:
    """The last day that was read: that of the window's end, where the property is."""
    metadata = body.get("metadata")
    zone = str(metadata.get("timeZone") or "UTC") if isinstance(metadata, dict) else "UTC"
    try:
        return window.until.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return window.until.astimezone(UTC).date()
