"""Working jobs in this process: slice after slice, with the time to wait passed over."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from integrations import beat
from integrations.enums import FINAL, Status
from integrations.models import Connection, SyncJob
from integrations.orchestrator.runner import work_slice

SMALL = 300
STOPPED = FINAL | {Status.STUCK, Status.PAUSED}


def pass_time(**which: Any) -> None:
    """Everything that waits is due now, and no breaker is open any more."""
    now = timezone.now() - timedelta(seconds=1)
    SyncJob.objects.filter(status=Status.WAITING, owner__isnull=True, wake_at__gt=now, **which).update(wake_at=now)
    Connection.objects.filter(breaker_open_until__isnull=False).update(breaker_open_until=None)


def work_on(job: SyncJob, *, slices: int = 60) -> SyncJob:
    """To its end, or until it stops, or waits for a person."""
    for _ in range(slices):
        pass_time(pk=job.pk)
        job.refresh_from_db()
        if job.status in STOPPED or job.wake_at is None or not work_slice(job.pk):
            break
    job.refresh_from_db()
    return job


class Killed(BaseException):
    """Stands for the end of the process: no handler of errors catches it."""


class Death:
    """A statement wrapper that lets a process get so far with the database and no further."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.left <= 0:
            raise Killed
        self.left -= 1
        return execute(sql, params, many, context)


@contextmanager
def dying(after: int) -> Iterator[Death]:
    """Within the block the worker dies after so many statements; its lease is then taken away as the beat does."""
    death = Death(after)
    try:
        with connection.execute_wrapper(death):
            yield death
    except Killed:
        pass
    finally:
        connection.close()
        for job in SyncJob.objects.filter(owner__isnull=False):
            beat.free(job.pk, job.token)
