"""Work for the mapping editor: started by a person, done by a worker, cancelled at once, picked up when a worker dies.

A task's row is the truth, a queue message only a hint. Claiming raises the fencing token; every later write carries it.
Cancelling raises it too, so that the worker finds out with its next word and nothing it does later counts.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from integrations.enums import MappingTaskKind, MappingTaskStatus
from integrations.exceptions import EngineError, LostLeaseError, RefusedTransitionError, SyncpanelError
from integrations.models import MappingTask
from integrations.models.blobs import pack
from integrations.orchestrator import clocks, drain
from integrations.orchestrator.hints import hint_mapping_task
from integrations.orchestrator.leases import group_name, write_beat

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)
LOOK_EVERY = 2.0
MOST_LOSSES = 3
REPEAT_HINT_AFTER = timedelta(seconds=20)
KEPT_PER_KIND = 5

ALONE = frozenset({MappingTaskKind.WRITE})
"""One of these runs at a time in the whole installation: waiting for the model must not keep the workers from the jobs."""

_BUSY = {
    MappingTaskKind.WRITE: "The code is being written already.",
    MappingTaskKind.SAMPLE: "People to try it on are being fetched already.",
    MappingTaskKind.REHEARSE: "A rehearsal is running already.",
}
_OUR_FAULT = "Something went wrong on our side. Your draft is as it was. Try again."
_KILLED = f"A worker was killed {MOST_LOSSES} times at this. It may have run out of memory."

Result = dict[str, Any]


class _PutBackError(EngineError):
    """The task is not finished: another slice goes on with it."""


@dataclass(frozen=True, slots=True)
class TaskWork:
    """How a kind of task is done: `run` outside any transaction, `keep` in the transaction that marks it done."""

    run: Callable[["TaskHold"], Result]
    keep: Callable[[MappingTask, Result], None] | None = None


class TaskHold:
    """A worker's hold on a task: the lease is renewed in the background until the block ends."""

    def __init__(self, task: MappingTask) -> None:
        self.task = task
        self._rows = MappingTask.objects.filter(pk=task.pk, token=task.token, status=MappingTaskStatus.RUNNING)
        self._lost = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True, name=f"mapping-task-{task.pk}")

    def __enter__(self) -> "TaskHold":
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._ended.set()
        self._thread.join(LOOK_EVERY)

    def tell(self, step: str, done: int = 0, total: int = 0) -> None:
        """Show where the work is. LostLeaseError when the task was cancelled or is with another worker."""
        self.check()
        self._write(step=step, done=done, total=total)

    def check(self) -> None:
        """LostLeaseError when the task was cancelled or is with another worker; cheap enough for any loop."""
        if self._lost:
            raise LostLeaseError("The task was cancelled.")
        if drain.is_requested():
            raise _PutBackError("The worker ends; another goes on.")

    def put_back(self, so_far: Result) -> None:
        """End this slice and let another go on from `so_far`, which `task.result` then holds. Never returns."""
        self._write(result=pack(so_far))
        raise _PutBackError("More to do.")

    def write_end(self, status: MappingTaskStatus, **values: Any) -> None:
        """Write how it ended; LostLeaseError when nobody wants to know any more."""
        self._write(status=status, lease_until=None, finished_at=timezone.now(), **values)

    def release(self) -> None:
        """Give the task back to the queue; being put back is not being lost."""
        with transaction.atomic():
            if self._rows.update(status=MappingTaskStatus.QUEUED, lease_until=None, losses=0):
                hint_mapping_task(self.task.pk)

    def beat(self) -> None:
        """Renew the lease, and show that this worker is alive: waiting for a model can take minutes."""
        self._lost = not self._rows.update(lease_until=timezone.now() + LEASE)
        write_beat(group_name(), "worker")

    def _write(self, **values: Any) -> None:
        if not self._rows.update(**values):
            self._lost = True
            raise LostLeaseError("The task was cancelled.")

    def _renew(self) -> None:
        try:
            while not self._lost and not self._ended.wait(LOOK_EVERY):
                try:
                    self.beat()
                except DatabaseError:
                    connection.close()
        finally:
            connection.close()


def start_task(mapping_id: int, kind: MappingTaskKind, request: dict[str, Any], actor: str) -> MappingTask:
    """Ask for work; RefusedTransitionError while the same kind of work is going on for this mapping."""
    try:
        with transaction.atomic():
            task = MappingTask.objects.create(
                mapping_id=mapping_id, kind=kind, request=request, actor=actor, created_at=timezone.now()
            )
            hint_mapping_task(task.pk)
            _forget_old(mapping_id, kind)
    except IntegrityError as exc:
        raise RefusedTransitionError(_BUSY[kind]) from exc
    return task


def cancel_task(task_id: int) -> None:
    """End it now; RefusedTransitionError when it has ended already."""
    with transaction.atomic():
        task = MappingTask.objects.select_for_update().filter(pk=task_id).first()
        if task is None or not MappingTask.objects.active().filter(pk=task_id).update(
            status=MappingTaskStatus.CANCELLED, token=task.token + 1, lease_until=None, finished_at=timezone.now()
        ):
            raise RefusedTransitionError("This has ended already.")


def work_task(task_id: int, works: dict[str, TaskWork]) -> None:
    """Claim the task if it is free, and do it or a slice of it. Safe to deliver twice."""
    task = claim(task_id, timezone.now())
    if task is None:
        return
    with TaskHold(task) as hold:
        try:
            _do(hold, works[task.kind])
        except _PutBackError:
            hold.release()
        except LostLeaseError:
            logger.info("mapping task %s was cancelled or taken over", task_id)
    if task.kind in ALONE:
        _hint_next(task.kind)


def claim(task_id: int, now: datetime) -> MappingTask | None:
    """Take the task: one conditional UPDATE that raises the token. None = not ours, or lost too often."""
    if clocks.watch.is_wrong():
        return None
    task = MappingTask.objects.free(now).select_related("mapping").filter(pk=task_id).first()
    if task is None or (task.kind in ALONE and _another_runs(task, now)):
        return None
    lost = int(task.status == MappingTaskStatus.RUNNING)
    free = MappingTask.objects.free(now).filter(pk=task_id, token=task.token)
    if task.losses + lost >= MOST_LOSSES:
        killed = {"status": MappingTaskStatus.FAILED, "reason_code": "worker_killed", "reason": _KILLED}
        free.update(**killed, token=task.token + 1, lease_until=None, finished_at=now)
        return None
    values = {
        "status": MappingTaskStatus.RUNNING,
        "token": task.token + 1,
        "losses": task.losses + lost,
        "lease_until": now + LEASE,
        "started_at": task.started_at or now,
    }
    if not free.update(**values):
        return None
    for name, value in values.items():
        setattr(task, name, value)
    return task


def repeat_task_hints(now: datetime) -> None:
    """For the beat: tasks that wait although nobody works on them."""
    waiting = MappingTask.objects.free(now).filter(created_at__lt=now - REPEAT_HINT_AFTER)
    for task_id in waiting.order_by("created_at").values_list("pk", flat=True)[:10]:
        hint_mapping_task(task_id)


def _do(hold: TaskHold, work: TaskWork) -> None:
    try:
        result = work.run(hold)
        with transaction.atomic():
            hold.write_end(MappingTaskStatus.DONE, result=pack(result), reason_code="", reason="")
            if work.keep is not None:
                work.keep(hold.task, result)
    except (_PutBackError, LostLeaseError):
        raise
    except SyncpanelError as problem:
        hold.write_end(MappingTaskStatus.FAILED, reason_code=problem.code, reason=problem.message[:500])
    except Exception:
        logger.exception("mapping task %s ended with an error", hold.task.pk)
        hold.write_end(MappingTaskStatus.FAILED, reason_code="engine", reason=_OUR_FAULT)


def _another_runs(task: MappingTask, now: datetime) -> bool:
    running = MappingTask.objects.filter(kind=task.kind, status=MappingTaskStatus.RUNNING, lease_until__gt=now)
    return running.exclude(pk=task.pk).exists()


def _hint_next(kind: str) -> None:
    waiting = MappingTask.objects.free(timezone.now()).filter(kind=kind).order_by("created_at").first()
    if waiting is not None:
        hint_mapping_task(waiting.pk)


def _forget_old(mapping_id: int, kind: str) -> None:
    """The last few of a kind are kept; exchanges with the model go with the task they belong to, so those tasks stay."""
    same = MappingTask.objects.filter(mapping_id=mapping_id, kind=kind, exchanges__isnull=True).order_by("-id")
    MappingTask.objects.filter(
        pk__in=list(same.values_list("pk", flat=True)[KEPT_PER_KIND : KEPT_PER_KIND + 50])
    ).delete()
