"""What cannot be a timetable is said in a sentence, at the setting that is wrong."""

import pytest

from integrations.timetables import Timetable, find_problem


@pytest.mark.parametrize(
    "table",
    [
        Timetable(),
        Timetable(every_minutes=1),
        Timetable(every_minutes=44_640),
        Timetable(cron="* * * * *"),
        Timetable(cron="0 9 * * MON-FRI", time_zone="Europe/Berlin"),
        Timetable(cron="0 9 * * *", time_zone="CET"),
        Timetable(cron="0 9 29 2 *"),
        Timetable(cron="0 9 L * *"),
        Timetable(cron="0 9 30 2 MON"),
    ],
    ids=repr,
)
def test_a_usable_timetable_has_no_problem(table):
    assert find_problem(table) is None


@pytest.mark.parametrize(
    ("table", "setting", "said"),
    [
        (Timetable(every_minutes=5, cron="0 9 * * *"), "cron", "not both"),
        (Timetable(every_minutes=0), "every_minutes", "one minute"),
        (Timetable(every_minutes=44_641), "every_minutes", "31 days"),
        (Timetable(cron="* * * * * *"), "cron", "leave the seconds out"),
        (Timetable(cron="0 9 * *"), "cron", "Five parts"),
        (Timetable(cron="@daily"), "cron", "Five parts"),
        (Timetable(cron="every morning"), "cron", "Five parts"),
        (Timetable(cron=f"0 9 * * {'1,' * 60}1"), "cron", "Five parts"),
        (Timetable(cron="60 9 * * *"), "cron", "The minute cannot be read."),
        (Timetable(cron="0 24 * * *"), "cron", "The hour cannot"),
        (Timetable(cron="0 9 32 * *"), "cron", "The day cannot"),
        (Timetable(cron="0 9 * 13 *"), "cron", "The month cannot"),
        (Timetable(cron="0 9 * * 8"), "cron", "The weekday cannot"),
        (Timetable(cron="0 9 30 2 *"), "cron", "do not exist: there is no such day"),
        (Timetable(cron="0 9 31 4,6,9,11 *"), "cron", "do not exist: there is no such day"),
        (Timetable(cron="0 9 * * *", time_zone="Berlin"), "time_zone", "does not exist"),
        (Timetable(cron="0 9 * * *", time_zone="../../etc/passwd"), "time_zone", "does not exist"),
        (Timetable(cron="0 9 * * *", time_zone="America"), "time_zone", "does not exist"),
        (Timetable(cron="0 9 * * *", time_zone=""), "time_zone", "does not exist"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.every_minutes} {value.cron[:20]} {value.time_zone}",
)
def test_what_cannot_be_is_said_in_a_sentence(table, setting, said):
    found = find_problem(table)
    assert found is not None
    assert found[0] == setting
    assert said in found[1]
    assert found[1].endswith((".", "weekdays."))
