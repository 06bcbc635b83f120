"""Where a job is, in words: its progress, and the ledger whose numbers add up."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from integrations.enums import Stage, Status, Trigger
from integrations.models import SyncJob
from integrations.queries.ends import End
from integrations.queries.jobs import JobRow, took_of
from syncpanel.templatetags.words import count, duration, noun_for
from syncpanel.words.people import short


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the present stage is: "21,200" "of 50,000 people sent", and 0 to 100."""

    done: str
    rest: str
    percent: float
    held: float = 0.0

    @property
    def sentence(self) -> str:
        """Both halves as one."""
        return f"{self.done} {self.rest}"


class Entry(NamedTuple):
    """One line of the ledger."""

    name: str
    number: int
    hint: str = ""


def stage_line(job: SyncJob) -> str:
    """Where the job is, in one line: "Uploading batch 118 of 235"."""
    lines = {
        Stage.FETCHING: f"Fetching, {count(job.fetched)} so far",
        Stage.MAPPING: f"Mapping page {place(job.pages_mapped, job.pages)}",
        Stage.VALIDATING: f"Validating page {place(job.pages_validated, job.pages)}",
        Stage.APPROVING: "Waiting for a person to release it",
        Stage.UPLOADING: f"Uploading batch {place(job.batches_done, job.batches)}",
        Stage.FINISHED: "Done",
    }
    if job.stage == Stage.FETCHING and job.expected:
        return f"Fetching, {count(job.fetched)} of about {count(job.expected)}"
    return lines[Stage(job.stage)]


def place(done: int, total: int) -> str:
    """The one under way: 117 done of 235 → "118 of 235"."""
    return f"{count(min(done + 1, max(total, 1)))} of {count(max(total, 1))}"


def progress(job: SyncJob, many: str) -> Progress:
    """How far the present stage is; `many` is what the records are called."""
    if job.stage == Stage.FETCHING:
        known = f"of about {count(job.expected)} {many} fetched" if job.expected else f"{many} fetched"
        return Progress(count(job.fetched), known, part(job.fetched, job.expected))
    if job.stage == Stage.MAPPING:
        return Progress(
            count(job.pages_mapped), f"of {count(job.pages)} pages mapped", part(job.pages_mapped, job.pages)
        )
    if job.stage == Stage.VALIDATING:
        checked = f"of {count(job.pages)} pages checked"
        return Progress(count(job.pages_validated), checked, part(job.pages_validated, job.pages))
    if job.stage == Stage.APPROVING:
        return Progress(count(job.planned), f"{many} ready to be sent", 0.0)
    return _sent(job, many)


def part(done: int, total: int | None) -> float:
    """`done` of `total` as 0 to 100."""
    return min(100.0, 100.0 * done / total) if total else 0.0


def percent(job: SyncJob) -> float:
    """How far the present stage is, 0 to 100."""
    return progress(job, "").percent


def _sent(job: SyncJob, many: str) -> Progress:
    if not job.planned:
        return Progress(count(0), f"{many} to send", 100.0 if job.stage == Stage.FINISHED else 0.0)
    done = part(job.sent, job.planned)
    return Progress(
        count(job.sent), f"of {count(job.planned)} {many} sent", done, min(done, part(job.rejected, job.planned))
    )


def ledger(job: SyncJob) -> tuple[list[Entry], list[Entry]]:
    """Two sums: what was fetched and where it went, what was sent and what became of it."""
    to_send = Entry("To send", job.planned) if job.sent < job.planned else Entry("Sent", job.sent)
    fetched = [
        Entry("Unchanged", job.unchanged, "the same as last time, so nothing was sent"),
        Entry("Left out", job.left_out, "by the mapping, on purpose"),
        Entry("Twice", job.duplicate, "the same one came twice; sent once"),
        Entry("Held back", job.invalid, "by us: something is missing or not valid"),
        to_send,
    ]
    sent = [
        Entry("Added", job.created),
        Entry("Updated", job.updated),
        Entry("Refused", job.rejected, "by the destination"),
    ]
    return fetched, sent


def undecided(job: SyncJob) -> int:
    """Fetched, and not yet mapped, checked or packed."""
    return max(0, job.fetched - job.left_out - job.invalid - job.duplicate - job.unchanged - job.planned)


def milestone(job: SyncJob) -> str:
    """What a screen reader is told; changes at every step and quarter, not with every batch."""
    name, status = job.sync.name, str(Status(job.status).label).lower()
    if job.status != Status.RUNNING:
        return f"{name}: {status}"
    quarter = int(percent(job) // 25 * 25)
    return f"{name}: {str(Stage(job.stage).label).lower()}, {quarter} percent"


def cancel_question(job: SyncJob, noun: tuple[str, str], destination: str) -> str:
    """What is asked before cancelling: it says what survives."""
    arrived = job.created + job.updated
    if not arrived:
        return "Cancel this job? Nothing was sent yet."
    return f"Cancel this job? The {count(arrived)} {noun_for(arrived, noun)} already sent stay in {destination}."


def job_name(job: SyncJob) -> str:
    """What a job is called: Job 1,482."""
    return f"Job {count(job.pk)}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the job list."""

    job: SyncJob
    source: End
    destination: End
    where: str
    took: str


def row_of(row: JobRow, now: datetime) -> Row:
    """A job of the list with where it is and how long it took so far."""
    took = took_of(row.job, now)
    where = row.job.reason if row.job.status == Status.STUCK else stage_line(row.job)
    return Row(row.job, row.source, row.destination, where, duration(took) if row.job.started_at else "")


def asked_by(job: SyncJob) -> str:
    """Who or what started it: "by dana", "on schedule"."""
    return f"by {short(job.actor)}" if job.actor else str(Trigger(job.trigger).label)
