"""Signing in to read: as a service account, or as a person who once agreed.

https://developers.google.com/identity/protocols/oauth2/service-account#httprest
https://developers.google.com/identity/protocols/oauth2/web-server#offline

Nothing but the signing of the assertion is a library's work: every call goes through our own client.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import orjson

from integrations.adapters.auth import RenewedToken, Tokens, require, token_ask
from integrations.adapters.base import TokenStore
from integrations.adapters.google_analytics.places import TOKEN_HOST
from integrations.adapters.http import Answer, ErrorTable, PlatformClient
from integrations.exceptions import SignInError
from integrations.types import Credentials, Token

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
AUDIENCE = f"{TOKEN_HOST}/token"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE = timedelta(hours=1)

NOT_A_KEY = (
    "The key of the service account is not the JSON file that Google Cloud makes. Paste the whole file, from { to }."
)

Clock = Callable[[], datetime]


def make_tokens(
    credentials: Credentials, store: TokenStore, http: PlatformClient, url: str, handle_error: ErrorTable, now: Clock
) -> Tokens:
    """What the person has not given is missed at the first call, as a SignInError."""

    def ask(last: Token | None) -> Token:
        form = make_form(credentials, last, now())
        answer = http.send(token_ask(url, urlencode(form).encode()))
        if answer.status != 200:
            raise handle_error(answer.response())
        return _read_token(http.read_json(answer), http, answer, now)

    return RenewedToken(store, ask)


def make_form(credentials: Credentials, last: Token | None, now: datetime) -> dict[str, str]:
    """What is posted to get a token. The refresh token in use may be a newer one than the person entered."""
    if credentials.method == "oauth":
        entered = require(credentials, "refresh_token", "The refresh token")
        return {
            "grant_type": "refresh_token",
            "client_id": require(credentials, "client_id", "The client ID"),
            "client_secret": require(credentials, "client_secret", "The client secret"),
            "refresh_token": (last.refresh_token if last else "") or entered,
        }
    return {"grant_type": JWT_GRANT, "assertion": make_assertion(read_key(credentials), now)}


def read_key(credentials: Credentials) -> Mapping[str, str]:
    """The service account's key file; SignInError when it is missing, or is something else."""
    text = (credentials.secrets.get("service_account") or "").strip()
    if not text:
        raise SignInError("The key of the service account is missing. Enter it in the connection.")
    try:
        key = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise SignInError(NOT_A_KEY) from None
    needed = ("client_email", "private_key")
    if not isinstance(key, dict) or not all(isinstance(key.get(name), str) and key[name] for name in needed):
        raise SignInError(NOT_A_KEY)
    return key


def make_assertion(key: Mapping[str, str], now: datetime) -> str:
    """Who we are, signed; good for an hour."""
    claims = {
        "iss": key["client_email"],
        "scope": SCOPE,
        "aud": AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFE).timestamp()),
    }
    try:
        return jwt.encode(claims, key["private_key"], algorithm="RS256", headers={"kid": key.get("private_key_id", "")})
    except (ValueError, TypeError, jwt.PyJWTError):
        # What it says may quote the key.
        raise SignInError(NOT_A_KEY) from None


def _read_token(body: Any, http: PlatformClient, answer: Answer, now: Clock) -> Token:
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        raise http.unexpected(answer)
    seconds = body.get("expires_in")
    ends = now() + timedelta(seconds=seconds) if isinstance(seconds, int | float) else None
    return Token(body["access_token"], ends, refresh_token=str(body.get("refresh_token") or ""))


def has_expired(answer: Answer) -> bool:
    """Google has one answer for every token it does not take: one more is asked for, once."""
    return True
