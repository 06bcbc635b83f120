"""What starts a sync is set with an event, refused with a sentence, and carried on by the jobs before it."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.enums import Kind, Status
from integrations.models import Event, Sync
from integrations.orchestrator.commands import set_enabled
from integrations.orchestrator.timing import Timing, TimingError, set_timing, start_followers, timing_of
from tests.factories import make_connection, make_job, make_sync

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("timing", "due"),
    [
        (Timing(every_minutes=30), NOW + timedelta(minutes=30)),
        (Timing(cron="0 9 * * *", time_zone="Europe/Berlin"), datetime(2026, 11, 30, 8, 0, tzinfo=UTC)),
        (Timing(), None),
    ],
)
def test_a_new_timing_counts_from_now(timing, due) -> None:
    sync = make_sync(every_minutes=5, next_due_at=NOW)
    set_timing(sync.pk, timing, "dana", NOW)
    sync.refresh_from_db()
    assert (timing_of(sync), sync.next_due_at) == (timing, due)


def test_the_change_tells_from_what_to_what() -> None:
    sync = make_sync(every_minutes=5)
    set_timing(sync.pk, Timing(cron="0 9 * * *"), "dana", NOW)
    told = Event.objects.get(stream=sync.stream, kind=Kind.SYNC_CHANGED)
    assert told.data == {"changed": {"every_minutes": [5, None], "cron": ["", "0 9 * * *"]}} and told.actor == "dana"


def test_the_same_timing_is_no_change() -> None:
    sync = make_sync(every_minutes=5)
    set_timing(sync.pk, Timing(every_minutes=5), "dana", NOW)
    assert not Event.objects.filter(stream=sync.stream).exists()


@pytest.mark.parametrize(
    ("timing", "setting"),
    [
        (Timing(cron="nonsense"), "cron"),
        (Timing(cron="0 9 * * *", time_zone="Moon"), "time_zone"),
        (Timing(0), "every_minutes"),
    ],
)
def test_a_timing_that_cannot_be_is_refused(timing, setting) -> None:
    sync = make_sync()
    with pytest.raises(TimingError) as caught:
        set_timing(sync.pk, timing, "dana", NOW)
    assert caught.value.setting == setting


def test_syncs_that_would_start_each_other_for_ever_are_refused() -> None:
    first = make_sync()
    second = make_sync(after=first)
    third = make_sync(after=second)
    for after in (first.pk, third.pk):
        with pytest.raises(TimingError) as caught:
            set_timing(first.pk, Timing(after=after), "dana", NOW)
        assert caught.value.setting == "after"
    set_timing(third.pk, Timing(after=first.pk), "dana", NOW)


def test_a_sync_that_is_switched_off_is_not_due_until_it_is_switched_on() -> None:
    sync = make_sync(is_enabled=False)
    set_timing(sync.pk, Timing(cron="0 9 * * *"), "dana", NOW)
    sync.refresh_from_db()
    assert sync.next_due_at is None
    set_enabled(sync.pk, enabled=True, actor="dana")
    sync.refresh_from_db()
    assert sync.next_due_at is not None
    set_enabled(sync.pk, enabled=False, actor="dana")
    sync.refresh_from_db()
    assert sync.next_due_at is None


def test_followers_are_due_when_the_job_before_them_ends() -> None:
    first = make_sync()
    on, off, other = make_sync(after=first), make_sync(after=first, is_enabled=False), make_sync()
    start_followers(make_job(first, status=Status.SUCCEEDED), NOW)
    due = dict(Sync.objects.values_list("pk", "next_due_at"))
    assert (due[on.pk], due[off.pk], due[other.pk]) == (NOW, None, None)


def test_incoming_events_beside_the_clock_leave_its_slots_alone():
    sync = make_sync()
    set_timing(sync.pk, Timing(every_minutes=30), "dana", NOW)
    set_timing(sync.pk, Timing(every_minutes=30, on_webhook=True), "dana", NOW + timedelta(minutes=10))
    sync.refresh_from_db()
    assert (sync.on_webhook, sync.next_due_at) == (True, NOW + timedelta(minutes=30))
    told = Event.objects.filter(stream=sync.stream).order_by("pk").last()
    assert told is not None and told.data == {"changed": {"on_webhook": [False, True]}}
    set_timing(sync.pk, Timing(), "dana", NOW)
    sync.refresh_from_db()
    assert (sync.on_webhook, sync.next_due_at) == (False, None)


def test_events_of_a_platform_that_calls_nobody_start_nothing():
    sync = make_sync(source=make_connection("google_analytics"))
    with pytest.raises(TimingError) as refused:
        set_timing(sync.pk, Timing(on_webhook=True), "dana", NOW)
    assert refused.value.setting == "on_webhook"
