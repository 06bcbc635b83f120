"""The first page: what needs a person, what goes on, and people per hour."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from integrations.enums import ConnectionState, Kind, Stage, Status
from integrations.models import Event, Throughput
from integrations.queries.jobs import live_job, load_job
from integrations.queries.overview import hours, newest_event, overview, usual_by_hour
from tests.factories import make_connection, make_failure, make_job, make_sync, make_two_way

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def got_done(job, began: datetime, arrived: int, set_aside: int = 0) -> None:
    Throughput.objects.create(job=job, began=began, arrived=arrived, set_aside=set_aside)


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
    assert (told.healthy, told.total) == (3, 6)


@pytest.mark.django_db
def test_both_directions_of_a_two_way_sync_count_as_one():
    make_job(status=Status.STUCK)
    back = make_two_way(make_sync()).leftward
    told = overview(timezone.now())
    assert (told.healthy, told.total, len(told.syncs)) == (1, 2, 3)
    make_failure(make_job(sync=back, status=Status.PARTIAL, failures_open=1))
    assert overview(timezone.now()).healthy == 0


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 30], ids=["one of each", "thirty of each"])
def test_the_first_page_costs_the_same_for_one_and_for_thirty(django_assert_num_queries, number):
    now = timezone.now()
    for _ in range(number):
        job = make_job(status=Status.RUNNING, stage=Stage.UPLOADING, started_at=now)
        upload(job, 2, now, created=1)
        got_done(job, now.replace(minute=0, second=0, microsecond=0), 1)
        make_failure(job)
    with django_assert_num_queries(15):
        overview(now)
    with django_assert_num_queries(1):
        hours(now)


@pytest.mark.django_db
def test_a_running_job_tells_how_long_it_still_takes():
    now = timezone.now()
    started = now - timedelta(seconds=10)
    job = make_job(
        status=Status.RUNNING,
        stage=Stage.UPLOADING,
        version=2,
        stage_started_at={"uploading": started.isoformat()},
        planned=1_000,
        sent=200,
        created=200,
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
    got_done(job, NOON - timedelta(hours=25), 1_000)
    got_done(job, NOON - timedelta(hours=3), 10, 1)
    got_done(make_job(), NOON - timedelta(hours=3), 4)
    got_done(job, NOON - timedelta(hours=2, minutes=15), 5, 2)
    got_done(job, NOON, 7)
    told = hours(NOON + timedelta(minutes=59))
    assert len(told) == 24
    assert told[0].start == NOON - timedelta(hours=23)
    assert {hour.start.hour: (hour.arrived, hour.set_aside) for hour in told if hour.arrived} == {
        9: (19, 3),
        12: (7, 0),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("zone", "hour"), [("UTC", 12), ("Asia/Kolkata", 17), ("Asia/Kathmandu", 17)])
def test_hours_are_those_of_the_panels_clock(zone, hour):
    job = make_job()
    for quarter in range(-4, 8):
        got_done(job, NOON + timedelta(minutes=15 * quarter), 1)
    with timezone.override(zone):
        told = {one.start.hour: one.arrived for one in hours(NOON + timedelta(hours=3))}
    assert told[hour] == 4
    assert sum(told.values()) == 12


def test_the_usual_range_of_an_hour_needs_three_days():
    def week(days: int) -> dict[datetime, int]:
        ago = [(d, h) for d in range(1, days + 1) for h in range(8)]
        return {NOON - timedelta(days=d, hours=h + 1): 100 * d for d, h in ago}

    assert usual_by_hour(week(2), NOON) == {}
    told = usual_by_hour(week(5), NOON)
    assert told[9] == (100, 500)
    assert told[20] == (0, 0)
    assert usual_by_hour({NOON - timedelta(days=d): 7 for d in range(1, 9)}, NOON) == {}, (
        "one hour of the day tells little"
    )


def test_today_is_not_part_of_what_is_usual():
    past = {NOON - timedelta(days=d, hours=h): 10 for d in range(1, 4) for h in range(8)}
    assert usual_by_hour(past | {NOON - timedelta(hours=h): 99 for h in range(8)}, NOON) == usual_by_hour(past, NOON)


@pytest.mark.django_db
def test_what_is_usual_comes_from_two_weeks():
    job = make_job()
    for day in range(1, 30):
        for hour in range(8):
            got_done(job, NOON - timedelta(days=day, hours=hour), 10 if day < 14 else 1_000)
    assert (hours(NOON)[-1].usual_low, hours(NOON)[-1].usual_high) == (10, 10)


@pytest.mark.django_db
def test_a_quick_job_is_paced_by_the_seconds_its_latest_events_tell_of():
    now = timezone.now()
    job = make_job(
        status=Status.RUNNING,
        stage=Stage.UPLOADING,
        version=401,
        planned=100_000,
        sent=40_000,
        created=40_000,
        stage_started_at={"uploading": (now - timedelta(minutes=1)).isoformat()},
    )
    for number in range(400):
        upload(job, number + 2, now - timedelta(seconds=(399 - number) / 10), sent=100)
    assert overview(now).running[0].left == pytest.approx(timedelta(seconds=60), abs=timedelta(seconds=2))
    live = live_job(load_job(job.pk), now)
    assert live.per_second == pytest.approx(1_000, rel=0.03)
