"""One worker group: a django-q2 cluster with one worker, made to end when it should and to be found when it hangs."""

import logging
import os
import signal
import sys
import threading
import time
from importlib import import_module
from typing import Any

from django_q.cluster import Cluster
from django_q.signals import post_execute, post_execute_in_worker, post_spawn, pre_execute

from integrations.orchestrator import drain
from integrations.supervisor.broker import end_with_parent, group_broker
from integrations.supervisor.lineage import adopt_orphans, kill_descendants, parent_of
from integrations.supervisor.memory import keep_memory_flat, keep_what_is_loaded
from integrations.supervisor.pulse import Pulse

logger = logging.getLogger(__name__)

HUNG = 70
TICK = 0.2
SWITCH_SECONDS = 0.0005
"""How long a thread may compute before another has its turn. With the usual 5 ms, the one that writes to the database waits for
those that compute after each answer; PostgreSQL gives many."""


class WorkerGroup:
    """Runs in the main process of the group. `patience`: how many seconds a part of it may stand still; `grace`: how
    many it may take to end. Signal handlers only set a flag: stopping inside one can deadlock the cluster."""

    def __init__(self, patience: float, grace: float) -> None:
        self.patience, self.grace = patience, grace
        self.main = os.getpid()
        self.pulse = Pulse()
        self.cluster = Cluster(broker=group_broker(self.pulse, ping_every=min(10.0, patience / 2)))
        self.stop_asked = False
        self.ends_at: float | None = None

    def run(self) -> int:
        """Work until asked to stop; returns the exit code: 0, or 70 when the cluster broke."""
        keep_memory_flat()
        sys.setswitchinterval(SWITCH_SECONDS)
        import_module("integrations.tasks")  # once, for every process that is forked
        keep_what_is_loaded()
        adopt_orphans()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        self._listen()
        try:
            self.cluster.start()
        except RuntimeError as exc:
            logger.error("The cluster does not start: %s", exc)
            return HUNG
        code = self._guard()
        kill_descendants(self.main)
        return code

    def _ask_to_stop(self, *_: object) -> None:
        self.stop_asked = True

    def _guard(self) -> int:
        while self.cluster.sentinel.is_alive():
            self.pulse.beat()
            if self.stop_asked and self.ends_at is None:
                self._begin_to_stop()
            trouble = self._trouble()
            if trouble:
                logger.error("The worker group stands still (%s) and is ended", trouble)
                return HUNG
            time.sleep(TICK)
        return 0 if self.stop_asked else HUNG

    def _begin_to_stop(self) -> None:
        """The slice in work ends at its batch border. In a thread, for stop() waits without limit."""
        drain.request()
        self.ends_at = time.monotonic() + self.grace
        threading.Thread(target=self.cluster.stop, daemon=True).start()

    def _trouble(self) -> str:
        if self.ends_at is None:
            return self.pulse.trouble(self.patience)
        return "it did not stop in time" if time.monotonic() > self.ends_at else ""

    def _listen(self) -> None:
        """The library's signals, in the process that sends each."""
        post_spawn.connect(self._spawned, weak=False)
        pre_execute.connect(lambda **_: self.pulse.take(), weak=False)
        post_execute_in_worker.connect(lambda **_: self.pulse.finish(), weak=False)
        post_execute.connect(self._saved, weak=False)

    def _spawned(self, **_: Any) -> None:
        """In the worker, after the fork."""
        sentinel = end_with_parent()
        threading.Thread(target=self._watch_main, args=(sentinel,), daemon=True, name="watch-main").start()
        self.pulse.renew()

    def _saved(self, **_: Any) -> None:
        """In the monitor, after each task."""
        end_with_parent()
        self.pulse.save()

    def _watch_main(self, sentinel: int) -> None:
        """In the worker: when the main process is gone or stands still, end what is left of the group."""
        beats, silent = -1, 0.0
        while parent_of(sentinel) == self.main and silent < self.patience:
            time.sleep(1.0)
            silent = silent + 1.0 if self.pulse.beats == beats else 0.0
            beats = self.pulse.beats
        kill_descendants(sentinel)
        if parent_of(sentinel) == self.main:
            os.kill(self.main, signal.SIGKILL)
        os.kill(sentinel, signal.SIGKILL)  # and with it the kernel ends us
