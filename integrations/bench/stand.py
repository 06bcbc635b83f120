"""A stand to measure on: a sandbox, worker groups and a beat as real processes, on a database of their own."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from integrations.bench.meter import Meter

MANAGE = [sys.executable, str(Path(__file__).resolve().parents[2] / "manage.py")]
START_SECONDS = 60
WORKERS = 2


@dataclass(slots=True)
class Stand:
    """What a scenario has at hand: the environment of its processes, the sandbox's address, the meter of the workers."""

    environment: dict[str, str]
    sandbox_url: str
    meter: Meter
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def act(self, scenario: str, **arguments: Any) -> Any:
        """Run one scenario in a process that has this stand's database; returns what it measured."""
        command = [*MANAGE, "bench_scenario", scenario, self.sandbox_url, json.dumps(arguments)]
        done = subprocess.run(command, env=self.environment, stdout=subprocess.PIPE, check=True)  # noqa: S603
        return json.loads(done.stdout.splitlines()[-1])


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
