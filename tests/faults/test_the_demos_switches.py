"""The whole demo, with every switch of the sandbox page on, and off again: all its syncs are healthy afterwards."""

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.sandbox.switches import switches
from tests.integrations.supervisor.instances import Instance, wait_until

SYNCS = 8
"""The two directions of one of them are one row of the list."""
HALTED = ("stuck", "waiting")
CSRF = "syncpanel_csrf"
PATIENCE = 90.0


class Person:
    """Somebody at the demo's pages."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.web = httpx.Client(base_url=f"http://127.0.0.1:{instance.port}", follow_redirects=True, timeout=30)
        self.sandbox = httpx.Client(base_url=f"http://127.0.0.1:{instance.sandbox_port}/_control", timeout=30)
        self.press("/sign-in/", username="demo@syncpanel.example", password="demo-syncpanel")

    def press(self, path: str, **values: str) -> None:
        """Send a form of the panel."""
        if CSRF not in self.web.cookies:
            self.web.get("/sign-in/")
        token = self.web.cookies[CSRF]
        headers = {"X-CSRFToken": token, "Referer": str(self.web.base_url)}
        assert self.web.post(path, data=values, headers=headers).status_code == 200, path

    def healthy(self) -> int:
        """Of how many syncs the list says so."""
        return len(re.findall(r">\s*Healthy\s*<", self.web.get("/syncs/").text))

    def read(self, question: str) -> list[Any]:
        """Rows of the panel's database."""
        file = self.instance.data_dir / "syncpanel.sqlite3"
        with contextlib.closing(sqlite3.connect(file, timeout=60)) as database, database:
            return database.execute(question).fetchall()

    def subscriber(self, platform: str) -> dict[str, int]:
        """What the sandbox knows of its calls to the panel."""
        told = self.sandbox.get("/webhooks").json()["subscribers"]
        return dict(next((one for one in told if one["platform"] == platform), {}))

    def refused(self) -> int:
        return int(self.read("SELECT COALESCE(SUM(refused), 0) FROM integrations_webhookaddress")[0][0])


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    """In a small portal, without oddities, of platforms that answer at once."""
    instance = Instance(tmp_path / "data", DEMO="1")
    quick = ("--latency-ms", "0", "--salesforce-latency-ms", "0")
    try:
        instance.start("demo", "--contacts", "300", *quick)
        wait_until(lambda: instance.health().get("ok"), 2 * PATIENCE)
        yield Person(instance)
    finally:
        instance.kill()


def turn_everything_on(person: Person) -> None:
    """Those that stop a job for good first, since of several only one befalls a call."""
    for switch in reversed(switches()):
        person.press(f"/sandbox/switches/{switch.name}/", on="1")
    assert len(person.sandbox.get("/faults").json()["faults"]) == len(switches())


def start_everything(person: Person) -> None:
    for (pk,) in person.read("SELECT id FROM integrations_sync ORDER BY id"):
        person.press(f"/syncs/{pk}/start/")


def halted(person: Person) -> list[Any]:
    """The jobs that cannot go on: (id, status, reason code), once each of the others is done."""
    active = person.read(
        "SELECT id, status, reason_code FROM integrations_syncjob WHERE status IN ('queued', 'running', 'waiting', 'stuck')"
    )
    return active if all(status in HALTED for _, status, _ in active) else []


def resume_everything(person: Person) -> int:
    """Press Resume wherever a job stands still; how many did."""
    standing = person.read(
        "SELECT id, reason_code FROM integrations_syncjob WHERE status IN ('waiting', 'stuck') ORDER BY id"
    )
    for pk, code in standing:
        person.press(f"/jobs/{pk}/resume/", **({"in_doubt": "again"} if code == "in_doubt" else {}))
    return len(standing)


def test_all_eight_are_healthy_after_every_fault_was_on_and_off_again(person: Person) -> None:
    wait_until(lambda: person.subscriber("segment"), PATIENCE)
    person.sandbox.post("/settings", json={"export_seconds": 0.0})
    turn_everything_on(person)
    start_everything(person)
    wait_until(lambda: len(halted(person)) >= SYNCS - 1, PATIENCE)
    stuck = [row for row in halted(person) if row[1] == "stuck"]
    assert len(stuck) >= 3, "where the sign-in is refused, a person must"
    assert person.healthy() <= 2

    person.press("/sandbox/switches/hubspot-calls-silent/", on="0")
    person.sandbox.post("/hubspot/contacts/touch", json={"count": 3, "properties": {"lastname": "Changed"}})
    wait_until(lambda: person.refused() > 0, PATIENCE)
    person.press("/sandbox/normal/")
    person.sandbox.post("/settings", json={"life": 0.0})
    wait_until(lambda: resume_everything(person) == 0, PATIENCE)
    wait_until(lambda: person.healthy() == SYNCS, PATIENCE)

    calls = person.subscriber("hubspot")
    assert (calls["waiting"], calls["to_repeat"], calls["given_up"]) == (0, 0, 0), "nothing of what was refused is lost"
    assert person.instance.manage("replay", "--check").returncode == 0
