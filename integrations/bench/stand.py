"""A stand to measure on: a sandbox, worker groups and a beat as real processes, on a database of their own."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from django.conf import settings

from integrations.bench.meter import Meter

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "manage.py")]
START_SECONDS = 60
WORKERS = 2


@dataclass(slots=True)
class Stand:
    """What a scenario has at hand: the environment of its processes, the sandbox's address, the meter of the workers."""

    environment: dict[str, str]
    sandbox_url: str
    meter: Meter
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    web: subprocess.Popen[bytes] | None = None
    web_port: int = 0

    def act(self, scenario: str, *, meanwhile: Callable[[], None] | None = None, **arguments: Any) -> Any:
        """Run one scenario in a process that has this stand's database; returns what it measured. `meanwhile` happens once
        it has said that it begins."""
        command = [*MANAGE, "bench_scenario", scenario, self.sandbox_url, json.dumps(arguments)]
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE) as running:  # noqa: S603
            if meanwhile is not None and running.stdout is not None:
                running.stdout.readline()
                meanwhile()
            told, _ = running.communicate()
        if running.returncode:
            raise RuntimeError(f"{scenario} could not be measured.")
        return json.loads(told.splitlines()[-1])

    def start_web(self) -> str:
        """The web server as it runs in earnest, always at the same address; returns that when it answers."""
        if not self.web_port:
            self.web_port = _free_port()
        url = f"http://127.0.0.1:{self.web_port}"
        environment = {**self.environment, "PORT": str(self.web_port), "PUBLIC_URL": ""}
        argv = [sys.executable, "-m", "gunicorn", "-c", settings.GUNICORN_CONFIG, "syncpanel.wsgi:application"]
        self.web = subprocess.Popen(argv, env=environment, cwd=ROOT, start_new_session=True)  # noqa: S603
        self.processes.append(self.web)
        _wait_for(url + "/healthz?only=web")
        return url

    def kill_web(self) -> None:
        """kill -9, all of it, and start another."""
        if self.web is not None:
            os.killpg(self.web.pid, signal.SIGKILL)
            self.web.wait()
            self.processes.remove(self.web)
        self.start_web()


@contextlib.contextmanager
def stand(contacts: int, *, vendor: str = "sqlite", limits: bool = False, workers: int = WORKERS) -> Iterator[Stand]:
    """Set up, and take down whatever happens."""
    folder = tempfile.mkdtemp(prefix="syncpanel-bench-")
    Path(folder, "static").mkdir()
    port = _free_port()
    environment = {**os.environ, "DATA_DIR": folder, "LOG_LEVEL": "ERROR", "REDIS_URL": "", "DATABASE_URL": ""}
    database = _create_postgres(environment) if vendor == "postgresql" else ""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        subprocess.run([*MANAGE, "migrate", "-v0"], env=environment, check=True)  # noqa: S603
        options = ["--port", str(port), "--contacts", str(contacts), *([] if limits else ["--no-limits"])]
        processes.append(_start(["sandbox", *options], environment))
        url = f"http://127.0.0.1:{port}"
        _wait_for(url + "/_control/credentials")
        groups = [_start(["worker"], {**environment, "SYNCPANEL_GROUP": f"bench-{n}"}) for n in range(workers)]
        processes += [*groups, _start(["run_beat"], environment)]
        with Meter([group.pid for group in groups]) as meter:
            yield Stand(environment, url, meter, processes)
    finally:
        _stop(processes)
        _drop_postgres(database)
        shutil.rmtree(folder, ignore_errors=True)


def postgres_url() -> str:
    """The server the PostgreSQL figures are taken on: BENCH_POSTGRES_URL, else the one on this machine if it answers."""
    url = os.environ.get("BENCH_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    try:
        with psycopg.connect(url, connect_timeout=2):
            return url
    except psycopg.OperationalError:
        return ""


def _create_postgres(environment: dict[str, str]) -> str:
    url, name = postgres_url(), f"syncpanel_bench_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
    environment["DATABASE_URL"] = url.rsplit("/", 1)[0] + f"/{name}"
    return name


def _drop_postgres(name: str) -> None:
    if name:
        with psycopg.connect(postgres_url(), autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _start(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603
        [*MANAGE, *arguments], env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in reversed(processes):
        process.terminate()
    for process in processes:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):  # noqa: S310
            return
        time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer.")


def machine() -> str:
    """One line about where the figures were taken."""
    return f"{os.cpu_count()} cores, {psutil.virtual_memory().total // 2**30} GiB, Python {sys.version.split()[0]}"
