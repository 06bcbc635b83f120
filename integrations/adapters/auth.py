"""Signing in: one token shared by all workers, renewed once, and calls that carry it.

A call that meets an expired token renews it under the connection's row lock and is sent once more. Another worker may
have renewed it meanwhile, so the store is read again inside the lock.
"""

import base64
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from integrations.adapters.base import TokenStore
from integrations.adapters.http import MOST_BYTES, Answer, Ask, ErrorTable, Headers, PlatformClient
from integrations.adapters.wire import JSON, dump_json
from integrations.exceptions import RateLimitedError, SignInError, SyncpanelError
from integrations.types import Credentials, Token

AHEAD = timedelta(seconds=60)
"""Renewed this long before it ends, so that no call starts with a token that ends on the way."""

SIGN_IN_SECONDS = 7.0
"""A sign-in holds the connection's row (with SQLite the whole database), so it gets less time than other calls."""


SIGN_IN_BYTES = 1_000_000


class Tokens(Protocol):
    """Where a signed call gets its token from."""

    def current(self) -> Token:
        """A token that should be good. Raises SignInError."""

    def renew(self, used: Token) -> Token:
        """Another one than `used`, which the platform no longer takes. Raises SignInError."""

    def can_renew(self) -> bool:
        """False when asking again cannot help."""


@dataclass(frozen=True)
class FixedToken:
    """A token that a person made at the platform and that never ends by itself."""

    read: Callable[[], str]

    def current(self) -> Token:
        return Token(self.read())

    def renew(self, used: Token) -> Token:
        raise SignInError("The token of this connection is no longer accepted. Enter a new one.")

    def can_renew(self) -> bool:
        return False


class RenewedToken:
    """A token that ends and is renewed; `ask_platform` gets the last one and returns the next."""

    def __init__(self, store: TokenStore, ask_platform: Callable[[Token | None], Token]) -> None:
        self._store = store
        self._ask_platform = ask_platform
        self._token: Token | None = None
        self._refusal: SignInError | None = None
        self._lock = threading.Lock()

    def can_renew(self) -> bool:
        return True

    def current(self) -> Token:
        token = self._token or self._store.current()
        if token is None or is_ending(token):
            return self._replace(token)
        self._token = token
        return token

    def renew(self, used: Token) -> Token:
        return self._replace(used)

    def _replace(self, used: Token | None) -> Token:
        with self._lock:
            if self._refusal is not None:
                raise self._refusal
            if is_other(self._token, used):
                assert self._token is not None
                return self._token
            try:
                self._token = self._replace_under_row_lock(used)
            except SignInError as exc:
                self._refusal = exc
                raise
            return self._token

    def _replace_under_row_lock(self, used: Token | None) -> Token:
        with self._store.locked():
            saved = self._store.current()
            if saved is not None and is_other(saved, used):
                return saved
            token = self._ask_platform(saved)
            if not token.refresh_token and saved is not None:
                token = replace(token, refresh_token=saved.refresh_token)
            self._store.save(token)
            return token


def is_ending(token: Token) -> bool:
    """True for a token that ends within the next minute, and for none at all."""
    return not token.access_token or (token.expires_at is not None and token.expires_at - AHEAD <= datetime.now(UTC))


def is_other(token: Token | None, used: Token | None) -> bool:
    """True when `token` is good and not the one that was refused."""
    if token is None or is_ending(token):
        return False
    return used is None or token.access_token != used.access_token


def require(credentials: Credentials, name: str, label: str) -> str:
    """A secret or setting of the connection; SignInError when the person has not given it."""
    value = (credentials.secrets.get(name) or credentials.settings.get(name) or "").strip()
    if not value:
        raise SignInError(f"{label} is missing. Enter it in the connection.")
    if not value.isascii() or not value.isprintable():
        raise SignInError(f"{label} holds characters it cannot have. Paste it again.")
    return value


class SignedClient:
    """Calls that carry the token, as the `scheme` says. `has_expired` tells an expired token from a dead one by the answer; it
    is asked about those with the statuses `renewed_at`."""

    def __init__(
        self,
        http: PlatformClient,
        tokens: Tokens,
        handle_error: ErrorTable,
        has_expired: Callable[[Answer], bool],
        base_url: str,
        *,
        scheme: str = "Bearer",
        renewed_at: Collection[int] = (401,),
    ) -> None:
        self.http = http
        self._tokens = tokens
        self._handle_error = handle_error
        self._has_expired = has_expired
        self._base_url = base_url.rstrip("/")
        self._scheme = scheme
        self._renewed_at = renewed_at

    def call(
        self,
        method: str,
        path: str,
        group: str,
        *,
        body: bytes = b"",
        is_write: bool = False,
        content_type: str = JSON,
        timeout: float | None = None,
        most_bytes: int = MOST_BYTES,
        travels: bytes = b"",
        headers: Headers = (),
        cost: int = 1,
    ) -> Answer:
        """An answer with a 2xx status; anything else is raised as one of our errors."""
        ask = Ask(method, path, group, body, content_type, is_write, timeout, most_bytes, travels, cost)
        token = self._tokens.current()
        answer = self._send(token, ask, headers)
        if answer.status in self._renewed_at and self._tokens.can_renew() and self._has_expired(answer):
            answer = self._send(self._tokens.renew(token), ask, headers)
        if not 200 <= answer.status < 300:
            with answer.shown_in_errors():
                raise self.refuse(answer)
        return answer

    def _send(self, token: Token, ask: Ask, headers: Headers) -> Answer:
        complete = replace(ask, url=f"{token.base_url or self._base_url}{ask.url}")
        return self.http.send(complete, [("Authorization", f"{self._scheme} {token.access_token}"), *headers])

    def refuse(self, answer: Answer) -> SyncpanelError:
        """The error an answer means; a pause the platform asks for is passed on to the limiter."""
        error = self._handle_error(answer.response())
        if isinstance(error, RateLimitedError) and error.retry_at is not None:
            seconds = (error.retry_at - datetime.now(UTC)).total_seconds()
            self.http.pause(answer.ask.group, max(seconds, 0.0), error.message)
        return error

    def get(self, path: str, group: str) -> Any:
        """The JSON of a GET."""
        return self.http.read_json(self.call("GET", path, group))

    def query(self, path: str, group: str, body: Any) -> Any:
        """The JSON of a POST that changes nothing."""
        return self.http.read_json(self.call("POST", path, group, body=dump_json(body)))

    def write(self, method: str, path: str, group: str, body: bytes) -> Answer:
        """A call that changes something; the answer is read by the caller, who may want to show it."""
        return self.call(method, path, group, body=body, is_write=True)


def basic(user: str, password: str = "") -> str:
    """What follows the word "Basic" in a header."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def token_ask(url: str, form: bytes) -> Ask:
    """A sign-in call. It counts against no limit of ours: it happens once an hour, and inside a row lock."""
    kind = "application/x-www-form-urlencoded"
    return Ask("POST", url, "", form, kind, timeout=SIGN_IN_SECONDS, most_bytes=SIGN_IN_BYTES)
