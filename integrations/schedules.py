"""Starting syncs whose time has come. Missed slots are made up for once, not one by one."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from integrations.enums import Kind, Trigger
from integrations.exceptions import RefusedTransitionError
from integrations.models import Sync
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.events import append

logger = logging.getLogger(__name__)


def start_due(now: datetime) -> None:
    """Start every due sync once. A sync whose job is still active skips this slot, and says so."""
    for sync in Sync.objects.due(now):
        try:
            start_slot(sync, now)
        except Exception:
            logger.exception("schedule: sync %s could not start", sync.pk)


def start_slot(sync: Sync, now: datetime) -> None:
    """Move the schedule on and start the job; of many beats only one finds the slot still there."""
    with transaction.atomic():
        slot = Sync.objects.filter(pk=sync.pk, next_due_at=sync.next_due_at)
        if not slot.update(next_due_at=next_slot(sync, now)):
            return
        try:
            with transaction.atomic():
                start_job(sync.pk, trigger=Trigger.SCHEDULE)
        except RefusedTransitionError as refusal:
            append(sync.stream, Kind.SYNC_SLOT_SKIPPED, {"reason": refusal.message})


def next_slot(sync: Sync, now: datetime) -> datetime | None:
    """The first slot after now, on the grid of the slot that was due; None without an interval."""
    if not sync.every_minutes or sync.next_due_at is None:
        return None
    step = timedelta(minutes=sync.every_minutes)
    missed = int((now - sync.next_due_at) / step)
    return sync.next_due_at + step * (missed + 1)
