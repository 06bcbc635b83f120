"""Real panels for the browser: the demo with its sandbox, and an installation in which nothing is set up yet."""

import contextlib
import http.client
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from tests.integrations.supervisor.instances import Instance, wait_until

EMAIL, PASSWORD = "demo@syncpanel.example", "demo-syncpanel"
ACTIVE = "('queued', 'running', 'waiting', 'paused', 'stuck')"
UNHURRIED = """
from integrations.models import Connection, Sync
Sync.objects.update(batch_size=25)
for connection in Connection.objects.all():
    connection.settings = {**connection.settings, "timeout": "4"}
    connection.save(update_fields=["settings"])
"""
CANCEL_ALL = """
from integrations.models import SyncJob
from integrations.orchestrator.commands import cancel_job
for job in SyncJob.objects.active(): cancel_job(job.pk, "")
"""


class Panel:
    """One running installation. `url` is where people find it."""

    def __init__(self, folder: Path, static: Path, **environ: str) -> None:
        self.instance = Instance(folder / "data", **environ)
        self.url = f"http://127.0.0.1:{self.instance.port}"
        self.sandbox = f"http://127.0.0.1:{self.instance.sandbox_port}"
        self._static = static

    def start(self, command: str, *arguments: str) -> None:
        """Returns when web, workers and beat are there. The static files of an earlier panel are not made again."""
        static = self.instance.data_dir / "static"
        if self._static.exists():
            shutil.copytree(self._static, static)
        self.instance.start(command, *arguments).wait_until_healthy()
        if not self._static.exists():
            shutil.copytree(static, self._static)

    def take_small_steps(self) -> None:
        """Small batches, so that a few thousand people make a job worth watching; calls that hang are soon given up."""
        assert self.instance.manage("shell", "-c", UNHURRIED).returncode == 0

    def stop(self) -> None:
        """Everything ends, asked politely first."""
        with contextlib.suppress(Exception):
            self.instance.stop(seconds=20)
        self.instance.kill()

    def read(self, question: str, *values: object) -> list[Any]:
        """Rows of the panel's database."""
        with contextlib.closing(sqlite3.connect(self.instance.data_dir / "syncpanel.sqlite3", timeout=20)) as database:
            return database.execute(question, values).fetchall()

    def job(self, column: str = "id") -> Any:
        """The newest job's id, or another of its columns."""
        return self.read(f"SELECT {column} FROM integrations_syncjob ORDER BY id DESC LIMIT 1")[0][0]

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the sandbox's control API."""
        line = http.client.HTTPConnection("127.0.0.1", self.instance.sandbox_port, timeout=20)
        with contextlib.closing(line):
            line.request(method, f"/_control/{path}", json.dumps(body or {}))
            answer = line.getresponse()
            text = answer.read()
            assert answer.status < 400, f"{method} {path}: {answer.status} {text.decode()}"
            return json.loads(text)

    def leads(self) -> dict[str, int]:
        """What the simulated Salesforce holds."""
        found: dict[str, int] = self.control("GET", "salesforce/Lead/summary")
        return found

    def hurry(self) -> None:
        """The platforms answer at once: for a job that has been watched enough."""
        self.control("POST", "settings", {"latency_ms": 0, "salesforce_latency_ms": 0})

    def begin_anew(self, contacts: int, *, latency_ms: float = 0, salesforce_ms: float = 0) -> None:
        """No active job, no fault, so many contacts that all have to be sent, and an empty Salesforce."""
        if self.read(f"SELECT 1 FROM integrations_syncjob WHERE status IN {ACTIVE}"):
            self.control("DELETE", "faults")
            self.instance.manage("shell", "-c", CANCEL_ALL)
            wait_until(lambda: not self.read(f"SELECT 1 FROM integrations_syncjob WHERE status IN {ACTIVE}"))
        pace = {"latency_ms": latency_ms, "salesforce_latency_ms": salesforce_ms}
        self.control("POST", "reset", {"contacts": contacts, **pace})
        title = f"Reader {self.job()}"  # another one each time: nobody is skipped as unchanged
        self.control("POST", "hubspot/contacts/touch", {"count": contacts, "properties": {"jobtitle": title}})

    def spoil(self, contacts: range, **properties: str) -> None:
        """Gives some contacts, by their place in the portal, values that cannot be sent."""
        records = self.control("GET", f"hubspot/contacts/records?after={contacts.start}&limit={len(contacts)}")[
            "records"
        ]
        ids = [str(record["id"]) for record in records]
        self.control("POST", "hubspot/contacts/touch", {"ids": ids, "properties": properties})
