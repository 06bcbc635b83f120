"""Work for the mapping editor: claimed once, cancelled at once, picked up when a worker dies, never done twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from integrations.enums import MappingTaskKind, MappingTaskStatus
from integrations.exceptions import ConfigurationError, LostLeaseError, RefusedTransitionError
from integrations.models import MappingTask, WorkerBeat
from integrations.models.blobs import unpack
from integrations.orchestrator import drain
from integrations.orchestrator.leases import group_name
from integrations.orchestrator.mapping_tasks import (
    KEPT_PER_KIND,
    LEASE,
    MOST_LOSSES,
    TaskHold,
    TaskWork,
    cancel_task,
    claim,
    repeat_task_hints,
    start_task,
    work_task,
)
from tests.factories import make_mapping

SAMPLE, WRITE = MappingTaskKind.SAMPLE, MappingTaskKind.WRITE
pytestmark = pytest.mark.usefixtures("committed_db")


def make_task(kind: MappingTaskKind = SAMPLE) -> MappingTask:
    return start_task(make_mapping().pk, kind, {}, "ann")


def works(run: Any, keep: Any = None) -> dict[str, TaskWork]:
    return dict.fromkeys(MappingTaskKind, TaskWork(run, keep))


def test_a_task_is_done_and_keeps_its_result() -> None:
    task, kept = make_task(), []
    work_task(task.pk, works(lambda hold: {"a": 1}, lambda task, result: kept.append(result)))
    task.refresh_from_db()
    assert (task.status, unpack(task.result), kept) == (MappingTaskStatus.DONE, {"a": 1}, [{"a": 1}])
    assert task.lease_until is None
    assert task.finished_at is not None


def test_a_task_delivered_twice_is_worked_once() -> None:
    task, runs = make_task(), []
    for _ in range(2):
        work_task(task.pk, works(lambda hold: runs.append(1) or {}))
    assert runs == [1]


def test_a_task_one_worker_holds_is_not_claimed_by_another() -> None:
    task, now = make_task(), timezone.now()
    assert claim(task.pk, now) is not None
    assert claim(task.pk, now) is None


def test_a_second_task_of_the_kind_is_refused_while_one_is_active() -> None:
    task = make_task()
    with pytest.raises(RefusedTransitionError, match="already"):
        start_task(task.mapping_id, SAMPLE, {}, "ben")
    start_task(task.mapping_id, WRITE, {}, "ben")
    cancel_task(task.pk)
    start_task(task.mapping_id, SAMPLE, {}, "ben")


def test_cancelling_ends_it_at_once_and_the_worker_finds_out() -> None:
    task = make_task()

    def run(hold: TaskHold) -> dict[str, Any]:
        cancel_task(task.pk)
        hold.tell("on and on")
        raise AssertionError("the worker went on")

    work_task(task.pk, works(run))
    task.refresh_from_db()
    assert (task.status, task.step) == (MappingTaskStatus.CANCELLED, "")


def test_what_a_cancelled_worker_brings_back_is_not_kept() -> None:
    task, kept = make_task(), []

    def run(hold: TaskHold) -> dict[str, Any]:
        cancel_task(task.pk)
        return {"late": True}

    work_task(task.pk, works(run, lambda task, result: kept.append(result)))
    task.refresh_from_db()
    assert (task.status, task.result, kept) == (MappingTaskStatus.CANCELLED, None, [])


def test_an_ended_task_cannot_be_cancelled() -> None:
    task = make_task()
    work_task(task.pk, works(lambda hold: {}))
    with pytest.raises(RefusedTransitionError, match="ended"):
        cancel_task(task.pk)


def test_a_problem_of_ours_is_told_in_its_own_words() -> None:
    task = make_task()

    def run(hold: TaskHold) -> dict[str, Any]:
        raise ConfigurationError("Choose a connection.", code="no_connection")

    work_task(task.pk, works(run))
    task.refresh_from_db()
    assert (task.status, task.reason_code, task.reason) == (
        MappingTaskStatus.FAILED,
        "no_connection",
        "Choose a connection.",
    )


def test_an_unexpected_error_says_nothing_of_itself() -> None:
    task = make_task()

    def run(hold: TaskHold) -> dict[str, Any]:
        raise ValueError("jane@example.com")

    work_task(task.pk, works(run))
    task.refresh_from_db()
    assert task.reason_code == "engine"
    assert "jane" not in task.reason


def test_what_is_kept_and_the_end_are_one_transaction() -> None:
    task = make_task()

    def keep(task: MappingTask, result: dict[str, Any]) -> None:
        raise RefusedTransitionError("No.")

    work_task(task.pk, works(lambda hold: {}, keep))
    task.refresh_from_db()
    assert (task.status, task.result, task.reason) == (MappingTaskStatus.FAILED, None, "No.")


def test_a_slice_that_is_put_back_goes_on_from_where_it_was() -> None:
    task = make_task()

    def run(hold: TaskHold) -> dict[str, Any]:
        so_far = unpack(hold.task.result) or {"n": 0}
        if so_far["n"] < 2:
            hold.put_back({"n": so_far["n"] + 1})
        return {"n": so_far["n"], "whole": True}

    for _ in range(3):
        work_task(task.pk, works(run))
    task.refresh_from_db()
    assert (task.status, unpack(task.result)) == (MappingTaskStatus.DONE, {"n": 2, "whole": True})


def test_a_worker_that_ends_gives_the_task_back(monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task()
    monkeypatch.setattr(drain._requested, "value", 1)
    work_task(task.pk, works(lambda hold: hold.check()))
    task.refresh_from_db()
    assert (task.status, task.lease_until, task.losses) == (MappingTaskStatus.QUEUED, None, 0)


def test_a_dead_worker_is_replaced_but_not_for_ever() -> None:
    task, now = make_task(), timezone.now()
    for loss in range(MOST_LOSSES):
        assert claim(task.pk, now + loss * 2 * LEASE) is not None
    assert claim(task.pk, now + MOST_LOSSES * 2 * LEASE) is None
    task.refresh_from_db()
    assert (task.status, task.reason_code) == (MappingTaskStatus.FAILED, "worker_killed")


def test_the_old_worker_cannot_write_once_another_took_over() -> None:
    task, now = make_task(), timezone.now()
    first = claim(task.pk, now)
    second = claim(task.pk, now + 2 * LEASE)
    assert first is not None
    assert second is not None
    with pytest.raises(LostLeaseError):
        TaskHold(first).tell("late")
    TaskHold(second).tell("in time")


def test_only_one_writing_runs_at_a_time_and_the_next_is_told() -> None:
    first, second = make_task(WRITE), make_task(WRITE)
    runs: list[int] = []

    def run(hold: TaskHold) -> dict[str, Any]:
        if hold.task.pk == first.pk:
            work_task(second.pk, works(run))
            OrmQ.objects.all().delete()
        runs.append(hold.task.pk)
        return {}

    work_task(first.pk, works(run))
    assert runs == [first.pk]
    assert OrmQ.objects.count() == 1


def test_the_beat_repeats_hints_only_for_tasks_that_wait_long() -> None:
    task = make_task()
    OrmQ.objects.all().delete()
    repeat_task_hints(timezone.now())
    assert OrmQ.objects.count() == 0
    repeat_task_hints(timezone.now() + timedelta(minutes=1))
    assert OrmQ.objects.count() == 1
    cancel_task(task.pk)
    repeat_task_hints(timezone.now() + timedelta(minutes=1))
    assert OrmQ.objects.count() == 1


def test_only_the_last_few_tasks_of_a_kind_are_kept() -> None:
    mapping = make_mapping()
    for _ in range(KEPT_PER_KIND + 3):
        cancel_task(start_task(mapping.pk, SAMPLE, {}, "").pk)
    assert MappingTask.objects.count() == KEPT_PER_KIND


def test_a_worker_that_waits_for_minutes_shows_that_it_is_alive() -> None:
    task = claim(make_task().pk, timezone.now())
    assert task is not None
    MappingTask.objects.filter(pk=task.pk).update(lease_until=timezone.now())
    TaskHold(task).beat()
    task.refresh_from_db()
    assert task.lease_until > timezone.now() + LEASE / 2
    assert WorkerBeat.objects.get(name=group_name()).kind == "worker"
