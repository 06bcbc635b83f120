"""Starting syncs whose time has come. Missed slots are made up for once, not one by one."""

import logging
from datetime import datetime

from django.db import transaction

from integrations.enums import Kind, Trigger
from integrations.exceptions import RefusedTransitionError
from integrations.models import Sync, SyncJob
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.events import append
from integrations.orchestrator.timing import timetable_of
from integrations.timetables import next_slot

logger = logging.getLogger(__name__)


def start_due(now: datetime) -> None:
    """Start every due sync once. A sync whose job is still active skips this slot, and says so."""
    for sync in Sync.objects.due(now):
        try:
            start_slot(sync, now)
        except Exception:
            logger.exception("schedule: sync %s could not start", sync.pk)


def start_slot(sync: Sync, now: datetime) -> None:
    """Move the schedule on and start the job; of many beats only one finds the slot still there. A sync that follows another
    waits for its own job to end: that began before there was all to carry over."""
    if _trigger(sync) == Trigger.FOLLOWING and SyncJob.objects.active().filter(sync=sync).exists():
        return
    with transaction.atomic():
        slot = Sync.objects.filter(pk=sync.pk, next_due_at=sync.next_due_at)
        if not slot.update(next_due_at=next_slot(timetable_of(sync), now, sync.next_due_at)):
            return
        try:
            with transaction.atomic():
                start_job(sync.pk, trigger=_trigger(sync))
        except RefusedTransitionError as refusal:
            Sync.objects.filter(pk=sync.pk).update(missed_at=sync.next_due_at)
            append(sync.stream, Kind.SYNC_SLOT_SKIPPED, {"reason": refusal.message})


def _trigger(sync: Sync) -> Trigger:
    """One that no clock starts is due since the one before it has ended."""
    has_clock = sync.every_minutes is not None or sync.cron
    return Trigger.SCHEDULE if has_clock or sync.after_id is None else Trigger.FOLLOWING
