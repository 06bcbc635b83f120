"""The times of a timetable: every so many minutes, or by a cron expression in a time zone.

Intervals are real time: every 60 minutes is every 60 minutes, also in the night the clocks change. A cron expression with "*" as
its hour means every hour, hence real time as well: the hour that is left out is not missed, the one that comes twice counts
twice (half an hour, as on Lord Howe Island, counts once).

Any other means the clock on the wall, and each of its times comes once a day: one in the hour that is left out comes at its
end, one in the hour that comes twice comes the first time. `cronsim` does it so where minute and hour are numbers, as Debian's
cron does; written as a range, a "*" is such a number to it too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim

EVERY_HOUR = "*"


@dataclass(frozen=True, slots=True)
class Timetable:
    """At most one of the two is set; neither = it does not start by the clock. `time_zone` is for `cron`."""

    every_minutes: int | None = None
    cron: str = ""
    time_zone: str = "UTC"


def next_slot(timetable: Timetable, after: datetime, grid: datetime | None = None) -> datetime | None:
    """The first time after `after` (aware), in UTC; None when it does not start by the clock. `grid`: a slot of an interval, to
    stay in step with."""
    if timetable.cron:
        return next((slot.astimezone(UTC) for slot in _local(timetable, after)), None)
    if timetable.every_minutes is None:
        return None
    after = after.astimezone(UTC)  # two times of one zone are subtracted as the wall shows them
    since, step = (grid or after).astimezone(UTC), timedelta(minutes=timetable.every_minutes)
    return since + step * ((after - since) // step + 1)


def next_slots(timetable: Timetable, now: datetime, count: int = 5, grid: datetime | None = None) -> list[datetime]:
    """The next times, those of a cron expression in the timetable's zone, for a person to look at."""
    if timetable.cron:
        return list(islice(_local(timetable, now), count))
    slots: list[datetime] = []
    slot = next_slot(timetable, now, grid)
    while slot is not None and len(slots) < count:
        slots.append(slot)
        slot = next_slot(timetable, slot, grid)
    return slots


def _local(timetable: Timetable, after: datetime) -> Iterator[datetime]:
    """In the timetable's own zone. Asked during the second pass of an hour, the library begins with times of the first."""
    slots = CronSim(_on_the_wall(timetable.cron), after.astimezone(ZoneInfo(timetable.time_zone)))
    return (slot for slot in slots if slot.astimezone(UTC) > after)


def _on_the_wall(cron: str) -> str:
    minute, hour, *days = cron.split()
    if hour != EVERY_HOUR:
        minute, hour = minute.replace("*", "0-59"), hour.replace("*", "0-23")
    return " ".join([minute, hour, *days])


@cache
def zones() -> tuple[str, ...]:
    """The names of all time zones, those that people know by a place first."""
    names = available_timezones()
    places = sorted(
        name for name in names if "/" in name and not name.startswith(("Etc/", "SystemV/", "posix/", "right/"))
    )
    return ("UTC", *places)
