"""One ingest job of Bulk API 2.0: Open → UploadComplete → InProgress → JobComplete, Failed or Aborted."""

import random
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.clock import format_offset
from integrations.sandbox.salesforce.checks import Problems
from integrations.sandbox.salesforce.credentials import USER_ID
from integrations.sandbox.salesforce.csv_rows import Column, describe_errors, find_column, read_lines, write_lines
from integrations.sandbox.salesforce.errors import RowError
from integrations.sandbox.salesforce.keys import find_ids
from integrations.sandbox.salesforce.table import Record, Table
from integrations.sandbox.salesforce.tables import Tables
from integrations.sandbox.salesforce.writer import Outcome

AT_A_TIME = 200
"""Rows are written in pieces of this size; a key that comes twice is only noticed inside one."""
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
ENDED = ("JobComplete", "Failed", "Aborted")

Line = list[str]


@dataclass(slots=True)
class Job:
    """What was asked, how far it is, and what became of every line."""

    id: str
    object: str
    operation: str
    key: str
    delimiter: str
    line_ending: str
    version: str
    created_ms: int
    state: str = "Open"
    content: bytes | None = None
    closed_at: float | None = None
    headers: Line = field(default_factory=list)
    successful: list[tuple[str, bool, Line]] = field(default_factory=list)
    failed: list[tuple[str, str, Line]] = field(default_factory=list)
    unprocessed: list[Line] = field(default_factory=list)
    error_message: str = ""

    def describe(self) -> dict[str, Any]:
        stamp = format_offset(self.created_ms)
        body = {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": USER_ID,
            "createdDate": stamp,
            "systemModstamp": stamp,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "contentUrl": f"services/data/v{self.version}/jobs/ingest/{self.id}/batches",
            "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter,
        }
        return {**body, "externalIdFieldName": self.key} if self.key else body

    def describe_progress(self) -> dict[str, Any]:
        numbers = {
            "jobType": "V2Ingest",
            "numberRecordsProcessed": len(self.successful) + len(self.failed),
            "numberRecordsFailed": len(self.failed),
            "retries": 0,
            "totalProcessingTime": 10 * len(self.successful),
            "apiActiveProcessingTime": 8 * len(self.successful),
            "apexProcessingTime": 0,
        }
        error = {"errorMessage": self.error_message} if self.error_message else {}
        return {**self.describe(), **numbers, **error}

    def write_successful(self, dice: random.Random) -> bytes:
        lines = [[record_id, str(created).lower(), *line] for record_id, created, line in self.successful]
        dice.shuffle(lines)
        return write_lines(["sf__Id", "sf__Created", *self.headers], lines, self.delimiter)

    def write_failed(self, dice: random.Random) -> bytes:
        lines = [[record_id, error, *line] for record_id, error, line in self.failed]
        dice.shuffle(lines)
        return write_lines(["sf__Id", "sf__Error", *self.headers], lines, self.delimiter)

    def write_unprocessed(self, dice: random.Random) -> bytes:
        return write_lines(self.headers, self.unprocessed, self.delimiter)


class JobRunner:
    """Works a job's lines off; what was written stays written when the job fails."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def run(self, job: Job, fail_after: int | None) -> None:
        try:
            job.headers, lines = read_lines(job.content or b"", job.delimiter)
        except ValueError as exc:
            self._fail(job, [], f"InvalidBatch : {exc}")
            return
        columns = self._find_columns(job)
        if isinstance(columns, str):
            self._fail(job, lines, columns)
            return
        end = len(lines) if fail_after is None else min(fail_after, len(lines))
        for start in range(0, end, AT_A_TIME):
            self._run_piece(job, columns, lines[start : min(start + AT_A_TIME, end)])
        if end < len(lines):
            self._fail(job, lines[end:], "InternalServerError : Unable to process the rest of the job")
        else:
            job.state = "JobComplete"

    def _fail(self, job: Job, rest: list[Line], message: str) -> None:
        job.state, job.unprocessed, job.error_message = "Failed", rest, message

    def _find_columns(self, job: Job) -> list[Column] | str:
        """The columns, or why there is one that cannot be."""
        table = self._tables.table(job.object)
        columns = []
        for header in job.headers:
            column = find_column(header, table, self._tables.all)
            if column is None:
                return f"InvalidBatch : Field name not found : {header}"
            columns.append(column)
        if job.key and job.key not in job.headers:
            return f"InvalidBatch : External id field not found : {job.key}"
        return columns

    def _run_piece(self, job: Job, columns: list[Column], lines: list[Line]) -> None:
        good: list[tuple[Record, Line]] = []
        for line in lines:
            row, errors = read_row(columns, line)
            if errors:
                self._tables.table(job.object).ledger.count_rejected(1)
                job.failed.append(("", describe_errors(errors), line))
            else:
                good.append((row, line))
        outcomes = self._write(job, [row for row, _ in good]) if good else []
        for (record_id, created, errors_of_row), (_, line) in zip(outcomes, good, strict=True):
            if errors_of_row is None:
                job.successful.append((record_id, created, line))
            else:
                job.failed.append((record_id, describe_errors(errors_of_row), line))

    def _write(self, job: Job, rows: list[Record]) -> list[Outcome]:
        writer = self._tables.writer(job.object)
        match job.operation:
            case "insert":
                return writer.insert(rows)
            case "update":
                return writer.update(rows)
            case "upsert":
                return writer.upsert(rows, job.key)
        return self._delete(job, [str(row.get("Id", "")) for row in rows])

    def _delete(self, job: Job, ids: list[str]) -> list[Outcome]:
        return [self._delete_one(self._tables.table(job.object), record_id) for record_id in ids]

    def _delete_one(self, table: Table, record_id: str) -> Outcome:
        problems = Problems(list)
        (slot,) = find_ids(table, [record_id], problems)
        if slot is not None:
            table.delete(slot)
        return record_id, False, problems.get(0)


def read_row(columns: list[Column], line: Line) -> tuple[Record, list[RowError]]:
    row: Record = {}
    errors = [column.fill(row, cell) for column, cell in zip(columns, line, strict=False)]
    return row, [error for error in errors if error is not None]
