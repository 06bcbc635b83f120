"""What validating reads, and how long it holds what it needs."""

import gc
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.enums import Departed, FailureKind
from integrations.models import FailedRecord, Sync, SyncJob
from integrations.orchestrator.stages.validating import Sorter

RunJob = Callable[..., SyncJob]
READS_A_PAGE = '"integrations_sourcepage"."records" FROM "integrations_sourcepage" WHERE "integrations_sourcepage"."id"'
LOOKS_FOR_WHO_LEFT = 'NOT ("integrations_recordlink"."destination_id" = %s)'


def test_only_pages_with_somebody_to_show_are_read_again(sync: Sync, run_job: RunJob) -> None:
    with CaptureQueriesContext(connection) as queries:
        job = run_job(sync)
    invalid = FailedRecord.objects.filter(job=job, kind=FailureKind.INVALID)
    pages = invalid.values_list("page_number", flat=True).distinct().count()
    read = sum(READS_A_PAGE in query["sql"] for query in queries.captured_queries)
    assert 0 < pages < job.pages
    assert pages <= read <= pages + 2 * job.duplicate


def test_the_keys_of_the_job_are_let_go_before_it_is_looked_for_who_left(small: Sync, run_job: RunJob) -> None:
    Sync.objects.update(departed=Departed.ARCHIVE)
    run_job(small)
    alive: list[int] = []

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        if LOOKS_FOR_WHO_LEFT in sql:
            alive.append(sum(type(one) is Sorter for one in gc.get_objects()))
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        run_job(small)
    assert alive and not any(alive)
