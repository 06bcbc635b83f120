"""The five steps of a job, with count and time each."""

from datetime import datetime, timedelta
from typing import NamedTuple

from integrations.enums import Stage, Status
from integrations.models import SyncJob
from integrations.queries.jobs import LiveJob
from syncpanel.templatetags.ui import STATUS_STATES
from syncpanel.templatetags.words import clock, count, duration
from syncpanel.words.jobs import place

STEPS = (Stage.FETCHING, Stage.MAPPING, Stage.VALIDATING, Stage.UPLOADING, Stage.FINISHED)
ORDER = {
    stage: place
    for place, stage in enumerate(
        (Stage.FETCHING, Stage.MAPPING, Stage.VALIDATING, Stage.APPROVING, Stage.UPLOADING, Stage.FINISHED)
    )
}
MOVING_ICONS = {"running": "loader-2", "failed": "x", "waiting": "hourglass", "paused": "player-pause", "idle": "clock"}


class Step(NamedTuple):
    """One of the five steps. `when` is done, now or todo; `note` is its count and time."""

    name: str
    icon: str
    state: str
    when: str
    note: object
    said: str


def steps(live: LiveJob, now: datetime) -> list[Step]:
    """The five steps with count and time each."""
    return [_step(live, stage, now) for stage in STEPS]


def _step(live: LiveJob, stage: Stage, now: datetime) -> Step:
    job = live.job
    here = Stage.UPLOADING if job.stage == Stage.APPROVING else Stage(job.stage)
    name = f"Fetching {live.source.things}" if stage == Stage.FETCHING else str(stage.label)
    if ORDER[stage] < ORDER[here] or (stage == here == Stage.FINISHED and job.status != Status.CANCELLED):
        return Step(name, "check", "ok", "done", _done_note(live, stage), "finished")
    if stage == here and job.status == Status.CANCELLED:
        return Step(name, "ban", "idle", "now", "Cancelled here", "cancelled here")
    if job.stage == Stage.APPROVING and stage == here and job.status == Status.WAITING:
        return Step(name, "shield-check", "warn", "now", _now_note(job), "waits for your release")
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
