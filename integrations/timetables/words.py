"""A timetable in words: "at 09:00 on weekdays, Berlin time". Told from the times it stands for, not from how it is written."""

from calendar import day_name, month_name
from collections.abc import Sequence, Set
from itertools import pairwise
from typing import NamedTuple

from cronsim import CronSim
from cronsim.cronsim import SpecItem

from integrations.timetables.problems import ANY_DAY
from integrations.timetables.slots import Timetable

HOUR, DAY, WEEK = 60, 24 * 60, 7 * 24 * 60
NAMED = {1: "every minute", HOUR: "every hour", DAY: "every day", WEEK: "every week"}
MOST_TIMES = 4
MOST_DAYS = 6
ALL_DAYS, ALL_MONTHS, ALL_WEEKDAYS = frozenset(range(1, 32)), frozenset(range(1, 13)), frozenset(range(7))
WEEKDAYS, WEEKEND = frozenset(range(1, 6)), frozenset({0, 6})
ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", CronSim.LAST: "last"}


class Times(NamedTuple):
    """The times of a day in words. `is_any_day`: they say by themselves that they come every day."""

    words: str
    is_any_day: bool


def explain(timetable: Timetable) -> str:
    """In words: "every 15 minutes", "at 09:00 on weekdays, Berlin time"; empty when by hand. It must have no problem."""
    if timetable.every_minutes is not None:
        return _interval(timetable.every_minutes)
    return _explain_cron(timetable) if timetable.cron else ""


def _name_zone(name: str) -> str:
    """Whose time it is: "Berlin time", "UTC"."""
    area, _, place = name.rpartition("/")
    return place if area in {"", "Etc"} else f"{place.replace('_', ' ')} time"


def _interval(minutes: int) -> str:
    for unit, word in ((DAY, "days"), (HOUR, "hours")):
        if minutes % unit == 0 and minutes not in NAMED:
            return f"every {minutes // unit} {word}"
    return NAMED.get(minutes, f"every {minutes} minutes")


def _explain_cron(timetable: Timetable) -> str:
    read = CronSim(timetable.cron, ANY_DAY)
    times = _times_of_day(sorted(hour * HOUR + minute for hour in read.hours for minute in read.minutes))
    dates = _dates(read)
    if not dates and times.is_any_day:
        return times.words
    return f"{times.words} {dates or 'every day'}, {_name_zone(timetable.time_zone)}"


def _times_of_day(times: Sequence[int]) -> Times:
    """Minutes since midnight, in words."""
    if len(times) <= MOST_TIMES:
        return Times(f"at {_join([_clock(time) for time in times])}", False)
    first, last, step = times[0], times[-1], times[1] - times[0]
    is_even = all(later - sooner == step for sooner, later in pairwise(times))
    past = sorted({time % HOUR for time in times})
    if is_even and step * len(times) == DAY and not (step == HOUR and first):
        return Times(_interval(step) + (f" from {_clock(first)} on" if first else ""), True)
    if is_even and step * len(times) < DAY:
        return Times(f"{_interval(step)} from {_clock(first)} to {_clock(last)}", False)
    if len(times) == len(past) * 24:
        return Times(f"every hour at {_join([str(minute) for minute in past])} minutes past", True)
    return Times(f"{len(times)} times a day from {_clock(first)} to {_clock(last)}", False)


def _clock(minutes: int) -> str:
    return f"{minutes // HOUR:02}:{minutes % HOUR:02}"


def _dates(read: CronSim) -> str:
    days, weekdays = _days_of_month(read.days), _weekdays(read.weekdays)
    words = f"{days}, only {weekdays}" if read.day_and else f"{days} or {weekdays}"
    words = words if days and weekdays else days or weekdays
    if read.months >= ALL_MONTHS:
        return words
    return f"{words or 'every day'} in {_join([month_name[month] for month in sorted(read.months)])}"


def _days_of_month(days: Set[int]) -> str:
    if days >= ALL_DAYS:
        return ""
    numbers = [_ordinal(day) for day in sorted(days) if day > 0]
    if len(numbers) > MOST_DAYS:
        return f"on {len(numbers)} days of the month from the {numbers[0]} to the {numbers[-1]}"
    special = {CronSim.LAST: "last day", CronSim.LAST_WEEKDAY: "last weekday"}
    return f"on the {_join([*numbers, *(word for day, word in special.items() if day in days)])} of the month"


def _weekdays(weekdays: Set[SpecItem]) -> str:
    plain = frozenset(day % 7 for day in weekdays if isinstance(day, int))
    numbered = sorted(day for day in weekdays if isinstance(day, tuple))
    if plain >= ALL_WEEKDAYS:
        return ""
    words = [f"on the {ORDINALS[number]} {_weekday(day)} of the month" for day, number in numbered]
    if plain in (WEEKDAYS, WEEKEND):
        words.insert(0, "on weekdays" if plain == WEEKDAYS else "on weekends")
    elif plain:
        words.insert(0, f"on {_join([f'{_weekday(day)}s' for day in sorted(plain, key=lambda day: day or 7)])}")
    return _join(words)


def _weekday(number: int) -> str:
    """0 and 7 are Sunday."""
    return day_name[(number - 1) % 7]


def _ordinal(number: int) -> str:
    ending = "th" if 11 <= number <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _join(words: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
