"""What is wrong with a timetable, in one sentence."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError

from integrations.timetables.slots import Timetable

MOST_MINUTES = 60 * 24 * 31
LONGEST_CRON = 100
PARTS = ("minute", "hour", "day", "month", "weekday")
ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def find_problem(timetable: Timetable) -> tuple[str, str] | None:
    """(setting, sentence) of what cannot work, or None."""
    if timetable.every_minutes is not None and not 1 <= timetable.every_minutes <= MOST_MINUTES:
        return "every_minutes", "Between one minute and 31 days."
    if timetable.every_minutes is not None and timetable.cron:
        return "cron", "Either every so many minutes, or at these times: not both."
    if timetable.cron and timetable.time_zone not in _names():
        return "time_zone", "This time zone does not exist. Choose one like Europe/Berlin."
    sentence = _find_in_cron(timetable.cron) if timetable.cron else ""
    return ("cron", sentence) if sentence else None


def _find_in_cron(cron: str) -> str:
    parts = cron.split()
    if len(parts) == len(PARTS) + 1:
        return "Once a minute is the most: leave the seconds out."
    if len(parts) != len(PARTS) or len(cron) > LONGEST_CRON:
        return f"Five parts: {', '.join(PARTS)}, as in “0 9 * * 1-5”, which is 09:00 on weekdays."
    bad = next((name for at, name in enumerate(PARTS) if not _is_readable(at, parts[at])), None)
    if bad is not None:
        return f"The {bad} cannot be read. Five parts: {', '.join(PARTS)}, as in “0 9 * * 1-5”."
    return "" if _ever_comes(cron) else "These times do not exist: there is no such day."


def _is_readable(at: int, part: str) -> bool:
    """This part alone, the others being any."""
    parts = ["*"] * len(PARTS)
    parts[at] = part
    return _read(" ".join(parts)) is not None


def _ever_comes(cron: str) -> bool:
    slots = _read(cron)
    return slots is not None and next(slots, None) is not None


def _read(cron: str) -> CronSim | None:
    try:
        return CronSim(cron, ANY_DAY)
    except CronSimError:
        return None


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())
