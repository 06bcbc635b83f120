"""Incoming calls under /hooks/, answered before Django sees them: no session, no middleware, no template.

A vendor gives up after seconds, and calls by the thousand when something goes on over there. So this is as short as it can be.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.conf import settings

from integrations.incoming import Call, Reply
from integrations.webhooks.receiver import TOO_LARGE, Receiver

PREFIX = "/hooks/"
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
BAD = Reply(400, b"The body is not as long as was said.\n")


class Front:
    """The WSGI application: calls to us, everything else to Django."""

    def __init__(self, pages: Application) -> None:
        self._pages = pages
        self._receiver = Receiver()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self._pages(environ, start_response)
        reply = self._answer(path[len(PREFIX) :].removesuffix("/"), environ)
        headers = [("Content-Type", reply.content_type), ("Content-Length", str(len(reply.body)))]
        status = HTTPStatus(reply.status)
        start_response(f"{status.value} {status.phrase}", [*headers, ("Cache-Control", "no-store")])
        return [reply.body]

    def close(self) -> None:
        """End what runs beside it."""
        self._receiver.close()

    def _answer(self, token: str, environ: Environ) -> Reply:
        address = self._receiver.find(token)
        if isinstance(address, Reply):
            return address
        now = datetime.now(UTC)
        body = read_body(environ, self._receiver.most_bytes(address))
        if body is None:
            return BAD
        if isinstance(body, Reply):
            leave_unread(environ)
            return self._receiver.refuse_large(address, now)
        method = environ["REQUEST_METHOD"]
        return self._receiver.receive(address, Call(method, read_url(environ), read_headers(environ), body, now))


def read_body(environ: Environ, most: int) -> bytes | Reply | None:
    """The body; TOO_LARGE as soon as that is known, None when it is not as long as was said."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length and not (length.isascii() and length.isdigit() and len(length) < 19):
        return None
    if length and int(length) > most:
        return TOO_LARGE
    if not length and "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    body: bytes = environ["wsgi.input"].read(int(length) if length else most + 1)
    if length and len(body) < int(length):
        return None
    return TOO_LARGE if len(body) > most else body


def leave_unread(environ: Environ) -> None:
    """Have our server hang up instead of reading the rest to the end."""
    forget = getattr(environ.get("gunicorn.socket"), "forget", None)
    if forget is not None:
        forget()


def read_url(environ: Environ) -> str:
    """The address as the platform was told it: some sign it."""
    raw = environ.get("RAW_URI") or _make_uri(environ)
    path = raw if raw.startswith("/") else "/" + raw.partition("//")[2].partition("/")[2]
    return f"{public_base(environ)}{path}"


def _make_uri(environ: Environ) -> str:
    query = environ.get("QUERY_STRING", "")
    return quote(environ.get("PATH_INFO", "")) + (f"?{query}" if query else "")


def public_base(environ: Environ) -> str:
    """PUBLIC_URL; without one, the name that was called. Whoever calls by another name has signed another address."""
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    is_tls = settings.TLS and environ.get("HTTP_X_FORWARDED_PROTO") == "https"
    scheme = "https" if is_tls else environ.get("wsgi.url_scheme", "http")
    return f"{scheme}://{environ.get('HTTP_HOST') or environ.get('SERVER_NAME', '')}"


def read_headers(environ: Environ) -> dict[str, str]:
    """By their names in lower case."""
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers
