"""Who holds a lease: a process, named so that no other process on any host or in any container is taken for it."""

import os
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil


@cache
def place() -> str:
    """Where process numbers mean what they mean here: this start of this machine, and this namespace of processes.
    Containers on one machine may share its name, and each counts its processes from 1."""
    path = Path("/proc/sys/kernel/random/boot_id")
    boot = path.read_text().strip()[:8] if path.exists() else str(int(psutil.boot_time()))
    namespace = 0
    with suppress(OSError):
        namespace = os.stat("/proc/self/ns/pid").st_ino  # noqa: PTH116 a link that leads to no path
    return f"{boot}.{namespace}"


def started(pid: int) -> float:
    """When a process started, by a clock that nobody sets (on Linux, ticks since the machine started): a process must not
    look like another one when the machine's time is corrected. psutil.NoSuchProcess when there is none."""
    if sys.platform != "linux":
        return float(psutil.Process(pid).create_time())
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError) as exc:
        raise psutil.NoSuchProcess(pid) from exc
    return float(told.rpartition(")")[2].split()[19])


def me() -> str:
    """This process as a lease holder: host, place, process, and when that started (a process number alone is reused)."""
    return name_of(os.getpid())


def name_of(pid: int) -> str:
    """A process of this place as a lease holder."""
    return f"{socket.gethostname()}|{place()}|{pid}|{started(pid):.2f}"


@dataclass(frozen=True, slots=True)
class Owner:
    """A lease holder, taken apart."""

    host: str
    place: str
    pid: int
    started: float

    @classmethod
    def parse(cls, text: str) -> "Owner":
        """From what `me()` wrote."""
        host, where, pid, start = text.rsplit("|", 3)
        return cls(host, where, int(pid), float(start))

    @property
    def is_here(self) -> bool:
        """True when it is, or was, a process that we would see."""
        return self.host == socket.gethostname() and self.place == place()

    def is_alive(self) -> bool | None:
        """True or False for a process of this place; None for any other, of which we cannot know: its lease will end."""
        if not self.is_here:
            return None
        try:
            is_same = abs(started(self.pid) - self.started) < 0.05
            return is_same and bool(psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False
