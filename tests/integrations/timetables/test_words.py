"""Timetables in words a person reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.timetables import Timetable, explain, find_problem


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 9 * * 1-5", "at 09:00 on weekdays, Berlin time"),
        ("0 9 * * MON,TUE,WED,THU,FRI", "at 09:00 on weekdays, Berlin time"),
        ("0 9,12 * * *", "at 09:00 and 12:00 every day, Berlin time"),
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("5-59/15 * * * *", "every 15 minutes from 00:05 on"),
        ("0 * * * *", "every hour"),
        ("5 * * * *", "every hour at 5 minutes past"),
        ("0,7 * * * *", "every hour at 0 and 7 minutes past"),
        ("0 */2 * * *", "every 2 hours"),
        ("*/15 9-17 * * 1-5", "every 15 minutes from 09:00 to 17:45 on weekdays, Berlin time"),
        ("0 9-17 * * *", "every hour from 09:00 to 17:00 every day, Berlin time"),
        ("3,7 9,11,15 * * MON", "6 times a day from 09:03 to 15:07 on Mondays, Berlin time"),
        ("*/30 * * * 6,0", "every 30 minutes on weekends, Berlin time"),
        ("0 9 * * 0,3", "at 09:00 on Wednesdays and Sundays, Berlin time"),
        ("0 9 * * 7", "at 09:00 on Sundays, Berlin time"),
        ("0 9 * * 1#1", "at 09:00 on the first Monday of the month, Berlin time"),
        ("0 9 * * 5L", "at 09:00 on the last Friday of the month, Berlin time"),
        ("30 6 1,15 * *", "at 06:30 on the 1st and 15th of the month, Berlin time"),
        ("0 0 2,3,11,22 * *", "at 00:00 on the 2nd, 3rd, 11th and 22nd of the month, Berlin time"),
        ("0 0 */2 * *", "at 00:00 on 16 days of the month from the 1st to the 31st, Berlin time"),
        ("0 0 L * *", "at 00:00 on the last day of the month, Berlin time"),
        ("0 0 LW 3 *", "at 00:00 on the last weekday of the month in March, Berlin time"),
        ("0 9 13 * 5", "at 09:00 on the 13th of the month or on Fridays, Berlin time"),
        ("0 9 */7 * 1", "at 09:00 on the 1st, 8th, 15th, 22nd and 29th of the month, only on Mondays, Berlin time"),
        ("0 9 * 1,7 *", "at 09:00 every day in January and July, Berlin time"),
    ],
)
def test_a_cron_line_is_told_as_a_person_would_say_it(cron, said):
    assert explain(Timetable(cron=cron, time_zone="Europe/Berlin")) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "every minute"),
        (15, "every 15 minutes"),
        (60, "every hour"),
        (90, "every 90 minutes"),
        (120, "every 2 hours"),
        (1_440, "every day"),
        (2_880, "every 2 days"),
        (10_080, "every week"),
    ],
)
def test_an_interval_is_told_in_its_largest_unit(minutes, said):
    assert explain(Timetable(every_minutes=minutes)) == said


def test_by_hand_has_no_words():
    assert explain(Timetable()) == ""


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/New_York", "at 09:00 every day, New York time"),
        ("America/Argentina/Buenos_Aires", "at 09:00 every day, Buenos Aires time"),
        ("UTC", "at 09:00 every day, UTC"),
        ("Etc/UTC", "at 09:00 every day, UTC"),
    ],
)
def test_the_zone_is_named_by_its_place(zone, said):
    assert explain(Timetable(cron="0 9 * * *", time_zone=zone)) == said


@given(st.text("0123456789*/-,#LW ", max_size=20).map(str.strip))
def test_whatever_passes_the_check_can_be_told(cron):
    table = Timetable(cron=cron, time_zone="UTC")
    if cron and find_problem(table) is None:
        assert explain(table)
