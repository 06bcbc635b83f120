"""Where a job is, in words: its progress, its five steps, its facts, and the ledger whose numbers add up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from integrations.enums import FINAL, Stage, Status
from integrations.models import SyncJob
from integrations.queries.jobs import LiveJob
from syncpanel.templatetags.ui import STATUS_STATES
from syncpanel.templatetags.words import about, clock, count, duration, noun_for

STEPS = (Stage.FETCHING, Stage.MAPPING, Stage.VALIDATING, Stage.UPLOADING, Stage.FINISHED)
ORDER = {
    stage: place
    for place, stage in enumerate(
        (Stage.FETCHING, Stage.MAPPING, Stage.VALIDATING, Stage.APPROVING, Stage.UPLOADING, Stage.FINISHED)
    )
}
MOVING_ICONS = {"running": "loader-2", "failed": "x", "waiting": "hourglass", "paused": "player-pause", "idle": "clock"}


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


class Step(NamedTuple):
    """One of the five steps. `when` is done, now or todo; `note` is its count and time."""

    name: str
    icon: str
    state: str
    when: str
    note: object
    said: str


class Fact(NamedTuple):
    """One figure beside the progress."""

    name: str
    value: object
    note: object


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


def steps(live: LiveJob, now: datetime) -> list[Step]:
    """The five steps with count and time each."""
    return [_step(live, stage, now) for stage in STEPS]


def _step(live: LiveJob, stage: Stage, now: datetime) -> Step:
    job = live.job
    here = Stage.UPLOADING if job.stage == Stage.APPROVING else Stage(job.stage)
    name = f"Fetching {live.source.object_label.lower()}" if stage == Stage.FETCHING else str(stage.label)
    if ORDER[stage] < ORDER[here] or (stage == here == Stage.FINISHED and job.status != Status.CANCELLED):
        return Step(name, "check", "ok", "done", _done_note(live, stage), "finished")
    if stage == here and job.status == Status.CANCELLED:
        return Step(name, "ban", "idle", "now", "Cancelled here", "cancelled here")
    if stage == here:
        state = STATUS_STATES[job.status]
        return Step(name, MOVING_ICONS.get(state, "loader-2"), state, "now", _now_note(job), "in progress")
    return Step(name, "circle-dashed", "idle", "todo", _todo_note(live, stage, now), "not started")


def _done_note(live: LiveJob, stage: Stage) -> object:
    job, took = live.job, _spent(live.job, stage)
    if stage == Stage.FETCHING:
        return f"{count(job.fetched)} in {duration(took)}"
    if stage == Stage.MAPPING and job.left_out:
        return f"{count(job.left_out)} left out, {duration(took)}"
    if stage == Stage.VALIDATING and job.invalid:
        return f"{count(job.invalid)} set aside, {duration(took)}"
    if stage == Stage.UPLOADING:
        return f"{count(job.sent)} in {duration(took)}"
    return clock(job.finished_at) if stage == Stage.FINISHED else duration(took)


def _now_note(job: SyncJob) -> str:
    where = {
        Stage.FETCHING: f"{count(job.fetched)} so far",
        Stage.MAPPING: f"Page {place(job.pages_mapped, job.pages)}",
        Stage.VALIDATING: f"Page {place(job.pages_validated, job.pages)}",
        Stage.APPROVING: "Waits for your release",
        Stage.UPLOADING: f"Batch {place(job.batches_done, job.batches)}",
    }.get(Stage(job.stage), "")
    return f"Stopped at {where[:1].lower()}{where[1:]}" if job.status == Status.STUCK else where


def _todo_note(live: LiveJob, stage: Stage, now: datetime) -> object:
    if stage != Stage.FINISHED:
        return ""
    if live.job.status == Status.RUNNING and live.job.stage == Stage.UPLOADING and live.left is not None:
        return clock(now + live.left)
    return {Status.STUCK: "after you resume", Status.PAUSED: "after you resume"}.get(Status(live.job.status), "")


def _spent(job: SyncJob, stage: Stage) -> timedelta:
    """How long a stage took: until the next one began."""
    began = {Stage(name): datetime.fromisoformat(at) for name, at in job.stage_started_at.items()}
    start = job.started_at if stage == Stage.FETCHING else began.get(stage)
    later = [at for other, at in began.items() if ORDER[other] > ORDER[stage]]
    return max(timedelta(0), min(later) - start) if start and later else timedelta(0)


def facts(live: LiveJob, now: datetime) -> list[Fact]:
    """Four figures: speed, time so far, time left, the end."""
    job = live.job
    if job.status in FINAL:
        return _final_facts(live)
    since = f"since {_hour(job.started_at)}" if job.started_at else "not started yet"
    so_far = Fact("Time so far", duration(live.took), since)
    if job.status != Status.RUNNING:
        return [Fact("Speed", "0 a second", STATUS_NOTES.get(job.status, "")), so_far, *_still(live)]
    return [Fact("Speed", speed_words(live), "in the last 30 seconds"), so_far, *_ahead(live, now)]


STATUS_NOTES: dict[str, str] = {
    Status.QUEUED: "about to go on",
    Status.WAITING: "waiting",
    Status.PAUSED: "paused",
    Status.STUCK: "stopped",
}


def speed_words(live: LiveJob) -> str:
    """How many records a second, whatever the stage counts in."""
    per_second = live.per_second
    if live.job.stage in {Stage.MAPPING, Stage.VALIDATING} and live.job.pages:
        per_second *= live.job.fetched / live.job.pages
    return f"{count(per_second)} a second" if per_second >= 10 or not per_second else f"{per_second:.1f} a second"


def _ahead(live: LiveJob, now: datetime) -> list[Fact]:
    if live.left is None or (live.job.stage == Stage.FETCHING and not live.job.expected):
        return [Fact("Time left", "not known yet", ""), _usual_end(live)]
    words = about(live.left.total_seconds())
    if live.job.stage != Stage.UPLOADING:
        return [Fact("Time left", words, "in this step"), _usual_end(live)]
    return [
        Fact("Time left", words, "at this speed"),
        Fact("Should finish", clock(now + live.left), usual_end_words(live)),
    ]


def _usual_end(live: LiveJob) -> Fact:
    if live.usual is None or live.job.started_at is None:
        return Fact("Should finish", "not known yet", "")
    return Fact("Should finish", clock(live.job.started_at + live.usual.middle), "going by earlier jobs")


def usual_end_words(live: LiveJob) -> str:
    """When jobs of this sync are usually done, counted from this one's start."""
    if live.usual is None or live.job.started_at is None:
        return ""
    return f"usually by {_hour(live.job.started_at + live.usual.high)}"


def _still(live: LiveJob) -> list[Fact]:
    job = live.job
    left = max(0, job.planned - job.sent)
    if job.stage in {Stage.UPLOADING, Stage.APPROVING}:
        sent = Fact("Already sent", count(job.sent), noun_for(job.sent, (live.source.one, live.source.many)))
        return [Fact("Still to send", count(left), noun_for(left, (live.source.one, live.source.many))), sent]
    return [Fact("Fetched", count(job.fetched), live.source.many), Fact("Already sent", "0", "nothing yet")]


def _final_facts(live: LiveJob) -> list[Fact]:
    job = live.job
    average = job.sent / max(live.took.total_seconds(), 1)
    return [
        Fact("Took", duration(live.took), "from start to end"),
        Fact("Average speed", f"{count(average)} a second", "over the whole job"),
        Fact("Started", clock(job.started_at) or "never", ""),
        Fact("Ended", clock(job.finished_at), ""),
    ]


def _hour(moment: datetime | None) -> str:
    from django.utils import timezone

    return f"{timezone.localtime(moment):%H:%M}" if moment else ""


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
