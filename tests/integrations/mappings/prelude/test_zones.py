"""Time zones without a library: the same offsets as the time zone database says, for every zone from 2015 to 2036."""

from datetime import UTC, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.mappings.prelude import zones
from tests.integrations.mappings.prelude import zone_table

ROWS = [row.split(" | ")[1].split() for row in zone_table.make_table().replace("\n ", " ").split("\n")]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def database(name):
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, name)


def seconds(moment):
    return int((moment.replace(tzinfo=UTC) - EPOCH).total_seconds())


def test_the_table_is_what_the_database_says():
    """Renewed by `python -m tests.integrations.mappings.prelude.zone_table`."""
    assert zone_table.FILE.read_text("utf-8") == "".join(zone_table.in_prelude())


def test_every_name_of_the_database_is_known():
    names = resources.files("tzdata").joinpath("zones").read_text().split()
    assert len(names) > 550
    for name in names:
        assert zones._zone_rule(name)


@pytest.mark.parametrize("name", [names[0] for names in ROWS])
def test_the_offset_is_right_around_every_change(name):
    zone = database(name)
    day = datetime(2015, 1, 1, tzinfo=UTC)
    last = zone.utcoffset(day.astimezone(zone))
    while day.year < 2037:
        day += timedelta(days=7)
        offset = day.astimezone(zone).utcoffset()
        assert zones._zone_offset(name, seconds(day)) == offset.total_seconds(), day
        if offset != last:
            for minutes in range(0, 7 * 24 * 60, 30):
                moment = day - timedelta(minutes=minutes)
                expected = moment.astimezone(zone).utcoffset().total_seconds()
                assert zones._zone_offset(name, seconds(moment)) == expected, moment
        last = offset


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe"])
@settings(max_examples=200)
@given(local=st.datetimes(datetime(2015, 1, 2), datetime(2037, 12, 30)))
def test_a_local_time_means_what_the_database_says(name, local):
    local = local.replace(microsecond=0, fold=0)
    expected = local.replace(tzinfo=database(name)).utcoffset().total_seconds()
    assert zones._local_offset(name, seconds(local)) == expected


@pytest.mark.parametrize(
    ("local", "hours"),
    [
        (datetime(2024, 3, 31, 1, 59), 1),
        (datetime(2024, 3, 31, 2, 30), 1),
        (datetime(2024, 3, 31, 3, 0), 2),
        (datetime(2024, 10, 27, 2, 30), 2),
        (datetime(2024, 10, 27, 3, 0), 1),
    ],
    ids=["before", "left out", "after", "twice", "after the second"],
)
def test_a_time_that_is_left_out_or_there_twice(local, hours):
    assert zones._local_offset("Europe/Berlin", seconds(local)) == hours * 3600


@given(st.datetimes(datetime(1900, 1, 1), datetime(9990, 1, 1)))
def test_the_year_is_that_of_the_calendar(moment):
    assert zones._year_of(seconds(moment)) == moment.year
    assert zones._days_until(moment.year, moment.month, moment.day) == seconds(moment) // 86400


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("to_local('2024-07-01T10:00:00Z', 'europe/berlin')", "2024-07-01T12:00:00+02:00"),
        ("to_local('2024-07-01T10:00:00Z', 'us_slash_eastern')", "2024-07-01T06:00:00-04:00"),
        ("to_local('2024-07-01T10:00:00Z', ' America/New York ')", "2024-07-01T06:00:00-04:00"),
        ("to_local('2024-07-01T10:00:00Z', 'Asia/Kolkata')", "2024-07-01T15:30:00+05:30"),
        ("to_local('2024-07-01T10:00:00Z', 'America/St_Johns')", "2024-07-01T07:30:00-02:30"),
        ("to_local('2024-07-01T10:00:00Z', 'UTC')", "2024-07-01T10:00:00+00:00"),
        ("to_local('2024-07-01T10:00:00+02:00', 'Europe/Istanbul')", "2024-07-01T11:00:00+03:00"),
        ("to_local('2016-01-01T10:00:00Z', 'Europe/Istanbul')", "2016-01-01T12:00:00+02:00"),
        ("to_local('9999-12-31T23:00:00Z', 'Asia/Tokyo')", None),
        ("to_datetime('2024-07-01 10:00', zone='Europe/Berlin')", "2024-07-01T08:00:00Z"),
        ("to_datetime('2024-07-01', zone='Europe/Berlin')", "2024-06-30T22:00:00Z"),
        ("to_datetime('2024-07-01T10:00:00Z', zone='Europe/Berlin')", "2024-07-01T10:00:00Z"),
        ("to_datetime(1709287200, zone='Europe/Berlin')", "2024-03-01T10:00:00Z"),
        ("to_date('1709330400000', zone='Europe/Berlin')", "2024-03-01"),
        ("to_date('1709335800000', zone='Europe/Berlin')", "2024-03-02"),
        ("to_date('2024-03-01', zone='Pacific/Auckland')", "2024-03-01"),
        ("to_date('2024-03-01 23:30', zone='Pacific/Auckland')", "2024-03-01"),
        ("to_epoch_ms('2024-07-01 10:00', zone='Europe/Berlin')", 1719820800000),
        ("format_date('2024-07-01T22:30:00Z', '%d %B %Y', zone='Europe/Berlin')", "02 July 2024"),
    ],
)
def test_times_come_out_in_their_zone(ask, call, expected):
    assert ask(call) == expected


def test_a_zone_that_does_not_exist_fails_the_record_with_its_name(ask_failure):
    assert ask_failure("to_local('2024-07-01', 'Mars/Olympus')") == "There is no time zone called Mars/Olympus"
