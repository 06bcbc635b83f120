"""Batches that share a commit share its statements."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.enums import BatchStatus, FieldType, Stage, Status
from integrations.models import Batch, FailedRecord, RecordEvent, RecordLink
from integrations.models.blobs import Joined, pack
from integrations.orchestrator.leases import Heart
from integrations.orchestrator.stages.outcome import write
from integrations.orchestrator.stages.trail import ROWS_AT_ONCE, Sent
from integrations.orchestrator.work import Work
from integrations.types import FieldSchema, ObjectSchema, Result, UploadOutcome
from tests.factories import make_job


@pytest.fixture
def work(each_db: str) -> Work:
    """A job that uploads."""
    job = make_job(status=Status.RUNNING, stage=Stage.UPLOADING)
    work = Work(job, Heart(job))
    work.schema = ObjectSchema("Lead", "Lead", (FieldSchema("Email", "Email", FieldType.EMAIL),))
    return work


def came_back(work: Work, count: int, first: int = 0, *, results: Callable[[int], Result] | None = None) -> Sent:
    """A batch of so many records, from the record `first` on."""
    entries = [
        [str(n), "a" * 32, "b" * 32, {"Email": f"p{n}@x.org"}, None, None, n] for n in range(first, first + count)
    ]
    number = Batch.objects.count() + 1
    batch = Batch.objects.create(job=work.job, number=number, count=count, payload=pack(entries))
    judge = results or (lambda n: Result(ok=True, id=f"00Q{n}", created=n % 2 == 0))
    return Sent(batch, Joined(batch.payload, count), UploadOutcome([judge(n) for n in range(first, first + count)]))


def statements(work: Work, sent: list[Sent]) -> int:
    with CaptureQueriesContext(connection) as queries:
        write(work, sent)
    return len(queries)


def test_four_batches_take_as_many_statements_as_one(work: Work) -> None:
    write(work, [came_back(work, 3)])
    one = statements(work, [came_back(work, 200, 1_000)])
    several = [came_back(work, 200, first) for first in (2_000, 3_000, 4_000, 5_000)]
    assert statements(work, several) == one
    assert RecordLink.objects.count() == RecordEvent.objects.count() == 3 + 5 * 200


def test_each_record_is_told_with_its_own_batch_and_what_became_of_it(work: Work) -> None:
    first, second = came_back(work, 4), came_back(work, ROWS_AT_ONCE + 5, 100)
    write(work, [first, second])
    told = Counter(RecordEvent.objects.values_list("batch", "kind"))
    odd, even = (ROWS_AT_ONCE + 5) // 2, (ROWS_AT_ONCE + 6) // 2
    assert told == {
        (first.batch.pk, "created"): 2,
        (first.batch.pk, "updated"): 2,
        (second.batch.pk, "created"): even,
        (second.batch.pk, "updated"): odd,
    }
    columns = ("status", "created", "updated", "rejected")
    assert list(Batch.objects.order_by("number").values_list(*columns)) == [
        (BatchStatus.SENT, 2, 2, 0),
        (BatchStatus.SENT, even, odd, 0),
    ]


def test_who_did_not_arrive_is_held_or_goes_into_another_batch(work: Work) -> None:
    def judge(number: int) -> Result:
        if number % 10 == 3:
            return Result(ok=False, code="refused", message="No.")
        return Result(ok=number % 10 != 5, id="00Q", created=True, is_transient=number % 10 == 5)

    write(work, [came_back(work, 10, results=judge), came_back(work, 10, 10, results=judge)])
    assert set(FailedRecord.objects.values_list("source_id", flat=True)) == {"3", "13"}
    again = Batch.objects.filter(status=BatchStatus.PENDING).order_by("number")
    assert [[entry[0] for entry in Joined(batch.payload, batch.count)] for batch in again] == [["5"], ["15"]]
    work.job.refresh_from_db()
    counts = (work.job.batches_done, work.job.batches, work.job.sent, work.job.created, work.job.rejected)
    assert counts == (2, 2, 18, 16, 2)
    assert RecordLink.objects.count() == 16


def test_a_record_in_two_batches_of_one_commit_keeps_its_last_link(work: Work) -> None:
    write(work, [came_back(work, 5), came_back(work, 5, results=lambda n: Result(ok=True, id=f"later{n}"))])
    assert set(RecordLink.objects.values_list("destination_id", flat=True)) == {f"later{n}" for n in range(5)}
    assert RecordEvent.objects.count() == 10
