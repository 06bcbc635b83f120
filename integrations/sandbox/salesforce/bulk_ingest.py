"""Bulk API 2.0, writing. https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_0.htm"""

import random
from typing import Any

from integrations.sandbox.clock import Clock
from integrations.sandbox.salesforce.bulk_job import ENDED, OPERATIONS, Job, JobRunner
from integrations.sandbox.salesforce.csv_rows import DELIMITERS
from integrations.sandbox.salesforce.errors import read_json, refuse, refuse_missing_record
from integrations.sandbox.salesforce.ids import IdMaker
from integrations.sandbox.salesforce.options import Options
from integrations.sandbox.salesforce.tables import PREFIX, Tables
from integrations.sandbox.settings import Settings
from integrations.sandbox.wire import CSV, Answer, Call, Refusal, Route, answer_json

LARGEST_UPLOAD = 100_000_000


class IngestApi:
    """Jobs move on when somebody looks, as far as the time that has passed allows."""

    def __init__(self, tables: Tables, settings: Settings, clock: Clock) -> None:
        self._tables = tables
        self._options = settings.of(Options)
        self._clock = clock
        self._runner = JobRunner(tables)
        self._ids = IdMaker("750")
        self._made = 0
        self._jobs: dict[str, Job] = {}
        self._dice = random.Random(settings.seed)
        self._writers = {
            "successfulresults": Job.write_successful,
            "failedresults": Job.write_failed,
            "unprocessedrecords": Job.write_unprocessed,
        }

    def routes(self) -> list[Route]:
        base = f"{PREFIX}/jobs/ingest"
        pairs = [
            ("POST", base, self.create),
            ("GET", base, self.list_jobs),
            ("GET", f"{base}/{{id}}", self.read),
            ("PATCH", f"{base}/{{id}}", self.change_state),
            ("DELETE", f"{base}/{{id}}", self.delete),
            ("PUT", f"{base}/{{id}}/batches", self.upload),
            ("GET", f"{base}/{{id}}/{{results}}", self.read_results),
        ]
        return [Route(method, path + end, handler) for method, path, handler in pairs for end in ("", "/")]

    def settle(self) -> None:
        """Lets every job go as far as it would be by now."""
        now, delay = self._clock.now(), self._options.bulk_delay
        for job in self._jobs.values():
            if job.closed_at is None or job.state in ENDED:
                continue
            if now >= job.closed_at + delay:
                job.state = "InProgress"
            if now >= job.closed_at + 2 * delay:
                self._runner.run(job, self._options.bulk_fail_after)

    def create(self, call: Call) -> Answer:
        body = read_json(call.body)
        self._check_new(body)
        job = Job(
            id=self._ids.make(self._made),
            object=self._tables.table(body["object"]).entity.name,
            operation=body["operation"],
            key=body.get("externalIdFieldName") or "",
            delimiter=body.get("columnDelimiter") or "COMMA",
            line_ending=body.get("lineEnding") or "LF",
            version=call.params["version"],
            created_ms=self._clock.now_ms(),
        )
        self._made += 1
        self._jobs[job.id] = job
        return answer_json(job.describe())

    def _check_new(self, body: dict[str, Any]) -> None:
        if body.get("operation") not in OPERATIONS or body.get("columnDelimiter", "COMMA") not in DELIMITERS:
            raise refuse(400, "INVALIDJOB", f"Unable to parse Job: {body.get('operation')} is not supported")
        if body.get("contentType", "CSV") != "CSV":
            raise refuse(400, "INVALIDJOB", "InvalidJob : Only CSV is supported")
        key = body.get("externalIdFieldName")
        field = self._tables.table(str(body.get("object"))).find_field(key) if key else None
        if body["operation"] == "upsert" and (field is None or not (field.external_id or field.name == "Id")):
            raise refuse(400, "INVALIDJOB", f"InvalidJob : Field name provided, {key} is not an External ID")

    def list_jobs(self, call: Call) -> Answer:
        return answer_json(
            {"done": True, "nextRecordsUrl": None, "records": [job.describe() for job in self._jobs.values()]}
        )

    def read(self, call: Call) -> Answer:
        return answer_json(self._find(call).describe_progress())

    def _find(self, call: Call) -> Job:
        try:
            return self._jobs[call.params["id"]]
        except KeyError as exc:
            raise refuse_missing_record() from exc

    def upload(self, call: Call) -> Answer:
        job = self._find(call)
        if job.content is not None:
            message = (
                f"Found multiple contents for job: <{job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job "
            )
            raise refuse(
                400, "INVALIDJOBSTATE", f"{message}then create a new Job and make sure you only do 'PUT' once."
            )
        if job.state != "Open" or len(call.body) > LARGEST_UPLOAD:
            raise refuse_state(job)
        job.content = call.body
        return Answer(201)

    def change_state(self, call: Call) -> Answer:
        job, wanted = self._find(call), read_json(call.body).get("state")
        if wanted == "UploadComplete" and job.state == "Open":
            job.state, job.closed_at = wanted, self._clock.now()
        elif wanted == "Aborted" and job.state not in ENDED:
            job.state = wanted
        else:
            raise refuse_state(job)
        return answer_json(job.describe())

    def delete(self, call: Call) -> Answer:
        job = self._find(call)
        if job.state not in ENDED:
            raise refuse_state(job)
        del self._jobs[job.id]
        return Answer(204)

    def read_results(self, call: Call) -> Answer:
        """The last part of the path may be written in any case."""
        job, wanted = self._find(call), call.params["results"].lower()
        if wanted not in self._writers:
            raise refuse_missing_record()
        if job.state not in ENDED:
            raise refuse_state(job)
        return Answer(200, self._writers[wanted](job, self._dice), CSV)


def refuse_state(job: Job) -> Refusal:
    return refuse(400, "INVALIDJOBSTATE", f"The job {job.id} is {job.state}: this cannot be done now")
