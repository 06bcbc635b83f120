"""A load of calls as HubSpot makes them: some connections that are kept, each calling again as soon as it has its answer."""

import base64
import hmac
import selectors
import socket
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson

HEAD = (
    "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nUser-Agent: HubSpot Webhooks\r\n"
    "X-HubSpot-Signature-v3: {signature}\r\nX-HubSpot-Request-Timestamp: {stamp}\r\nContent-Length: {length}\r\n\r\n"
)
CALL_AGAIN_AFTER = 0.05
GIVE_UP_AFTER = 60.0
OK = 200


@dataclass(slots=True)
class Told:
    """What became of the calls: `answered` are the numbers of those that were taken, `times` the seconds each took."""

    answered: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.answered) / self.seconds

    def slowest_ms(self, share: float) -> float:
        """So many of a hundred were answered within it."""
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * share / 100))] * 1_000


class Line:
    """One connection. `number` is the call that waits for its answer."""

    def __init__(self, address: tuple[str, int], selector: selectors.BaseSelector) -> None:
        self._address = address
        self._selector = selector
        self._sock: socket.socket | None = None
        self._got = b""
        self.number = 0
        self.said_at = 0.0

    def say(self, number: int, request: bytes) -> bool:
        """False when nobody took it."""
        self.number, self._got, self.said_at = number, b"", time.perf_counter()
        try:
            self._open().sendall(request)
        except OSError:
            self.hang_up()
            return False
        return True

    def hear(self) -> int | None:
        """The status once the answer is complete; 0 when the line is dead."""
        try:
            got = self._open().recv(65_536)
        except OSError:
            got = b""
        if not got:
            self.hang_up()
            return 0
        self._got += got
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return None
        if b"connection: close" in head.lower():
            self.hang_up()
        return int(head[9:12])

    def hang_up(self) -> None:
        if self._sock is not None:
            self._selector.unregister(self._sock)
            self._sock.close()
            self._sock = None

    def _open(self) -> socket.socket:
        if self._sock is None:
            self._sock = socket.create_connection(self._address, timeout=10)
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(self._sock, selectors.EVENT_READ, self)
        return self._sock


class Load:
    """`number` of a call is the id of the record it tells of, and of the event."""

    def __init__(self, url: str, secret: str, connections: int, first: int = 1) -> None:
        parts = urlsplit(url)
        self._url, self._secret = url, secret.encode()
        self._host, self._path = parts.netloc, parts.path
        self._selector = selectors.DefaultSelector()
        address = (parts.hostname or "", parts.port or 80)
        self._lines = [Line(address, self._selector) for _ in range(connections)]
        self._again: deque[tuple[float, Line]] = deque()
        self._last = first - 1

    def call(self, *, seconds: float = 0.0, calls: int = 0) -> Told:
        """For so long, or so many calls; those that had no answer are repeated until they have one."""
        told, started = Told(), time.perf_counter()
        waiting = sum(self._next(line, started, seconds, calls) for line in self._lines)
        while waiting or self._again:
            if time.perf_counter() - started > seconds + GIVE_UP_AFTER and not told.answered:
                raise TimeoutError("nobody answers")
            for key, _ in self._selector.select(CALL_AGAIN_AFTER):
                waiting -= self._listen(key.data, told, started, seconds, calls)
            waiting += self._repeat()
        told.seconds = time.perf_counter() - started
        for line in self._lines:
            line.hang_up()
        return told

    def _next(self, line: Line, started: float, seconds: float, calls: int) -> int:
        """1 when the line calls again, 0 when it is done or has to try later."""
        if (calls and self._last >= calls) or (seconds and time.perf_counter() - started > seconds):
            return 0
        self._last += 1
        return self._say(line, self._last)

    def _say(self, line: Line, number: int) -> int:
        if line.say(number, self._write(number)):
            return 1
        self._again.append((time.perf_counter() + CALL_AGAIN_AFTER, line))
        return 0

    def _listen(self, line: Line, told: Told, started: float, seconds: float, calls: int) -> int:
        """How many calls fewer are under way."""
        status = line.hear()
        if status is None:
            return 0
        if status != OK:
            told.unanswered += not status
            told.statuses[status] += 1
            self._again.append((time.perf_counter() + CALL_AGAIN_AFTER, line))
            return 1
        told.statuses[status] += 1
        told.times.append(time.perf_counter() - line.said_at)
        told.answered.append(line.number)
        return 1 - self._next(line, started, seconds, calls)

    def _repeat(self) -> int:
        said = 0
        while self._again and self._again[0][0] <= time.perf_counter():
            line = self._again.popleft()[1]
            said += self._say(line, line.number)
        return said

    def _write(self, number: int) -> bytes:
        event = {
            "eventId": number,
            "subscriptionId": 3_329_000,
            "portalId": 62_515,
            "appId": 54_321,
            "occurredAt": 1_742_077_073_905 + number,
            "subscriptionType": "contact.propertyChange",
            "attemptNumber": 0,
            "objectId": number,
            "changeSource": "CRM_UI",
            "propertyName": "city",
            "propertyValue": "Ghent",
        }
        body, stamp = orjson.dumps([event]), str(int(time.time() * 1_000))
        text = b"POST" + self._url.encode() + body + stamp.encode()
        signature = base64.b64encode(hmac.digest(self._secret, text, "sha256")).decode()
        head = HEAD.format(path=self._path, host=self._host, signature=signature, stamp=stamp, length=len(body))
        return head.encode() + body


def _length(head: bytes) -> int:
    with suppress(StopIteration):
        line = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return int(line.partition(b":")[2])
    return 0
