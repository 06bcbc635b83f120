"""A worker that dies between any two statements: what it had committed stays, what it had not is done again."""

import os
import random
from collections.abc import Callable

from integrations.models import FailedRecord, RecordLink, Sync, SyncJob
from integrations.orchestrator import repairs
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.runner import work_slice
from tests.faults.platforms import Platforms
from tests.faults.proof import prove, prove_at_rest, prove_finished
from tests.faults.slices import SMALL, dying, work_on

EVERY = int(os.environ.get("STORM", "0")) > 0
"""`make storm` tries every border, `make test` some, chosen anew each time."""
SOME = 12


def die_at(first: int, act: Callable[[], SyncJob], after: Callable[[SyncJob], None]) -> int:
    """Work what `act` starts with a worker that dies after `first` statements, then to its end. Statements it had left."""
    job = act()
    with dying(first) as death:
        work_slice(job.pk)
    after(work_on(job))
    return death.left


def borders(act: Callable[[], SyncJob], after: Callable[[SyncJob], None]) -> None:
    """At every border, or at some of them."""
    enough = 10_000
    count = enough - die_at(enough, act, after)
    assert count > 10
    for first in range(count) if EVERY else sorted(random.sample(range(count), SOME)):
        print(f"dies after {first} of {count} statements")
        die_at(first, act, after)


def test_a_job_loses_nothing(sync: Sync, platforms: Platforms) -> None:
    def act() -> SyncJob:
        platforms.http.post("/_control/reset", json={})
        RecordLink.objects.all().delete()
        return start_job(sync.pk)

    borders(act, lambda job: prove(platforms, [job], contacts=SMALL, crashes=1))


def test_a_second_job_sends_the_changed_and_takes_over_the_failed(sync: Sync, platforms: Platforms) -> None:
    work_on(start_job(sync.pk))
    rounds = iter(range(10_000))

    def act() -> SyncJob:
        number = next(rounds)
        body = {"count": 60, "properties": {"city": f"Town {number}", "phone": "x" * (30 + number % 40)}}
        platforms.http.post("/_control/hubspot/contacts/touch", json=body).raise_for_status()
        return start_job(sync.pk)

    def after(job: SyncJob) -> None:
        prove_finished(job)
        prove_at_rest()
        assert (job.fetched, job.sent + job.invalid + job.unchanged) == (SMALL, SMALL)
        assert not FailedRecord.objects.unresolved().exclude(job=job).exists(), "taken over from the jobs before"

    borders(act, after)


def test_retried_records_are_fixed_or_back_on_the_list(sync: Sync, platforms: Platforms) -> None:
    body = {"count": 20, "properties": {"lastname": ""}}
    platforms.http.post("/_control/hubspot/contacts/touch", json=body).raise_for_status()
    job = work_on(start_job(sync.pk))
    assert job.failures_open == 20

    def act() -> SyncJob:
        ids = list(FailedRecord.objects.open().values_list("pk", flat=True))
        assert repairs.retry_records(ids, "dana") == len(ids)
        return job

    def after(job: SyncJob) -> None:
        prove_finished(job)
        prove_at_rest()
        assert job.failures_open == 20

    borders(act, after)
