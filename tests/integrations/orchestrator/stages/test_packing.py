"""Batches filled in steps, in several slices: everybody once and in order, each batch as full as the limits allow."""

import tracemalloc
from collections.abc import Iterable

import pytest

from integrations.enums import BatchStatus
from integrations.models import Batch, SyncJob
from integrations.models.blobs import unpack_lists
from integrations.orchestrator.stages.packing import Entry, Packer
from integrations.types import BatchLimits
from tests.factories import make_job

pytestmark = pytest.mark.django_db


def entry(number: int) -> Entry:
    return [str(number), "a" * 32, "b" * 32, {"Email": f"p{number}@example.com"}, 0, number, number]


def fill(job: SyncJob, numbers: Iterable[int], limits: BatchLimits, *, step: int, size: int = 100) -> int:
    """One slice; returns how many batches are new."""
    packer, new = Packer(job, limits), 0
    for place, number in enumerate(numbers, start=1):
        packer.add(entry(number), size)
        if place % step == 0:
            new += packer.save()
    return new + packer.save()


def packed(job: SyncJob) -> list[list[int]]:
    """Whom each batch holds; its count is right."""
    found = []
    for batch in Batch.objects.filter(job=job).order_by("number"):
        numbers = [row[5] for row in unpack_lists(batch.payload)]
        assert batch.count == len(numbers)
        found.append(numbers)
    return found


@pytest.mark.parametrize("step", [1, 3, 7, 10, 25, 100])
def test_batches_are_filled_in_order_however_often_they_are_saved(step: int) -> None:
    job = make_job()
    assert fill(job, range(95), BatchLimits(10, 10_000), step=step) == 10
    assert packed(job) == [list(range(first, min(first + 10, 95))) for first in range(0, 95, 10)]


@pytest.mark.parametrize("border", [1, 10, 14, 20, 94])
def test_a_slice_goes_on_with_the_batch_the_one_before_left_open(border: int) -> None:
    job, limits = make_job(), BatchLimits(10, 10_000)
    new = fill(job, range(border), limits, step=4) + fill(job, range(border, 95), limits, step=4)
    assert packed(job) == [list(range(first, min(first + 10, 95))) for first in range(0, 95, 10)]
    assert new == 10


def test_a_batch_that_is_under_way_takes_nobody_more() -> None:
    job, limits = make_job(), BatchLimits(10, 10_000)
    fill(job, range(3), limits, step=1)
    Batch.objects.filter(job=job).update(status=BatchStatus.SENDING)
    fill(job, range(3, 5), limits, step=1)
    assert packed(job) == [[0, 1, 2], [3, 4]]


def test_bytes_limit_a_batch_as_well_and_one_record_always_fits() -> None:
    job = make_job()
    fill(job, range(5), BatchLimits(10, 250), step=1, size=100)
    fill(job, range(5, 7), BatchLimits(10, 250), step=1, size=900)
    assert packed(job) == [[0, 1], [2, 3], [4], [5], [6]]


def test_a_large_batch_is_packed_once_and_not_kept_in_memory_meanwhile() -> None:
    """Peak beyond what is stored, of a batch of 8,000 filled 100 at a time, against one of 1,000."""

    def peak(count: int) -> int:
        job = make_job()
        tracemalloc.start()
        fill(job, range(count), BatchLimits(count, 90_000_000), step=100)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most - 4 * sum(len(batch.payload) for batch in Batch.objects.filter(job=job))

    peak(100)
    assert peak(8_000) < 2 * peak(1_000)
