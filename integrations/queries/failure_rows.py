"""A list of failed records as rows for a spreadsheet, read a piece at a time, so that 100,000 cost no memory."""

from collections.abc import Iterator

from integrations.models import FailedRecord
from integrations.models.blobs import unpack
from integrations.queries.failures import FailureFilter, corrected, matching

AT_ONCE = 500
HEAD = (
    "Person",
    "E-mail",
    "Id at the source",
    "Sync",
    "Job",
    "Reason",
    "Field",
    "Value",
    "Suggested value",
    "What to do",
    "Waiting since",
    "Status",
)
NEEDED = ("label", "email", "source_id", "sync__name", "job_id", "title", "field", "message", "created_at", "status")


def failure_rows(asked: FailureFilter) -> Iterator[list[str]]:
    """HEAD, then one row per record, newest first. No query is left open while somebody reads slowly."""
    yield list(HEAD)
    below: int | None = None
    while True:
        found = matching(asked).select_related("sync").only(*NEEDED, "mapped", "received", "corrections", "suggestion")
        rows = list((found.filter(pk__lt=below) if below else found).order_by("-pk")[:AT_ONCE])
        if not rows:
            return
        yield from (_row(record) for record in rows)
        below = rows[-1].pk


def _row(record: FailedRecord) -> list[str]:
    side, blob = ("sent", record.mapped) if record.mapped else ("received", record.received)
    values = corrected(unpack(blob) or {}, record, side)
    suggested = record.suggestion.get("values", {})
    return [
        record.label,
        record.email,
        record.source_id,
        record.sync.name,
        str(record.job_id),
        record.title,
        record.field,
        _text(values.get(record.field)),
        _text(suggested.get(record.field)),
        record.message,
        record.created_at.isoformat(timespec="seconds"),
        str(record.get_status_display()),
    ]


def _text(value: object) -> str:
    return "" if value is None else str(value)
