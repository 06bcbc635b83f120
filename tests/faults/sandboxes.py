"""Sandboxes in processes of their own, lent to one test after the other: each test finds them as new."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.faults.platforms import Platforms
from tests.faults.stand import Stand, free_port, stand


class Sandboxes:
    """Those that run. A test that needs several at once has the first, the second, …; one more is started when it asks."""

    def __init__(self, home: Stand) -> None:
        self.home = home
        self.running: list[Platforms] = []

    def lend(self, number: int, **settings: Any) -> Platforms:
        """The sandbox of that number, as a fresh one with these settings begins."""
        while len(self.running) <= number:
            self.running.append(self._start())
        platforms = self.running[number]
        platforms.begin_anew(**settings)
        return platforms

    def _start(self) -> Platforms:
        """Returns when it answers."""
        port = free_port()
        self.home.start("sandbox", "--port", str(port), "--contacts", "0")
        platforms = Platforms(f"http://127.0.0.1:{port}")
        self.home.until(lambda: _answers(platforms))
        return platforms

    def close(self) -> None:
        for platforms in self.running:
            platforms.close()


@contextlib.contextmanager
def running_sandboxes(folder: Path) -> Iterator[Sandboxes]:
    """None of them is left at the end."""
    with stand("", folder) as home, contextlib.closing(Sandboxes(home)) as sandboxes:
        yield sandboxes


def _answers(platforms: Platforms) -> bool:
    with contextlib.suppress(httpx.TransportError):
        platforms.credentials()
        return True
    return False
