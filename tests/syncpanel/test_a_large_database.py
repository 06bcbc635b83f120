"""Every page, and what runs every few seconds, does little on a database with 1,000 jobs, a million record events, 100,000
failed records and a day's 345,000 events. What is counted is work, which does not depend on how busy the machine is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import orjson
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations import beat
from integrations.enums import FailureStatus, Status
from integrations.models import Connection, Event, FailedRecord, SyncJob
from integrations.orchestrator.leases import claim_next
from tests.large_database import EVENTS_A_DAY, FAILED_RECORDS, SYNCS, fill

SECONDS = 1.0
"""A disaster, no more: the promise is a tenth of it, on a machine that has nothing else to do."""
COUNTING = ("/", "/live/?v=1", "/failures/")
"""Pages that count the Fix-it list by reason: they read an index of it through, a search once more."""
MOST = {"sqlite": 2_500_000, "postgresql": 200_000}
"""Steps of SQLite's virtual machine, which does some 100 million a second; rows that PostgreSQL looks at."""
SOME = {"sqlite": 400_000, "postgresql": 25_000}
FEW = {"sqlite": 50_000, "postgresql": 2_500}
STEPS_AT_ONCE = 100


def pages() -> list[str]:
    """Of each list the first page, one in the middle, and those that find few or nobody."""
    job = SyncJob.objects.filter(status=Status.RUNNING).first()
    record = FailedRecord.objects.open().order_by("pk")[FAILED_RECORDS // 2]
    event = Event.objects.order_by("pk")[EVENTS_A_DAY // 2]
    sync, connected = job.sync_id, Connection.objects.first()
    return [
        *("/", "/live/?v=1", "/limits/", "/connections/", f"/connections/{connected.pk}/", "/mappings/"),
        *("/activity/", "/activity/?about=job", "/activity/?about=connection", "/activity/?by=-", "/activity/?by=x"),
        *(f"/activity/?before={event.pk}", "/jobs/", "/jobs/?status=partial", "/jobs/?status=paused"),
        *(f"/jobs/?sync={sync}", f"/jobs/?sync={sync}&status=cancelled", f"/jobs/?before={job.pk - 500}"),
        *(f"/jobs/{job.pk}/", f"/jobs/{job.pk}/?events=all", f"/jobs/{job.pk}/live/", f"/jobs/{job.pk}/events/"),
        *(f"/jobs/{job.pk}/batches/", f"/jobs/{job.pk}/batches/7/", f"/jobs/{job.pk - SYNCS}/"),
        *("/syncs/", "/syncs/?q=nobody", f"/syncs/{sync}/", f"/syncs/{sync}/live/", f"/syncs/{sync}/changes/"),
        *("/failures/", "/failures/?reason=too_long:Phone", f"/failures/?before={record.pk}"),
        *(f"/failures/?status={status}" for status in FailureStatus.values),
        *("/failures/?q=person+9", "/failures/?q=nobody", "/failures/?reason=too_long:Phone&q=nobody"),
        *(
            f"/failures/?sync={sync}",
            f"/failures/?sync={sync}&q=nobody",
            f"/failures/?sync={sync}&reason=too_long:Phone",
        ),
        *(
            f"/failures/?job={job.pk}",
            f"/failures/?record={record.pk}",
            f"/failures/?status=fixed&sync={sync}&q=nobody",
        ),
        *(f"/syncs/{sync}/people/", f"/syncs/{sync}/people/?q={record.source_id}", f"/syncs/{sync}/people/?q=nobody"),
    ]


RUNS_ALWAYS: dict[str, Callable[[], Any]] = {
    "a worker looks for work": claim_next,
    "the beat looks for dead workers": lambda: beat.free_dead_leases(timezone.now()),
    "the beat looks for repairs": lambda: beat.reopen_waiting_repairs(timezone.now()),
    "the beat repeats hints": lambda: beat.repeat_hints(timezone.now()),
    "the beat sweeps": lambda: beat.sweep(timezone.now()),
}


class Work:
    """What the database did inside `counted`: steps on SQLite, rows on PostgreSQL; and how long it all took."""

    def __init__(self) -> None:
        self.amount = 0
        self.seconds = 0.0

    def __str__(self) -> str:
        return f"{self.seconds * 1000:6.0f} ms {self.amount:12,}"

    def add_steps(self) -> None:
        self.amount += STEPS_AT_ONCE


@contextmanager
def counted() -> Iterator[Work]:
    """Counts what is done inside the block."""
    count = _count_steps if connection.vendor == "sqlite" else _count_rows
    with count() as work:
        started = time.perf_counter()
        yield work
        work.seconds = time.perf_counter() - started


@contextmanager
def _count_steps() -> Iterator[Work]:
    work = Work()
    connection.ensure_connection()
    connection.connection.set_progress_handler(work.add_steps, STEPS_AT_ONCE)
    try:
        yield work
    finally:
        connection.connection.set_progress_handler(None, 0)


@contextmanager
def _count_rows() -> Iterator[Work]:
    """By asking everything once more."""
    work = Work()
    with CaptureQueriesContext(connection) as queries:
        yield work
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            if query["sql"].startswith("SELECT") and "FOR UPDATE" not in query["sql"]:
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query['sql'].replace('%', '%%')}")
                (plan,) = cursor.fetchone()
                work.amount += rows_of((orjson.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


def rows_of(node: dict[str, Any]) -> int:
    """What the scans under this node of a plan looked at."""
    looked = node["Actual Rows"] + sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    below = sum(map(rows_of, node.get("Plans", [])))
    return below + (int(looked * node["Actual Loops"]) if "Scan" in node["Node Type"] else 0)


def least(run: Callable[[], object]) -> Work:
    """The quicker of two: the first compiles templates, and others use the machine too."""
    tries = []
    for _ in range(2):
        with counted() as work:
            run()
        tries.append(work)
    return min(tries, key=lambda work: work.seconds)


def assert_within(most: int, done: dict[str, Work]) -> None:
    told = "\n".join(f"{name:60} {work}" for name, work in done.items())
    print(f"{connection.vendor}, at most {most:,}\n{told}")
    assert [name for name, work in done.items() if work.amount > most or work.seconds > SECONDS] == [], told


def test_no_page_and_nothing_that_runs_always_reads_a_large_database_through(each_db: str) -> None:
    fill(timezone.now())
    assert FailedRecord.objects.count() == FAILED_RECORDS
    client = Client()
    client.force_login(User.objects.create_superuser("dana"))

    def visit(page: str) -> None:
        assert client.get(page).status_code == 200, page

    done = {page: least(partial(visit, page)) for page in pages()}
    counting = {page: work for page, work in done.items() if page in COUNTING or page.startswith(COUNTING[-1])}
    assert_within(MOST[connection.vendor], counting)
    assert_within(SOME[connection.vendor], {page: work for page, work in done.items() if page not in counting})
    assert_within(FEW[connection.vendor], {name: least(run) for name, run in RUNS_ALWAYS.items()})
