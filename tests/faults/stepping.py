"""Runs a command of the panel so that its processes can be told to walk: their main threads then wait after every few
milliseconds of work until they are let go on, however long nobody has looked at them.

A file says so, since nobody has to be awake to read it: there while they walk, with a time of change that is another for
every step. They are not suspended for it: a process that suspends itself may do so just after it was continued for good.
"""

import os
import runpy
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

WALK = signal.SIGUSR1
FILE = "SYNCPANEL_STEPS"
STEP = 0.002
"""Seconds of processor time in a step; the kernel rounds them up to its next tick."""


class Steps:
    """In the hands of a test: how its workers walk."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.walkers: set[int] = set()
        self.number = 0

    def take(self) -> None:
        """All go one step on."""
        self.number += 1
        self.file.touch()
        os.utime(self.file, ns=(0, self.number))

    def add(self, pid: int) -> None:
        """The process walks from now on."""
        if pid not in self.walkers:
            self.walkers.add(pid)
            with suppress(ProcessLookupError):
                os.kill(pid, WALK)

    def end(self) -> None:
        """All run."""
        self.file.unlink(missing_ok=True)
        self.walkers.clear()


def number_now() -> int:
    """Of the step that is allowed; 0 = run."""
    with suppress(FileNotFoundError):
        return Path(os.environ[FILE]).stat().st_mtime_ns
    return 0


def walk(number: int, frame: FrameType | None) -> None:
    """Wait for the next step, and be interrupted after it."""
    here = number_now()
    while here and number_now() == here:
        time.sleep(0.001)
    if here:
        signal.setitimer(signal.ITIMER_VIRTUAL, STEP)


if __name__ == "__main__":
    signal.signal(WALK, walk)
    signal.signal(signal.SIGVTALRM, walk)
    del sys.argv[0]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    runpy.run_path(sys.argv[0], run_name="__main__")
