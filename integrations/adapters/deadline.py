"""How long things may take: one call, and all that a thread does while a person waits for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Deadline(threading.local):
    """Until when what this thread does may take (monotonic seconds; None = for ever)."""

    at: float | None = None

    def bound(self, timeout: float | None, error: type[Exception]) -> float | None:
        """The smaller of `timeout` and what is left; raises `error` when nothing is."""
        if self.at is None:
            return timeout
        left = self.at - time.monotonic()
        if left <= 0:
            raise error("The call took longer than it may.")
        return left if timeout is None else min(left, timeout)


_whole = Deadline()


@contextmanager
def finish_within(seconds: float) -> Iterator[None]:
    """Inside the block, calls of this thread and waits for their permits get only what is left of so many seconds."""
    before, _whole.at = _whole.at, time.monotonic() + seconds
    try:
        yield
    finally:
        _whole.at = before


def seconds_left(longest: float) -> float:
    """The smaller of `longest` and what is left; 0 when nothing is."""
    return longest if _whole.at is None else max(0.0, min(longest, _whole.at - time.monotonic()))
