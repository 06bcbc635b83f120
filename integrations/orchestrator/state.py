"""What a job's events add up to. Pure: no database, no clock. `evolve` is used to write the row and to replay it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, NamedTuple

from integrations.enums import ACTIVE, Kind, Stage, Status
from integrations.exceptions import RefusedTransitionError

RUNNING = frozenset({Status.RUNNING})
RESUMABLE = frozenset({Status.WAITING, Status.PAUSED, Status.STUCK})
NOT_CANCELLED = ACTIVE | {Status.PARTIAL, Status.SUCCEEDED}


class Transition(NamedTuple):
    """An event is allowed from these statuses and stages (None = any) and leads to this status and stage (None = stays)."""

    allowed: frozenset[Status]
    status: Status | None = None
    stages: frozenset[Stage] | None = None
    stage: Stage | None = None


def _at(stage: Stage, to: Stage | None = None) -> Transition:
    return Transition(RUNNING, None, frozenset({stage}), to)


TRANSITIONS: dict[Kind, Transition] = {
    # the way through
    Kind.JOB_CREATED: Transition(frozenset(), Status.QUEUED, None, Stage.FETCHING),
    Kind.JOB_STARTED: Transition(frozenset({Status.QUEUED}), Status.RUNNING),
    Kind.JOB_PAGE_FETCHED: _at(Stage.FETCHING),
    Kind.JOB_FETCHED: _at(Stage.FETCHING, Stage.MAPPING),
    Kind.JOB_PAGES_MAPPED: _at(Stage.MAPPING),
    Kind.JOB_MAPPED: _at(Stage.MAPPING, Stage.VALIDATING),
    Kind.JOB_PAGES_VALIDATED: _at(Stage.VALIDATING),
    Kind.JOB_DEPARTURES_PLANNED: _at(Stage.VALIDATING),
    Kind.JOB_VALIDATED: _at(Stage.VALIDATING, Stage.UPLOADING),
    Kind.JOB_BATCHES_UPLOADED: _at(Stage.UPLOADING),
    Kind.JOB_BATCH_SPLIT: _at(Stage.UPLOADING),
    Kind.JOB_REPAIRS_PREPARED: _at(Stage.UPLOADING),
    Kind.JOB_FINISHED: Transition(RUNNING, Status.SUCCEEDED, frozenset({Stage.UPLOADING}), Stage.FINISHED),
    # stops, and going on
    Kind.JOB_HELD_FOR_RELEASE: Transition(RUNNING, Status.WAITING, frozenset({Stage.VALIDATING}), Stage.APPROVING),
    Kind.JOB_RELEASED: Transition(RESUMABLE, Status.QUEUED, frozenset({Stage.APPROVING}), Stage.UPLOADING),
    Kind.JOB_WAITING: Transition(RUNNING, Status.WAITING),
    Kind.JOB_WOKEN: Transition(frozenset({Status.WAITING}), Status.RUNNING),
    Kind.JOB_PAUSE_REQUESTED: Transition(RUNNING),
    Kind.JOB_PAUSED: Transition(frozenset({Status.QUEUED, Status.RUNNING, Status.WAITING}), Status.PAUSED),
    Kind.JOB_STUCK: Transition(RUNNING, Status.STUCK),
    Kind.JOB_RESUMED: Transition(RESUMABLE, Status.QUEUED),
    Kind.JOB_CANCEL_REQUESTED: Transition(frozenset({Status.QUEUED, Status.RUNNING, Status.WAITING})),
    Kind.JOB_CANCELLED: Transition(frozenset(ACTIVE), Status.CANCELLED),
    Kind.JOB_WORKER_LOST: Transition(frozenset({Status.QUEUED, Status.RUNNING, Status.WAITING})),
    # failed records
    Kind.JOB_RETRY_REQUESTED: Transition(frozenset(ACTIVE) | {Status.PARTIAL}),
    Kind.JOB_RETRY_WITHDRAWN: Transition(frozenset(ACTIVE) | {Status.PARTIAL}),
    Kind.JOB_REOPENED: Transition(
        frozenset({Status.PARTIAL}), Status.QUEUED, frozenset({Stage.FINISHED}), Stage.UPLOADING
    ),
    Kind.JOB_RECORDS_DISMISSED: Transition(frozenset(NOT_CANCELLED) | {Status.CANCELLED}),
    Kind.JOB_RECORDS_RESTORED: Transition(frozenset(NOT_CANCELLED) | {Status.CANCELLED}),
    Kind.JOB_RECORDS_SUPERSEDED: Transition(frozenset(NOT_CANCELLED) | {Status.CANCELLED}),
}

TIMEOUT = "timeout"
PROGRESS = frozenset(
    {
        Kind.JOB_PAGE_FETCHED,
        Kind.JOB_FETCHED,
        Kind.JOB_PAGES_MAPPED,
        Kind.JOB_MAPPED,
        Kind.JOB_PAGES_VALIDATED,
        Kind.JOB_DEPARTURES_PLANNED,
        Kind.JOB_VALIDATED,
        Kind.JOB_BATCHES_UPLOADED,
        Kind.JOB_BATCH_SPLIT,
        Kind.JOB_REPAIRS_PREPARED,
    }
)
"""Except a batch that is halved since its call timed out: that is only another way to try."""


@dataclass(frozen=True, slots=True)
class JobState:
    """The folded columns of a job, by the names of `SyncJob`'s columns."""

    stage: str = Stage.FETCHING
    status: str = Status.QUEUED
    version: int = 0
    read_since: datetime | None = None
    read_until: datetime | None = None
    cursor: dict[str, Any] = field(default_factory=dict)
    expected: int | None = None
    pages: int = 0
    pages_mapped: int = 0
    pages_validated: int = 0
    batches: int = 0
    batches_done: int = 0
    fetched: int = 0
    left_out: int = 0
    invalid: int = 0
    duplicate: int = 0
    unchanged: int = 0
    planned: int = 0
    sent: int = 0
    created: int = 0
    updated: int = 0
    rejected: int = 0
    departed: int = 0
    removed: int = 0
    failures_open: int = 0
    failures_retrying: int = 0
    attempts: int = 0
    worker_losses: int = 0
    reason_code: str = ""
    reason: str = ""
    wait_until: datetime | None = None
    guard: dict[str, Any] = field(default_factory=dict)
    is_released: bool = False
    pause_requested: bool = False
    cancel_requested: bool = False
    stage_started_at: dict[str, str] = field(default_factory=dict)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    last_progress_at: datetime | None = None


COLUMNS = tuple(f.name for f in fields(JobState))


def evolve(state: JobState, kind: Kind, data: dict[str, Any], at: datetime) -> JobState:
    """The state after one more event; RefusedTransitionError when the event is not allowed now."""
    transition = TRANSITIONS[kind]
    _check(state, kind, transition)
    changes = _counted(state, data)
    changes |= {"version": state.version + 1}
    changes |= _moved(state, transition, at)
    changes |= _told(state, kind, data, at)
    return _settled(replace(state, **changes))


def fold(events: Iterable[tuple[str, dict[str, Any], datetime]]) -> JobState:
    """What a stream of (kind, data, at) adds up to."""
    state = JobState()
    for kind, data, at in events:
        state = evolve(state, Kind(kind), data, at)
    return state


def _check(state: JobState, kind: Kind, transition: Transition) -> None:
    if kind == Kind.JOB_CREATED:
        allowed = state.version == 0
    else:
        allowed = state.status in transition.allowed and (not transition.stages or state.stage in transition.stages)
    if not allowed:
        raise RefusedTransitionError(
            f"“{kind.value}” is not possible while the job is {state.status} in {state.stage}."
        )


def _counted(state: JobState, data: dict[str, Any]) -> dict[str, Any]:
    """`add` holds the differences of counters, `guard_add` those of the guard's numbers."""
    changes: dict[str, Any] = {name: getattr(state, name) + number for name, number in data.get("add", {}).items()}
    if "guard_add" in data:
        guard = dict(state.guard)
        for name, number in data["guard_add"].items():
            guard[name] = guard.get(name, 0) + number
        changes["guard"] = guard
    return changes


def _moved(state: JobState, transition: Transition, at: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if transition.status is not None:
        changes["status"] = transition.status
    if transition.stage is not None:
        changes["stage"] = transition.stage
        # The first time counts: a job reopened for a repair a week later did not take a week.
        changes["stage_started_at"] = {transition.stage.value: at.isoformat(), **state.stage_started_at}
    return changes


def _told(state: JobState, kind: Kind, data: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The columns that this kind of event sets, beside counters, stage and status."""
    changes: dict[str, Any] = {}
    if kind in PROGRESS and data.get("code") != TIMEOUT:
        changes = {"attempts": 0, "worker_losses": 0, "last_progress_at": at}
    if kind in {Kind.JOB_STARTED, Kind.JOB_WOKEN}:
        changes = _quiet() | {"started_at": state.started_at or at}
    if kind in {Kind.JOB_RESUMED, Kind.JOB_RELEASED, Kind.JOB_REOPENED}:
        changes = _quiet() | {"attempts": 0, "worker_losses": 0, "pause_requested": False, "finished_at": None}
    if kind in {Kind.JOB_WAITING, Kind.JOB_STUCK, Kind.JOB_PAUSED, Kind.JOB_HELD_FOR_RELEASE, Kind.JOB_CANCELLED}:
        changes = _stopped(state, kind, data, at)
    if kind in {Kind.JOB_FINISHED}:
        changes = _quiet() | {"finished_at": at, "pause_requested": False, "cancel_requested": False}
    return changes | _single(kind, data)


def _single(kind: Kind, data: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {name: data[name] for name in ("cursor", "expected") if name in data}
    if kind == Kind.JOB_CREATED:
        changes |= {name: _moment(data.get(name)) for name in ("read_since", "read_until")}
    if kind == Kind.JOB_PAUSE_REQUESTED:
        changes["pause_requested"] = True
    if kind == Kind.JOB_CANCEL_REQUESTED:
        changes["cancel_requested"] = True
    if kind == Kind.JOB_RELEASED:
        changes["is_released"] = True
    if kind == Kind.JOB_HELD_FOR_RELEASE:
        changes["guard"] = data["guard"]
    return changes


def _quiet() -> dict[str, Any]:
    return {"reason_code": "", "reason": "", "wait_until": None}


def _stopped(state: JobState, kind: Kind, data: dict[str, Any], at: datetime) -> dict[str, Any]:
    changes = {
        "reason_code": data.get("code", ""),
        "reason": data.get("reason", ""),
        "wait_until": _moment(data.get("until")),
        "attempts": data.get("attempts", state.attempts),
        "pause_requested": False,
    }
    if kind == Kind.JOB_CANCELLED:
        changes |= {"finished_at": at, "cancel_requested": False}
    return changes


def _settled(state: JobState) -> JobState:
    """Partial while failed records are open, succeeded when the last one is gone."""
    if state.status not in {Status.SUCCEEDED, Status.PARTIAL}:
        return state
    left = state.failures_open + state.failures_retrying
    return replace(state, status=Status.PARTIAL if left else Status.SUCCEEDED)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
