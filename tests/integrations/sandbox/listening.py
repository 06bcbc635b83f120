"""Somebody who is called: a small server that remembers what it heard and answers as it is told."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True, slots=True)
class Heard:
    """One call that came in."""

    headers: dict[str, str]
    body: bytes
    path: str = ""


class Listener:
    """`answer` is asked for status and body of every call; it gets the call and how many came before."""

    def __init__(self, answer: Callable[[Heard, int], tuple[int, bytes]] = lambda heard, before: (200, b"")) -> None:
        self.answer = answer
        self.heard: list[Heard] = []
        self._came = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hooks/secret-token/"

    def wait_for(self, number: int, seconds: float = 10) -> list[Heard]:
        with self._came:
            assert self._came.wait_for(lambda: len(self.heard) >= number, seconds), f"heard {len(self.heard)}"
            return list(self.heard)

    def take(self, heard: Heard) -> tuple[int, bytes]:
        with self._came:
            before = len(self.heard)
            self.heard.append(heard)
            self._came.notify_all()
        return self.answer(heard, before)

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, text = listener.take(Heard(headers, body, self.path))
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args: object) -> None:
                """Tests are quiet."""

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._server.shutdown()
        self._server.server_close()
