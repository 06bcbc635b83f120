"""A call that takes too long is sent again as two halves, and a platform that stands still is noticed all the same."""

from collections.abc import Callable

import pytest

from integrations.enums import BatchStatus, Kind, Status
from integrations.exceptions import TransientError, UnknownOutcomeError
from integrations.models import Batch, Connection, Event, Sync, SyncJob
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.stages.outcome import FEWEST_WHEN_SLOW
from tests.faults.slices import work_on
from tests.integrations.orchestrator.conftest import Control, adds_up

WRITE = "/composite/sobjects"


@pytest.fixture
def hasty(sync: Sync, sandbox: Control) -> Sync:
    """Few people, and nobody waits long for an answer."""
    sandbox.http.post("/_control/reset", json={"contacts": 420}).raise_for_status()
    there = Connection.objects.get(pk=sync.destination_id)
    there.settings["timeout"] = "1"
    there.save()
    return sync


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_batch_that_timed_out_goes_out_as_two_halves_and_everyone_arrives(
    when: str, hasty: Sync, sandbox: Control, run_job: Callable[..., SyncJob]
) -> None:
    sandbox.fault("salesforce", WRITE, "hang", when=when, times=1)
    job = run_job(hasty)
    (whole,) = Batch.objects.filter(job=job, status=BatchStatus.SPLIT)
    halves = Batch.objects.filter(parent=whole)
    assert sum(half.count for half in halves) == whole.count > FEWEST_WHEN_SLOW
    assert {half.status for half in halves} == {BatchStatus.SENT}
    assert adds_up(job) and job.sent == sandbox.summary()["stored"]


def test_a_platform_that_stands_still_stops_the_job_as_ever_and_small_batches_stay_whole(
    hasty: Sync, sandbox: Control
) -> None:
    sandbox.fault("salesforce", WRITE, "hang")
    job = work_on(start_job(hasty.pk), slices=9)
    assert (job.status, job.reason_code, job.attempts) == (Status.STUCK, "timeout", 6)
    assert min(Batch.objects.filter(job=job, parent__isnull=False).values_list("count", flat=True)) == FEWEST_WHEN_SLOW
    split = Event.objects.filter(stream=job.stream, kind=Kind.JOB_BATCH_SPLIT)
    assert split.exists() and {event.data["code"] for event in split} == {"timeout"}


@pytest.mark.parametrize("family", [TransientError, UnknownOutcomeError], ids=["never-sent", "connection-lost"])
def test_other_trouble_halves_nothing(
    family: type[Exception], hasty: Sync, sandbox: Control, run_job: Callable[..., SyncJob]
) -> None:
    kind = {"status": 503} if family is TransientError else {}
    sandbox.fault("salesforce", WRITE, "status" if kind else "reset", times=2, **kind)
    job = run_job(start_job(hasty.pk))
    assert not Batch.objects.filter(job=job, status=BatchStatus.SPLIT).exists()
    assert adds_up(job)
