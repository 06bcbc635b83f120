"""HubSpot's two ways to sign in. https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from integrations.adapters.auth import FixedToken, RenewedToken, Tokens, require, token_ask
from integrations.adapters.base import TokenStore
from integrations.adapters.http import Answer, ErrorTable, PlatformClient
from integrations.adapters.hubspot.errors import EXPIRED, read_body
from integrations.adapters.hubspot.paths import TOKEN
from integrations.types import Credentials, Token


def make_tokens(
    credentials: Credentials, store: TokenStore, http: PlatformClient, base_url: str, handle_error: ErrorTable
) -> Tokens:
    """What the person has not given is missed at the first call, as a SignInError."""
    if credentials.method != "oauth":
        return FixedToken(lambda: require(credentials, "access_token", "The access token"))
    return RenewedToken(store, _make_grant(credentials, http, f"{base_url}{TOKEN}", handle_error))


def _make_grant(
    credentials: Credentials, http: PlatformClient, url: str, handle_error: ErrorTable
) -> Callable[[Token | None], Token]:
    """How to ask for the next token. The refresh token in use may be a newer one than the person entered."""

    def ask(last: Token | None) -> Token:
        entered = require(credentials, "refresh_token", "The refresh token")
        form = {
            "grant_type": "refresh_token",
            "client_id": require(credentials, "client_id", "The client ID"),
            "client_secret": require(credentials, "client_secret", "The client secret"),
            "refresh_token": (last.refresh_token if last else "") or entered,
        }
        answer = http.send(token_ask(url, urlencode(form).encode()))
        if answer.status != 200:
            raise handle_error(answer.response())
        return _read_token(http.read_json(answer), http, answer)

    return ask


def _read_token(body: Any, http: PlatformClient, answer: Answer) -> Token:
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        raise http.unexpected(answer)
    seconds = body.get("expires_in")
    ends = datetime.now(UTC) + timedelta(seconds=seconds) if isinstance(seconds, int | float) else None
    return Token(body["access_token"], ends, refresh_token=str(body.get("refresh_token") or ""))


def has_expired(answer: Answer) -> bool:
    """True for a token that ran out; any other 401 means that it is dead."""
    return read_body(answer.response()).get("category") == EXPIRED
