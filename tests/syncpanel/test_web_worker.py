"""The web server among clients that say nothing, say half, take nothing or never hang up: real sockets, one thread."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from syncpanel.web_worker import READ_WITHIN
from tests import databases
from tests.integrations.supervisor.instances import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
HEAD = b"GET /healthz?only=web HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    """A web server with one thread, so that one client too many is one too many."""
    folder, port = tmp_path_factory.mktemp("web"), free_port()
    with django_db_blocker.unblock():
        url = databases.new_url("sqlite")
    environ = {
        **os.environ,
        "DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "WEB_THREADS": "1",
        "DATABASE_URL": url,
    }
    argv = [sys.executable, "-m", "gunicorn", "-c", "syncpanel/gunicorn_conf.py", "syncpanel.wsgi:application"]
    with (folder / "log").open("wb") as log, subprocess.Popen(argv, cwd=ROOT, env=environ, stderr=log) as server:
        try:
            wait_until(lambda: _answers(port), 60)
            yield port
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    try:
        return seconds_to_answer(port) >= 0
    except OSError:
        return False


def seconds_to_answer(port: int) -> float:
    """How long a well-behaved client waits."""
    started = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        client.request("GET", "/healthz?only=web")
        assert client.getresponse().status == 200
    return time.monotonic() - started


def say(port: int, words: bytes) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port), timeout=30)
    sock.sendall(words)
    return sock


def test_clients_that_say_nothing_keep_nobody_waiting(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(say(port, b""))
        assert seconds_to_answer(port) < 2


@pytest.mark.parametrize("words", [HEAD, POST + b"Content-Length: 100\r\n\r\nusername="], ids=["head", "form"])
def test_a_client_that_says_half_is_cut_off(port: int, words: bytes) -> None:
    with say(port, words):
        assert seconds_to_answer(port) < READ_WITHIN + 3


def test_a_client_that_drips_is_cut_off_as_soon_as_one_that_stops(port: int) -> None:
    over = threading.Event()

    def drip(sock: socket.socket) -> None:
        while not over.wait(0.2):
            try:
                sock.sendall(b"x")
            except OSError:
                return

    with say(port, HEAD + b"X-Long: ") as sock:
        threading.Thread(target=drip, args=(sock,), daemon=True).start()
        assert seconds_to_answer(port) < READ_WITHIN + 3
        over.set()


def test_clients_that_never_hang_up_keep_nobody_waiting(port: int) -> None:
    with ExitStack() as stack:
        left = [stack.enter_context(say(port, HEAD + b"Connection: close\r\n\r\n")) for _ in range(5)]
        for sock in left:
            assert b"200 OK" in sock.recv(1000)
        assert seconds_to_answer(port) < 2


def test_a_connection_is_used_again(port: int) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        for _ in range(3):
            client.request("GET", "/healthz?only=web")
            assert client.getresponse().read() == b'{"ok": true}'
            used = getattr(client, "sock", None)
            assert used is not None, "kept open"


def call(port: int, path: str = "/hooks/nobody/", length: int = 2, body: bytes = b"[]") -> tuple[int, float]:
    """A platform calls; the status, and how long that took."""
    started = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        client.putrequest("POST", path)
        client.putheader("Content-Length", str(length))
        client.endheaders()
        client.send(body)
        return client.getresponse().status, time.monotonic() - started


def test_a_platform_is_answered_while_every_thread_for_pages_is_busy(port: int) -> None:
    with say(port, POST + b"Content-Length: 100\r\n\r\nusername="):
        time.sleep(0.2)
        waiting = threading.Thread(target=seconds_to_answer, args=(port,))
        waiting.start()
        assert [call(port)[0] for _ in range(20)] == [404] * 20
        assert call(port)[1] < 1
        assert waiting.is_alive(), "pages do wait"
    waiting.join()


def test_a_platform_uses_its_connection_again(port: int) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        for _ in range(3):
            client.request("POST", "/hooks/nobody/", b"[]")
            assert client.getresponse().read().startswith(b"Nobody")
        client.request("GET", "/healthz?only=web")
        assert client.getresponse().read() == b'{"ok": true}', "pages and calls may share one"
