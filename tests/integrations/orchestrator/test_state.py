"""The machine: every transition, every refused one, and what events add up to."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.enums import Kind, Stage, Status
from integrations.exceptions import RefusedTransitionError
from integrations.orchestrator.state import TRANSITIONS, JobState, evolve, fold

AT = datetime(2026, 11, 22, 9, 12, tzinfo=UTC)
ANY = tuple(Stage)
WAY = (Status.RUNNING,)

# Said again here, by hand, on purpose: kind → (allowed statuses, allowed stages, status after, stage after).
EXPECTED = {
    Kind.JOB_STARTED: ((Status.QUEUED,), ANY, Status.RUNNING, None),
    Kind.JOB_PAGE_FETCHED: (WAY, (Stage.FETCHING,), None, None),
    Kind.JOB_FETCHED: (WAY, (Stage.FETCHING,), None, Stage.MAPPING),
    Kind.JOB_PAGES_MAPPED: (WAY, (Stage.MAPPING,), None, None),
    Kind.JOB_MAPPED: (WAY, (Stage.MAPPING,), None, Stage.VALIDATING),
    Kind.JOB_PAGES_VALIDATED: (WAY, (Stage.VALIDATING,), None, None),
    Kind.JOB_DEPARTURES_PLANNED: (WAY, (Stage.VALIDATING,), None, None),
    Kind.JOB_VALIDATED: (WAY, (Stage.VALIDATING,), None, Stage.UPLOADING),
    Kind.JOB_HELD_FOR_RELEASE: (WAY, (Stage.VALIDATING,), Status.WAITING, Stage.APPROVING),
    Kind.JOB_RELEASED: (
        (Status.WAITING, Status.PAUSED, Status.STUCK),
        (Stage.APPROVING,),
        Status.QUEUED,
        Stage.UPLOADING,
    ),
    Kind.JOB_BATCHES_UPLOADED: (WAY, (Stage.UPLOADING,), None, None),
    Kind.JOB_BATCH_SPLIT: (WAY, (Stage.UPLOADING,), None, None),
    Kind.JOB_REPAIRS_PREPARED: (WAY, (Stage.UPLOADING,), None, None),
    Kind.JOB_FINISHED: (WAY, (Stage.UPLOADING,), Status.SUCCEEDED, Stage.FINISHED),
    Kind.JOB_WAITING: (WAY, ANY, Status.WAITING, None),
    Kind.JOB_WOKEN: ((Status.WAITING,), ANY, Status.RUNNING, None),
    Kind.JOB_PAUSE_REQUESTED: (WAY, ANY, None, None),
    Kind.JOB_PAUSED: ((Status.QUEUED, Status.RUNNING, Status.WAITING), ANY, Status.PAUSED, None),
    Kind.JOB_STUCK: (WAY, ANY, Status.STUCK, None),
    Kind.JOB_RESUMED: ((Status.WAITING, Status.PAUSED, Status.STUCK), ANY, Status.QUEUED, None),
    Kind.JOB_CANCEL_REQUESTED: ((Status.QUEUED, Status.RUNNING, Status.WAITING), ANY, None, None),
    Kind.JOB_CANCELLED: (
        (Status.QUEUED, Status.RUNNING, Status.WAITING, Status.PAUSED, Status.STUCK),
        ANY,
        Status.CANCELLED,
        None,
    ),
    Kind.JOB_WORKER_LOST: ((Status.QUEUED, Status.RUNNING, Status.WAITING), ANY, None, None),
    Kind.JOB_RETRY_REQUESTED: (
        (Status.QUEUED, Status.RUNNING, Status.WAITING, Status.PAUSED, Status.STUCK, Status.PARTIAL),
        ANY,
        None,
        None,
    ),
    Kind.JOB_REOPENED: ((Status.PARTIAL,), (Stage.FINISHED,), Status.QUEUED, Stage.UPLOADING),
    Kind.JOB_RECORDS_DISMISSED: (tuple(Status), ANY, None, None),
    Kind.JOB_RECORDS_RESTORED: (tuple(Status), ANY, None, None),
    Kind.JOB_RECORDS_SUPERSEDED: (tuple(Status), ANY, None, None),
    Kind.JOB_RETRY_WITHDRAWN: (
        (Status.QUEUED, Status.RUNNING, Status.WAITING, Status.PAUSED, Status.STUCK, Status.PARTIAL),
        ANY,
        None,
        None,
    ),
}
DATA = {Kind.JOB_HELD_FOR_RELEASE: {"guard": {}}}


def state(status: Status, stage: Stage) -> JobState:
    open_failures = 1 if status == Status.PARTIAL else 0
    return JobState(status=status, stage=stage, version=7, failures_open=open_failures)


def test_the_table_covers_every_kind_of_job_event() -> None:
    kinds = {kind for kind in Kind if kind.value.startswith("job.")}
    assert set(TRANSITIONS) == kinds
    assert set(EXPECTED) | {Kind.JOB_CREATED} == kinds


@pytest.mark.parametrize("kind", EXPECTED, ids=lambda kind: kind.value)
@pytest.mark.parametrize("status", Status, ids=lambda status: status.value)
def test_an_event_is_allowed_or_refused_as_the_table_says(kind: Kind, status: Status) -> None:
    statuses, stages, after, stage_after = EXPECTED[kind]
    for stage in Stage:
        before = state(status, stage)
        if status in statuses and stage in stages:
            told = evolve(before, kind, DATA.get(kind, {}), AT)
            assert told.status == (after or status)
            assert told.stage == (stage_after or stage)
            assert told.version == 8
        else:
            with pytest.raises(RefusedTransitionError):
                evolve(before, kind, DATA.get(kind, {}), AT)


def test_a_job_is_created_once() -> None:
    created = evolve(JobState(), Kind.JOB_CREATED, {}, AT)
    assert (created.status, created.stage, created.version) == (Status.QUEUED, Stage.FETCHING, 1)
    with pytest.raises(RefusedTransitionError):
        evolve(created, Kind.JOB_CREATED, {}, AT)


def test_progress_forgets_failed_attempts_and_lost_workers() -> None:
    before = replace(state(Status.RUNNING, Stage.FETCHING), attempts=3, worker_losses=2)
    after = evolve(before, Kind.JOB_PAGE_FETCHED, {"add": {"fetched": 100}, "cursor": {"after": "9"}}, AT)
    assert (after.attempts, after.worker_losses, after.fetched, after.cursor) == (0, 0, 100, {"after": "9"})


def test_to_halve_a_batch_that_took_too_long_is_no_progress() -> None:
    before = replace(state(Status.RUNNING, Stage.UPLOADING), attempts=3)
    split = {"number": 7, "add": {"batches": 1}}
    assert evolve(before, Kind.JOB_BATCH_SPLIT, split, AT).attempts == 0
    slow = evolve(before, Kind.JOB_BATCH_SPLIT, {**split, "code": "timeout"}, AT)
    assert (slow.attempts, slow.batches, slow.last_progress_at) == (3, 1, None)


def test_waiting_keeps_until_when_and_why_and_waking_forgets_it() -> None:
    until = "2026-11-23T00:00:00+00:00"
    data = {"until": until, "code": "rate_limited", "reason": "Daily limit.", "attempts": 2}
    waiting = evolve(state(Status.RUNNING, Stage.UPLOADING), Kind.JOB_WAITING, data, AT)
    assert waiting.wait_until == datetime.fromisoformat(until)
    assert (waiting.reason, waiting.attempts) == ("Daily limit.", 2)
    woken = evolve(waiting, Kind.JOB_WOKEN, {}, AT)
    assert (woken.wait_until, woken.reason, woken.attempts) == (None, "", 2)


@pytest.mark.parametrize(
    ("open_", "retrying", "status"), [(0, 0, Status.SUCCEEDED), (1, 0, Status.PARTIAL), (0, 1, Status.PARTIAL)]
)
def test_a_finished_job_is_partial_while_records_are_to_fix(open_: int, retrying: int, status: Status) -> None:
    before = replace(state(Status.RUNNING, Stage.UPLOADING), failures_open=open_, failures_retrying=retrying)
    assert evolve(before, Kind.JOB_FINISHED, {}, AT).status == status


def test_dismissing_the_last_failed_record_makes_the_job_succeeded() -> None:
    before = replace(state(Status.PARTIAL, Stage.FINISHED), failures_open=2)
    one = evolve(before, Kind.JOB_RECORDS_DISMISSED, {"add": {"failures_open": -1}}, AT)
    none = evolve(one, Kind.JOB_RECORDS_DISMISSED, {"add": {"failures_open": -1}}, AT)
    assert (one.status, none.status) == (Status.PARTIAL, Status.SUCCEEDED)


def test_taking_back_the_last_one_set_aside_makes_the_job_partial_again() -> None:
    back = {"add": {"failures_open": 1}}
    finished = evolve(state(Status.SUCCEEDED, Stage.FINISHED), Kind.JOB_RECORDS_RESTORED, back, AT)
    assert (finished.status, finished.stage, finished.failures_open) == (Status.PARTIAL, Stage.FINISHED, 1)
    cancelled = evolve(state(Status.CANCELLED, Stage.UPLOADING), Kind.JOB_RECORDS_RESTORED, back, AT)
    assert cancelled.status == Status.CANCELLED


@given(st.lists(st.sampled_from(list(EXPECTED)), max_size=40))
def test_whatever_happens_folding_the_events_gives_the_same_state(kinds: list[Kind]) -> None:
    told = [(Kind.JOB_CREATED.value, {}, AT)]
    now = fold(told)
    for kind in kinds:
        data = DATA.get(kind, {}) | {"add": {"fetched": 1}}
        try:
            now = evolve(now, kind, data, AT)
        except RefusedTransitionError:
            continue
        told.append((kind.value, data, AT))
    assert fold(told) == now
    assert now.version == len(told)


def test_a_wish_to_cancel_that_came_too_late_ends_with_the_job() -> None:
    """Otherwise the repair of one record, weeks later, would cancel the finished job."""
    state = evolve(RUNNING_LAST_STEP, Kind.JOB_CANCEL_REQUESTED, {}, AT)
    assert not evolve(state, Kind.JOB_FINISHED, {}, AT).cancel_requested


RUNNING_LAST_STEP = JobState(version=1, status=Status.RUNNING, stage=Stage.UPLOADING)
