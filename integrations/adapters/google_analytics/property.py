"""One property, as the reading side sees it: its calls, and what their answers say about the quotas."""

from collections.abc import Callable, Mapping
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.google_analytics.places import ADMIN, REALTIME, REPORTS
from integrations.adapters.google_analytics.quotas import REPORT_COST, read_quotas
from integrations.adapters.http import Answer
from integrations.adapters.wire import dump_json
from integrations.exceptions import SyncpanelError

Body = Mapping[str, Any]


class Property:
    """Makes the calls of one property. `find_id` raises ConfigurationError where the connection does not say which it is."""

    def __init__(self, reports: SignedClient, admin: SignedClient, find_id: Callable[[], str]) -> None:
        self._reports = reports
        self._admin = admin
        self._find_id = find_id

    @property
    def name(self) -> str:
        """As Google writes it: properties/1234."""
        return f"properties/{self._find_id()}"

    def report(self, question: Body, *, verb: str = "runReport", group: str = REPORTS) -> tuple[Answer, dict[str, Any]]:
        """https://developers.google.com/analytics/devguides/reporting/data/v1/rest/v1beta/properties/runReport"""
        return self._read(self._post(f":{verb}", {**question, "returnPropertyQuota": True}, REPORT_COST, group))

    def find_compatible(self, question: Body) -> dict[str, Any]:
        """https://developers.google.com/analytics/devguides/reporting/data/v1/rest/v1beta/properties/checkCompatibility"""
        return self._read(self._post(":checkCompatibility", question))[1]

    def count_lately(self, event: str) -> int:
        """How often this event came in the last half hour. https://developers.google.com/analytics/devguides/reporting/data/v1/realtime-basics"""
        question = {
            "dimensions": [{"name": "eventName"}],
            "metrics": [{"name": "eventCount"}],
            "dimensionFilter": {"filter": {"fieldName": "eventName", "stringFilter": {"value": event}}},
        }
        _, body = self.report(question, verb="runRealtimeReport", group=REALTIME)
        counts = [row["metricValues"][0]["value"] for row in body.get("rows") or []]
        return sum(map(int, counts))

    def describe(self) -> dict[str, Any]:
        """https://developers.google.com/analytics/devguides/reporting/data/v1/rest/v1beta/properties/getMetadata"""
        return self.get("/metadata")

    def get(self, tail: str) -> dict[str, Any]:
        """What is there at the Data API."""
        return self._read(self._reports.call("GET", f"/v1beta/{self.name}{tail}", REPORTS))[1]

    def order(self, tail: str, order: Body, cost: int) -> dict[str, Any]:
        """Has something made. Made twice it does no harm but to the quota."""
        return self._read(self._post(tail, order, cost))[1]

    def query(self, tail: str, question: Body) -> tuple[Answer, dict[str, Any]]:
        """A page of what was made."""
        return self._read(self._post(tail, question))

    def list_audiences(self, page: str) -> dict[str, Any]:
        """https://developers.google.com/analytics/devguides/config/admin/v1/rest/v1alpha/properties.audiences/list"""
        path = f"/v1alpha/{self.name}/audiences?pageSize=200{page}"
        return self._read(self._admin.call("GET", path, ADMIN))[1]

    def unexpected(self, answer: Answer) -> SyncpanelError:
        """For JSON that is not what the documentation promises."""
        return self._reports.http.unexpected(answer)

    def _post(self, tail: str, body: Body, cost: int = 1, group: str = REPORTS) -> Answer:
        return self._reports.call("POST", f"/v1beta/{self.name}{tail}", group, body=dump_json(body), cost=cost)

    def _read(self, answer: Answer) -> tuple[Answer, dict[str, Any]]:
        body = self._reports.http.read_json(answer)
        if not isinstance(body, dict):
            raise self.unexpected(answer)
        if told := read_quotas(body):
            self._reports.http.learn(answer, told)
        return answer, body
