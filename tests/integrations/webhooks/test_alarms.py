"""The alarm of a sync's small job is never lost, whoever sets it while somebody else looks at it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from integrations.enums import ChangeKind, Status
from integrations.incoming import Change
from integrations.models import Inbox, Sync, SyncJob, WaitingChange
from integrations.orchestrator.incoming import look_again
from integrations.webhooks import starting
from integrations.webhooks.starting import set_lost_alarms, start_small_job, start_small_jobs
from integrations.webhooks.waiting import AT_MOST, News, queue_changes
from tests.factories import make_job, make_sync
from tests.meanwhile import Meanwhile


@pytest.fixture
def sync(each_db: str) -> Sync:
    return make_sync(on_webhook=True)


def queue(sync: Sync, number: int, at: datetime) -> None:
    change = Change(f"event {number}", "contacts", str(number), ChangeKind.CHANGED)
    with transaction.atomic():
        queue_changes(sync.pk, [News(number, change, at)])


@pytest.mark.django_db(databases=[])
@pytest.mark.parametrize("told_by", ["an event", "a job"])
def test_a_change_that_comes_in_while_the_beat_starts_the_job_keeps_its_alarm(
    sync: Sync, monkeypatch: pytest.MonkeyPatch, told_by: str
) -> None:
    now = timezone.now()
    began = now - timedelta(seconds=30)
    with transaction.atomic():
        look_again(sync, ["1"], began)
    queue(sync, 1, began + AT_MOST)
    burst = Inbox.objects.get()
    start_job = starting.start_job

    def tell() -> None:
        if told_by == "an event":
            queue(sync, 2, began + AT_MOST)  # the burst goes on: due at the same moment
        else:
            with transaction.atomic():
                look_again(sync, ["2"], burst.due_at or now)

    meanwhile = Meanwhile(tell)

    def start_slowly(*args: Any, **values: Any) -> SyncJob:
        meanwhile.start()
        return start_job(*args, **values)

    monkeypatch.setattr(starting, "start_job", start_slowly)
    job = start_small_job(burst, now)
    meanwhile.end()
    assert job is not None
    left = WaitingChange.objects.filter(newest__gt=job.cursor["upto"])
    assert [row.record_id for row in left] == ["2"]
    assert Inbox.objects.get().due_at is not None, "nobody would look at it until another event comes"


@pytest.mark.django_db(databases=[])
def test_an_alarm_that_was_moved_since_the_beat_looked_starts_nothing(sync: Sync) -> None:
    now = timezone.now()
    queue(sync, 1, now - timedelta(seconds=30))
    looked_at = Inbox.objects.get()
    Inbox.objects.update(due_at=now + timedelta(seconds=60))
    assert start_small_job(looked_at, now) is None
    assert (SyncJob.objects.count(), Inbox.objects.get().due_at) == (0, now + timedelta(seconds=60))


@pytest.mark.django_db(databases=[])
def test_two_beats_start_one_job_and_its_changes_are_not_put_off(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    queue(sync, 1, now - timedelta(seconds=30))
    start_job = starting.start_job
    other = Meanwhile(lambda: start_small_jobs(now))

    def start_slowly(*args: Any, **values: Any) -> SyncJob:
        other.start()
        return start_job(*args, **values)

    monkeypatch.setattr(starting, "start_job", start_slowly)
    start_small_jobs(now)
    other.end()
    assert SyncJob.objects.count() == 1
    assert Inbox.objects.get().due_at is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "is_enabled", "number", "is_set"),
    [
        (Status.SUCCEEDED, True, 1, True),
        (Status.RUNNING, True, 1, False),
        (Status.SUCCEEDED, False, 1, False),
        (Status.SUCCEEDED, True, 0, False),
    ],
    ids=["left alone", "a job takes them", "switched off", "nothing waits"],
)
def test_changes_that_wait_without_an_alarm_get_one(status: str, is_enabled: bool, number: int, is_set: bool) -> None:
    now = timezone.now()
    sync = make_sync(is_enabled=is_enabled)
    make_job(sync, status=status)
    Inbox.objects.create(sync=sync)
    for one in range(number):
        WaitingChange.objects.create(sync=sync, record_id=str(one), kind=ChangeKind.CHANGED, first=1, newest=1)
    set_lost_alarms(now)
    inbox = Inbox.objects.get()
    assert (inbox.first_at, inbox.due_at) == ((now, now) if is_set else (None, None))


@pytest.mark.django_db
def test_an_alarm_that_is_set_stays_as_it_is() -> None:
    now = timezone.now()
    later = now + timedelta(seconds=60)
    sync = make_sync()
    Inbox.objects.create(sync=sync, first_at=now, due_at=later)
    WaitingChange.objects.create(sync=sync, record_id="1", kind=ChangeKind.CHANGED, first=1, newest=1)
    set_lost_alarms(now)
    assert Inbox.objects.get().due_at == later
