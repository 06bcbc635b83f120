"""A stand of real processes on real sockets: worker clusters, a beat and a web server on a database of their own, and the
sandboxes they were lent."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
import psutil
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.db import DatabaseError, connection, transaction

from integrations import demo
from integrations.beat import beat_once
from integrations.models import Sync, SyncJob, WorkerBeat
from integrations.orchestrator.owners import Owner
from integrations.supervisor.household import CHECKED, WORKER_GRACE
from tests.faults import stepping
from tests.faults.platforms import Platforms
from tests.faults.slices import STOPPED, pass_time
from tests.faults.stepping import Steps

ROOT = Path(__file__).resolve().parents[2]
MARK = "SYNCPANEL_STAND"
CONTACTS = 2_000
PATIENCE = 90.0


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Lender(Protocol):
    """Who has sandboxes that run already."""

    def lend(self, number: int, **settings: Any) -> Platforms: ...


@dataclass(slots=True)
class Stand:
    """What runs, and how to wait for it and do it harm. `redis`: the workers' broker is Redis instead of the database."""

    url: str
    folder: Path
    lender: Lender | None = None
    redis: str = ""
    contacts: int = CONTACTS
    web_port: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kept: list[subprocess.Popen[bytes]] = field(default_factory=list)
    sandboxes: list[Platforms] = field(default_factory=list)

    # starting

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[bytes]:
        """`manage.py …` in a session of its own; what it says goes to a log in the folder."""
        name, *options = arguments
        checked = () if name == "sandbox" else CHECKED  # it makes no checks, and does not know the option
        return self._start(name, [stepping.__file__, str(ROOT / "manage.py"), name, *checked, *options], environ)

    def _start(self, name: str, arguments: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        mine = {"DATABASE_URL": self.url, "REDIS_URL": self.redis, MARK: str(self.folder), "LOG_LEVEL": "WARNING"}
        mine[stepping.FILE] = str(self.folder / "steps")
        keys = {"SECRET_KEY": settings.SECRET_KEY, "ENCRYPTION_KEYS": ",".join(settings.SYNCPANEL_ENCRYPTION_KEYS)}
        with (self.folder / f"{len(self.processes)}-{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env={**os.environ, **mine, **keys, **environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def take_sandbox(self, **settings: Any) -> Platforms:
        """One that no test has touched yet, as far as it can tell; without limits unless the settings say so."""
        assert self.lender is not None
        platforms = self.lender.lend(len(self.sandboxes), **{"contacts": self.contacts, "limits": False, **settings})
        self.sandboxes.append(platforms)
        return platforms

    def start_workers(self, count: int = 1) -> list[subprocess.Popen[bytes]]:
        """So many clusters of one worker each."""
        started = [
            self.start("worker", SYNCPANEL_GROUP=f"group-{len(self.processes)}", WATCHDOG_SECONDS="6")
            for _ in range(count)
        ]
        self.kept += started
        return started

    def start_beat(self) -> subprocess.Popen[bytes]:
        """The beat as it runs in earnest. Tests that do not start it beat in their own process, more often."""
        beat = self.start("run_beat")
        self.kept.append(beat)
        return beat

    def start_web(self) -> str:
        """The web server as it runs in earnest, always at the same address; returns that when it answers."""
        data = self.folder / "data"
        _name_static_files(data / "static")
        self.web_port = self.web_port or free_port()
        environ = {"DATA_DIR": str(data), "PORT": str(self.web_port), "PUBLIC_URL": "", "DEMO": ""}
        gunicorn = ["-m", "gunicorn", "-c", settings.GUNICORN_CONFIG, "syncpanel.wsgi:application"]
        self.kept.append(self._start("web", gunicorn, environ))
        url = f"http://127.0.0.1:{self.web_port}"
        deadline = time.monotonic() + PATIENCE
        while not _is_served(url):
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)
        return url

    def tend(self) -> None:
        """What ends by itself is buried with its whole group and started again, as the supervisor does."""
        for process in [one for one in self.kept if one.poll() is not None]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            self.kept.remove(process)
            if "worker" in process.args:
                self.start_workers()
            elif "gunicorn" in process.args:
                self.start_web()
            else:
                self.start_beat()

    def add_sync(self, name: str = "Contacts", platforms: Platforms | None = None, **more: Any) -> Sync:
        """The demo's sync in batches of fifty."""
        credentials = (platforms or self.sandboxes[0]).credentials()
        return demo.add_sync(
            name, *demo.connect(credentials, tier=demo.UNLIMITED, timeout=5), **{"batch_size": 50, **more}
        )

    # waiting

    def until(self, condition: Callable[[], object], seconds: float = PATIENCE, *, beat: bool = False) -> Any:
        """Ask again until the condition holds; its value. `beat`: look after the jobs meanwhile, every half second."""
        deadline = time.monotonic() + seconds
        beaten = 0.0
        while time.monotonic() < deadline:
            if value := condition():
                return value
            self.tend()
            if beat and time.monotonic() - beaten > 0.5:
                self.beat()
                beaten = time.monotonic()
            time.sleep(0.02)
        raise AssertionError(f"did not come true within {seconds:.0f} s: {self.describe()}")

    def beat(self) -> None:
        """One beat, with the time to wait passed over. Our own hints go to the database, so not where Redis is used."""
        if not self.redis:
            beat_once()
        pass_time()

    def until_working(self, groups: int) -> None:
        """So many clusters have shown life."""
        self.until(lambda: WorkerBeat.objects.filter(kind="worker").count() >= groups)

    def finish(self, *jobs: SyncJob, seconds: float = PATIENCE, beat: bool = True) -> None:
        """Wait until these jobs are finished or have stopped; what waits is woken."""
        ids = [job.pk for job in jobs]
        stopped = SyncJob.objects.filter(pk__in=ids, status__in=STOPPED, owner__isnull=True)
        self.until(lambda: stopped.count() == len(ids), seconds, beat=beat)

    def freeze_when(self, job: SyncJob, condition: Callable[[SyncJob], bool], seconds: float = PATIENCE) -> int:
        """Let the job's worker run a few milliseconds at a time until the condition holds; returns its process number.

        The worker is suspended then, in the middle of whatever it does; no state is missed, however short it is, nor
        however seldom we get to look. The beat is called only when nobody works: with SQLite it might have to wait for
        the worker, which runs on meanwhile.
        """
        steps = Steps(self.folder / "steps")
        deadline = time.monotonic() + seconds
        beaten = time.monotonic()
        try:
            while time.monotonic() < deadline:
                job.refresh_from_db(fields=["status", "owner"])
                assert job.status not in STOPPED, f"missed: {self.describe()}"
                if (pid := _freeze(job)) and condition(job):
                    return pid
                steps.take()
                if pid:
                    steps.add(pid)
                    _thaw(pid)
                    beaten = time.monotonic()
                patience = 0.3 if job.owner else 3.0
                if not pid and time.monotonic() - beaten > patience:
                    steps.end()
                    self.tend()
                    self.beat()
                    beaten = time.monotonic()
                time.sleep(0.003)
            raise AssertionError(f"did not come true within {seconds:.0f} s: {self.describe()}")
        finally:
            steps.end()

    # harm

    def worker_of(self, job: SyncJob) -> int:
        """The process that works on the job, once one does."""
        self.until(lambda: SyncJob.objects.filter(pk=job.pk, owner__isnull=False).exists())
        job.refresh_from_db()
        return Owner.parse(job.owner or "").pid

    def is_unlocked(self, job: SyncJob) -> bool:
        """True while no transaction holds the job's row, or with SQLite the database."""
        if self.url.startswith("sqlite"):
            with contextlib.closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=0)) as file:
                with contextlib.suppress(sqlite3.OperationalError):
                    file.execute("BEGIN IMMEDIATE")
                    return True
                return False
        with contextlib.suppress(DatabaseError), transaction.atomic():
            SyncJob.objects.select_for_update(nowait=True).get(pk=job.pk)
            return True
        return False

    def family(self) -> list[psutil.Process]:
        """Every process alive that belongs to this stand, whoever its parent is by now."""
        return [process for process in psutil.process_iter() if _is_of(process, str(self.folder))]

    def log(self) -> str:
        """What all of them said."""
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.folder.glob("*.log")))

    def describe(self) -> str:
        """For the message of a test that fails."""
        with contextlib.suppress(DatabaseError):
            columns = ("pk", "stage", "status", "reason_code", "reason", "owner", "wake_at", "worker_losses", "token")
            return f"{list(SyncJob.objects.values_list(*columns))}\n{self.log()}"
        return self.log()

    # stopping

    def stop_working(self) -> None:
        """Everything ends as it does in earnest; nothing of it may be left."""
        self.kept.clear()
        ours = [process for process in self.processes if process.poll() is None]
        for process in ours:
            process.terminate()
        for process in ours:
            process.wait(WORKER_GRACE)  # one that hangs in the library's stop ends itself before
        assert self.family() == [], "orphans"

    def close(self) -> None:
        """Whatever is left is killed, by its number."""
        for platforms in self.sandboxes:
            with contextlib.suppress(httpx.HTTPError):
                platforms.heal()
        connection.close()
        for process in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        for process in self.processes:
            process.kill()
            process.wait(10)


@contextlib.contextmanager
def stand(url: str, folder: Path, **more: Any) -> Iterator[Stand]:
    """A stand with nothing started yet; nothing of it is left at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    built = Stand(url, folder, **more)
    try:
        yield built
    finally:
        built.close()


def _freeze(job: SyncJob) -> int:
    """Suspend the job's worker, then look at the job again; 0 when nobody alive works on it."""
    owner = Owner.parse(job.owner) if job.owner else None
    if owner is None or not owner.is_alive():
        return 0
    with contextlib.suppress(ProcessLookupError):
        os.kill(owner.pid, signal.SIGSTOP)
    before = job.owner
    job.refresh_from_db()
    if job.owner == before and owner.is_alive():
        return owner.pid
    _thaw(owner.pid)
    return 0


def _thaw(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def _is_served(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/healthz?only=web", timeout=5).is_success
    return False


def _name_static_files(folder: Path) -> None:
    """As `collectstatic` does, without the seconds it takes to compress them: pages are shown, their styles are not."""
    names = [path for finder in get_finders() for path, _ in finder.list([])]
    folder.mkdir(parents=True, exist_ok=True)
    told = {"version": "1.1", "hash": "", "paths": {name: name for name in names}}
    (folder / "staticfiles.json").write_text(json.dumps(told))


def _is_of(process: psutil.Process, folder: str) -> bool:
    """By the environment it was started with, read raw: a program that sets its own title leaves gaps in it."""
    with contextlib.suppress(psutil.Error, OSError):
        environ = Path(f"/proc/{process.pid}/environ").read_bytes()
        return f"{MARK}={folder}\0".encode() in environ and process.status() != psutil.STATUS_ZOMBIE
    return False
