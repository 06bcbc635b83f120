"""Who dies with whom: no process of ours outlives its parent, not even when that is killed with -9.

Linux only; elsewhere the functions do nothing and the supervisor's own clean-up has to do.
"""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def _load_prctl() -> Callable[..., int]:
    if sys.platform != "linux":
        return lambda *_: 0
    prctl: Callable[..., int] = ctypes.CDLL(None).prctl
    return prctl


# Looked up once, so that nothing is imported or allocated between fork and exec.
_prctl = _load_prctl()


def die_with_parent(with_signal: signal.Signals, parent: int) -> None:
    """Have the kernel send us `with_signal` when `parent`, which must be our parent, dies."""
    _prctl(PR_SET_PDEATHSIG, int(with_signal))
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), with_signal)


def adopt_orphans() -> None:
    """Processes below us whose parent dies become our children, so that `kill_descendants` finds them."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def kill_descendants(pid: int) -> None:
    """SIGKILL to everything below the process, but not to ourselves."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in psutil.Process(pid).children(recursive=True):
            if process.pid != os.getpid():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()


def parent_of(pid: int) -> int:
    """The process's present parent; 0 when it is gone."""
    try:
        return int(psutil.Process(pid).ppid())
    except psutil.NoSuchProcess:
        return 0
