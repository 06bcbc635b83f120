"""Syncs that were expected and did not start, and why."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.enums import Kind, Stage, Status
from integrations.models import Sync, WorkerBeat
from integrations.orchestrator.commands import set_enabled, start_job
from integrations.orchestrator.events import append
from integrations.orchestrator.timing import Timing, set_timing
from integrations.queries.lateness import LATE_AFTER, find_late, is_late, late_since
from integrations.queries.overview import overview
from integrations.queries.syncs import all_health
from integrations.schedules import start_due
from tests.factories import make_job, make_sync

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def beat_is_alive() -> None:
    now = timezone.now()
    WorkerBeat.objects.create(name="b", kind="beat", host="here", pid=1, at=now, started_at=now)


def late_now() -> list[tuple[str, int | None, bool, str]]:
    """(name, job, is the beat away, told) of what is late."""
    found = find_late(all_health(), timezone.now())
    return [(one.health.sync.name, one.job.pk if one.job else None, one.is_beat_away, one.told) for one in found]


@pytest.mark.parametrize(
    ("values", "late"),
    [
        ({"next_due_at": -3 * MINUTE}, True),
        ({"next_due_at": -1 * MINUTE}, False),
        ({"next_due_at": 9 * MINUTE}, False),
        ({"missed_at": -3 * MINUTE, "next_due_at": 9 * MINUTE}, True),
        ({"missed_at": -1 * MINUTE, "next_due_at": 9 * MINUTE}, False),
        ({"next_due_at": -3 * MINUTE, "missed_at": -3 * MINUTE, "is_enabled": False}, False),
        ({}, False),
    ],
    ids=["past", "just past", "to come", "missed", "just missed", "off", "by hand"],
)
def test_python_and_the_database_agree_on_who_is_late(values, late):
    now = timezone.now()
    columns = {name: now + value if isinstance(value, timedelta) else value for name, value in values.items()}
    sync = make_sync(every_minutes=10, **columns)
    assert (late_since(sync, now) is not None) is late
    assert Sync.objects.filter(is_late(now)).exists() is late


def test_nothing_runs_that_could_start_it():
    make_sync(name="Newsletter", every_minutes=10, next_due_at=timezone.now() - LATE_AFTER - MINUTE)
    assert late_now() == [("Newsletter", None, True, "")]
    beat_is_alive()
    assert late_now() == [("Newsletter", None, False, "")]


def test_a_slot_that_was_skipped_is_late_until_something_starts():
    beat_is_alive()
    now = timezone.now()
    sync = make_sync(name="Newsletter", every_minutes=60, next_due_at=now - 3 * MINUTE)
    job = make_job(sync, status=Status.RUNNING)
    start_due(now)
    sync.refresh_from_db()
    assert sync.missed_at == now - 3 * MINUTE
    assert late_now() == [("Newsletter", job.pk, False, "")]
    type(job).objects.update(status=Status.SUCCEEDED, stage=Stage.FINISHED)
    told = f"Job {job.pk} of “Newsletter” is not finished yet."
    assert late_now() == [("Newsletter", None, False, told)], "the job has ended, and still nothing has started since"
    start_job(sync.pk)
    sync.refresh_from_db()
    assert (sync.missed_at, late_now()) == (None, [])


def test_only_what_the_last_slot_was_told_is_the_reason():
    beat_is_alive()
    now = timezone.now()
    sync = make_sync(name="Newsletter", missed_at=now - 3 * MINUTE)
    append(sync.stream, Kind.SYNC_SLOT_SKIPPED, {"reason": "The mapping has no published version yet."})
    append(make_sync().stream, Kind.SYNC_SLOT_SKIPPED, {"reason": "Another one."})
    assert late_now() == [("Newsletter", None, False, "The mapping has no published version yet.")]


@pytest.mark.parametrize("change", ["off", "other times"])
def test_who_changes_the_times_is_not_told_of_old_ones(change):
    sync = make_sync(every_minutes=10, missed_at=timezone.now() - 3 * MINUTE)
    if change == "off":
        set_enabled(sync.pk, enabled=False, actor="dana")
        set_enabled(sync.pk, enabled=True, actor="dana")
    else:
        set_timing(sync.pk, Timing(cron="0 9 * * *"), "dana")
    assert late_now() == []


def test_a_job_that_is_told_of_anyway_is_not_told_of_twice():
    now = timezone.now()
    values = {"every_minutes": 10, "missed_at": now - 3 * MINUTE}
    make_job(make_sync(**values), status=Status.STUCK)
    make_job(make_sync(**values), status=Status.WAITING, stage=Stage.APPROVING)
    paused = make_job(make_sync(**values), status=Status.PAUSED)
    told = overview(now)
    assert [late.job.pk for late in told.late if late.job] == [paused.pk]
    assert told.healthy == 0


def test_the_longest_expected_comes_first_and_costs_two_queries(django_assert_num_queries):
    now = timezone.now()
    for minutes in (5, 30, 10):
        append(make_sync(name=f"{minutes}", missed_at=now - minutes * MINUTE).stream, Kind.SYNC_SLOT_SKIPPED)
    syncs = all_health()
    with django_assert_num_queries(2):
        late = find_late(syncs, now)
    assert [one.health.sync.name for one in late] == ["30", "10", "5"]


def test_while_nothing_is_late_nothing_is_asked(django_assert_num_queries):
    make_sync(every_minutes=10, next_due_at=timezone.now() + MINUTE)
    syncs = all_health()
    with django_assert_num_queries(0):
        assert find_late(syncs, timezone.now()) == ()
