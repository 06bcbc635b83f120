"""What older jobs failed at is done with by the job that deals with it, also when it is more than a worker keeps in mind."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.enums import FailureStatus, Kind, Status
from integrations.models import Event, FailedRecord, SyncJob
from integrations.orchestrator import work
from integrations.orchestrator.leases import Heart
from integrations.orchestrator.work import Work
from tests.factories import make_failure, make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> SyncJob:
    """A sync's third job; the second one left the people 0 to 9 on the Fix-it list, of whom the first has two as well."""
    oldest = make_job(status=Status.PARTIAL, failures_open=2)
    old = make_job(oldest.sync, status=Status.PARTIAL, failures_open=10)
    for job, number in [(oldest, 0), (oldest, 1), *((old, number) for number in range(10))]:
        make_failure(job, source_id=str(number))
    return make_job(old.sync)


def left() -> list[str]:
    return sorted(FailedRecord.objects.open().values_list("source_id", flat=True))


@pytest.mark.parametrize("most", [100, 12, 11, 9], ids=["few", "just so many", "one more, and some twice", "too many"])
def test_those_it_dealt_with_leave_the_list_and_the_others_stay(
    job: SyncJob, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "MOST_IN_MIND", most)
    monkeypatch.setattr(work, "IDS_AT_ONCE", 3)
    at_work = Work(job, Heart(job))
    at_work.supersede((str(number) for number in range(7)), timezone.now())
    at_work.supersede(["7", "99"], timezone.now())
    at_work.supersede(["7"], timezone.now())
    assert left() == ["8", "9"]
    assert FailedRecord.objects.filter(status=FailureStatus.SUPERSEDED, fixed_in_job=job.pk).count() == 10
    told = Event.objects.filter(kind=Kind.JOB_RECORDS_SUPERSEDED)
    assert sum(event.data["count"] for event in told) == 10
    assert sorted(SyncJob.objects.exclude(pk=job.pk).values_list("failures_open", flat=True)) == [0, 2]


def test_it_keeps_only_so_many_in_mind(job: SyncJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_IN_MIND", 9)
    at_work = Work(job, Heart(job))
    with CaptureQueriesContext(connection) as queries:
        at_work.supersede(["99"], timezone.now())
    assert at_work._old_failures is None
    assert "LIMIT 10" in queries[0]["sql"]


def test_who_failed_at_nothing_before_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_job()
    at_work = Work(job, Heart(job))
    with CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            at_work.supersede(["1", "2"], timezone.now())
    assert len(queries) == 1
