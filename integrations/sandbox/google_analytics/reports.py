"""Reports of the property. https://developers.google.com/analytics/devguides/reporting/data/v1/rest/v1beta/properties"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from integrations.sandbox.clock import Clock
from integrations.sandbox.google_analytics.adding_up import READERS, Row, add_up
from integrations.sandbox.google_analytics.columns import (
    DIMENSIONS,
    METRICS,
    check_names,
    check_together,
    find_conflict,
)
from integrations.sandbox.google_analytics.errors import read_json, refuse
from integrations.sandbox.google_analytics.filters import compile_filter
from integrations.sandbox.google_analytics.pages import (
    always,
    keep_by_metric,
    names_in,
    read_date,
    sort_rows,
    tell_report,
    through,
)
from integrations.sandbox.google_analytics.quotas import Tokens
from integrations.sandbox.google_analytics.stream import ZONE, Stream
from integrations.sandbox.google_analytics.visits import Happening, make_day
from integrations.sandbox.wire import Answer, Call, Route, answer_json

PREFIX = "/v1beta/properties/{property:[^/:]+}"
FIRST_DAY = date(2015, 8, 14)
OPENED = date(2024, 1, 1)
"""The website was not there before."""
MOST_CACHED = 64


class ReportsApi:
    """Reports, several at once, those of the last half hour, and what goes with what."""

    def __init__(self, stream: Stream, core: Tokens, realtime: Tokens, clock: Clock, seed: int) -> None:
        self._stream = stream
        self._core, self._realtime = core, realtime
        self._clock = clock
        self._seed = seed
        self._rows: dict[bytes, list[Row]] = {}

    def routes(self) -> list[Route]:
        return [
            Route("POST", f"{PREFIX}:runReport", self.run),
            Route("POST", f"{PREFIX}:batchRunReports", self.run_batch),
            Route("POST", f"{PREFIX}:runRealtimeReport", self.run_realtime),
            Route("POST", f"{PREFIX}:checkCompatibility", self.check_compatibility),
            Route("GET", f"{PREFIX}/metadata", self.describe),
        ]

    def run(self, call: Call) -> Answer:
        return answer_json(self._report(read_json(call.body), "analyticsData#runReport"))

    def run_batch(self, call: Call) -> Answer:
        asked = read_json(call.body).get("requests") or []
        if len(asked) > 5:
            raise refuse(400, "A batch request can have at most 5 requests.")
        reports = [self._report(one, "analyticsData#runReport") for one in asked]
        return answer_json({"reports": reports, "kind": "analyticsData#batchRunReports"})

    def run_realtime(self, call: Call) -> Answer:
        body = read_json(call.body)
        dimensions, metrics = names_in(body, "dimensions"), names_in(body, "metrics")
        for name in dimensions:
            if name != "eventName":
                raise refuse(
                    400, f"Field {name} is not a valid dimension. For a list of valid dimensions and metrics, see "
                )
        quota = self._realtime.charge(2)
        lets_through = compile_filter(body.get("dimensionFilter"), READERS)
        counts = self._stream.count_lately()
        rows: list[Row] = [
            ((name,) if dimensions else (), tuple(str(count) for _ in metrics))
            for name, count in sorted(counts.items())
            if lets_through(always(name))
        ]
        return answer_json(tell_report(body, rows, "analyticsData#runRealtimeReport", quota))

    def check_compatibility(self, call: Call) -> Answer:
        body = read_json(call.body)
        dimensions, metrics = names_in(body, "dimensions"), names_in(body, "metrics")
        check_names(dimensions, metrics)
        check_together(dimensions, metrics)
        only = body.get("compatibilityFilter") in ("COMPATIBLE", 1)
        return answer_json(
            {
                "dimensionCompatibilities": [
                    {"dimensionMetadata": column.describe(), "compatibility": "COMPATIBLE"}
                    for column in DIMENSIONS.values()
                ],
                "metricCompatibilities": [
                    {
                        "metricMetadata": column.describe(),
                        "compatibility": "INCOMPATIBLE" if find_conflict(name, dimensions) else "COMPATIBLE",
                    }
                    for name, column in METRICS.items()
                    if not (only and find_conflict(name, dimensions))
                ],
            }
        )

    def describe(self, call: Call) -> Answer:
        return answer_json(
            {
                "name": f"properties/{call.params['property']}/metadata",
                "dimensions": [column.describe() for column in DIMENSIONS.values()],
                "metrics": [column.describe() for column in METRICS.values()],
            }
        )

    def _report(self, body: dict[str, Any], kind: str) -> dict[str, Any]:
        dimensions, metrics = names_in(body, "dimensions"), names_in(body, "metrics")
        check_names(dimensions, metrics)
        check_together(dimensions, metrics)
        if len(dimensions) > 9 or len(metrics) > 10 or not (dimensions or metrics):
            raise refuse(400, "Requests are limited to 9 dimensions and 10 metrics.")
        days = self._read_days(body)
        quota = self._core.charge(4 + len(dimensions) + len(days) // 50)
        rows = self._find_rows(body, dimensions, metrics, days)
        return tell_report(body, rows, kind, quota)

    def _find_rows(
        self, body: dict[str, Any], dimensions: Sequence[str], metrics: Sequence[str], days: Sequence[date]
    ) -> list[Row]:
        """Pages of one report are cut from the same rows."""
        asked = {name: body.get(name) for name in ("dimensionFilter", "metricFilter", "orderBys", "keepEmptyRows")}
        hits = len(self._stream.counted), int(self._clock.now() // 60)
        key = orjson.dumps([dimensions, metrics, str(days[0]), str(days[-1]), asked, hits], option=orjson.OPT_SORT_KEYS)
        if key not in self._rows:
            if len(self._rows) >= MOST_CACHED:
                self._rows.clear()
            passes = compile_filter(asked["dimensionFilter"], READERS)
            happenings = self._find_happenings(days)
            found = add_up(happenings, dimensions, metrics, through(passes), keeps_empty=bool(asked["keepEmptyRows"]))
            kept = keep_by_metric(found, metrics, asked["metricFilter"])
            self._rows[key] = sort_rows(kept, dimensions, metrics, asked["orderBys"] or [])
        return self._rows[key]

    def _find_happenings(self, days: Sequence[date]) -> list[Happening]:
        wanted = {f"{day:%Y%m%d}" for day in days}
        found = [one for day in days if OPENED <= day <= self._today() for one in make_day(self._seed, day)]
        return found + [one for one in self._stream.reported() if one.date in wanted]

    def _read_days(self, body: Mapping[str, Any]) -> list[date]:
        ranges = body.get("dateRanges") or []
        if len(ranges) != 1:
            raise refuse(400, "This property answers for one date range at a time.")
        first, last = (read_date(str(ranges[0].get(name, "")), self._today()) for name in ("startDate", "endDate"))
        if last < first:
            raise refuse(400, f"Invalid dateRange: endDate {last} cannot be before startDate {first}.")
        if first < FIRST_DAY:
            raise refuse(400, f"Invalid startDate: {first}. Must be on or after {FIRST_DAY}.")
        return [first + timedelta(days=i) for i in range((last - first).days + 1)]

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now(), UTC).astimezone(ZONE).date()
