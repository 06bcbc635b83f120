"""Real instances of the panel: real processes, a data directory and ports of their own."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from integrations.supervisor.household import CHECKED
from tests.databases import SHARED, made_once

ROOT = Path(__file__).resolve().parents[3]
FURNISHED = SHARED / "furnished"
WITHOUT_CHECKS = {"shell", "sandbox"}
"""Commands that make no checks, and do not know the option to skip them."""
PREPARE = """
import django
django.setup()
from django.core.management import call_command
from integrations.supervisor.launch import collect_static
call_command("migrate", verbosity=0)
collect_static()
"""


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> object:
    """Ask again until the condition holds; its value. AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError(f"{condition} did not come true within {seconds} s")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Instance:
    """One `manage.py up` (or `demo`) with what a test needs to know of it."""

    def __init__(self, data_dir: Path, **environ: str) -> None:
        self.data_dir = data_dir
        self.port, self.sandbox_port = free_port(), free_port()
        self.log = data_dir.with_suffix(".log")
        inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        self.environ = {
            **inherited,
            "DATA_DIR": str(data_dir),
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "DJANGO_SETTINGS_MODULE": "syncpanel.settings",
            **environ,
        }
        self.supervisor: subprocess.Popen[bytes] | None = None

    def start(self, command: str = "up", *arguments: str, fresh: bool = False) -> "Instance":
        """Start it; returns at once. Unless `fresh`, its folder is as after a first start at which nobody did anything, and the
        checks, which are the same at every start, are left out."""
        self.log.unlink(missing_ok=True)
        if not fresh and not self.data_dir.exists():
            furnish(self.data_dir)
        argv = [sys.executable, str(ROOT / "manage.py"), command, *(() if fresh else CHECKED), *arguments]
        with self.log.open("ab") as log:
            self.supervisor = subprocess.Popen(argv, env=self.environ, stdout=log, stderr=log)
        return self

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command on the same data directory, without the checks."""
        name, *options = arguments
        checked = () if name in WITHOUT_CHECKS else CHECKED
        argv = [sys.executable, str(ROOT / "manage.py"), name, *checked, *options]
        return subprocess.run(argv, env=self.environ, capture_output=True, text=True, timeout=60, check=False)

    def health(self) -> dict[str, object]:
        """What /healthz says; empty when it does not answer."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(client):
            client.request("GET", "/healthz")
            answer: dict[str, object] = json.loads(client.getresponse().read())
            return answer
        return {}

    def wait_until_healthy(self) -> None:
        """Web, workers and beat have all shown life, and the supervisor has seen it of the web."""
        wait_until(lambda: self.health().get("ok"), 90)
        wait_until(lambda: "is running at" in self.log.read_text(), 20)

    def mains(self) -> dict[str, psutil.Process]:
        """The supervisor's children by name; of several worker groups, one."""
        return {name: child for child in self._children() if (name := _name(child))}

    def workers(self) -> list[psutil.Process]:
        """The main processes of all worker groups."""
        return [child for child in self._children() if _name(child) == "worker-1"]

    def _children(self) -> list[psutil.Process]:
        if self.supervisor is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                return psutil.Process(self.supervisor.pid).children()
        return []

    def processes(self) -> set[psutil.Process]:
        """Everything alive that belongs to this instance, whoever its parent is."""
        return {process for process in psutil.process_iter() if _holds(process, self.data_dir / "supervisor.lock")}

    def beat_at(self, name: str) -> str:
        """When the process of that name last showed life, as the database has it."""
        with contextlib.closing(sqlite3.connect(self.data_dir / "syncpanel.sqlite3")) as database:
            rows = database.execute("SELECT at FROM integrations_workerbeat WHERE name LIKE ?", [f"%:{name}@%"])
            return str((rows.fetchone() or [""])[0])

    def kill(self) -> None:
        """End everything, whatever state it is in."""
        for _ in range(3):
            for process in self.processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        if self.supervisor is not None:
            self.supervisor.wait(10)

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 30.0) -> int:
        """Ask the supervisor to stop; its exit code."""
        assert self.supervisor is not None
        self.supervisor.send_signal(number)
        return self.supervisor.wait(seconds)


def furnish(data_dir: Path) -> None:
    """A migrated database and compressed static files, made once for all tests."""
    with made_once(FURNISHED.name) as made:
        if not made.exists():
            environ = {**os.environ, "DATA_DIR": str(FURNISHED), "DJANGO_SETTINGS_MODULE": "syncpanel.settings"}
            environ = {name: value for name, value in environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
            subprocess.run([sys.executable, "-c", PREPARE], env=environ, cwd=ROOT, check=True, timeout=120)
    data_dir.mkdir(mode=0o700, parents=True)
    shutil.copy(FURNISHED / "syncpanel.sqlite3", data_dir)
    shutil.copytree(FURNISHED / "static", data_dir / "static")


NAMES = {"gunicorn": "web", "qcluster": "worker-1", "worker": "worker-1", "run_beat": "beat", "sandbox": "sandbox"}


def _name(process: psutil.Process) -> str:
    """By its command line: programs that set their own title overwrite their environment in /proc."""
    with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        words = " ".join(process.cmdline()).replace("/", " ").replace(":", " ").split()
        return next((name for word, name in NAMES.items() if word in words), "")
    return ""


def _holds(process: psutil.Process, lock: Path) -> bool:
    """True for every process of an instance: all inherit its lock."""
    descriptors = Path(f"/proc/{process.pid}/fd")
    with contextlib.suppress(OSError):
        return any(_target(descriptor) == str(lock) for descriptor in descriptors.iterdir())
    return False


def _target(descriptor: Path) -> str:
    with contextlib.suppress(OSError):
        return str(descriptor.readlink())
    return ""
