"""Slots: strictly later, none left out, and right in the nights the clocks change."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from integrations.timetables import Timetable, find_problem, next_slot, next_slots, zones

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LORD_HOWE = "Australia/Lord_Howe"
ZONES = [
    *("UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "America/Havana", "Africa/Cairo"),
    *("Africa/Casablanca", "Asia/Kathmandu", LORD_HOWE, "Pacific/Chatham", "Asia/Beirut"),
]
MINUTE = timedelta(minutes=1)
SPAN = timedelta(hours=36)


def walls(cron: str, zone: str, start: str, count: int = 4) -> list[str]:
    """The next slots as the clock on the wall shows them, with the offset from UTC."""
    after = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))
    slots = next_slots(Timetable(cron=cron, time_zone=zone), after, count)
    return [f"{slot.astimezone(ZoneInfo(zone)):%d %H:%M %z}" for slot in slots]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 2 * * *", ["29 03:00 +0200", "30 02:30 +0200"]),
        ("*/15 2 * * *", ["29 03:00 +0200", "30 02:00 +0200"]),
        ("0 */2 * * *", ["29 03:00 +0200", "29 04:00 +0200"]),
        ("0,30 1-3 * * *", ["29 01:30 +0100", "29 03:00 +0200", "29 03:30 +0200", "30 01:00 +0200"]),
        ("30 * * * *", ["29 01:30 +0100", "29 03:30 +0200", "29 04:30 +0200"]),
        ("*/30 * * * *", ["29 01:30 +0100", "29 03:00 +0200", "29 03:30 +0200"]),
    ],
)
def test_a_time_in_the_hour_that_does_not_exist_comes_once_right_after_it(cron, expected):
    assert walls(cron, "Europe/Berlin", "2026-03-29T01:10", len(expected)) == expected


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 2 * * *", ["25 02:30 +0200", "26 02:30 +0100"]),
        ("0,30 2 * * *", ["25 02:00 +0200", "25 02:30 +0200", "26 02:00 +0100"]),
        ("*/30 2 * * *", ["25 02:00 +0200", "25 02:30 +0200", "26 02:00 +0100"]),
        ("0 */2 * * *", ["25 02:00 +0200", "25 04:00 +0100"]),
    ],
)
def test_a_time_in_the_doubled_hour_comes_once_the_first_time(cron, expected):
    assert walls(cron, "Europe/Berlin", "2026-10-25T01:10", len(expected)) == expected


def test_every_hour_is_every_hour_also_in_the_doubled_one():
    expected = ["25 01:30 +0200", "25 02:30 +0200", "25 02:30 +0100", "25 03:30 +0100"]
    assert walls("30 * * * *", "Europe/Berlin", "2026-10-25T01:10") == expected


def test_who_asks_in_the_second_pass_of_the_doubled_hour_is_told_of_the_next_day():
    after = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    slot = next_slot(Timetable(cron="30 2 * * *", time_zone="Europe/Berlin"), after)
    assert slot == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_doubled_half_hour_counts_once_for_what_comes_every_hour():
    expected = ["05 01:30 +1100", "05 02:30 +1030", "05 03:30 +1030"]
    assert walls("30 * * * *", LORD_HOWE, "2026-04-05T01:10", 3) == expected


@pytest.mark.parametrize("zone", [LORD_HOWE, "America/Santiago"])
def test_half_an_hour_and_midnight_can_be_missing_too(zone):
    """Lord Howe skips 02:00 to 02:30, Santiago 00:00 to 01:00."""
    start, cron, first = {
        LORD_HOWE: ("2026-10-04T01:00", "15 2 * * *", "04 02:30 +1100"),
        "America/Santiago": ("2026-09-05T23:00", "0 0 * * *", "06 01:00 -0300"),
    }[zone]
    assert walls(cron, zone, start, 1) == [first]


def test_the_next_five_times_are_told_in_the_zone_of_the_timetable():
    slots = next_slots(Timetable(cron="0 9 * * 1-5", time_zone="Europe/Berlin"), NOW)
    days = ("Mon", "Tue", "Wed", "Thu", "Fri")
    assert [f"{slot:%a %H:%M %z}" for slot in slots] == [f"{day} 09:00 +0100" for day in days]
    assert next_slot(Timetable(cron="0 9 * * *", time_zone="Europe/Berlin"), NOW).tzinfo is UTC


@pytest.mark.parametrize(
    ("since", "expected"),
    [(None, 30), (NOW, 30), (NOW - timedelta(hours=5, minutes=10), 20), (NOW + timedelta(minutes=70), 10)],
    ids=["now", "on a slot", "long ago", "to come"],
)
def test_an_interval_stays_on_its_grid(since, expected):
    table = Timetable(every_minutes=30)
    assert next_slot(table, NOW, since) == NOW + timedelta(minutes=expected)
    assert next_slots(table, NOW, 2, since)[1] == NOW + timedelta(minutes=expected + 30)


def test_an_interval_counts_real_minutes_in_the_night_the_clocks_change():
    berlin = ZoneInfo("Europe/Berlin")
    since = datetime(2026, 3, 29, 1, 30, tzinfo=berlin)
    after = datetime(2026, 3, 29, 3, 10, tzinfo=berlin)
    assert next_slot(Timetable(every_minutes=60), after, since) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_without_a_clock_there_are_no_slots():
    assert next_slot(Timetable(), NOW) is None
    assert next_slots(Timetable(), NOW) == []


def test_a_slot_that_is_just_now_is_not_the_next():
    assert next_slot(Timetable(cron="0 9 * * *", time_zone="UTC"), NOW) == NOW + timedelta(days=1)
    assert next_slot(Timetable(cron="0 9 * * *", time_zone="UTC"), NOW - timedelta(microseconds=1)) == NOW


# Against a clock that is read minute by minute: the cron line and what it means are made together.

Part = tuple[str, frozenset[int]]


def parts(low: int, high: int) -> st.SearchStrategy[Part]:
    """A part of a cron line with the numbers it stands for."""
    everything = frozenset(range(low, high + 1))
    one = st.integers(low, high)
    some = st.lists(one, min_size=1, max_size=4)
    spans = st.tuples(one, one).map(sorted)
    steps = st.integers(2, 20)
    return st.one_of(
        st.just(("*", everything)),
        one.map(lambda n: (str(n), frozenset({n}))),
        some.map(lambda ns: (",".join(map(str, ns)), frozenset(ns))),
        spans.map(lambda s: (f"{s[0]}-{s[1]}", frozenset(range(s[0], s[1] + 1)))),
        steps.map(lambda n: (f"*/{n}", frozenset(range(low, high + 1, n)))),
    )


def transitions(zone: str) -> list[datetime]:
    """When its clock changes in 2026, to the hour."""
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(24 * 365)]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    return [hour for hour, (a, b) in zip(hours, pairwise(offsets), strict=False) if a != b]


CHANGES = {zone: transitions(zone) for zone in ZONES}


@st.composite
def moments(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and a moment, mostly near a change of its clock."""
    zone = draw(st.sampled_from(ZONES))
    bases = CHANGES[zone] or [NOW]
    base = draw(st.one_of(st.sampled_from(bases), st.sampled_from(bases), st.just(NOW)))
    return zone, base + timedelta(seconds=draw(st.integers(-40 * 3600, 6 * 3600)))


def read_clock(minute: Part, hour: Part, weekday: Part, zone: str, after: datetime) -> Iterator[datetime]:
    """Every slot within SPAN, found by looking at the clock each minute."""

    def matches(wall: datetime) -> bool:
        is_day = wall.isoweekday() % 7 in weekday[1]
        return is_day and wall.hour in hour[1] and wall.minute in minute[1]

    at = after.replace(second=0, microsecond=0) - SPAN
    highest = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    while at + MINUTE <= after + SPAN:
        at += MINUTE
        wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        passed = [highest + MINUTE * n for n in range(1, int((wall - highest) / MINUTE) + 1)]
        comes = matches(wall) if hour[0] == "*" else any(map(matches, passed))
        highest = max(highest, wall)
        if comes and at > after:
            yield at


@settings(max_examples=60)
@given(minute=parts(0, 59), hour=parts(0, 23), weekday=parts(0, 6), where=moments())
def test_the_next_slot_is_later_and_none_lies_between(minute, hour, weekday, where):
    zone, after = where
    assume(zone != LORD_HOWE or hour[0] != "*" or len(minute[1]) > 1)  # told by a test of its own
    table = Timetable(cron=f"{minute[0]} {hour[0]} * * {weekday[0]}", time_zone=zone)
    expected = list(read_clock(minute, hour, weekday, zone, after))
    found = [slot.astimezone(UTC) for slot in next_slots(table, after, len(expected) + 1)]
    assert [slot for slot in found if slot <= after + SPAN] == expected
    assert all(later > sooner for sooner, later in pairwise([after, *found]))


@settings(max_examples=200)
@given(
    every=st.integers(1, 43_200),
    since=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    after=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
)
def test_the_next_slot_of_an_interval_is_on_the_grid_and_at_most_a_step_away(every, since, after):
    since, after, step = since.replace(tzinfo=UTC), after.replace(tzinfo=UTC), timedelta(minutes=every)
    slot = next_slot(Timetable(every_minutes=every), after, since)
    assert after < slot <= after + step
    assert (slot - since) % step == timedelta(0)


@settings(max_examples=300)
@given(st.text("0123456789*/-,#LW \tMONJAN²", max_size=24) | st.text(max_size=12))
def test_what_passes_the_check_has_a_next_slot_and_nothing_typed_in_is_a_fault(cron):
    table = Timetable(cron=cron.strip())
    if cron.strip() and find_problem(table) is None:
        assert next_slot(table, NOW) > NOW


def test_zones_are_named_by_places():
    assert zones()[0] == "UTC"
    assert {"Europe/Berlin", "America/New_York"} <= set(zones())
