"""How a sync is, in a word and a sentence."""

from dataclasses import replace

import pytest

from integrations.enums import ConnectionState, ReadMode, Stage, Status, SyncMode
from integrations.models import Sync
from integrations.queries.ends import destination_of, source_of
from integrations.queries.syncs import SyncHealth
from syncpanel.words.syncs import look, sentence
from tests.syncpanel.words.lives import NOON, job_of


def health_of(*jobs, to_fix: int = 0, **values) -> SyncHealth:
    sync = job_of().sync
    for name, value in values.items():
        setattr(sync, name, value)
    return SyncHealth(sync, source_of(sync), destination_of(sync), jobs, to_fix)


DONE = job_of(status=Status.SUCCEEDED, stage=Stage.FINISHED, finished_at=NOON)


@pytest.mark.parametrize(
    ("health", "word", "state"),
    [
        (health_of(), "Not run yet", "idle"),
        (health_of(DONE), "Healthy", "ok"),
        (health_of(DONE, to_fix=12), "12 to fix", "warn"),
        (health_of(DONE, to_fix=12, is_enabled=False), "Switched off", "paused"),
        (health_of(DONE, job_of(status=Status.RUNNING)), "Running", "running"),
        (health_of(DONE, job_of(status=Status.QUEUED)), "Queued", "idle"),
        (health_of(DONE, job_of(status=Status.STUCK)), "Stopped", "failed"),
        (health_of(DONE, job_of(status=Status.PAUSED)), "Paused", "paused"),
        (health_of(DONE, job_of(status=Status.WAITING)), "Waiting", "waiting"),
        (health_of(job_of(status=Status.WAITING, stage=Stage.APPROVING)), "Held for release", "warn"),
        (health_of(job_of(status=Status.CANCELLED)), "Cancelled", "paused"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_most_pressing_thing_is_said(health, word, state):
    told = look(health)
    assert (told.word, told.state) == (word, state)


def test_a_lost_sign_in_is_more_pressing_than_people_to_fix():
    health = health_of(DONE, to_fix=3)
    health.sync.source.state = ConnectionState.SIGN_IN_NEEDED
    assert look(health).word == "Sign-in needed"


def test_a_sync_that_did_not_start_says_since_when():
    told = look(replace(health_of(DONE, to_fix=3), late=NOON))
    assert (told.state, told.word) == ("warn", "Did not start")
    assert "12:00</time>" in str(told.when)
    assert look(replace(health_of(DONE, is_enabled=False), late=NOON)).word == "Switched off"


def test_the_strip_has_fifteen_places_and_the_newest_is_last():
    health = health_of(DONE, job_of(status=Status.PARTIAL), job_of(status=Status.RUNNING))
    assert health.ticks == "------------owr"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"every_minutes": 60, "read_mode": ReadMode.INCREMENTAL},
            "Every hour, contacts changed in HubSpot go to Salesforce. Adds and updates, never deletes.",
        ),
        (
            {"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin", "read_mode": ReadMode.FULL},
            "At 09:00 on weekdays, Berlin time, all contacts of HubSpot go to Salesforce. Adds and updates, never deletes.",
        ),
        (
            {"after": Sync(pk=3, name="Leads"), "read_mode": ReadMode.FULL},
            "After “Leads” has finished, all contacts of HubSpot go to Salesforce. Adds and updates, never deletes.",
        ),
        (
            {"every_minutes": None, "read_mode": ReadMode.FULL, "write_mode": SyncMode.UPDATE},
            "Whenever it is started, all contacts of HubSpot go to Salesforce. Only updates, never adds or deletes.",
        ),
    ],
    ids=["on schedule, changes", "at times, all", "after another", "by hand, all"],
)
def test_a_sync_is_one_sentence(values, said):
    health = health_of(**values)
    assert sentence(health.sync, health.source, health.destination) == said
