"""Real panels for the browser: the demo with its sandbox, and an installation in which nothing is set up yet."""

import contextlib
import http.client
import json
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.e2e.browsing import Person, wait_until
from tests.integrations.supervisor.instances import Instance

EMAIL, PASSWORD = "demo@syncpanel.example", "demo-syncpanel"
ACTIVE = "('queued', 'running', 'waiting', 'paused', 'stuck')"
ANY_NUMBER = '{"creates": 1000000, "updates": 1000000, "blanks": 1000000}'
SLOW = 1_000
"""Milliseconds per call with which a job of some thousand people outlasts every test, however busy the machine."""
CANCEL_ALL = """
from integrations.models import SyncJob
from integrations.orchestrator.commands import cancel_job
for job in SyncJob.objects.active(): cancel_job(job.pk, "")
"""


class Panel:
    """One running installation. `url` is where people find it."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.instance = Instance(folder / "data", **environ)
        self.url = f"http://127.0.0.1:{self.instance.port}"
        self._session: tuple[str, str] | None = None
        self.sandbox = f"http://127.0.0.1:{self.instance.sandbox_port}"

    def let_in(self, person: Person) -> None:
        """The demo's account on the first page, in a session of its own. The password is typed once: to hash it takes longer
        than to show most pages."""
        if self._session is None:
            person.go("/")
            person.sign_in()
            key = wait_until(lambda: person.cookie(settings.SESSION_COOKIE_NAME))
            (self._session,) = self.read(
                "SELECT session_data, expire_date FROM django_session WHERE session_key = ?", key
            )
        else:
            key = secrets.token_hex(16)
            self.write("INSERT INTO django_session VALUES (?, ?, ?)", key, *self._session)
            person.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": self.url}])
            person.go("/")

    def start(self, command: str, *arguments: str) -> None:
        """Returns when web, workers and beat are there."""
        self.instance.start(command, *arguments).wait_until_healthy()

    def take_small_steps(self) -> None:
        """Small batches, so that a few thousand people make a job worth watching; no number of them is abnormal."""
        self.write("UPDATE integrations_sync SET batch_size = 10, guards = ?", ANY_NUMBER)

    @contextlib.contextmanager
    def guarded(self, **limits: int) -> Iterator[None]:
        """Inside the block a job with more than so many `creates`, `updates` or `blanks` waits for a person."""
        self.write("UPDATE integrations_sync SET guards = ?", json.dumps(limits))
        try:
            yield
        finally:
            self.write("UPDATE integrations_sync SET guards = ?", ANY_NUMBER)

    @contextlib.contextmanager
    def giving_up_after(self, seconds: int) -> Iterator[None]:
        """Inside the block a call that hangs is given up so soon."""
        before = self.read("SELECT id, settings FROM integrations_connection")
        self.write("UPDATE integrations_connection SET settings = json_set(settings, '$.timeout', ?)", str(seconds))
        try:
            yield
        finally:
            for pk, kept in before:
                self.write("UPDATE integrations_connection SET settings = ? WHERE id = ?", kept, pk)

    def stop(self) -> None:
        """Everything ends, asked politely first."""
        with contextlib.suppress(Exception):
            self.instance.stop(seconds=20)
        self.instance.kill()

    def read(self, question: str, *values: object) -> list[Any]:
        """Rows of the panel's database."""
        with contextlib.closing(self._database()) as database:
            return database.execute(question, values).fetchall()

    def write(self, change: str, *values: object) -> None:
        """Settings for which the panel has no page."""
        with contextlib.closing(self._database()) as database, database:
            database.execute(change, values)

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(self.instance.data_dir / "syncpanel.sqlite3", timeout=60)

    def job(self, column: str = "id") -> Any:
        """The newest job's id, or another of its columns."""
        return self.read(f"SELECT {column} FROM integrations_syncjob ORDER BY id DESC LIMIT 1")[0][0]

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the sandbox's control API."""
        line = http.client.HTTPConnection("127.0.0.1", self.instance.sandbox_port, timeout=60)
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

    def pace(self, *, latency_ms: float = 0, salesforce_ms: float = 0) -> None:
        """How long each answer of the platforms takes from now on."""
        self.control("POST", "settings", {"latency_ms": latency_ms, "salesforce_latency_ms": salesforce_ms})

    def hurry(self) -> None:
        """The platforms answer at once: for a job that has been watched enough."""
        self.pace()

    def wait_until_finished(self) -> None:
        """The newest job has ended, and nobody of it is on the way."""
        wait_until(lambda: self.job("stage") == "finished" and self.job("failures_retrying") == 0)

    def begin_anew(self, contacts: int, *, latency_ms: float = 0, salesforce_ms: float = 0) -> None:
        """As if nothing had ever been sent: no active job, no fault, an empty Salesforce, and so many contacts."""
        if self.read(f"SELECT 1 FROM integrations_syncjob WHERE status IN {ACTIVE}"):
            self.control("DELETE", "faults")
            self.instance.manage("shell", "-c", CANCEL_ALL)
            wait_until(lambda: not self.read(f"SELECT 1 FROM integrations_syncjob WHERE status IN {ACTIVE}"))
        self.write("DELETE FROM integrations_recordlink")
        pace = {"latency_ms": latency_ms, "salesforce_latency_ms": salesforce_ms}
        self.control("POST", "reset", {"contacts": contacts, **pace})

    def contacts(self, places: range) -> list[dict[str, Any]]:
        """Contacts by their place in the portal."""
        path = f"hubspot/contacts/records?after={places.start}&limit={len(places)}"
        found: list[dict[str, Any]] = self.control("GET", path)["records"]
        return found

    def spoil(self, contacts: range, **properties: str) -> None:
        """Gives some contacts, by their place in the portal, values that cannot be sent."""
        ids = [str(record["id"]) for record in self.contacts(contacts)]
        self.control("POST", "hubspot/contacts/touch", {"ids": ids, "properties": properties})

    def double(self, place: int, other: int, field: str = "email") -> None:
        """Gives a contact the address of another, in capitals."""
        (record,) = self.contacts(range(other, other + 1))
        self.spoil(range(place, place + 1), **{field: record["email"].upper()})
