"""Every few seconds: free the jobs of dead workers, wake what is due, start due schedules, have fields read at night, repeat
lost hints.

Every step is conditional, so any number of beats on any number of hosts is safe. One bad row never stops the rest.
"""

import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django_q.models import Failure, OrmQ

from integrations.enums import Kind, Status
from integrations.exceptions import LostLeaseError
from integrations.models import RateUse, SyncJob, Turn, WorkerBeat
from integrations.orchestrator import clocks
from integrations.orchestrator.field_readings import hint_due_readings, plan_readings
from integrations.orchestrator.hints import hint_work, waiting_hints
from integrations.orchestrator.mapping_tasks import repeat_task_hints
from integrations.orchestrator.owners import Owner
from integrations.orchestrator.repairs import reopen_job
from integrations.orchestrator.state_machine import change_job
from integrations.retention import forget_duplicates, forget_payloads, forget_people, forget_samples, forget_sign_ins
from integrations.schedules import start_due
from integrations.webhooks.forgetting import forget_incoming
from integrations.webhooks.quiet import measure_gaps
from integrations.webhooks.starting import repeat_incoming_hint, set_lost_alarms, start_small_jobs

logger = logging.getLogger(__name__)

REPEAT_HINT_AFTER = timedelta(seconds=20)
MAX_WAITING_HINTS = 50
POISON = 3
FORGET_BEATS_AFTER = timedelta(days=2)
FORGET_USES_AFTER = timedelta(days=30)


def beat_once(now: datetime | None = None) -> None:
    """One round. Each step fails for itself. None is taken while this host's clock is wrong: others' leases would look
    as if they had ended."""
    if clocks.watch.is_wrong():
        return
    steps: list[Callable[[datetime], None]] = [
        free_dead_leases,
        start_due,
        reopen_waiting_repairs,
        repeat_hints,
        repeat_editor_hints,
        repeat_incoming_hint,
        set_lost_alarms,
        plan_readings,
        ask_for_readings,
        measure_gaps,
        sweep,
    ]
    for step in steps:
        try:
            step(now or timezone.now())
        except Exception:
            logger.exception("beat: %s failed", step.__name__)
            connection.close()


def tick() -> None:
    """Between two rounds, every second: what a person over there changed is to be here in seconds."""
    if not clocks.watch.is_wrong():
        start_small_jobs()


def free_dead_leases(now: datetime) -> None:
    """Jobs whose worker is gone: at once when the process died on this host, after the lease when it cannot be known.

    A process of this host that outlived its lease hangs; it is killed first, so that it can never write again.
    """
    for job in SyncJob.objects.leased().order_by("owner").only("pk", "owner", "token", "lease_until"):
        try:
            free_if_dead(job, now)
        except (DatabaseError, ValueError):
            logger.exception("beat: the lease of job %s cannot be checked", job.pk)


def free_if_dead(job: SyncJob, now: datetime) -> None:
    """Look after one lease."""
    owner = Owner.parse(job.owner or "")
    alive = owner.is_alive()
    expired = job.lease_until is None or job.lease_until < now
    if alive is False or (alive is None and expired):
        free(job.pk, job.token)
    elif alive and expired:
        logger.warning("beat: worker %s hangs on job %s, killing it", owner.pid, job.pk)
        with suppress(ProcessLookupError):
            os.kill(owner.pid, signal.SIGKILL)


def free(job_id: int, token: int) -> None:
    """Take the lease away; the third loss in a row at one checkpoint stops the job."""
    now = timezone.now()
    with suppress(LostLeaseError), change_job(job_id, token=token) as change:
        if change.job.owner is None:
            return
        change.set_lease(owner=None, lease_until=None, token=token + 1, wake_at=now, enqueued_at=None)
        if change.state.status not in {Status.QUEUED, Status.RUNNING, Status.WAITING}:
            change.set_lease(wake_at=None)
            return
        change.append(Kind.JOB_WORKER_LOST, add={"worker_losses": 1})
        if change.state.worker_losses >= POISON and change.state.status == Status.RUNNING:
            reason = f"A worker was killed {POISON} times at this place. It may have run out of memory."
            change.append(Kind.JOB_STUCK, code="worker_killed", reason=reason)
            change.set_lease(wake_at=None)


def reopen_waiting_repairs(now: datetime) -> None:
    """Finished jobs with retries that had to wait for another job of their sync."""
    waiting = SyncJob.objects.filter(status=Status.PARTIAL, failures_retrying__gt=0)
    for job_id in waiting.values_list("pk", flat=True)[:50]:
        reopen_job(job_id)


def repeat_hints(now: datetime) -> None:
    """Due jobs without a worker whose hint is missing or old. Not while hints pile up: then workers are busy or away."""
    if waiting_hints() >= MAX_WAITING_HINTS:
        return
    old = Q(enqueued_at__isnull=True) | Q(enqueued_at__lt=now - REPEAT_HINT_AFTER)
    for job_id, enqueued_at in SyncJob.objects.due(now).filter(old).values_list("pk", "enqueued_at")[:50]:
        with transaction.atomic():
            same = SyncJob.objects.filter(pk=job_id, owner__isnull=True, enqueued_at=enqueued_at)
            if same.update(enqueued_at=now):
                hint_work(job_id)


def repeat_editor_hints(now: datetime) -> None:
    """Work for the mapping editor that waits although a worker could take it."""
    if waiting_hints() < MAX_WAITING_HINTS:
        repeat_task_hints(now)


def ask_for_readings(now: datetime) -> None:
    """Fields that are to be read anew, at night or because a job failed on one."""
    if waiting_hints() < MAX_WAITING_HINTS:
        hint_due_readings(now)


def sweep(now: datetime) -> None:
    """What nobody needs: old signs of life, the queue's failure rows, what holds people's data and is old."""
    WorkerBeat.objects.filter(at__lt=now - FORGET_BEATS_AFTER).delete()
    RateUse.objects.filter(hour__lt=now - FORGET_USES_AFTER).delete()
    Failure.objects.all().delete()
    forget_payloads(now)
    forget_people(now)
    forget_duplicates(now)
    forget_samples(now)
    forget_incoming(now)
    forget_sign_ins(now)


def recover_after_restart() -> None:
    """Only when nobody else can be at work (one host, exclusive lock held): free every lease, forget every hint."""
    OrmQ.objects.all().delete()
    Turn.objects.update(until=None)
    WorkerBeat.objects.all().delete()
    SyncJob.objects.leased().update(owner=None, lease_until=None, token=F("token") + 1, wake_at=timezone.now())
    SyncJob.objects.filter(enqueued_at__isnull=False).update(enqueued_at=None)
