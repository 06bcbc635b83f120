"""Jobs for pages: fixed numbers of queries, pages without gaps, what a live page knows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.enums import Kind, Stage, Status
from integrations.models import Event
from integrations.queries.batches import PAGE as BATCHES
from integrations.queries.batches import calls_of, list_batches, pretty
from integrations.queries.jobs import PAGE, JobFilter, all_events, important_events, list_jobs, live_job, load_job
from tests.factories import make_failure, make_job, make_sync
from tests.integrations.queries.rows import make_batch

pytestmark = pytest.mark.django_db


def finished(sync, minutes: float = 40, **values):
    now = timezone.now()
    values = {
        "status": Status.SUCCEEDED,
        "stage": Stage.FINISHED,
        "started_at": now - timedelta(minutes=minutes),
        "finished_at": now,
        "stage_started_at": {"finished": now.isoformat()},
    } | values
    return make_job(sync, **values)


def uploads(job, counts: list[int], last: float = 1.0) -> None:
    """One upload event a second, the last one so many seconds ago."""
    now = timezone.now()
    for place, count in enumerate(counts):
        at = now - timedelta(seconds=last + len(counts) - 1 - place)
        Event.objects.create(
            stream=job.stream,
            version=place + 2,
            kind=Kind.JOB_BATCHES_UPLOADED,
            data={"numbers": [place + 1], "add": {"sent": count, "created": count}},
            at=at,
        )


def fill(sync, number: int) -> None:
    for _ in range(number):
        job = finished(sync)
        make_failure(job)


@pytest.mark.parametrize("number", [1, PAGE], ids=["one row", "fifty rows"])
def test_a_page_of_jobs_costs_one_query(django_assert_num_queries, number):
    fill(make_sync(), number)
    with django_assert_num_queries(1):
        page = list_jobs(JobFilter())
    assert len(page.rows) == number


def test_pages_of_jobs_follow_each_other_without_gap_or_repeat():
    sync = make_sync()
    keys = [finished(sync).pk for _ in range(PAGE + 7)]
    first = list_jobs(JobFilter())
    second = list_jobs(JobFilter(before=first.older))
    assert [row.job.pk for row in (*first.rows, *second.rows)] == keys[::-1]
    assert second.older is None


def test_jobs_are_filtered_by_sync_and_status():
    one, other = make_sync(), make_sync()
    wanted = finished(one, status=Status.PARTIAL)
    finished(one)
    finished(other, status=Status.PARTIAL)
    page = list_jobs(JobFilter(sync=one.pk, status=Status.PARTIAL))
    assert [row.job.pk for row in page.rows] == [wanted.pk]


@pytest.mark.parametrize("number", [1, 50], ids=["one of each", "fifty of each"])
@pytest.mark.parametrize("everything", [False, True], ids=["important", "everything"])
def test_the_live_page_costs_the_same_whatever_the_size_of_the_job(django_assert_num_queries, number, everything):
    sync = make_sync()
    fill(sync, min(number, 30))
    job = make_job(sync, status=Status.RUNNING, stage=Stage.UPLOADING, version=number + 1, started_at=timezone.now())
    uploads(job, [10] * number)
    for _ in range(number):
        make_failure(job)
    with django_assert_num_queries(5 if everything else 6):
        live_job(load_job(job.pk), timezone.now(), everything=everything)


def test_a_live_page_reads_no_secret():
    job = load_job(make_job().pk)
    assert {"secrets", "token"} <= job.sync.source.get_deferred_fields()
    assert {"secrets", "token"} <= job.sync.destination.get_deferred_fields()


def test_speed_and_time_left_come_from_the_last_events():
    now = timezone.now()
    job = make_job(
        status=Status.RUNNING,
        stage=Stage.UPLOADING,
        version=60,
        planned=10_000,
        sent=4_000,
        created=4_000,
        started_at=now - timedelta(minutes=5),
        stage_started_at={"uploading": (now - timedelta(minutes=4)).isoformat()},
    )
    uploads(job, [20] * 40)
    live = live_job(load_job(job.pk), now)
    assert live.per_second == pytest.approx(20, rel=0.1)
    assert live.left == timedelta(seconds=6_000 / live.per_second)


def test_the_time_a_job_stood_still_does_not_slow_it_down():
    now = timezone.now()
    job = make_job(
        status=Status.RUNNING,
        stage=Stage.UPLOADING,
        version=20,
        started_at=now - timedelta(hours=1),
        stage_started_at={"uploading": (now - timedelta(hours=1)).isoformat()},
    )
    Event.objects.create(stream=job.stream, version=19, kind=Kind.JOB_STARTED, data={}, at=now - timedelta(seconds=4))
    uploads(job, [40, 40, 40, 40])
    assert live_job(load_job(job.pk), now).per_second == pytest.approx(40, rel=0.1)


@pytest.mark.parametrize("status", [Status.STUCK, Status.PAUSED, Status.WAITING])
def test_a_job_that_stands_still_has_no_speed(status):
    job = make_job(status=status, stage=Stage.UPLOADING, version=6, started_at=timezone.now(), planned=100)
    uploads(job, [10] * 5)
    live = live_job(load_job(job.pk), timezone.now())
    assert (live.per_second, live.left) == (0.0, None)


def test_the_usual_time_is_learned_from_jobs_that_ended_well():
    sync = make_sync()
    for minutes in (40, 41, 42, 43, 44):
        finished(sync, minutes)
    finished(sync, 5, status=Status.CANCELLED)
    job = make_job(sync, status=Status.RUNNING, started_at=timezone.now())
    live = live_job(load_job(job.pk), timezone.now())
    assert round(live.usual.middle.total_seconds() / 60) == 42
    assert [past.pk for past in live.past][-1] == job.pk
    assert len(live.past) == 7


def test_a_repair_days_later_does_not_make_a_job_long():
    now = timezone.now()
    told = {"finished": (now - timedelta(days=3, minutes=-40)).isoformat()}
    job = finished(make_sync(), started_at=now - timedelta(days=3), finished_at=now, stage_started_at=told)
    assert live_job(load_job(job.pk), now).took == timedelta(minutes=40)


@pytest.mark.parametrize("status", [Status.STUCK, Status.PAUSED])
def test_the_time_of_a_job_that_stands_still_stands_still(status):
    now = timezone.now()
    started, progressed = now - timedelta(hours=9), now - timedelta(hours=8)
    job = make_job(status=status, started_at=started, last_progress_at=progressed)
    assert live_job(load_job(job.pk), now).took == timedelta(hours=1)


def test_the_newest_upload_is_on_top_until_something_else_happens():
    job = make_job(version=3, status=Status.RUNNING, stage=Stage.UPLOADING)
    uploads(job, [1, 1])
    kinds = [event.kind for event in live_job(load_job(job.pk), timezone.now()).events]
    assert kinds == [Kind.JOB_BATCHES_UPLOADED, Kind.JOB_CREATED]
    Event.objects.create(stream=job.stream, version=4, kind=Kind.JOB_PAUSED, data={}, at=timezone.now())
    type(job).objects.filter(pk=job.pk).update(version=4)
    kinds = [event.kind for event in live_job(load_job(job.pk), timezone.now()).events]
    assert kinds == [Kind.JOB_PAUSED, Kind.JOB_CREATED]


def test_an_old_job_is_compared_with_those_before_it():
    sync = make_sync()
    old = finished(sync)
    finished(sync)
    assert [past.pk for past in live_job(load_job(old.pk), timezone.now()).past] == [old.pk]


def test_important_events_leave_out_those_of_every_batch():
    job = make_job(version=4)
    uploads(job, [1, 1])
    Event.objects.create(stream=job.stream, version=4, kind=Kind.JOB_PAUSED, data={}, at=timezone.now())
    assert [event.kind for event in important_events(job)] == [Kind.JOB_PAUSED, Kind.JOB_CREATED]
    assert [event.version for event in all_events(job)] == [4, 3, 2, 1]
    assert [event.version for event in all_events(job, before=3)] == [2, 1]


@pytest.mark.parametrize("number", [1, BATCHES], ids=["one row", "fifty rows"])
def test_a_page_of_batches_costs_one_query_and_reads_no_payload(django_assert_num_queries, number):
    job = make_job()
    for place in range(number):
        make_batch(job, place + 1)
    with django_assert_num_queries(1):
        page = list_batches(job.pk)
    assert [batch.number for batch in page.rows] == list(range(number, 0, -1))
    assert {"payload", "exchange"} <= page.rows[0].get_deferred_fields()


def test_pages_of_batches_follow_each_other():
    job = make_job()
    for place in range(BATCHES + 3):
        make_batch(job, place + 1)
    first = list_batches(job.pk)
    assert [batch.number for batch in list_batches(job.pk, before=first.older).rows] == [3, 2, 1]


def test_the_exact_call_is_shown_as_it_was_kept():
    call = {
        "method": "PATCH",
        "url": "/composite",
        "request": '{"a":1}',
        "status": 200,
        "response": "<html>",
        "seconds": 0.5,
    }
    told = calls_of(make_batch(make_job(), 1, calls=[call]))
    assert [(c.method, c.url, c.status, c.request, c.response) for c in told] == [
        ("PATCH", "/composite", 200, '{\n  "a": 1\n}', "<html>")
    ]


def test_a_very_long_call_is_cut_and_says_so():
    told = calls_of(make_batch(make_job(), 1, calls=[{"request": "x" * 300_000}]))[0]
    assert (len(told.request), told.is_cut) == (200_000, True)


def test_a_batch_that_was_not_sent_has_no_call():
    assert calls_of(make_batch(make_job(), 1)) == ()


@pytest.mark.parametrize(
    ("body", "said"),
    [("[1]", "[\n  1\n]"), ("", ""), ("not json", "not json"), ("[" * 300 + "]" * 300, "[" * 300 + "]" * 300)],
    ids=["a list", "nothing", "words", "nested deeply"],
)
def test_json_is_indented_and_everything_else_left_alone(body, said):
    assert pretty(body) == said
