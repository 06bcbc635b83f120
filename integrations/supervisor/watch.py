"""The watchdog: asks every child for a sign of life, in a thread, so that a slow answer never blocks the supervisor."""

import logging
import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from integrations.supervisor.probes import Probe

logger = logging.getLogger(__name__)

FIRST_SIGN_WITHIN = 60.0
NEW_EVERY = 0.25
"""Seconds between two looks at a child that has not answered yet: somebody waits for it."""


@dataclass(slots=True)
class Signs:
    """What was heard of one child since it started."""

    has_answered: bool = False
    silent_since: float | None = None

    def take_in(self, answer: bool | None, now: float) -> None:
        """A missing sign starts the clock; a sign, or a probe that could not know, stops it."""
        if answer:
            self.has_answered = True
        if answer is False:
            self.silent_since = self.silent_since or now
        else:
            self.silent_since = None

    def is_hung(self, patience: float, now: float) -> bool:
        """Silent for longer than `patience` seconds; a child that is still starting gets at least a minute."""
        allowed = patience if self.has_answered else max(patience, FIRST_SIGN_WITHIN)
        return self.silent_since is not None and now - self.silent_since > allowed


class Watch(threading.Thread):
    """Puts the names of hung children into `hung`. `patience` is how many seconds one may be silent."""

    def __init__(self, probes: Mapping[str, Probe], patience: float) -> None:
        super().__init__(daemon=True, name="watch")
        self.hung: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._probes = probes
        self._patience = patience
        self._every = min(3.0, patience / 5)
        self._signs = {name: Signs() for name in probes}

    def run(self) -> None:
        while True:
            self.look_round()
            until = time.monotonic() + self._every
            while (left := until - time.monotonic()) > 0:
                time.sleep(min(NEW_EVERY, left))
                self.look_at_new()

    def look_round(self) -> None:
        """At every child."""
        for name in self._probes:
            self._look(name)

    def look_at_new(self) -> None:
        """At those that have not answered since they started."""
        for name in self._probes:
            if not self.has_answered(name):
                self._look(name)

    def started(self, name: str) -> None:
        """A new process of that name: nothing is known of it yet."""
        if name in self._signs:
            self._signs[name] = Signs()

    def has_answered(self, name: str) -> bool:
        """True once the present process of that name gave a sign, or if nobody watches it."""
        return name not in self._signs or self._signs[name].has_answered

    def _look(self, name: str) -> None:
        signs = self._signs[name]
        answer = self._probes[name]()
        now = time.monotonic()
        signs.take_in(answer, now)
        if signs.is_hung(self._patience, now):
            self._signs[name] = Signs()
            self.hung.put(name)
