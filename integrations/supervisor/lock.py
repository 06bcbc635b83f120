"""One instance per data directory."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

WAIT_FOR_THE_DYING = 60.0


class AlreadyRunningError(Exception):
    """Another instance uses this data directory."""


@contextlib.contextmanager
def only_instance(data_dir: Path) -> Iterator[int]:
    """Hold the data directory; yields the lock's file descriptor, which children inherit.

    The kernel frees the lock when the last process that holds it has ended. So once we have it, nobody of the last
    instance is alive any more, even if its supervisor was killed.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data_dir / "supervisor.lock").open("a+") as file:
        _acquire(file, data_dir)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file.fileno()


def _acquire(file: IO[str], data_dir: Path) -> None:
    deadline = time.monotonic() + WAIT_FOR_THE_DYING
    while not _try(file):
        if _holder_lives(file) or time.monotonic() > deadline:
            raise AlreadyRunningError(f"Another instance of Syncpanel already uses {data_dir}.")
        time.sleep(0.2)


def _try(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holder_lives(file: IO[str]) -> bool:
    """False when the supervisor that took the lock was killed and only its children still hold it."""
    file.seek(0)
    try:
        os.kill(int(file.read()), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
