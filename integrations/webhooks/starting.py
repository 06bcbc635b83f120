"""Starts the small job of a sync whose changes have waited long enough. The beat looks once a second."""

import logging
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from integrations.enums import Status, Trigger
from integrations.exceptions import RefusedTransitionError
from integrations.models import Inbox, SyncJob, WaitingChange, WebhookDelivery
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.hints import hint_incoming
from integrations.orchestrator.incoming import take_changes

logger = logging.getLogger(__name__)

AT_ONCE = 20
ROWS = 500
TRY_AGAIN_AFTER = timedelta(seconds=60)
UNREAD_FOR = timedelta(seconds=5)


def start_small_jobs(now: datetime | None = None) -> None:
    """For every sync with due changes that has no active job and is switched on."""
    now = now or timezone.now()
    for inbox in _free().filter(due_at__lte=now).order_by("due_at")[:AT_ONCE]:
        try:
            start_small_job(inbox, now)
        except Exception:
            logger.exception("the small job of sync %s could not start", inbox.sync_id)


def start_small_job(inbox: Inbox, now: datetime) -> SyncJob | None:
    """The job is told up to which change it takes; what comes in later waits for the next one. None when nothing waits, or
    somebody else was faster."""
    give_up_cancelled(inbox.sync_id)
    same = Inbox.objects.filter(pk=inbox.pk, due_at=inbox.due_at)
    with transaction.atomic():
        # Before the changes are looked at: the alarm of those that come in meanwhile is set afterwards, and stays.
        if same.select_for_update().first() is None or SyncJob.objects.active().filter(sync=inbox.sync_id).exists():
            return None
        waiting = WaitingChange.objects.filter(sync=inbox.sync_id)
        newest: int | None = waiting.aggregate(newest=Max("newest"))["newest"]
        if newest is None:
            same.update(first_at=None, due_at=None)
            return None
        try:
            with transaction.atomic():
                job = start_job(inbox.sync_id, trigger=Trigger.WEBHOOK, upto=newest, expected=waiting.count())
        except RefusedTransitionError as refusal:
            logger.info("sync %s: %s", inbox.sync_id, refusal.message)
            same.update(due_at=now + TRY_AGAIN_AFTER)
            return None
        same.update(first_at=None, due_at=None)
    return job


def set_lost_alarms(now: datetime) -> None:
    """For the beat: changes that wait, that no job takes, and that nobody would look at until another one comes in."""
    waiting = WaitingChange.objects.filter(sync=OuterRef("sync"))
    lost = _free().filter(Exists(waiting), due_at__isnull=True)
    for inbox in lost[:AT_ONCE]:
        logger.warning("sync %s: changes waited without an alarm", inbox.sync_id)
        Inbox.objects.filter(pk=inbox.pk, due_at__isnull=True).update(first_at=now, due_at=now)


def _free() -> models.QuerySet[Inbox]:
    """Of syncs that have no active job and are switched on."""
    active = SyncJob.objects.active().filter(sync=OuterRef("sync"))
    return Inbox.objects.filter(~Exists(active), sync__is_enabled=True)


def give_up_cancelled(sync_id: int) -> None:
    """Who cancelled the last small job did not want its changes sent: they must not start the next one."""
    last = SyncJob.objects.filter(sync=sync_id, trigger=Trigger.WEBHOOK).order_by("-id").first()
    if last is None or last.status != Status.CANCELLED or "upto" not in last.cursor:
        return
    while True:
        with transaction.atomic():
            left = WaitingChange.objects.filter(sync=sync_id, newest__lte=last.cursor["upto"]).order_by("record_id")
            rows = list(left.select_for_update()[:ROWS])
            take_changes(last.pk, rows, timezone.now())
        if len(rows) < ROWS:
            return


def repeat_incoming_hint(now: datetime) -> None:
    """For the beat: calls that nobody has read although a worker could."""
    if WebhookDelivery.objects.waiting().filter(received_at__lt=now - UNREAD_FOR).exists():
        hint_incoming()
