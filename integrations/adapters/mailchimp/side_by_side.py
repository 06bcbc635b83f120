"""Mailchimp answers for one person a call, and takes ten calls at one time: what concerns many people is done side by side."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from integrations.adapters.deadline import finish_within, seconds_left
from integrations.adapters.mailchimp.declaration import AT_ONCE, LABEL
from integrations.exceptions import TransientError

T = TypeVar("T")

MOST_SECONDS = 150.0
"""For all calls of one batch. A worker is expected back well before five minutes are over."""


class SideBySide:
    """A few threads that all batches of one adapter share, so that no batch's last call keeps the others waiting."""

    def __init__(self, width: int = AT_ONCE) -> None:
        self._width = width
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def run(self, tasks: Sequence[Callable[[], T]], seconds: float = MOST_SECONDS) -> list[T]:
        """What the tasks return, in order. The first to fail is raised when none is under way any more, and those not begun
        by then never are."""
        if len(tasks) <= 1:
            return [task() for task in tasks]
        until = time.monotonic() + seconds_left(seconds)
        futures = [self._threads().submit(_within, until, task) for task in tasks]
        for future in futures:
            if (problem := future.exception()) is not None:
                _abandon(futures)
                raise problem
        return [future.result() for future in futures]

    def _threads(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._width, thread_name_prefix="side-by-side")
            return self._pool

    def close(self) -> None:
        """Ends the threads."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(cancel_futures=True)


def _within(until: float, task: Callable[[], T]) -> T:
    left = until - time.monotonic()
    if left <= 1.0:
        raise TransientError(f"{LABEL} is very slow at the moment.", code="slow")
    with finish_within(left):
        return task()


def _abandon(futures: Sequence["Future[T]"]) -> None:
    for future in futures:
        future.cancel()
    for future in futures:
        if not future.cancelled():
            future.exception()
