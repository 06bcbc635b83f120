"""The simulated Salesforce: its parts put together, and its front desk."""

from collections.abc import Sequence
from typing import Any

from integrations.sandbox.faults import Fault
from integrations.sandbox.field_changes import Change
from integrations.sandbox.outgoing import Manner, Subscription
from integrations.sandbox.platform import Chosen, Platform
from integrations.sandbox.salesforce.auth import AuthApi, SessionDesk
from integrations.sandbox.salesforce.bulk_ingest import IngestApi
from integrations.sandbox.salesforce.bulk_query import BulkQueryApi
from integrations.sandbox.salesforce.errors import refuse
from integrations.sandbox.salesforce.limits import DailyLimit
from integrations.sandbox.salesforce.options import Options
from integrations.sandbox.salesforce.query import QueryApi
from integrations.sandbox.salesforce.sobject_collections import CollectionsApi
from integrations.sandbox.salesforce.sobjects import SObjectsApi
from integrations.sandbox.salesforce.tables import PREFIX, Tables
from integrations.sandbox.salesforce.webhooks import News, OutboundMessages
from integrations.sandbox.scene import Scene
from integrations.sandbox.wire import Answer, Call, Route, answer_json

RETIRED = range(21, 31)
NEWEST = 68
_SEASONS = ("Winter", "Spring", "Summer")


class Org(Platform):
    """One Salesforce org with its leads, contacts and accounts."""

    name = "salesforce"
    unknown_paths = ("/services/{tail:.*}",)

    def __init__(self, scene: Scene) -> None:
        settings, clock = scene.settings, scene.clock
        self._options = settings.of(Options)
        self._desk = SessionDesk(clock)
        self._limit = DailyLimit(settings, clock)
        self.tables = Tables(clock, scene.settings.seed)
        news = News(scene.sender)
        for table in self.tables.all.values():
            table.on_saved = news.listen_to(table)
        queries = QueryApi(self.tables)
        self._ingest = IngestApi(self.tables, settings, clock)
        self._routes = [
            *AuthApi(self._desk, clock).routes(),
            Route("GET", "/services/data", self.list_versions, public=True),
            Route("GET", "/services/data/", self.list_versions, public=True),
            Route("GET", f"{PREFIX}/limits", self.describe_limits),
            Route("GET", f"{PREFIX}/limits/", self.describe_limits),
            *queries.routes(),
            *BulkQueryApi(queries, settings, clock).routes(),
            *self._ingest.routes(),
            *CollectionsApi(self.tables).routes(),
            *SObjectsApi(self.tables).routes(),
        ]

    @property
    def extra_latency_ms(self) -> float:
        return self._options.salesforce_latency_ms

    @property
    def routes(self) -> Sequence[Route]:
        return self._routes

    def admit(self, call: Call, route: Route) -> dict[str, str]:
        if route.public:
            return {}
        check_version(call.params.get("version"))
        call.token = self._desk.check(call.headers.get("Authorization", ""), call.revoked)
        headers = self._limit.take()
        self._ingest.settle()
        return headers

    def list_versions(self, call: Call) -> Answer:
        return answer_json([describe_version(number) for number in range(RETIRED.stop, NEWEST + 1)])

    def describe_limits(self, call: Call) -> Answer:
        return answer_json(self._limit.describe())

    def make_failure(self, fault: Fault) -> Answer:
        status = fault.status or 500
        code, message = _FAILURES.get(status, ("UNKNOWN_EXCEPTION", "An unexpected error occurred."))
        return answer_json([{"message": message, "errorCode": code}], status, dict(fault.headers))

    def make_not_found(self, call: Call) -> Answer:
        raise refuse(404, "NOT_FOUND", "The requested resource does not exist")

    def expire_tokens(self) -> None:
        self._desk.close_all()

    def set_daily_used(self, used: int) -> None:
        self._limit.set_used(used)

    def summarise(self, object_name: str) -> dict[str, int]:
        self._ingest.settle()
        table = self.tables.all[object_name]
        return table.ledger.summarise(table.stored)

    def change_field(self, object_name: str, change: Change) -> None:
        self.tables.change_field(object_name, change)

    def make_manner(self, subscription: Subscription) -> Manner:
        return OutboundMessages(subscription.options)

    def touch(self, object_name: str, chosen: Chosen, values: dict[str, Any]) -> list[str]:
        self._ingest.settle()
        table = self.tables.all[object_name]
        if isinstance(chosen, int):
            slots = [slot for slot in table.slots if slot not in table.deleted][:chosen]
        else:
            slots = [slot for slot in map(table.find_slot, chosen) if slot is not None]
        table.update(slots, [dict(values) for _ in slots], frozenset(values), moved=True, by_us=False)
        return [table.ids.make(slot) for slot in slots]

    def list_records(self, object_name: str, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
        self._ingest.settle()
        table = self.tables.all[object_name]
        slots = [slot for slot in table.slots[after:] if slot not in table.deleted][: limit + 1]
        following = slots[limit] if len(slots) > limit else None
        return [table.read(slot) for slot in slots[:limit]], following


def check_version(version: str | None) -> None:
    number = int((version or str(NEWEST)).partition(".")[0])
    if number in RETIRED:
        raise refuse(410, "UNSUPPORTED_API_VERSION", f"This API version {version} is no longer supported")
    if not RETIRED.stop <= number <= NEWEST:
        raise refuse(404, "NOT_FOUND", "The requested resource does not exist")


def describe_version(number: int) -> dict[str, str]:
    """Three a year; 68 is Winter '27."""
    season, year = _SEASONS[(number - NEWEST) % 3], 27 + (number - NEWEST) // 3
    return {"label": f"{season} '{year}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}


_FAILURES = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    409: ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
    420: ("UNKNOWN_EXCEPTION", "The org is being moved"),
    502: ("SERVER_UNAVAILABLE", "Bad gateway"),
    503: ("SERVER_UNAVAILABLE", "Server unavailable"),
}


PLATFORM = Org
