"""The loop around the beat: every five seconds, or more often where the watchdog is less patient; through any outage of the
database. What people wait for is looked at every second."""

import logging
import time
from collections.abc import Callable

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from integrations.orchestrator.leases import group_name, write_beat

logger = logging.getLogger(__name__)

EVERY = 5.0
TICK = 1.0
SIGNS = 3
"""So often the beat shows that it lives before it counts as hung."""


class Pacemaker:
    """Calls `beat_once` and then leaves a sign of life: a beat that hangs is silent. Between two of them, `tick`."""

    def __init__(
        self, beat_once: Callable[[], object], tick: Callable[[], object] = lambda: None, *, patience: float = 45.0
    ) -> None:
        """`patience`: how many seconds a beat may be silent."""
        self.every = min(EVERY, patience / SIGNS)
        self._beat_once = beat_once
        self._tick = tick
        self._is_down = False

    def run(self) -> None:
        """For ever. SIGTERM ends the process at once: each step is a transaction of its own."""
        while True:
            started = time.monotonic()
            self.turn()
            while (left := self.every - (time.monotonic() - started)) > 0:
                time.sleep(min(TICK, left))
                self.tick()

    def tick(self) -> None:
        """What it cannot do now, it does in a second; whether the database answers is said by `turn`."""
        try:
            if not self._is_down:
                self._tick()
        except DatabaseError:
            connection.close()

    def turn(self) -> None:
        """One round; a database that is away is reported once."""
        try:
            close_old_connections()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            self._beat_once()
            write_beat(group_name(), "beat")
        except DatabaseError as exc:
            connection.close()
            if not self._is_down:
                logger.warning("The database does not answer (%s); trying again until it does", type(exc).__name__)
            self._is_down = True
        else:
            if self._is_down:
                logger.warning("The database answers again")
            self._is_down = False
