"""One child process of the supervisor, in a session of its own."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)

LIVED_LONG = 60.0
LONGEST_PAUSE = 30.0


@dataclass(slots=True)
class Child:
    """What to run, and how it is. `grace`: how many seconds it may take to end. `stops_last`: the others still need it
    while they end. `orphan_signal`: what the kernel sends it when we are killed."""

    name: str
    argv: list[str]
    grace: float
    environ: Mapping[str, str] = field(default_factory=dict)
    stops_last: bool = False
    orphan_signal: signal.Signals = signal.SIGKILL
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started_at: float = 0.0
    next_start: float = 0.0

    def start(self, lock: int) -> None:
        """Start it in a session of its own. It inherits the lock on the data directory."""
        bound = [sys.executable, "-m", "integrations.supervisor.bound", str(int(self.orphan_signal)), str(os.getpid())]
        self.process = subprocess.Popen(  # noqa: S603 our own command lines
            [*bound, *self.argv],
            env={**os.environ, **self.environ},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(lock,),
        )
        self.started_at = time.monotonic()

    @property
    def is_running(self) -> bool:
        """True while its main process lives."""
        return self.process is not None and self.process.poll() is None

    def bury(self) -> None:
        """After its main process has ended: leave no orphan, and say when it may start again (1 s, 2 s, … 30 s)."""
        if self.process is None:
            return
        self.kill_group()
        now = time.monotonic()
        self.deaths = 1 if now - self.started_at > LIVED_LONG else self.deaths + 1
        pause = min(LONGEST_PAUSE, 2.0 ** (self.deaths - 1))
        self.next_start = now + pause
        logger.warning("%s ended (%s), starts again in %.0f s", self.name, self.process.returncode, pause)
        self.process = None

    def ask_to_stop(self) -> None:
        """SIGTERM to the main process only: its children would die in the middle of a batch."""
        if self.process is not None and self.is_running:
            self.process.send_signal(signal.SIGTERM)

    def kill_group(self) -> None:
        """SIGKILL to the main process and everything below it."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
