"""The Fix-it list for pages: groups, people, one person; from indexes, and the same for one row and for many."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.enums import FailureStatus, RecordEventKind, Status
from integrations.models import FailedRecord, RecordEvent, WaitingChange
from integrations.models.blobs import pack
from integrations.orchestrator.incoming import take_changes
from integrations.queries.causes import Cause
from integrations.queries.failures import (
    PAGE,
    FailureFilter,
    count_matching,
    count_status,
    count_suggestions,
    list_failures,
    matching,
    matching_ids,
    show_failure,
)
from integrations.queries.reasons import reasons, reasons_of_job
from integrations.webhooks.reading import read_incoming
from tests.factories import make_failure, make_job, make_sync
from tests.integrations.webhooks.calling import event, make_delivery

pytestmark = pytest.mark.django_db


def make_many(number: int, job=None, **values) -> list[FailedRecord]:
    job = job or make_job(status=Status.PARTIAL)
    return [make_failure(job, **values) for _ in range(number)]


def test_reasons_are_counted_most_first_with_the_newest_title():
    one, other = make_job(), make_job()
    make_many(2, one, title="Company was missing")
    make_many(1, other, title="Company is missing")
    make_many(1, one, code="too_long", field="Phone", title="Phone is too long")
    make_many(3, one, code="too_long", field="Phone", status=FailureStatus.DISMISSED)
    told = reasons()
    assert [(r.key, r.title, r.count) for r in told] == [
        ("required_missing:Company", "Company is missing", 3),
        ("too_long:Phone", "Phone is too long", 1),
    ]
    assert told[0].syncs == (one.sync_id, other.sync_id)
    assert [(r.key, r.count) for r in reasons(other.sync_id)] == [("required_missing:Company", 1)]
    assert [(r.key, r.count) for r in reasons_of_job(one.pk)] == [
        ("required_missing:Company", 2),
        ("too_long:Phone", 1),
    ]


@pytest.mark.parametrize("number", [1, 50], ids=["one row", "fifty rows"])
def test_reasons_cost_two_queries(django_assert_num_queries, number):
    make_many(number)
    with django_assert_num_queries(2):
        reasons()


@pytest.mark.parametrize("number", [1, PAGE], ids=["one row", "fifty rows"])
def test_a_page_of_people_costs_two_queries_and_reads_no_payload(django_assert_num_queries, number):
    make_many(number)
    with django_assert_num_queries(2):
        page = list_failures(FailureFilter())
    assert len(page.rows) == number
    assert {"received", "mapped", "technical"} <= page.rows[0].get_deferred_fields()


def test_pages_of_people_follow_each_other_without_gap_or_repeat():
    keys = [row.pk for row in make_many(PAGE + 3)]
    first = list_failures(FailureFilter())
    second = list_failures(FailureFilter(), before=first.older)
    assert [row.pk for row in (*first.rows, *second.rows)] == keys[::-1]
    assert second.older is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["plain", "phone", "other", "fax"]),
        ({"code": "too_long", "field": "Phone"}, ["phone"]),
        ({"words": "okafor"}, ["phone"]),
        ({"words": "OKAFOR tomasz"}, ["phone"]),
        ({"words": "kestrel"}, ["other"]),
        ({"words": "%"}, []),
        ({"status": FailureStatus.DISMISSED}, ["gone"]),
    ],
    ids=["all", "reason", "name", "both names", "e-mail", "no wildcard", "set aside"],
)
def test_people_are_found_by_reason_status_and_words(asked, found):
    make_failure(label="plain")
    make_failure(label="phone", code="too_long", field="Phone")
    FailedRecord.objects.filter(label="phone").update(label="Tomasz Okafor", technical="phone")
    make_failure(label="other", email="someone@kestrel.example")
    make_failure(label="gone", status=FailureStatus.DISMISSED)
    make_failure(label="fax", code="too_long", field="Fax")
    names = [row.technical or row.label for row in matching(FailureFilter(**asked)).order_by("pk")]
    assert names == found


def test_people_of_one_sync_or_job_are_found():
    job, other = make_job(), make_job()
    mine, _ = make_failure(job), make_failure(other)
    assert matching_ids(FailureFilter(sync=job.sync_id), 9) == [mine.pk]
    assert matching_ids(FailureFilter(job=job.pk), 9) == [mine.pk]
    assert matching_ids(FailureFilter(), 1) == [mine.pk]


def test_those_with_a_suggested_fix_are_found_and_counted_by_reason(django_assert_num_queries):
    job, other = make_job(), make_job()
    with_one = [make_failure(job, has_suggestion=True), make_failure(job, has_suggestion=True, code="too_long")]
    make_failure(job)
    make_failure(other, has_suggestion=True)
    make_failure(job, has_suggestion=True, status=FailureStatus.FIXED)
    assert matching_ids(FailureFilter(suggested=True, job=job.pk), 9) == [row.pk for row in with_one]
    with django_assert_num_queries(1):
        assert count_suggestions() == {"required_missing:Company": 2, "too_long:Company": 1}
    assert count_suggestions(sync=job.sync_id) == {"required_missing:Company": 1, "too_long:Company": 1}
    assert count_suggestions(job=other.pk) == {"required_missing:Company": 1}


def test_those_done_with_since_a_moment_are_found_and_counted():
    now = timezone.now()
    late = make_failure(status=FailureStatus.FIXED, resolved_at=now)
    make_failure(status=FailureStatus.FIXED, resolved_at=now - timedelta(days=9))
    since = now - timedelta(days=7)
    assert matching_ids(FailureFilter(status=FailureStatus.FIXED, since=since), 9) == [late.pk]
    assert count_status(FailureStatus.FIXED, since=since) == 1


def test_counting_stops_where_nobody_reads_on():
    make_many(5)
    assert count_matching(FailureFilter(), most=3) == 3
    assert count_status(FailureStatus.OPEN) == 5
    assert count_status(FailureStatus.FIXED) == 0


def test_one_record_shows_corrections_neighbours_and_history(django_assert_num_queries):
    job = make_job()
    newer_last = [make_failure(job) for _ in range(5)]
    record = newer_last[2]
    FailedRecord.objects.filter(pk=record.pk).update(
        received=pack({"id": "9", "company": ""}),
        mapped=pack({"Company": None}),
        corrections={"sent": {"Company": "Kestrel"}, "received": {}},
    )
    for kind in (RecordEventKind.INVALID, RecordEventKind.CORRECTED):
        RecordEvent.objects.create(
            sync=job.sync_id, job=job.pk, kind=kind, source_id=record.source_id, at=timezone.now()
        )
    RecordEvent.objects.create(
        sync=job.sync_id + 1, job=1, kind="created", source_id=record.source_id, at=timezone.now()
    )
    with django_assert_num_queries(5):
        detail = show_failure(record.pk, FailureFilter())
    assert (detail.received, detail.mapped) == ({"id": "9", "company": ""}, {"Company": "Kestrel"})
    assert (detail.newer, detail.older) == (newer_last[3].pk, newer_last[1].pk)
    assert [event.kind for event in detail.history] == [RecordEventKind.CORRECTED, RecordEventKind.INVALID]


def test_neighbours_stay_within_the_filter():
    job = make_job()
    first = make_failure(job, code="too_long", field="Phone")
    make_failure(job)
    last = make_failure(job, code="too_long", field="Phone")
    detail = show_failure(last.pk, FailureFilter(code="too_long", field="Phone"))
    assert (detail.newer, detail.older) == (None, first.pk)


def test_a_record_nothing_usable_came_of_can_be_shown():
    record = make_failure(received=None, mapped=None)
    detail = show_failure(record.pk, FailureFilter())
    assert (detail.received, detail.mapped) == ({}, None)


PLANS = {
    "reasons": (reasons, "failure_by_sync_reason"),
    "reasons of a sync": (lambda: reasons(1), "failure_by_sync_reason"),
    "reasons of a job": (lambda: reasons_of_job(1), "failure_by_job_reason"),
    "search": (lambda: list_failures(FailureFilter(words="okafor")), "failure_by_status"),
    "suggestions": (count_suggestions, "failure_with_suggestion"),
    "fixed lately": (lambda: count_status(FailureStatus.FIXED, since=timezone.now()), "failure_by_end"),
    "count of a status": (lambda: count_status(FailureStatus.FIXED), "failure_by_"),
}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
@pytest.mark.parametrize("name", PLANS)
def test_what_counts_or_searches_100_000_rows_reads_an_index_alone(name):
    read, index = PLANS[name]
    make_many(30, make_job(make_sync()))
    with CaptureQueriesContext(connection) as captured:
        read()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {captured.captured_queries[0]['sql']}")
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert f"USING COVERING INDEX {index}" in plan
    assert "TEMP B-TREE" not in plan


def test_what_a_small_job_did_to_a_record_names_the_event_that_caused_it():
    sync = make_sync(on_webhook=True)
    delivery = make_delivery(sync.source, event(7))
    read_incoming()
    job = make_job(sync, status=Status.PARTIAL)
    take_changes(job.pk, list(WaitingChange.objects.all()), timezone.now())
    later = make_job(sync, status=Status.PARTIAL)
    for one in (job, later):
        RecordEvent.objects.create(sync=sync.pk, job=one.pk, kind="invalid", source_id="7", at=timezone.now())
    record = make_failure(later, source_id="7")
    causes = show_failure(record.pk, FailureFilter()).causes
    assert causes == {job.pk: Cause(delivery.pk, "Contact changed: email")}
