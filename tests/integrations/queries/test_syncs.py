"""Syncs for pages: health from the last fifteen jobs, in a fixed number of queries."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.enums import Stage, Status
from integrations.models import Sync
from integrations.queries.syncs import PAGE, TICKS, all_health, list_syncs, show_sync
from tests.factories import make_connection, make_failure, make_job, make_mapping, make_sync

pytestmark = pytest.mark.django_db


def ended(sync, status=Status.SUCCEEDED, **values):
    now = timezone.now()
    values = {"started_at": now - timedelta(minutes=3), "finished_at": now, "stage": Stage.FINISHED} | values
    return make_job(sync, status=status, **values)


def make_syncs(number: int, jobs: int = 1) -> list[Sync]:
    shared = {"source": make_connection(), "destination": make_connection("salesforce"), "mapping": make_mapping()}
    syncs = [make_sync(name=f"Sync {place:03}", **shared) for place in range(number)]
    for sync in syncs:
        for _ in range(jobs):
            ended(sync)
    return syncs


@pytest.mark.parametrize("number", [1, PAGE], ids=["one row", "fifty rows"])
def test_a_page_of_syncs_costs_four_queries(django_assert_num_queries, number):
    make_syncs(number)
    with django_assert_num_queries(4):
        page = list_syncs()
    assert len(page.rows) == number


def test_pages_of_syncs_follow_each_other_by_name():
    make_syncs(PAGE + 2, jobs=0)
    first = list_syncs()
    assert [row.sync.name for row in list_syncs(after=first.after).rows] == ["Sync 050", "Sync 051"]


def test_syncs_are_found_by_name():
    make_syncs(12, jobs=0)
    assert [row.sync.name for row in list_syncs(words="c 011").rows] == ["Sync 011"]


def test_the_last_fifteen_jobs_count_and_no_more():
    sync, other = make_syncs(2, jobs=0)
    ended(sync, Status.PARTIAL)
    for _ in range(TICKS):
        ended(sync)
    ended(other, Status.CANCELLED)
    make_job(other, status=Status.RUNNING)
    health = all_health()
    assert [len(one.jobs) for one in health] == [TICKS, 2]
    told = {one.sync.pk: one.ticks for one in health}
    assert told == {sync.pk: "o" * TICKS, other.pk: "-" * 13 + "pr"}


def test_the_active_job_and_the_latest_that_ended_are_told_apart():
    sync = make_sync()
    old, latest = ended(sync), ended(sync, Status.PARTIAL)
    active = make_job(sync, status=Status.STUCK)
    health = show_sync(sync.pk, timezone.now()).health
    assert (health.active.pk, health.latest.pk) == (active.pk, latest.pk)
    assert old.pk in [job.pk for job in health.jobs]


def test_people_to_fix_are_added_up_over_jobs():
    sync, other = make_syncs(2, jobs=0)
    ended(sync, Status.PARTIAL, failures_open=3)
    ended(sync, Status.PARTIAL, failures_open=4)
    ended(other)
    assert {health.sync.pk: health.to_fix for health in all_health()} == {sync.pk: 7, other.pk: 0}


@pytest.mark.parametrize("number", [1, 30], ids=["one job", "thirty jobs"])
def test_a_sync_costs_seven_queries(django_assert_num_queries, number):
    sync = make_sync()
    for _ in range(number):
        make_failure(ended(sync, Status.PARTIAL, failures_open=1))
    with django_assert_num_queries(7):
        detail = show_sync(sync.pk, timezone.now())
    assert detail.reasons[0].count == number
    assert (detail.usual is None) is (number < 5)


def test_no_list_of_syncs_reads_a_secret():
    make_syncs(1)
    sync = list_syncs().rows[0].sync
    assert {"secrets", "token"} <= sync.source.get_deferred_fields()
    assert {"secrets", "token"} <= sync.destination.get_deferred_fields()
