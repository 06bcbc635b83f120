"""Stores deliveries for many callers at once: what has gathered while one commit went to the disk shares the next.

A thread of its own does it. Each caller waits for the commit that holds his delivery, and only then says that it arrived.
"""

import logging
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillWaitingError
from contextlib import suppress

from django.db import DatabaseError, OperationalError, connection, transaction

from integrations.models.bulk import Row, insert_deliveries

logger = logging.getLogger(__name__)

MOST_TOGETHER = 200
COMMIT_EVERY = 0.005
WAIT = 8.0
"""Vendors give up after five to ten seconds; who has gone by then calls again."""
LOOK_AGAIN = 0.001
LOCKED_FOR = 6.0

Ticket = tuple[Row, "Future[bool]"]
END: Ticket = ((), Future())


class Committer:
    """Started with the first delivery of a process. A delivery is a row for `insert_deliveries`."""

    def __init__(self) -> None:
        self._tickets: queue.SimpleQueue[Ticket] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._committed_at = 0.0

    def store(self, delivery: Row) -> bool:
        """True once it is on the disk; False when that did not work in time, and the caller has to call again."""
        self._start()
        stored: Future[bool] = Future()
        self._tickets.put((delivery, stored))
        try:
            return stored.result(WAIT)
        except StillWaitingError:
            return False

    def close(self) -> None:
        """End the thread, once all that waits is stored."""
        self._tickets.put(END)
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, daemon=True, name="webhook-committer")
                    self._thread.start()

    def _run(self) -> None:
        is_over = False
        while not is_over:
            tickets = self._gather()
            is_over = END in tickets
            tickets = [ticket for ticket in tickets if ticket is not END]
            stored = self._try_together([delivery for delivery, _ in tickets])
            self._committed_at = time.monotonic()
            for (_, future), is_stored in zip(tickets, stored, strict=True):
                future.set_result(is_stored)
        connection.close()

    def _gather(self) -> list[Ticket]:
        """One, as soon as there is one; and while they come thick and fast, all that came in since the last commit."""
        tickets = [self._tickets.get()]
        time.sleep(max(0.0, self._committed_at + COMMIT_EVERY - time.monotonic()))
        with suppress(queue.Empty):
            while len(tickets) < MOST_TOGETHER:
                tickets.append(self._tickets.get_nowait())
        return tickets

    def _try_together(self, deliveries: Sequence[Row]) -> list[bool]:
        """One that the database refuses for what it is must not take the others with it."""
        try:
            commit(deliveries)
        except OperationalError as problem:
            self._complain(problem)
            return [False] * len(deliveries)
        except DatabaseError as problem:
            self._complain(problem)
            if len(deliveries) == 1:
                return [False]
            return [self._try_together([one])[0] for one in deliveries]
        except Exception as problem:
            self._complain(problem)
            return [False] * len(deliveries)
        return [True] * len(deliveries)

    def _complain(self, problem: Exception) -> None:
        logger.warning("Incoming events could not be stored: %s", type(problem).__name__)
        connection.close()


def commit(deliveries: Sequence[Row]) -> None:
    """Store them in one transaction."""
    until = time.monotonic() + LOCKED_FOR
    while True:
        try:
            _be_impatient()
            with transaction.atomic():
                insert_deliveries(deliveries)
            return
        except OperationalError as problem:
            if "locked" not in str(problem) or time.monotonic() > until:
                raise
            time.sleep(LOOK_AGAIN)


def _be_impatient() -> None:
    """SQLite lets who waits for its lock sleep up to a tenth of a second. We look every millisecond, and so are next. The
    connection is this thread's alone."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
