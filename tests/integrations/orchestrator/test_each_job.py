"""Many records of many jobs at once: few commits, nobody waits for the others, and what is the same is worked out once."""

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from integrations.enums import FailureStatus, FieldType, Status
from integrations.exceptions import RefusedTransitionError
from integrations.models import FailedRecord, SyncJob
from integrations.orchestrator.commands import cancel_job
from integrations.orchestrator.each_job import JOBS, RECORDS, each_job
from integrations.orchestrator.repairs import correct_records, dismiss_records, retry_records
from integrations.orchestrator.schemas import keep
from integrations.orchestrator.state_machine import differences
from integrations.types import FieldSchema, ObjectSchema
from tests.factories import make_failure, make_job, make_sync
from tests.integrations.orchestrator.test_failures import job_with_failures

OPEN = FailureStatus.OPEN
LEAD = ObjectSchema(
    "Lead",
    "Lead",
    (
        FieldSchema("Company", "Company", FieldType.STRING, required=True, max_length=20),
        FieldSchema("LastName", "Last Name", FieldType.STRING, required=True),
        FieldSchema("HubSpot_Email__c", "HubSpot Email", FieldType.EMAIL),
    ),
)


def keys() -> list[int]:
    return list(FailedRecord.objects.order_by("pk").values_list("pk", flat=True))


def test_many_jobs_share_their_commits(each_db: str) -> None:
    jobs = [job_with_failures(1)[0] for _ in range(JOBS + 10)]
    with CaptureQueriesContext(connection) as queries:
        assert dismiss_records(keys(), "dana") == JOBS + 10
    assert sum(query["sql"] == "COMMIT" for query in queries) == 2
    for job in jobs:
        job.refresh_from_db()
        assert (job.status, differences(job)) == (Status.SUCCEEDED, {})


@pytest.mark.django_db
def test_no_transaction_holds_more_than_some_hundred_records() -> None:
    job, other = job_with_failures(1)[0], job_with_failures(1)[0]
    template = {f.attname: getattr(FailedRecord.objects.first(), f.attname) for f in FailedRecord._meta.fields[1:]}
    FailedRecord.objects.bulk_create(
        FailedRecord(**{**template, "job_id": one.pk, "sync_id": one.sync_id, "source_id": f"x{at}"})
        for at in range(RECORDS)
        for one in (job, other)
    )
    seen: list[tuple[int, int]] = []
    with CaptureQueriesContext(connection) as queries:
        each_job(keys(), OPEN, lambda job_id, ids: seen.append((job_id, len(ids))) or len(ids))
    assert sum(query["sql"].startswith("SAVEPOINT") for query in queries) == 4
    assert seen == [(job.pk, RECORDS), (job.pk, 1), (other.pk, RECORDS), (other.pk, 1)]


def test_a_job_that_a_worker_holds_does_not_keep_the_others_waiting(each_db: str) -> None:
    held, free = job_with_failures(1)[0], job_with_failures(1)[0]
    is_held, may_go = threading.Event(), threading.Event()

    def worker() -> None:
        """Holds one job and then wants the other, as a job does that takes over what older ones failed at."""
        with transaction.atomic():
            SyncJob.objects.select_for_update().get(pk=held.pk)
            is_held.set()
            may_go.wait(0.5)
            SyncJob.objects.select_for_update().get(pk=free.pk)
        connection.close()

    thread = threading.Thread(target=worker)
    thread.start()
    is_held.wait(5)
    order: list[int] = []

    def act(job_id: int, ids: list[int]) -> int:
        order.append(job_id)
        may_go.set()
        with transaction.atomic():
            SyncJob.objects.select_for_update().get(pk=job_id)
        return len(ids)

    assert each_job(keys(), OPEN, act) == {held.pk: 1, free.pk: 1}
    thread.join()
    if connection.vendor == "postgresql":
        assert order == [free.pk, held.pk]


@pytest.mark.django_db
def test_a_job_that_refuses_does_not_stop_the_others() -> None:
    cancelled, good = make_job(), job_with_failures(2)[0]
    cancel_job(cancelled.pk, "dana")
    stays = make_failure(cancelled)
    assert retry_records([stays.pk, *keys()], "dana") == 2
    assert FailedRecord.objects.get(status=OPEN).pk == stays.pk
    good.refresh_from_db()
    assert (good.failures_retrying, differences(good)) == (2, {})


@pytest.mark.django_db
def test_a_refusal_is_told_when_nothing_else_was_done() -> None:
    cancelled = make_job()
    cancel_job(cancelled.pk, "dana")
    with pytest.raises(RefusedTransitionError, match="was cancelled"):
        retry_records([make_failure(cancelled).pk], "dana")


@pytest.mark.django_db
@pytest.mark.parametrize("number", [2, 40], ids=["two", "forty"])
def test_correcting_many_costs_the_same_and_reads_neither_secrets_nor_what_was_received(number: int) -> None:
    job, _ = job_with_failures(number)
    keep(job.sync.destination, LEAD)
    with CaptureQueriesContext(connection) as queries:
        assert correct_records(keys(), "Company", "Kestrel", "dana") == number
    statements = [query["sql"] for query in queries]
    assert sum("integrations_schemasnapshot" in sql for sql in statements) == 1
    assert not any('"secrets"' in sql or '"received"' in sql for sql in statements)
    assert len(statements) < 45
    assert set(FailedRecord.objects.values_list("status", flat=True)) == {FailureStatus.RETRYING}


@pytest.mark.django_db
def test_each_sync_is_checked_by_its_own_destination() -> None:
    short, long = job_with_failures(2)[0], job_with_failures(2)[0]
    keep(short.sync.destination, LEAD)
    wide = (FieldSchema("Company", "Company", FieldType.STRING, max_length=200), *LEAD.fields[1:])
    keep(long.sync.destination, ObjectSchema("Lead", "Lead", wide))
    assert correct_records(keys(), "Company", "A name of more than twenty letters", "dana") == 2
    assert set(FailedRecord.objects.filter(status=OPEN).values_list("job", flat=True)) == {short.pk}


@pytest.mark.django_db
def test_of_each_sync_one_job_is_woken_and_the_others_have_their_turn() -> None:
    sync = make_sync()
    jobs = [make_job(sync, status=Status.PARTIAL, stage="finished", failures_open=1) for _ in range(3)]
    other = make_job(status=Status.PARTIAL, stage="finished", failures_open=1)
    for job in (*jobs, other):
        make_failure(job)
    assert retry_records(keys(), "dana") == 4
    assert SyncJob.objects.active().filter(sync=sync).count() == 1
    assert SyncJob.objects.active().filter(sync=other.sync).count() == 1
    assert SyncJob.objects.filter(failures_retrying=1).count() == 4
