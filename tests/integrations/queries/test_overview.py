"""The first page: what needs a person, what goes on, and people per hour."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from integrations.enums import ConnectionState, Kind, Stage, Status
from integrations.models import Event
from integrations.queries.overview import hours, newest_event, overview, spread, usual_by_hour
from tests.factories import make_connection, make_failure, make_job, make_sync

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def upload(job, version: int, at: datetime, **add: int) -> None:
    Event.objects.create(stream=job.stream, version=version, kind=Kind.JOB_BATCHES_UPLOADED, data={"add": add}, at=at)


@pytest.mark.django_db
def test_an_empty_panel_has_nothing_to_show():
    told = overview(timezone.now())
    assert (told.syncs, told.running, told.to_fix, told.ended) == ((), (), 0, 0)


@pytest.mark.django_db
def test_everything_that_needs_a_person_is_found():
    stopped = make_job(status=Status.STUCK)
    held = make_job(status=Status.WAITING, stage=Stage.APPROVING)
    running, waiting = make_job(status=Status.RUNNING), make_job(status=Status.WAITING)
    lost = make_connection(state=ConnectionState.SIGN_IN_NEEDED)
    make_failure(make_job(status=Status.PARTIAL, failures_open=1))
    make_sync()
    told = overview(timezone.now())
    assert [health.active.pk for health in told.stopped] == [stopped.pk]
    assert [health.active.pk for health in told.held] == [held.pk]
    assert {one.job.pk for one in told.running} == {running.pk, waiting.pk}
    assert [connection.pk for connection in told.lost] == [lost.pk]
    assert told.to_fix == 1
    assert (told.healthy, len(told.syncs)) == (3, 6)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 30], ids=["one of each", "thirty of each"])
def test_the_first_page_costs_the_same_for_one_and_for_thirty(django_assert_num_queries, number):
    now = timezone.now()
    for _ in range(number):
        job = make_job(status=Status.RUNNING, stage=Stage.UPLOADING, started_at=now)
        upload(job, 2, now, created=1)
        make_failure(job)
    with django_assert_num_queries(9):
        overview(now)
    with django_assert_num_queries(3):
        hours(now)


@pytest.mark.django_db
def test_a_running_job_tells_how_long_it_still_takes():
    now = timezone.now()
    started = now - timedelta(seconds=10)
    job = make_job(
        status=Status.RUNNING, stage=Stage.UPLOADING, started_at=started, planned=1_000, sent=200, created=200
    )
    upload(job, 2, now - timedelta(seconds=1), sent=200, created=200)
    assert overview(now).running[0].left == timedelta(seconds=40)


@pytest.mark.django_db
def test_jobs_of_the_last_week_are_counted_by_how_they_ended():
    now = timezone.now()
    for status in (Status.SUCCEEDED, Status.PARTIAL, Status.CANCELLED):
        make_job(status=status, stage=Stage.FINISHED, finished_at=now - timedelta(days=1))
    make_job(status=Status.SUCCEEDED, stage=Stage.FINISHED, finished_at=now - timedelta(days=8))
    make_job(status=Status.STUCK)
    told = overview(now)
    assert (told.finished, told.ended) == (2, 4)


@pytest.mark.django_db
def test_the_version_rises_with_every_event():
    before = newest_event()
    make_job()
    assert newest_event() > before


@pytest.mark.django_db
def test_people_are_counted_in_the_hour_they_arrived():
    job = make_job()
    upload(job, 2, NOON - timedelta(hours=25), created=1_000)
    upload(job, 3, NOON - timedelta(hours=2, minutes=1), created=10, updated=5, rejected=2)
    upload(job, 4, NOON, created=7)
    upload(job, 5, NOON + timedelta(minutes=59), created=1)
    told = hours(NOON + timedelta(minutes=59))
    assert len(told) == 24
    assert told[0].start == NOON - timedelta(hours=23)
    assert {hour.start.hour: (hour.arrived, hour.set_aside) for hour in told if hour.arrived} == {
        9: (15, 2),
        12: (8, 0),
    }


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)),
    st.integers(0, 200_000),
    st.integers(0, 1_000_000),
)
def test_spreading_over_hours_loses_nobody(began, seconds, number):
    shares = spread(began, began + timedelta(seconds=seconds), number)
    assert sum(shares.values()) == pytest.approx(number)
    assert all(share >= 0 for share in shares.values())


def test_the_usual_range_of_an_hour_needs_three_days():
    day = [(NOON - timedelta(days=1, hours=h, minutes=30), NOON - timedelta(days=1, hours=h), 100) for h in range(8)]
    assert usual_by_hour(day, NOON) == {}
    days = [
        (began - timedelta(days=d), ended - timedelta(days=d), 100 * (d + 1))
        for d in range(5)
        for began, ended, _ in day
    ]
    told = usual_by_hour(days, NOON)
    assert told[9] == (100, 500)
    assert told[20] == (0, 0)
