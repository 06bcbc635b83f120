"""How much the database does for something: work, which does not depend on how busy the machine is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from django.db import connection
from django.test.utils import CaptureQueriesContext

SECONDS = 1.0
"""A disaster, no more: the promise is a tenth of it, on a machine that has nothing else to do."""
STEPS_AT_ONCE = 100


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
