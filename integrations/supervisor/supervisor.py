"""The loop that keeps the children running, and the way they all stop."""

import logging
import queue
import signal
import time
from collections.abc import Callable, Iterable, Sequence

from integrations.supervisor.child import Child
from integrations.supervisor.watch import Watch

logger = logging.getLogger(__name__)

TICK = 0.2
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Supervisor:
    """Runs the children until it is told to stop."""

    def __init__(self, children: Sequence[Child], watch: Watch, lock: int) -> None:
        self.children = children
        self.watch = watch
        self.lock = lock
        self.stops = 0

    def run(self, awaited: Iterable[str], ready: Callable[[], None]) -> None:
        """Start all; call `ready` once, when those in `awaited` answer; return when all have stopped."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._count_stop)
        self.watch.start()
        waiting = set(awaited)
        try:
            while not self.stops:
                self._tick()
                if waiting and all(map(self.watch.has_answered, waiting)):
                    waiting.clear()
                    ready()
                time.sleep(TICK)
        finally:
            self._stop_all()

    def _count_stop(self, *_: object) -> None:
        self.stops += 1

    def _tick(self) -> None:
        for name in self._hung():
            self._kill_hung(name)
        for child in self.children:
            if child.process is not None and not child.is_running:
                child.bury()
            if child.process is None and time.monotonic() >= child.next_start:
                child.start(self.lock)
                self.watch.started(child.name)

    def _hung(self) -> Iterable[str]:
        while True:
            try:
                yield self.watch.hung.get_nowait()
            except queue.Empty:
                return

    def _kill_hung(self, name: str) -> None:
        child = next(child for child in self.children if child.name == name)
        if child.is_running:
            logger.warning("%s gives no sign of life and is killed", name)
            child.kill_group()

    def _stop_all(self) -> None:
        """First those that work, then those they need while they end. A second signal ends everything at once."""
        self._stop([child for child in self.children if not child.stops_last])
        self._stop([child for child in self.children if child.stops_last])

    def _stop(self, children: Sequence[Child]) -> None:
        asked_at = time.monotonic()
        for child in children:
            child.ask_to_stop()
        while running := [child for child in children if child.is_running]:
            for child in running:
                if self.stops > 1 or time.monotonic() - asked_at > child.grace:
                    child.kill_group()
            time.sleep(TICK / 2)
        for child in children:
            child.kill_group()
