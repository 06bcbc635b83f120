"""The server as a process: it starts from the command line, and a signal ends it at once."""

import contextlib
import gzip
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from integrations.sandbox.server import SandboxServer
from tests.integrations.sandbox.conftest import TLS

ROOT = Path(__file__).resolve().parents[3]


def find_free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_until_it_answers(url, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            return httpx.get(f"{url}/_control/credentials", verify=TLS)
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("the sandbox did not start")


def ask_in_vain(url, headers):
    with contextlib.suppress(httpx.HTTPError):
        httpx.get(url, headers=headers, timeout=20, verify=TLS)


@pytest.fixture
def process():
    port = find_free_port()
    command = [sys.executable, "manage.py", "sandbox", "--port", str(port), "--contacts", "500", "--no-limits"]
    running = subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL)
    yield running, f"http://127.0.0.1:{port}"
    running.kill()
    running.wait()


def test_a_signal_ends_it_at_once_whatever_hangs(process):
    running, url = process
    known = wait_until_it_answers(url).json()
    httpx.post(f"{url}/_control/faults", json={"kind": "hang", "route": "/crm"}, verify=TLS)
    headers = {"Authorization": f"Bearer {known['hubspot']['access_token']}"}
    waiting = threading.Thread(target=ask_in_vain, args=(f"{url}/crm/v3/objects/contacts", headers))
    waiting.start()
    time.sleep(0.2)
    started = time.monotonic()
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=5) == 0
    assert time.monotonic() - started < 3
    waiting.join(timeout=5)


def test_two_sandboxes_stand_side_by_side():
    with SandboxServer(contacts=10) as one, SandboxServer(contacts=20) as other:
        stored = [
            httpx.get(f"{server.url}/_control/hubspot/contacts/summary", verify=TLS).json()["stored"]
            for server in (one, other)
        ]
    assert stored == [10, 20]


def test_answers_are_compressed_only_when_configured():
    for compress, encoding in ((False, None), (True, "gzip")):
        with SandboxServer(contacts=100, compress=compress) as server:
            headers = {
                "Authorization": f"Bearer {server.credentials()['hubspot']['access_token']}",
                "Accept-Encoding": "gzip",
            }
            answer = httpx.get(
                f"{server.url}/crm/v3/objects/contacts", params={"limit": 100}, headers=headers, verify=TLS
            )
            assert answer.headers.get("Content-Encoding") == encoding
            assert len(answer.json()["results"]) == 100


def test_a_gzipped_request_is_understood():
    with SandboxServer(contacts=1) as server:
        headers = {
            "Authorization": f"Bearer {server.credentials()['hubspot']['access_token']}",
            "Content-Encoding": "gzip",
        }
        body = gzip.compress(b'{"properties": {"email": "ann@x.io"}}')
        answer = httpx.post(f"{server.url}/crm/v3/objects/contacts", content=body, headers=headers, verify=TLS)
        assert answer.status_code == 201
