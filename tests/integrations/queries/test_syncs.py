"""Syncs for pages: health from the last fifteen jobs, in a fixed number of queries."""

import pytest

from integrations.enums import Status
from integrations.queries.syncs import TICKS, all_health, show_sync
from tests.factories import make_failure, make_job, make_sync
from tests.integrations.queries.rows import ended, make_syncs

pytestmark = pytest.mark.django_db


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
    health = show_sync(sync.pk)
    assert (health.active.pk, health.latest.pk) == (active.pk, latest.pk)
    assert old.pk in [job.pk for job in health.jobs]


def test_people_to_fix_are_added_up_over_jobs():
    sync, other = make_syncs(2, jobs=0)
    ended(sync, Status.PARTIAL, failures_open=3)
    ended(sync, Status.PARTIAL, failures_open=4)
    ended(other)
    assert {health.sync.pk: health.to_fix for health in all_health()} == {sync.pk: 7, other.pk: 0}


@pytest.mark.parametrize("number", [1, 30], ids=["one job", "thirty jobs"])
def test_a_sync_costs_four_queries(django_assert_num_queries, number):
    sync = make_sync()
    for _ in range(number):
        make_failure(ended(sync, Status.PARTIAL, failures_open=1))
    with django_assert_num_queries(4):
        assert show_sync(sync.pk).to_fix == number


def test_no_health_reads_a_secret():
    make_syncs(1)
    sync = all_health()[0].sync
    assert {"secrets", "token"} <= sync.source.get_deferred_fields()
    assert {"secrets", "token"} <= sync.destination.get_deferred_fields()
