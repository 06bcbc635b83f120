"""When syncs start: by the clock, after another sync, by incoming events, or by hand. Setting it, and what a job's end sets
off."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from integrations.adapters.registry import capabilities
from integrations.enums import Kind, Trigger
from integrations.exceptions import RefusedTransitionError
from integrations.models import Sync, SyncJob
from integrations.orchestrator.events import append
from integrations.timetables import Timetable, find_problem, next_slot

TIMES = ("every_minutes", "cron", "time_zone", "after", "on_webhook", "next_due_at", "missed_at")


@dataclass(frozen=True, slots=True)
class Timing:
    """All that starts a sync but a person. `time_zone` "" is the panel's; `after` is the id of another sync; with `on_webhook`
    incoming events of its source do."""

    every_minutes: int | None = None
    cron: str = ""
    time_zone: str = ""
    after: int | None = None
    on_webhook: bool = False


class TimingError(RefusedTransitionError):
    """This cannot start a sync. `setting` names which part."""

    code = "timing"

    def __init__(self, setting: str, sentence: str) -> None:
        super().__init__(sentence)
        self.setting = setting


def timing_of(sync: Sync) -> Timing:
    """What starts it now."""
    return Timing(sync.every_minutes, sync.cron, sync.time_zone, sync.after_id, sync.on_webhook)


def timetable_of(sync: Sync | Timing) -> Timetable:
    """Its part that goes by the clock."""
    return Timetable(sync.every_minutes, sync.cron, sync.time_zone or settings.TIME_ZONE)


def check_timing(timing: Timing, sync_id: int | None = None) -> None:
    """TimingError when it cannot be. Syncs that start each other in a circle never come to an end."""
    if (problem := find_problem(timetable_of(timing))) is not None:
        raise TimingError(*problem)
    if timing.after is None:
        return
    seen: set[int | None] = {sync_id}
    at: int | None = timing.after
    while at is not None:
        if at in seen:
            raise TimingError("after", "These syncs would start each other for ever.")
        seen.add(at)
        at = Sync.objects.filter(pk=at).values_list("after_id", flat=True).first()


def set_timing(sync_id: int, timing: Timing, actor: str, now: datetime | None = None) -> None:
    """Start this sync at other times from now on."""
    check_timing(timing, sync_id)
    with transaction.atomic():
        sync = Sync.objects.select_for_update().get(pk=sync_id)
        before = timing_of(sync)
        if before == timing:
            return
        _check_source(sync, timing)
        sync.every_minutes, sync.cron, sync.time_zone = timing.every_minutes, timing.cron, timing.time_zone
        sync.after_id, sync.on_webhook = timing.after, timing.on_webhook
        if replace(before, on_webhook=timing.on_webhook) != timing:
            sync.next_due_at, sync.missed_at = first_slot(sync, now or timezone.now()), None
        sync.save(update_fields=TIMES)
        append(sync.stream, Kind.SYNC_CHANGED, {"changed": _told(before, timing)}, actor)


def _check_source(sync: Sync, timing: Timing) -> None:
    if timing.on_webhook and capabilities(sync.source.platform).webhook is None:
        raise TimingError("on_webhook", f"{sync.source.name} does not call anybody.")


def first_slot(sync: Sync, now: datetime) -> datetime | None:
    """When it starts by the clock, counted from now; None while it is switched off."""
    return next_slot(timetable_of(sync), now) if sync.is_enabled else None


def start_followers(job: SyncJob, now: datetime) -> None:
    """Syncs that come after this one are due, in the transaction that ends its job; the beat starts them. The small jobs of
    incoming events are followed by nobody."""
    if job.trigger == Trigger.WEBHOOK:
        return
    Sync.objects.filter(after_id=job.sync_id, is_enabled=True).update(next_due_at=now)


def _told(before: Timing, after: Timing) -> dict[str, list[Any]]:
    old, new = asdict(before), asdict(after)
    return {name: [old[name], new[name]] for name in new if old[name] != new[name]}
