"""Bulk API 2.0, reading. https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/queries.htm"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.clock import Clock, format_offset
from integrations.sandbox.salesforce.credentials import USER_ID
from integrations.sandbox.salesforce.csv_rows import to_cell, write_lines
from integrations.sandbox.salesforce.errors import read_json, refuse, refuse_missing_record
from integrations.sandbox.salesforce.evaluate import Evaluator
from integrations.sandbox.salesforce.ids import IdMaker
from integrations.sandbox.salesforce.options import Options
from integrations.sandbox.salesforce.query import QueryApi
from integrations.sandbox.salesforce.tables import PREFIX
from integrations.sandbox.settings import Settings
from integrations.sandbox.wire import CSV, Answer, Call, Route, answer_json

PAGE = 50_000
OPERATIONS = ("query", "queryAll")


@dataclass(slots=True)
class QueryJob:
    """A query that is run when its time has come; its result is kept as the places of the records."""

    id: str
    operation: str
    text: str
    version: str
    fields: list[str]
    object: str
    evaluator: Evaluator
    created_at: float
    aborted: bool = False
    slots: list[int] | None = None

    def state(self, now: float, delay: float) -> str:
        if self.aborted:
            return "Aborted"
        if now < self.created_at + delay:
            return "UploadComplete"
        return "InProgress" if now < self.created_at + 2 * delay else "JobComplete"

    def describe(self, state: str) -> dict[str, Any]:
        stamp = format_offset(int(self.created_at * 1_000))
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": USER_ID,
            "createdDate": stamp,
            "systemModstamp": stamp,
            "state": state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }


class BulkQueryApi:
    """Create, poll, fetch in pages, abort, delete."""

    def __init__(self, queries: QueryApi, settings: Settings, clock: Clock) -> None:
        self._queries = queries
        self._options = settings.of(Options)
        self._clock = clock
        self._ids = IdMaker("750")
        self._made = 500_000
        self._jobs: dict[str, QueryJob] = {}

    def routes(self) -> list[Route]:
        base = f"{PREFIX}/jobs/query"
        pairs = [
            ("POST", base, self.create),
            ("GET", f"{base}/{{id}}", self.read),
            ("GET", f"{base}/{{id}}/results", self.fetch),
            ("PATCH", f"{base}/{{id}}", self.abort),
            ("DELETE", f"{base}/{{id}}", self.delete),
        ]
        return [Route(method, path + end, handler) for method, path, handler in pairs for end in ("", "/")]

    def create(self, call: Call) -> Answer:
        body = read_json(call.body)
        if body.get("operation") not in OPERATIONS:
            raise refuse(400, "INVALIDJOB", f"Unable to parse Job: {body.get('operation')} is not supported")
        query, evaluator = self._queries.prepare(str(body.get("query", "")))
        job = QueryJob(
            id=self._ids.make(self._made),
            operation=body["operation"],
            text=body["query"],
            version=call.params["version"],
            fields=query.fields,
            object=query.entity,
            evaluator=evaluator,
            created_at=self._clock.now(),
        )
        self._made += 1
        self._jobs[job.id] = job
        return answer_json(job.describe(self._state(job)))

    def _state(self, job: QueryJob) -> str:
        return job.state(self._clock.now(), self._options.bulk_delay)

    def _find(self, call: Call) -> QueryJob:
        try:
            return self._jobs[call.params["id"]]
        except KeyError as exc:
            raise refuse_missing_record() from exc

    def read(self, call: Call) -> Answer:
        job = self._find(call)
        state = self._state(job)
        done = {"numberRecordsProcessed": len(self._slots(job))} if state == "JobComplete" else {}
        return answer_json({**job.describe(state), "jobType": "V2Query", "retries": 0, **done})

    def _slots(self, job: QueryJob) -> list[int]:
        if job.slots is None:
            job.slots = job.evaluator.find(with_deleted=job.operation == "queryAll")
        return job.slots

    def fetch(self, call: Call) -> Answer:
        job = self._find(call)
        if self._state(job) != "JobComplete":
            raise refuse(400, "INVALIDJOBSTATE", f"The job {job.id} is {self._state(job)}: it has no results now")
        slots = self._slots(job)
        start = read_locator(call.query.get("locator", ""))
        end = start + int(call.query.get("maxRecords", PAGE))
        lines = [[to_cell(job.evaluator.read_path(slot, name)) for name in job.fields] for slot in slots[start:end]]
        headers = {
            "Sforce-Locator": write_locator(end) if end < len(slots) else "null",
            "Sforce-NumberOfRecords": str(len(lines)),
        }
        return Answer(200, write_lines(job.fields, lines), CSV, headers)

    def abort(self, call: Call) -> Answer:
        job = self._find(call)
        if read_json(call.body).get("state") != "Aborted" or self._state(job) == "JobComplete":
            raise refuse(400, "INVALIDJOBSTATE", f"The job {job.id} is {self._state(job)}: it cannot be aborted")
        job.aborted = True
        return answer_json(job.describe("Aborted"))

    def delete(self, call: Call) -> Answer:
        job = self._find(call)
        if self._state(job) not in ("JobComplete", "Aborted"):
            raise refuse(400, "INVALIDJOBSTATE", f"The job {job.id} is {self._state(job)}: it cannot be deleted")
        del self._jobs[job.id]
        return Answer(204)


def write_locator(start: int) -> str:
    return base64.urlsafe_b64encode(str(start).encode()).decode()


def read_locator(text: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(text) or 0)
    except (ValueError, binascii.Error) as exc:
        raise refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator") from exc
