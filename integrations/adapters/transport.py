"""The pooled connections, with a deadline for the whole call.

httpx bounds each single read; a server that sends one byte a second keeps such a call alive for hours, in the headers
as well as in the body. Here every read and write on the socket gets what is left of the call's time. And httpx goes
wherever a name leads; here each connection goes to an address that was found harmless (`addresses.py`).
"""

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from integrations.adapters.addresses import find_ways
from integrations.adapters.deadline import Deadline

_ERRORS: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
}


@lru_cache(maxsize=1)
def _ssl_context() -> ssl.SSLContext:
    """Loading the certificates costs as much as a hundred calls; adapters are made per slice."""
    return httpx.create_ssl_context(trust_env=False)


class Call(Deadline):
    """The call that this thread makes at the moment."""

    is_encrypted = True


class DeadlineStream(httpcore.NetworkStream):
    """A socket that respects the deadline of the thread that uses it."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.bound(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.bound(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.bound(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore.SyncBackend):
    """Opens sockets that respect the deadline, and only to where a connection may lead."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._call.bound(timeout, httpcore.ConnectTimeout)
        *others, last = find_ways(host, port, is_encrypted=self._call.is_encrypted, timeout=left)
        for way in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._connect(way, port, timeout, local_address, socket_options)
        return self._connect(last, port, timeout, local_address, socket_options)

    def _connect(self, way: str, port: int, timeout: float | None, *more: Any) -> httpcore.NetworkStream:
        left = self._call.bound(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(super().connect_tcp(way, port, left, *more), self._call)


class _Body(httpx.SyncByteStream):
    """The body of an answer, with httpx's errors instead of httpcore's."""

    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except tuple(_ERRORS) as exc:
            raise _translate(exc) from exc

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()


class PooledTransport(httpx.BaseTransport):
    """Keeps connections open and shares them between threads; no proxy and no certificate from the environment.

    A request's extension "deadline" is the number of seconds the whole call may take, the body included.
    """

    def __init__(self) -> None:
        self._call = Call()
        self._pool = httpcore.ConnectionPool(
            ssl_context=_ssl_context(),
            max_connections=None,
            max_keepalive_connections=16,
            keepalive_expiry=15.0,
            network_backend=GuardedBackend(self._call),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        seconds = request.extensions.get("deadline")
        self._call.at = None if seconds is None else time.monotonic() + seconds
        self._call.is_encrypted = request.url.scheme == "https"
        try:
            answer = self._pool.handle_request(_to_httpcore(request))
        except tuple(_ERRORS) as exc:
            raise _translate(exc) from exc
        assert isinstance(answer.stream, Iterable)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream))

    def close(self) -> None:
        self._pool.close()


def _to_httpcore(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


def _translate(exc: Exception) -> httpx.TransportError:
    kind = next(ours for theirs, ours in _ERRORS.items() if isinstance(exc, theirs))
    return kind(str(exc))
