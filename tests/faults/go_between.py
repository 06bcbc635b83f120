"""A server between the engine and the sandbox, over real HTTP, that may tell the engine something else than it was told."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson

NOT_PASSED_ON = frozenset({"transfer-encoding", "content-length", "content-encoding", "connection"})


@dataclass
class Told:
    """A call and its answer, on the way back to the engine."""

    method: str
    url: str
    asked: bytes
    status: int
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def query(self, name: str) -> str:
        return parse_qs(urlsplit(self.url).query).get(name, [""])[0]

    def json(self) -> Any:
        return orjson.loads(self.body)

    def say(self, body: Any, status: int = 0) -> None:
        """This instead."""
        self.body, self.status = orjson.dumps(body), status or self.status


Lie = Callable[[Told], None]


def tell_the_truth(told: Told) -> None:
    """Everything as it was said."""


class Handler(BaseHTTPRequestHandler):
    """Asks the sandbox, and gives its answer as the lie leaves it."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    server: "GoBetween"

    def answer(self) -> None:
        asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # The name of the host is ours, so that addresses in the answers lead here again.
        found = self.server.sandbox.request(self.command, self.path, headers=dict(self.headers), content=asked)
        told = Told(self.command, self.path, asked, found.status_code, found.content)
        self.server.lie(told)
        self.send_response(told.status)
        for name, value in found.headers.items():
            if name.lower() not in NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(told.body)))
        self.end_headers()
        self.wfile.write(told.body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

    def log_message(self, *_: object) -> None:
        """Quiet."""


class GoBetween(ThreadingHTTPServer):
    """Serves in a thread from the start. `lie` sees every answer before the engine does, and may change it."""

    daemon_threads = True

    def __init__(self, url: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lie: Lie = tell_the_truth
        self.sandbox = httpx.Client(base_url=url, timeout=20)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self.sandbox.close()
