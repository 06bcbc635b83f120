"""Audiences, and the lists of who is in them. https://developers.google.com/analytics/devguides/reporting/data/v1/audience-list-basics"""

import random
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.clock import Clock, format_ms
from integrations.sandbox.google_analytics.errors import read_json, refuse
from integrations.sandbox.google_analytics.options import Options
from integrations.sandbox.google_analytics.quotas import Tokens
from integrations.sandbox.google_analytics.reports import PREFIX
from integrations.sandbox.google_analytics.visits import NOT_SET
from integrations.sandbox.wire import Answer, Call, Route, answer_json

KEPT = 72 * 3_600
FIRST_USER, USER_STEP = 1_000_101, 4
"""The website knows people by the numbers that the simulated CRM gives them."""

# number | name | one in so many people is in it
AUDIENCES = (("77", "Purchasers", 40), ("78", "Newsletter readers", 12), ("79", "Asked for a demo", 150))
DIMENSIONS = ("userId", "deviceId", "isAdsPersonalizationAllowed", "isLimitedAdTracking")
Members = list[tuple[str, ...]]


@dataclass(slots=True)
class Export:
    """One list, from the moment it was ordered."""

    number: int
    audience: str
    dimensions: tuple[str, ...]
    begun: float
    cost: int


class AudiencesApi:
    """The property's audiences, and the lists that were ordered."""

    def __init__(self, tokens: Tokens, clock: Clock, options: Options, people: int, seed: int) -> None:
        self._tokens = tokens
        self._clock = clock
        self._options = options
        self._people = people
        self._seed = seed
        self._exports: list[Export] = []

    def routes(self) -> list[Route]:
        one = f"{PREFIX}/audienceExports/{{export:[^/:]+}}"
        return [
            Route("GET", "/v1alpha/properties/{property:[^/:]+}/audiences", self.list_audiences),
            Route("GET", f"{PREFIX}/audienceExports", self.list_exports),
            Route("POST", f"{PREFIX}/audienceExports", self.order),
            Route("GET", one, self.describe),
            Route("POST", f"{one}:query", self.query),
        ]

    def list_audiences(self, call: Call) -> Answer:
        start = f"properties/{call.params['property']}/audiences/"
        rows = [{"name": f"{start}{number}", "displayName": name} for number, name, _ in AUDIENCES]
        return answer_json({"audiences": rows})

    def list_exports(self, call: Call) -> Answer:
        """In pages, the oldest first."""
        size, start = int(call.query.get("pageSize", 200)), int(call.query.get("pageToken", 0))
        there = self._kept()
        body: dict[str, Any] = {"audienceExports": [self._tell(call, one) for one in there[start : start + size]]}
        if start + size < len(there):
            body["nextPageToken"] = str(start + size)
        return answer_json(body)

    def order(self, call: Call) -> Answer:
        body = read_json(call.body)
        audience = str(body.get("audience", "")).rpartition("/")[2]
        if audience not in [number for number, *_ in AUDIENCES]:
            raise refuse(404, "Requested entity was not found.")
        names = tuple(str(one.get("dimensionName", "")) for one in body.get("dimensions") or [])
        if not names or not set(names) <= set(DIMENSIONS):
            raise refuse(400, f"Did you mean userId? Field {', '.join(names)} is not a valid dimension. ")
        cost = 20 + self._people // 1_000
        self._tokens.charge(cost)
        export = Export(len(self._exports) + 1, audience, names, self._clock.now(), cost)
        self._exports.append(export)
        kind = "type.googleapis.com/google.analytics.data.v1beta.AudienceExportMetadata"
        return answer_json({"name": f"operations/audienceExport-{export.number}", "metadata": {"@type": kind}})

    def describe(self, call: Call) -> Answer:
        return answer_json(self._tell(call, self._find(call)))

    def query(self, call: Call) -> Answer:
        export = self._find(call)
        if self._state(export) != "ACTIVE":
            raise refuse(400, "This audience export is not active yet.")
        body = read_json(call.body)
        offset, limit = int(body.get("offset") or 0), int(body.get("limit") or 10_000)
        members = self._make_members(export)
        rows = [{"dimensionValues": [{"value": value} for value in row]} for row in members[offset : offset + limit]]
        told: dict[str, Any] = {"audienceExport": self._tell(call, export)}
        if rows:
            told["audienceRows"] = rows
        if members:
            told["rowCount"] = len(members)
        return answer_json(told)

    def _kept(self) -> list[Export]:
        return [one for one in self._exports if one.begun > self._clock.now() - KEPT]

    def _find(self, call: Call) -> Export:
        for export in self._kept():
            if str(export.number) == call.params["export"]:
                return export
        raise refuse(404, "Requested entity was not found.")

    def _state(self, export: Export) -> str:
        if self._options.exports_fail:
            return "FAILED"
        return "ACTIVE" if self._share(export) >= 1 else "CREATING"

    def _share(self, export: Export) -> float:
        return min(1.0, (self._clock.now() - export.begun) / max(self._options.export_seconds, 0.001))

    def _tell(self, call: Call, export: Export) -> dict[str, Any]:
        start, state = f"properties/{call.params['property']}", self._state(export)
        name = next(name for number, name, _ in AUDIENCES if number == export.audience)
        told = {
            "name": f"{start}/audienceExports/{export.number}",
            "audience": f"{start}/audiences/{export.audience}",
            "audienceDisplayName": name,
            "dimensions": [{"dimensionName": one} for one in export.dimensions],
            "state": state,
            "beginCreatingTime": f"{format_ms(int(export.begun * 1_000))[:-1]}456789Z",
            "creationQuotaTokensCharged": export.cost,
        }
        if state == "FAILED":
            return {**told, "errorMessage": "Exhausted property tokens per day."}
        if state == "ACTIVE":
            told["rowCount"] = len(self._make_members(export))
        return {**told, "percentageCompleted": round(self._share(export) * 100, 1)}

    def _make_members(self, export: Export) -> Members:
        """One in so many people, some with two browsers; and browsers of which nobody knows whose they are."""
        every = next(every for number, _, every in AUDIENCES if number == export.audience)
        dice = random.Random(f"audience {export.audience} {self._seed}")
        rows: dict[tuple[str, ...], None] = {}
        for i in range(dice.randrange(every), self._people, every):
            for _ in range(dice.choice((1, 1, 1, 2))):
                user = str(FIRST_USER + i * USER_STEP) if dice.random() < 0.9 else NOT_SET
                told = (user, f"{dice.randrange(10**9)}.{1_767_225_600 + i}", dice.choice(("true", "false")), "false")
                rows[tuple(dict(zip(DIMENSIONS, told, strict=True))[name] for name in export.dimensions)] = None
        return list(rows)
