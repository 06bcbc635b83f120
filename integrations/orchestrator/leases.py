"""A worker's time-limited right to work on a job: claim, renew, give back, take away from the dead."""

import os
import socket
import threading
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from integrations.exceptions import LostLeaseError
from integrations.models import SyncJob, WorkerBeat
from integrations.orchestrator import clocks
from integrations.orchestrator.owners import me, place

LEASE = timedelta(seconds=60)
RENEW_EVERY = 15.0
SLICE_SECONDS = 30.0


def claim(job_id: int, now: datetime | None = None) -> SyncJob | None:
    """Take the job if it is due and free: one conditional UPDATE that raises the fencing token. None = not ours, or
    not ours to take because this host's clock is wrong."""
    if clocks.watch.is_wrong():
        return None
    now = now or timezone.now()
    # Read first: a database that goes away after the UPDATE must not leave a lease that nobody knows he holds.
    job = SyncJob.objects.due(now).select_related("sync").filter(pk=job_id).first()
    if job is None:
        return None
    lease = {"token": job.token + 1, "owner": me(), "lease_until": now + LEASE}
    if not SyncJob.objects.due(now).filter(pk=job_id, token=job.token).update(**lease):
        return None
    for name, value in lease.items():
        setattr(job, name, value)
    return job


def claim_next(now: datetime | None = None) -> SyncJob | None:
    """Take the due job that matters most: the higher number of its sync's priority, then the one that has waited longest."""
    now = now or timezone.now()
    due = SyncJob.objects.due(now).order_by("-sync__priority", "wake_at").values_list("pk", flat=True)[:10]
    for job_id in due:
        job = claim(job_id, now)
        if job is not None:
            return job
    return None


def renew(job_id: int, token: int) -> bool:
    """Prolong the lease; False when it is not ours any more."""
    until = timezone.now() + LEASE
    return bool(SyncJob.objects.filter(pk=job_id, token=token, owner__isnull=False).update(lease_until=until))


def write_beat(name: str, kind: str) -> None:
    """A sign of life of this process group."""
    now = timezone.now()
    told: dict[str, Any] = {"kind": kind, "host": socket.gethostname(), "pid": os.getpid(), "at": now}
    told["clock_skew"] = clocks.watch.skew()
    WorkerBeat.objects.update_or_create(name=name, defaults=told, create_defaults={**told, "started_at": now})


def group_name(group: str = "") -> str:
    """The name of a worker group of this place, unique on all hosts; without a group, of the one we belong to."""
    return f"{socket.gethostname()}:{place()}:{group or os.environ.get('SYNCPANEL_GROUP', 'worker')}"


class Heart(threading.Thread):
    """Renews a lease in the background, on its own database connection, until stopped or lost."""

    def __init__(self, job: SyncJob) -> None:
        super().__init__(daemon=True, name=f"heart-{job.pk}")
        self.job_id, self.token = job.pk, job.token
        self.lost = False
        self.good_at = time.monotonic()
        self._stop_asked = threading.Event()

    def run(self) -> None:
        try:
            while not self._stop_asked.wait(RENEW_EVERY):
                self.beat()
                if self.lost:
                    return
        finally:
            connection.close()

    def beat(self) -> None:
        """Renew once. A database that is away is no loss yet: the lease outlives it for a while."""
        started = time.monotonic()
        try:
            self.lost = not renew(self.job_id, self.token)
            self.good_at = started
            write_beat(group_name(), "worker")
        except DatabaseError:
            connection.close()

    def check(self, needed: float = 0.0) -> None:
        """LostLeaseError unless the lease is good for `needed` more seconds, as before a call that may take so long."""
        left = LEASE.total_seconds() - (time.monotonic() - self.good_at)
        if self.lost or left <= needed:
            raise LostLeaseError(f"The lease on job {self.job_id} is lost.")

    def stop(self) -> None:
        """End the thread."""
        self._stop_asked.set()
