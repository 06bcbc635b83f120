"""Several large loads at a time: the platform is kept at work, and whatever happens to the worker, none is sent twice."""

import pytest

from integrations.enums import BatchStatus, Status, SyncMode
from integrations.exceptions import BatchRefusedError
from integrations.models import Batch, Connection, Event, RecordLink, Sync, SyncJob
from integrations.models.blobs import unpack_lists
from integrations.orchestrator import leases
from integrations.orchestrator.commands import cancel_job, release_job, start_job
from integrations.orchestrator.runner import begin, give_back, work_slice
from integrations.orchestrator.stages.outcome import refuse
from integrations.orchestrator.work import Work
from tests.faults.platforms import Platforms
from tests.faults.proof import prove, prove_at_rest, prove_sums
from tests.faults.slices import SMALL, pass_time, work_on
from tests.faults.test_every_border import borders

AT_A_TIME = 8
HALVINGS = 4
LOADS = 2**HALVINGS


@pytest.fixture
def sync(sync: Sync) -> Sync:
    """Everything goes as large loads, after somebody has released it."""
    sync.bulk_from, sync.guards = 1, {"creates": 0}
    sync.save()
    return sync


def ready_to_load(sync: Sync) -> SyncJob:
    """A released job whose one load was halved again and again, so that there are many small ones."""
    job = work_on(start_job(sync.pk))
    release_job(job.pk, "dana")
    claimed = leases.claim(job.pk)
    assert claimed is not None
    with Work(claimed, leases.Heart(claimed)) as work:
        begin(work)
        for _ in range(HALVINGS):
            for batch in Batch.objects.to_do().filter(job=job):
                refuse(work, batch, unpack_lists(batch.payload), BatchRefusedError("Too large."))
        give_back(work)
    job.refresh_from_db()
    assert Batch.objects.to_do().filter(job=job).count() == LOADS
    return job


def test_the_platform_has_several_loads_and_the_worker_lets_go_meanwhile(sync: Sync, platforms: Platforms) -> None:
    platforms.set(bulk_delay=60)
    job = ready_to_load(sync)
    assert work_slice(job.pk)
    job.refresh_from_db()
    loading = list(Batch.objects.loading().filter(job=job).order_by("number"))
    assert len({batch.ticket["id"] for batch in loading}) == AT_A_TIME
    assert (job.status, job.reason_code, job.owner) == (Status.WAITING, "bulk_processing", None)
    assert job.reason == f"Salesforce is working through {sum(batch.count for batch in loading)} records."
    platforms.http.post("/_control/clock", json={"advance_seconds": 3_600}).raise_for_status()
    platforms.set(bulk_delay=0)
    prove(platforms, [work_on(job)], contacts=SMALL)


def test_a_load_that_is_done_makes_room_for_the_next_while_others_are_worked_on(
    sync: Sync, platforms: Platforms
) -> None:
    platforms.set(bulk_delay=60)
    job = ready_to_load(sync)
    work_slice(job.pk)
    first = Batch.objects.loading().filter(job=job).order_by("number").first()
    assert first is not None
    token = Connection.objects.get(pk=sync.destination_id).token["access_token"]
    platforms.http.patch(
        f"/services/data/v62.0/jobs/ingest/{first.ticket['id']}",
        json={"state": "Aborted"},
        headers={"Authorization": f"Bearer {token}"},
    ).raise_for_status()
    pass_time(pk=job.pk)
    work_slice(job.pk)
    first.refresh_from_db()
    assert first.status == BatchStatus.SENT
    assert Batch.objects.loading().filter(job=job).count() == AT_A_TIME


def test_all_loads_are_stopped_before_their_job_counts_as_cancelled(sync: Sync, platforms: Platforms) -> None:
    platforms.set(bulk_delay=60)
    job = ready_to_load(sync)
    work_slice(job.pk)
    cancel_job(job.pk, "dana")
    assert work_slice(job.pk)
    job.refresh_from_db()
    assert (job.status, job.reason) == (Status.CANCELLED, "Cancelled by hand.")
    platforms.http.post("/_control/clock", json={"advance_seconds": 3_600}).raise_for_status()
    assert platforms.writes() == job.created + job.updated == 0
    prove_sums(job)
    prove_at_rest()


def test_a_worker_that_dies_at_any_border_sends_no_load_twice(sync: Sync, platforms: Platforms) -> None:
    def act() -> SyncJob:
        platforms.http.post("/_control/reset", json={}).raise_for_status()
        platforms.set(bulk_delay=0)
        RecordLink.objects.all().delete()
        return ready_to_load(sync)

    def after(job: SyncJob) -> None:
        prove(platforms, [job], contacts=SMALL)
        assert not Event.objects.filter(stream=job.stream, kind="job.stuck").exists()

    borders(act, after)


def test_loads_of_records_that_can_only_be_added_are_known_again_by_their_tickets(
    sync: Sync, platforms: Platforms
) -> None:
    Sync.objects.filter(pk=sync.pk).update(write_mode=SyncMode.CREATE)
    platforms.set(bulk_delay=60)
    job = ready_to_load(sync)
    work_slice(job.pk)
    assert Batch.objects.loading().filter(job=job).count() == AT_A_TIME
    platforms.http.post("/_control/clock", json={"advance_seconds": 3_600}).raise_for_status()
    platforms.set(bulk_delay=0)
    job = work_on(job)
    assert (job.status, job.reason) == (Status.SUCCEEDED, "")
    assert job.created == platforms.writes() == platforms.summary()["stored"]
    prove_sums(job)
