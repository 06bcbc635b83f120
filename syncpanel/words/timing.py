"""When a sync starts, in words, and the times that come next."""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone

from integrations.models import Sync
from integrations.orchestrator.timing import timetable_of
from integrations.timetables import explain, find_problem, next_slots
from syncpanel.templatetags.words import clock


class NextTime(NamedTuple):
    """One start to come: on the panel's clock, and on the timetable's own where that shows another time."""

    at: object
    there: str


def explain_timing(sync: Sync) -> str:
    """ "Every hour, and after “Leads” has finished"; "By hand only"."""
    clockwork = _explain_clock(sync)
    after = f"after “{sync.after.name}” has finished" if sync.after else ""
    events = f"within seconds when {sync.source.name} tells of a change" if sync.on_webhook else ""
    words = ", and ".join(filter(None, [clockwork, after, events])) or "by hand only"
    return words[:1].upper() + words[1:]


def next_times(sync: Sync, now: datetime, count: int = 5) -> list[NextTime]:
    """The next starts by the clock; none while it is switched off."""
    timetable = timetable_of(sync)
    if not sync.is_enabled or find_problem(timetable):
        return []
    return [_next_time(slot, timetable.time_zone) for slot in next_slots(timetable, now, count, sync.next_due_at)]


def _explain_clock(sync: Sync) -> str:
    timetable = timetable_of(sync)
    problem = find_problem(timetable)
    return f"never: {problem[1]}" if problem else explain(timetable)


def _next_time(slot: datetime, zone: str) -> NextTime:
    there, here = slot.astimezone(ZoneInfo(zone)), timezone.localtime(slot)
    place = zone.rpartition("/")[2].replace("_", " ")
    return NextTime(clock(slot), "" if there.utcoffset() == here.utcoffset() else f"{there:%H:%M} in {place}")
