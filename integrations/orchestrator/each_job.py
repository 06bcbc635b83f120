"""One thing done with many failed records of many jobs: a few hundred records, and a few dozen jobs, per transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from django.db import transaction

from integrations.enums import FailureStatus
from integrations.exceptions import RefusedTransitionError
from integrations.models import FailedRecord, SyncJob

RECORDS, JOBS = 500, 50
Act = Callable[[int, list[int]], int]
"""Does it with these records of this job, in a transaction of its own or in that of the caller; returns with how many."""
Part = tuple[int, list[int]]


def each_job(
    ids: Iterable[int], status: FailureStatus, act: Act, *, first: Callable[[], None] | None = None
) -> dict[int, int]:
    """`act` on those that are in this status; returns job → with how many it was done. `first` takes locks that come before
    those of jobs, in a transaction of many; one of a single job is begun by `act`.

    A job that refuses does not stop the others. When nothing was done at all, its refusal is raised.
    """
    done: Counter[int] = Counter()
    refusals: list[RefusedTransitionError] = []

    def do(job_id: int, records: list[int]) -> None:
        try:
            done[job_id] += act(job_id, records)
        except RefusedTransitionError as refusal:
            refusals.append(refusal)

    for group in _groups(_jobs_of(list(ids), status)):
        # A commit for each job would take seconds. Jobs that are being written to at this moment come by themselves, so
        # that nobody is waited for who may be waiting for one of these.
        with transaction.atomic():
            if first is not None:
                first()
            free = _lock_free([job_id for job_id, _ in group])
            for part in (part for part in group if part[0] in free):
                do(*part)
        for part in (part for part in group if part[0] not in free):
            do(*part)
    if refusals and not done.total():
        raise refusals[0]
    return done


def _lock_free(jobs: list[int]) -> set[int]:
    """Lock those of these jobs that nobody else has locked."""
    free = SyncJob.objects.filter(pk__in=jobs).select_for_update(skip_locked=True)
    return set(free.values_list("pk", flat=True))


def _groups(jobs: dict[int, list[int]]) -> Iterator[list[Part]]:
    group: list[Part] = []
    for job_id, records in jobs.items():
        for start in range(0, len(records), RECORDS):
            part = records[start : start + RECORDS]
            if len(group) == JOBS or sum(len(ids) for _, ids in group) + len(part) > RECORDS:
                yield group
                group = []
            group.append((job_id, part))
    if group:
        yield group


def _jobs_of(ids: list[int], status: FailureStatus) -> dict[int, list[int]]:
    """Job → its records that are in this status."""
    jobs: dict[int, list[int]] = {}
    for start in range(0, len(ids), RECORDS):
        rows = FailedRecord.objects.filter(pk__in=ids[start : start + RECORDS], status=status).order_by("pk")
        for pk, job_id in rows.values_list("pk", "job_id"):
            jobs.setdefault(job_id, []).append(pk)
    return jobs
