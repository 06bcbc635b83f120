"""A stand that is called: an address at the panel, and the simulated platform that calls it when something happens there."""

import os
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import httpx
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from integrations.models import Connection, Sync
from integrations.sandbox.hubspot.credentials import CLIENT_SECRET
from integrations.webhooks.commands import give_address, save_webhook_secrets, set_listening
from tests.faults.platforms import Platforms
from tests.faults.stand import Stand

MANY = int(os.environ.get("STORM", "0")) > 0
"""`make storm` sends as many calls as the worst night saw; `make test` enough to see the same things."""
CONTACTS = "/_control/hubspot/contacts/touch"
UNGUARDED = {"creates": 1_000_000, "updates": 1_000_000, "blanks": 1_000_000}


def address(panel: str, connection: Connection) -> str:
    """Where the connection's platform is to call; what it signs with is saved."""
    save_webhook_secrets(connection.pk, {"webhook_secret": CLIENT_SECRET}, "dana")
    return f"{panel}/hooks/{give_address(connection.pk, 'dana').token}/"


def listen(panel: str, sync: Sync, platforms: Platforms) -> None:
    """From now on HubSpot calls, and the sync hears of it."""
    set_listening(sync.pk, listens=True, actor="dana")
    body = {"url": address(panel, sync.source)}
    platforms.http.post("/_control/hubspot/webhooks", json=body).raise_for_status()


def touch(platforms: Platforms, count: int, **values: str) -> list[str]:
    """So many people change at once; who."""
    answer = platforms.http.post(CONTACTS, json={"count": count, "properties": values}, timeout=120)
    return list(map(str, answer.raise_for_status().json()["ids"]))


def post(platforms: Platforms) -> dict[str, Any]:
    """What became of HubSpot's calls."""
    found: dict[str, Any] = platforms.http.get("/_control/webhooks").json()["subscribers"][0]
    return found


def has_said_all(platforms: Platforms) -> bool:
    """Everything was taken, or given up for good."""
    told = post(platforms)
    return bool(told["told"]) and not (told["waiting"] or told["to_repeat"] or told["in_flight"])


def kill_web(stand: Stand) -> None:
    """Every process of the web server, at once; `tend` starts another."""
    [server] = [one for one in stand.kept if "gunicorn" in one.args]
    os.killpg(server.pid, signal.SIGKILL)


class Onlooker:
    """A person who looks at the panel again and again while a block runs. `times` are the seconds until the page was there,
    `failures` what came instead."""

    def __init__(self, panel: str, paths: Sequence[str] = ("/", "/jobs/")) -> None:
        self.times: list[float] = []
        self.failures: list[str] = []
        self._paths = paths
        self._over = threading.Event()
        client = Client()
        client.force_login(get_user_model().objects.create_superuser("onlooker@example.com"))
        cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        self._http = httpx.Client(base_url=panel, cookies=cookies, timeout=30)
        self._thread = threading.Thread(target=self._look, daemon=True)

    @property
    def p99(self) -> float:
        return sorted(self.times)[len(self.times) * 99 // 100]

    def __enter__(self) -> "Onlooker":
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._over.set()
        self._thread.join(40)
        self._http.close()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            for path in self._paths:
                started = time.monotonic()
                with suppress(httpx.TransportError):
                    answer = self._http.get(path)
                    self.times.append(time.monotonic() - started)
                    if answer.status_code != httpx.codes.OK:
                        self.failures.append(f"{path} {answer.status_code}")
                    continue
                self.failures.append(f"{path} without an answer")
