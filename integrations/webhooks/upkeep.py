"""What a process that takes calls does beside them, in one thread with one database connection: looks the addresses up anew,
writes down what was counted, and rings for the workers, at most once a second."""

import logging
import threading
import time
from collections.abc import Callable

from django.db import connection

from integrations.orchestrator.hints import hint_incoming
from integrations.webhooks.tally import Tally

logger = logging.getLogger(__name__)

EVERY = 1.0


class Upkeep:
    """Started with the first call of a process; sleeps while nothing is to be done."""

    def __init__(self, tally: Tally, refresh: Callable[[], None]) -> None:
        self._tally = tally
        self._refresh = refresh
        self._stirred = threading.Condition()
        self._wants_refresh = False
        self._wants_ring = False
        self._is_over = False
        self._next_at = 0.0
        self._thread: threading.Thread | None = None

    def ask_refresh(self) -> None:
        """The addresses are to be looked up anew, at once."""
        with self._stirred:
            self._wants_refresh = True
            self._stir()

    def ask_ring(self) -> None:
        """Something was stored that workers should read."""
        with self._stirred:
            self._wants_ring = True
            self._stir()

    def ask_count(self) -> None:
        """Something was counted."""
        with self._stirred:
            self._stir()

    def close(self) -> None:
        """End the thread, once what was counted is written down."""
        with self._stirred:
            self._is_over = True
            self._stirred.notify()
        if self._thread is not None:
            self._thread.join()

    def _stir(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="webhook-upkeep")
            self._thread.start()
        self._stirred.notify()

    def _run(self) -> None:
        while not self._is_over:
            with self._stirred:
                while not (self._wants_refresh or self._is_over or self._is_time()):
                    self._stirred.wait(self._until_then())
                refresh, self._wants_refresh = self._wants_refresh, False
                is_time = self._is_time()
                ring = self._wants_ring and is_time
                self._wants_ring = self._wants_ring and not ring
            if refresh:
                self._try(self._refresh)
            if ring:
                self._try(hint_incoming)
            if is_time:
                self._next_at = time.monotonic() + EVERY
                self._try(self._tally.write)
        self._try(self._tally.write)
        connection.close()

    def _has_work(self) -> bool:
        return self._wants_ring or not self._tally.is_empty

    def _is_time(self) -> bool:
        return self._has_work() and time.monotonic() >= self._next_at

    def _until_then(self) -> float | None:
        """Seconds; None for ever, while there is nothing to do."""
        return max(0.0, self._next_at - time.monotonic()) if self._has_work() else None

    def _try(self, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception as problem:
            logger.warning("Incoming events: %s failed: %s", getattr(do, "__name__", "upkeep"), type(problem).__name__)
            connection.close()
