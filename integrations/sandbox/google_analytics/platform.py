"""The simulated Google Analytics: its parts put together, and its front desk."""

from collections.abc import Sequence
from typing import Any

from integrations.sandbox.faults import Fault
from integrations.sandbox.google_analytics import credentials
from integrations.sandbox.google_analytics.audiences import AudiencesApi
from integrations.sandbox.google_analytics.auth import AuthApi, TokenDesk
from integrations.sandbox.google_analytics.collect import CollectApi
from integrations.sandbox.google_analytics.errors import describe_error, refuse
from integrations.sandbox.google_analytics.options import Options
from integrations.sandbox.google_analytics.quotas import EXHAUSTED, Tokens
from integrations.sandbox.google_analytics.reports import ReportsApi
from integrations.sandbox.google_analytics.stream import Hit, Stream
from integrations.sandbox.platform import Platform
from integrations.sandbox.scene import Scene
from integrations.sandbox.wire import Answer, Call, Route, answer_json

COMMON = "0"
"""The property of which everybody may read the metadata."""


class Analytics(Platform):
    """One property with one web stream."""

    name = "google_analytics"
    unknown_paths = ("/v1beta/{tail:.*}", "/v1alpha/{tail:.*}", "/mp/{tail:.*}", "/debug/{tail:.*}")

    def __init__(self, scene: Scene) -> None:
        settings, clock = scene.settings, scene.clock
        self._options = settings.of(Options)
        self._desk = TokenDesk(clock)
        self._core, realtime = Tokens(settings, clock), Tokens(settings, clock)
        self.stream = Stream(clock, self._options)
        self._routes = [
            *AuthApi(self._desk).routes(),
            *CollectApi(self.stream, clock).routes(),
            *ReportsApi(self.stream, self._core, realtime, clock, settings.seed).routes(),
            *AudiencesApi(self._core, clock, self._options, scene.people.count, settings.seed).routes(),
        ]

    @property
    def routes(self) -> Sequence[Route]:
        return self._routes

    def admit(self, call: Call, route: Route) -> dict[str, str]:
        if route.public:
            return {}
        self._desk.check(call.headers.get("Authorization", ""), call.revoked)
        if self._options.api_disabled:
            raise refuse_disabled()
        if call.params["property"] not in (credentials.PROPERTY, COMMON):
            raise refuse(
                403,
                "User does not have sufficient permissions for this property. To learn more about Property ID, see "
                "https://developers.google.com/analytics/devguides/reporting/data/v1/property-id.",
            )
        return {}

    def make_failure(self, fault: Fault) -> Answer:
        """`policy` of a fault with status 429 names the quota."""
        status = fault.status or 500
        message = (
            EXHAUSTED.get(fault.policy or "concurrent", "")
            if status == 429
            else _MESSAGES.get(status, "Internal error.")
        )
        return answer_json(describe_error(status, message), status, dict(fault.headers))

    def make_not_found(self, call: Call) -> Answer:
        return answer_json(describe_error(404, "Requested entity was not found."), 404)

    def expire_tokens(self) -> None:
        self._desk.expire_all()

    def set_daily_used(self, used: int) -> None:
        self._core.set_used(used)

    def summarise(self, object_name: str) -> dict[str, int]:
        """ "rejected" are the events that are lost without anybody being told."""
        return self.stream.ledger.summarise(len(self._hits(object_name)))

    def list_records(self, object_name: str, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
        hits = self._hits(object_name)
        following = after + limit if after + limit < len(hits) else None
        return [hit.show() for hit in hits[after : after + limit]], following

    def _hits(self, object_name: str) -> list[Hit]:
        return {"events": self.stream.counted, "lost": self.stream.lost}[object_name]


def refuse_disabled() -> Exception:
    message = (
        "Google Analytics Data API has not been used in project 1234 before or it is disabled. Enable it by visiting "
        "https://console.developers.google.com/apis/api/analyticsdata.googleapis.com/overview?project=1234 then retry."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"service": "analyticsdata.googleapis.com"},
    }
    return refuse(403, message, details=[info])


_MESSAGES = {
    401: "Request had invalid authentication credentials.",
    403: "The caller does not have permission",
    404: "Requested entity was not found.",
    500: "Internal error encountered.",
    503: "The service is currently unavailable.",
    504: "Deadline expired before operation could complete.",
}

PLATFORM = Analytics
