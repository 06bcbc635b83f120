"""Adapters signed in to the sandbox over real HTTP, and a server that misbehaves below HTTP."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from integrations.adapters.registry import adapter_class
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.sandbox.server import SandboxServer
from integrations.types import Credentials
from tests.integrations.adapters.cases import CASES, TRAITS, Case

CONTACTS = 450


class Sandbox:
    """A running sandbox and its control API. Plain HTTP: loading certificates would take longer than most tests."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self._control = httpx.Client(base_url=f"{server.url}/_control", trust_env=False, verify=False)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._control.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def fault(self, **fault: Any) -> None:
        self.ask("POST", "/faults", fault)

    def mend(self) -> None:
        self.ask("DELETE", "/faults")

    def count_calls(self, platform: str, route: str, status: int | None = None) -> int:
        routes = self.ask("GET", "/requests")["routes"]
        found = [r for r in routes if r["platform"] == platform and route in r["route"]]
        return sum(r["count"] for r in found if status in (None, r["status"]))

    def close(self) -> None:
        self._control.close()


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(contacts=CONTACTS, limits=False) as running:
        yield running


@pytest.fixture
def sandbox(server: SandboxServer) -> Iterator[Sandbox]:
    """As new for every test."""
    sandbox = Sandbox(server)
    sandbox.ask("POST", "/reset", {"contacts": CONTACTS, "shuffle": True, "omit_trace_ids": False, "bulk_delay": 0})
    yield sandbox
    sandbox.mend()
    sandbox.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that takes a `case` runs for each platform that has the traits it is marked to need."""
    if "case" in metafunc.fixturenames:
        needed = {trait for mark in metafunc.definition.iter_markers("needs") for trait in mark.args}
        assert needed <= TRAITS, needed
        metafunc.parametrize("case", [case for case in CASES if needed <= case.traits], ids=str)


@pytest.fixture
def connect(sandbox: Sandbox) -> Iterator[Callable[..., Any]]:
    """Makes adapters for the sandbox; `tokens`, `permits`, `secrets`, `timeout` and `renewing` may be given."""
    opened: list[Any] = []

    def make(
        case: Case,
        *,
        tokens: MemoryTokens | None = None,
        permits: Unlimited | None = None,
        secrets: dict[str, str] | None = None,
        timeout: float = 30.0,
        renewing: bool = False,
    ) -> Any:
        known = sandbox.server.credentials()[case.platform]
        credentials = (case.renewing_sign_in if renewing else case.sign_in)(known)
        credentials = Credentials(credentials.method, credentials.settings, {**credentials.secrets, **(secrets or {})})
        opened.append(
            adapter_class(case.platform)(credentials, tokens or MemoryTokens(), permits or Unlimited(), timeout=timeout)
        )
        return opened[-1]

    yield make
    for adapter in opened:
        adapter.close()


class RawServer:
    """Says `script` to every connection: pieces of bytes, `pause` seconds apart, until the other side hangs up."""

    def __init__(self, script: list[bytes], pause: float = 0.0) -> None:
        self._script = script
        self._pause = pause
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.hung_up = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65_536)
                for piece in self._script:
                    connection.sendall(piece)
                    if self._pause and self._stopped.wait(self._pause):
                        return
                connection.settimeout(10)
                if connection.recv(65_536) == b"":
                    self.hung_up.set()
            except OSError:
                self.hung_up.set()

    def close(self) -> None:
        self._stopped.set()
        self._listener.close()


@pytest.fixture
def raw_server() -> Iterator[Callable[..., RawServer]]:
    servers: list[RawServer] = []

    def make(script: list[bytes], pause: float = 0.0) -> RawServer:
        servers.append(RawServer(script, pause))
        return servers[-1]

    yield make
    for one in servers:
        one.close()
