"""One clock for all hosts: this host's, corrected by the database server's where there is one."""

import time
from collections.abc import Callable

from django.db import connection

Clock = Callable[[], float]
"""Seconds since 1970."""
ALIGN_SECONDS = 60.0
WRONG_BY = 10.0
"""Seconds. A lease is 60 s and renewed every 15 s: with so much less nobody takes it away from the living."""
LONGEST_ASK = 2.0
"""An answer that took longer does not say what time it was."""


class SharedClock:
    """Hosts whose clocks differ agree within a few milliseconds once each has asked the database server."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._aligned_at = float("-inf")

    def __call__(self) -> float:
        return time.time() + self._offset

    @property
    def offset(self) -> float:
        """What is added to this host's clock, in seconds."""
        return self._offset

    def align(self) -> None:
        """Ask the server, at most once a minute. SQLite has none: all its processes are on this host."""
        if connection.vendor != "postgresql" or time.monotonic() - self._aligned_at < ALIGN_SECONDS:
            return
        before, asked_at = time.time(), time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            (there,) = cursor.fetchone()
        took = time.monotonic() - asked_at
        if took > LONGEST_ASK:
            return
        self._offset = float(there) - (before + took / 2)
        self._aligned_at = time.monotonic()


shared_clock = SharedClock()
