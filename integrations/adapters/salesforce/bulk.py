"""Large loads as remote jobs: Bulk API 2.0.

https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_0.htm

The job is opened before any record leaves, so that a crash asks for its outcome instead of sending again. A finished
job says nothing about its rows: three files do, in any order, so rows are joined on the key.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from integrations.adapters.auth import SignedClient
from integrations.adapters.errors import unreadable
from integrations.adapters.http import Answer
from integrations.adapters.salesforce.csv_rows import read_csv, write_csv
from integrations.adapters.salesforce.declaration import LABEL
from integrations.adapters.salesforce.errors import Problem
from integrations.adapters.salesforce.paths import BULK, Paths, check_name
from integrations.adapters.salesforce.row_errors import judge_row, refuse
from integrations.adapters.salesforce.values import key_of
from integrations.adapters.wire import UnreadableError, dump_json
from integrations.enums import SyncMode
from integrations.exceptions import BatchRefusedError, ConfigurationError, SchemaChangedError
from integrations.types import FlatRecord, Result, UploadOutcome

OPERATIONS: Mapping[SyncMode, str] = {
    SyncMode.UPSERT: "upsert",
    SyncMode.UPDATE: "update",
    SyncMode.CREATE: "insert",
}

WORKING = frozenset({"Open", "UploadComplete", "InProgress"})
CSV = "text/csv; charset=UTF-8"
SECONDS = 30.0
MOST_FILE_BYTES = 128_000_000
BYTES_A_SECOND = 500_000
"""Up to 90 MB in one call want more time on a slow line."""

_FIELD_GONE = "Field name not found"

Ticket = Mapping[str, str]


class BulkLoader:
    """Loads the records of one connection as remote jobs."""

    def __init__(self, client: SignedClient, paths: Paths) -> None:
        self._client = client
        self._paths = paths

    def begin(self, object_name: str, mode: SyncMode, key: str) -> Ticket:
        """Opens a job; nothing is in it yet."""
        if mode is SyncMode.UPDATE and key != "Id":
            raise ConfigurationError(
                f"{LABEL} updates large loads by its own Id only. Choose Id as the key.", code="bulk_key"
            )
        order: dict[str, Any] = {
            "object": check_name(object_name),
            "operation": OPERATIONS[mode],
            "contentType": "CSV",
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }
        if mode is SyncMode.UPSERT:
            order["externalIdFieldName"] = check_name(key)
        answer = self._client.write("POST", self._paths.ingest(), BULK, dump_json(order))
        return {"id": str(self._read_job(answer)["id"])}

    def send(self, ticket: Ticket, records: Sequence[FlatRecord]) -> None:
        """Puts the records in and closes the job. A job that has them already is left as it is."""
        if self._find_job(ticket)["state"] != "Open":
            return
        try:
            self._put(ticket, write_csv(records))
        except BatchRefusedError:
            # Records may be put in once. After a crash between that and the closing, the second put is refused.
            self._close(ticket)
        else:
            self._close(ticket)

    def _put(self, ticket: Ticket, body: bytes) -> None:
        path = self._paths.ingest(ticket["id"], "batches")
        seconds = SECONDS + len(body) / BYTES_A_SECOND
        self._client.call("PUT", path, BULK, body=body, is_write=True, content_type=CSV, timeout=seconds)

    def _close(self, ticket: Ticket) -> None:
        self._client.write("PATCH", self._paths.ingest(ticket["id"]), BULK, b'{"state":"UploadComplete"}')

    def abort(self, ticket: Ticket) -> None:
        """Refused for a job that has ended: then there is nothing left to stop."""
        with suppress(BatchRefusedError):
            self._client.write("PATCH", self._paths.ingest(ticket["id"]), BULK, b'{"state":"Aborted"}')

    def poll(self, ticket: Ticket, records: Sequence[FlatRecord], key: str) -> UploadOutcome | None:
        """None while the platform is working on it."""
        job = self._find_job(ticket)
        if job["state"] == "Open":
            self._close(ticket)
        if job["state"] in WORKING:
            return None
        self._check_field_error(job)
        results: dict[str, Result | Problem] = {}
        self._read_unprocessed(ticket, key, results)
        rows = self._read_failed(ticket, key, results) + self._read_successful(ticket, key, results)
        if rows < int(job.get("numberRecordsProcessed") or 0):
            # Taken for not sent, the others would be sent once more.
            raise unreadable("half_answer" if rows else "empty_answer", LABEL, after_write=False)
        missing = refuse("no_answer", technical=str(job.get("errorMessage") or ""), is_transient=True)
        return UploadOutcome(
            [_judge(results.get(key_of(record, key).casefold(), missing), record) for record in records]
        )

    def _check_field_error(self, job: Mapping[str, Any]) -> None:
        """A column that is gone fails the job before its first row."""
        message = str(job.get("errorMessage") or "")
        if _FIELD_GONE in message and not job.get("numberRecordsProcessed"):
            name = message.rpartition(":")[2].strip()
            raise SchemaChangedError(
                f"{name} does not exist in Salesforce any more. Look at the mapping.", technical=message
            )

    def _read_successful(self, ticket: Ticket, key: str, results: dict[str, Result | Problem]) -> int:
        """How many rows there were."""
        rows = 0
        for row in self._fetch_rows(ticket, "successfulResults/"):
            rows += 1
            created = row.get("sf__Created", "").lower() == "true"
            results[row.get(key, "").casefold()] = Result(True, row.get("sf__Id", ""), created)
        return rows

    def _read_failed(self, ticket: Ticket, key: str, results: dict[str, Result | Problem]) -> int:
        """How many rows there were."""
        rows = 0
        for row in self._fetch_rows(ticket, "failedResults/"):
            rows += 1
            results[row.get(key, "").casefold()] = read_row_error(row.get("sf__Error", ""))
        return rows

    def _read_unprocessed(self, ticket: Ticket, key: str, results: dict[str, Result | Problem]) -> None:
        for row in self._fetch_rows(ticket, "unprocessedrecords/"):
            results[row.get(key, "").casefold()] = refuse("no_answer", technical="unprocessed", is_transient=True)

    def _fetch_rows(self, ticket: Ticket, part: str) -> Iterator[dict[str, str]]:
        """One by one: a file of results is as large as what was sent."""
        answer = self._client.call("GET", self._paths.ingest(ticket["id"], part), BULK, most_bytes=MOST_FILE_BYTES)
        try:
            yield from read_csv(answer.body)
        except (UnreadableError, csv.Error) as exc:
            raise unreadable(getattr(exc, "code", "half_answer"), LABEL, after_write=False) from exc

    def _find_job(self, ticket: Ticket) -> Mapping[str, Any]:
        return self._read_job(self._client.call("GET", self._paths.ingest(ticket["id"]), BULK))

    def _read_job(self, answer: Answer) -> Mapping[str, Any]:
        body = self._client.http.read_json(answer)
        if not isinstance(body, dict) or not body.get("id") or not isinstance(body.get("state"), str):
            raise self._client.http.unexpected(answer)
        return body


def _judge(found: Result | Problem, record: FlatRecord) -> Result:
    """What became of a record: a problem is judged by what is in it."""
    return found if isinstance(found, Result) else judge_row([found], record)


def read_row_error(text: str) -> Problem:
    """`REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --` taken apart."""
    code, _, rest = text.partition(":")
    message, _, fields = rest.rpartition(":")
    names = tuple(name.strip() for name in fields.removesuffix("--").split(",") if name.strip())
    return Problem(code.strip(), message or rest, names if message else ())
