"""The only door to the network: a permit first, bounded in time and size, and an `Exchange` of what was said."""

import logging
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx

from integrations.adapters.base import Permits
from integrations.adapters.deadline import seconds_left
from integrations.adapters.errors import unreadable
from integrations.adapters.transport import PooledTransport
from integrations.adapters.wire import JSON, UnreadableError, load_json
from integrations.exceptions import ConfigurationError, SyncpanelError, UnknownOutcomeError
from integrations.types import Exchange

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0
MOST_BYTES = 64_000_000
USER_AGENT = "Syncpanel"

Headers = Sequence[tuple[str, str]]
ErrorTable = Callable[[httpx.Response | Exception], SyncpanelError]
"""An adapter's `handle_error`."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One call to be made. `url` is complete, with its query; `group` names the rate limits it counts against, and is
    empty for a sign-in, which happens while the connection's row is locked and must not wait for anything else.
    `most_bytes`: what its answer may hold, unpacked. `travels`: the bytes that go out instead of `body`, which is what a person
    may see: packed, or with a secret in them. `cost`: how many permits it takes, where calls differ."""

    method: str
    url: str
    group: str
    body: bytes = b""
    content_type: str = JSON
    is_write: bool = False
    timeout: float | None = None
    most_bytes: int = MOST_BYTES
    travels: bytes = b""
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, read to the end and unpacked."""

    ask: Ask
    status: int
    headers: httpx.Headers
    body: bytes
    seconds: float

    def exchange(self) -> Exchange:
        """The call as a person may see it: no headers, no query string."""
        ask = self.ask
        return Exchange(ask.method, _without_query(ask.url), ask.body, self.status, self.body, self.seconds)

    @contextmanager
    def shown_in_errors(self) -> Iterator[None]:
        """Whatever error comes of reading the answer of a call that changes something, it shows the call."""
        try:
            yield
        except SyncpanelError as problem:
            if self.ask.is_write and not problem.exchanges:
                problem.exchanges = (self.exchange(),)
            raise

    def response(self) -> httpx.Response:
        """The same for an error table."""
        headers = [(name, value) for name, value in self.headers.items() if name.lower() not in _UNPACKED]
        request = httpx.Request(self.ask.method, self.ask.url, extensions={"is_write": self.ask.is_write})
        return httpx.Response(self.status, headers=headers, content=self.body, request=request)


_UNPACKED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class PlatformClient:
    """Makes calls for one adapter. Several threads may use it at once; they share its connections."""

    def __init__(
        self,
        platform: str,
        permits: Permits,
        handle_error: ErrorTable,
        *,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.platform = platform
        self._permits = permits
        self._handle_error = handle_error
        self._timeout = timeout
        self._transport = transport or PooledTransport()

    def send(self, ask: Ask, headers: Headers = ()) -> Answer:
        """Any status is an answer; no answer is one of our errors. Takes at most twice the timeout."""
        with self._permit(ask):
            answer = self._exchange(ask, self._request(ask, headers))
        if ask.group:
            self._permits.learn(ask.group, answer.headers, answer.status)
        return answer

    def pause(self, group: str, seconds: float, reason: str) -> None:
        """The platform asked for a pause of this group of calls."""
        if group:
            self._permits.pause(group, seconds, reason)

    def learn(self, answer: Answer, told: Mapping[str, str]) -> None:
        """What an answer's body says about the limits of its group, as the headers that the policy names."""
        self._permits.learn(answer.ask.group, told, answer.status)

    def _permit(self, ask: Ask) -> AbstractContextManager[None]:
        return self._permits.permit(ask.group, ask.cost) if ask.group else nullcontext()

    def _request(self, ask: Ask, headers: Headers) -> httpx.Request:
        seconds = ask.timeout or self._timeout
        limits = {"connect": min(CONNECT_SECONDS, seconds), "read": seconds, "write": seconds, "pool": seconds}
        extensions = {"timeout": limits, "deadline": seconds_left(2 * seconds), "is_write": ask.is_write}
        given = [*headers, ("Accept-Encoding", "gzip"), ("User-Agent", USER_AGENT)]
        if ask.body:
            given.append(("Content-Type", ask.content_type))
        content = ask.travels or ask.body or None
        try:
            return httpx.Request(ask.method, _parse_url(ask.url), headers=given, content=content, extensions=extensions)
        except (httpx.InvalidURL, ValueError) as exc:
            raise self._handle_error(httpx.InvalidURL("")) from exc

    def _exchange(self, ask: Ask, request: httpx.Request) -> Answer:
        started = time.perf_counter()
        try:
            response = self._transport.handle_request(request)
            body = self._read(response, ask)
        except httpx.TransportError as exc:
            exc.request = request
            raise self._unanswered(ask, self._handle_error(exc), time.perf_counter() - started) from exc
        except SyncpanelError as error:
            self._unanswered(ask, error, time.perf_counter() - started)
            raise
        seconds = time.perf_counter() - started
        # Not the address: its path may name the person that is asked about.
        what = ask.group or "sign-in"
        logger.debug("%s %s %s %s %.3fs", self.platform, ask.method, what, response.status_code, seconds)
        return Answer(ask, response.status_code, response.headers, body, seconds)

    def _unanswered(self, ask: Ask, error: SyncpanelError, seconds: float) -> SyncpanelError:
        """Of a call that may have been carried out a person wants to see what was in it. Its status is 0."""
        if ask.is_write:
            error.exchanges = (Exchange(ask.method, _without_query(ask.url), ask.body, 0, b"", seconds),)
        return error

    def _read(self, response: httpx.Response, ask: Ask) -> bytes:
        stream = response.stream
        assert isinstance(stream, httpx.SyncByteStream)
        try:
            packed = self._collect(stream, ask)
        finally:
            stream.close()
        is_packed = response.headers.get("content-encoding", "").strip().lower() == "gzip"
        return self._unpack(packed, ask) if is_packed and packed else packed

    def _collect(self, stream: Iterable[bytes], ask: Ask) -> bytes:
        parts, size = [], 0
        for part in stream:
            parts.append(part)
            size += len(part)
            if size > ask.most_bytes:
                raise self._too_large(ask)
        return b"".join(parts)

    def _unpack(self, packed: bytes, ask: Ask) -> bytes:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            body = unpacker.decompress(packed, ask.most_bytes)
        except zlib.error as exc:
            raise unreadable("half_answer", self.platform, after_write=ask.is_write) from exc
        if unpacker.unconsumed_tail:
            raise self._too_large(ask)
        if not unpacker.eof:
            raise unreadable("half_answer", self.platform, after_write=ask.is_write)
        return body

    def _too_large(self, ask: Ask) -> SyncpanelError:
        family = UnknownOutcomeError if ask.is_write else ConfigurationError
        size = f"{ask.most_bytes // 1_000_000} MB"
        return family(f"{self.platform} sent more than {size} at once.", code="answer_too_large")

    def read_json(self, answer: Answer) -> Any:
        """The body of a good answer. Unreadable after a write, nobody knows what was done."""
        try:
            return load_json(answer.body)
        except UnreadableError as exc:
            technical = f"HTTP {answer.status}, {len(answer.body)} bytes"
            raise unreadable(exc.code, self.platform, after_write=answer.ask.is_write, technical=technical) from exc

    def unexpected(self, answer: Answer) -> SyncpanelError:
        """For JSON that is not what the platform's documentation promises."""
        technical = f"HTTP {answer.status}, {len(answer.body)} bytes"
        return unreadable("unexpected_answer", self.platform, after_write=answer.ask.is_write, technical=technical)

    def close(self) -> None:
        """Close the pooled connections."""
        self._transport.close()


@lru_cache(maxsize=256)
def _parse_url(url: str) -> httpx.URL:
    return httpx.URL(url)


def _without_query(url: str) -> str:
    return url.partition("?")[0]
