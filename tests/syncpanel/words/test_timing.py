"""When a sync starts, in words, and the times that come next."""

import re
from datetime import timedelta

import pytest

from integrations.models import Connection, Sync
from syncpanel.words.timing import explain_timing, next_times
from tests.syncpanel.words.lives import NOON

LEADS = Sync(pk=3, name="Leads")
TELLS = {"on_webhook": True, "source": Connection(name="HubSpot")}


def shown(sync: Sync, count: int = 2) -> list[tuple[str, str]]:
    times = next_times(sync, NOON, count)
    return [(re.search(r'datetime="2026-11-(\d\dT\d\d:\d\d)', str(time.at))[1], time.there) for time in times]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "By hand only"),
        ({"every_minutes": 15}, "Every 15 minutes"),
        ({"every_minutes": 60, "after": LEADS}, "Every hour, and after “Leads” has finished"),
        ({"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"}, "At 09:00 on weekdays, Berlin time"),
        ({"cron": "0 9 * * 1-5"}, "At 09:00 on weekdays, UTC"),
        ({"after": LEADS}, "After “Leads” has finished"),
        (TELLS, "Within seconds when HubSpot tells of a change"),
        ({"every_minutes": 60, **TELLS}, "Every hour, and within seconds when HubSpot tells of a change"),
        ({"cron": "0 9 30 2 *"}, "Never: These times do not exist: there is no such day."),
        (
            {"cron": "0 9 * * *", "time_zone": "Moon/Tycho"},
            "Never: This time zone does not exist. Choose one like Europe/Berlin.",
        ),
    ],
)
def test_all_that_starts_it_is_one_sentence(values, said):
    assert explain_timing(Sync(**values)) == said


def test_the_next_times_are_on_the_panels_clock_and_beside_it_on_their_own():
    assert shown(Sync(cron="30 8 * * *", time_zone="America/New_York")) == [
        ("22T13:30", "08:30 in New York"),
        ("23T13:30", "08:30 in New York"),
    ]
    assert shown(Sync(cron="30 8 * * *", time_zone="Europe/London"), 1) == [("23T08:30", "")], "the same time now"


def test_the_next_times_of_an_interval_are_on_its_grid():
    sync = Sync(every_minutes=45, next_due_at=NOON + timedelta(minutes=10))
    assert shown(sync) == [("22T12:10", ""), ("22T12:55", "")]


@pytest.mark.parametrize(
    "values", [{}, {"is_enabled": False, "every_minutes": 5}, {"cron": "0 9 30 2 *"}, {"after": LEADS}]
)
def test_what_no_clock_starts_has_no_next_times(values):
    assert next_times(Sync(**values), NOON) == []
