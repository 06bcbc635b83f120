"""Schedules: due syncs start once, missed slots are made up for once, a slot of an active job is skipped and told."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.enums import Kind, Status, Trigger
from integrations.models import Event, SyncJob
from integrations.orchestrator.timing import start_followers
from integrations.schedules import start_due
from tests.factories import make_job, make_sync

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_a_due_sync_starts_once_however_many_beats_there_are() -> None:
    sync = make_sync(every_minutes=30, next_due_at=NOW - timedelta(minutes=1))
    start_due(NOW)
    start_due(NOW)
    job = SyncJob.objects.get()
    sync.refresh_from_db()
    assert job.trigger == Trigger.SCHEDULE
    assert sync.next_due_at == NOW + timedelta(minutes=29)


@pytest.mark.parametrize(
    ("late", "expected"),
    [(timedelta(0), 30), (timedelta(minutes=29), 1), (timedelta(hours=5), 30), (timedelta(hours=5, minutes=10), 20)],
)
def test_missed_slots_are_one_start_and_the_grid_stays(late: timedelta, expected: int) -> None:
    sync = make_sync(every_minutes=30, next_due_at=NOW - late)
    start_due(NOW)
    sync.refresh_from_db()
    assert sync.next_due_at == NOW + timedelta(minutes=expected)
    assert SyncJob.objects.count() == 1


@pytest.mark.parametrize("values", [{"is_enabled": False}, {"next_due_at": NOW + timedelta(minutes=1)}])
def test_a_sync_that_is_off_or_not_due_does_not_start(values: dict[str, object]) -> None:
    make_sync(**{"every_minutes": 30, "next_due_at": NOW - timedelta(minutes=1)} | values)
    start_due(NOW)
    assert not SyncJob.objects.exists()


def test_a_slot_whose_sync_is_still_busy_is_skipped_and_told() -> None:
    sync = make_sync(every_minutes=30, next_due_at=NOW)
    make_job(sync)
    start_due(NOW)
    assert SyncJob.objects.count() == 1
    event = Event.objects.get(stream=sync.stream, kind=Kind.SYNC_SLOT_SKIPPED)
    assert "is not finished yet" in event.data["reason"]


def test_a_cron_slot_is_followed_by_the_next_in_its_own_zone() -> None:
    sync = make_sync(cron="0 10 * * 1-5", time_zone="Europe/Berlin", next_due_at=NOW - timedelta(days=3))
    start_due(NOW + timedelta(days=1))
    sync.refresh_from_db()
    assert sync.next_due_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert SyncJob.objects.count() == 1


def test_a_sync_that_follows_another_starts_once_and_says_why() -> None:
    first = make_sync()
    second = make_sync(after=first)
    start_followers(make_job(first), NOW)
    start_due(NOW)
    start_due(NOW)
    job = SyncJob.objects.get(sync=second)
    second.refresh_from_db()
    assert (job.trigger, second.next_due_at) == (Trigger.FOLLOWING, None)


def test_a_sync_that_follows_another_waits_for_its_own_job_instead_of_skipping() -> None:
    """Its job began before there was all to carry over, so one more has to come."""
    first = make_sync()
    second = make_sync(after=first)
    busy = make_job(second)
    start_followers(make_job(first), NOW)
    start_due(NOW)
    assert not Event.objects.filter(kind=Kind.SYNC_SLOT_SKIPPED).exists()
    SyncJob.objects.filter(pk=busy.pk).update(status=Status.SUCCEEDED)
    start_due(NOW)
    assert SyncJob.objects.filter(sync=second, trigger=Trigger.FOLLOWING).count() == 1


def test_one_sync_that_cannot_start_does_not_stop_the_others() -> None:
    broken = make_sync(every_minutes=30, next_due_at=NOW - timedelta(minutes=2))
    broken.mapping.published = None
    broken.mapping.save()
    good = make_sync(every_minutes=30, next_due_at=NOW)
    start_due(NOW)
    assert SyncJob.objects.get().sync_id == good.pk
