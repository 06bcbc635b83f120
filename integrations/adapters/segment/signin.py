"""Segment's two ways to sign in for sending: the source's write key, or a token of an OAuth application.

https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#authentication
https://segment.com/docs/connections/oauth/
"""

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt

from integrations.adapters.auth import FixedToken, RenewedToken, Tokens, basic, require, token_ask
from integrations.adapters.base import TokenStore
from integrations.adapters.http import Answer, ErrorTable, PlatformClient
from integrations.exceptions import SignInError
from integrations.types import Credentials, Token

OAUTH = "oauth"
SCOPE = "tracking_api:write"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BEFORE = timedelta(seconds=5)
LIFE = timedelta(seconds=55)
"""An assertion of more than a minute is refused; clocks differ by seconds."""

NOT_A_KEY = "The private key is not a PEM file. Paste the whole file, from -----BEGIN to the last -----."
_PEM = re.compile(r"\s*-----BEGIN ([A-Z ]{3,40})-----([A-Za-z0-9+/=\s]+)-----END \1-----\s*", re.ASCII)

Clock = Callable[[], datetime]


def read_write_key(credentials: Credentials) -> str:
    """Raises SignInError without one."""
    return require(credentials, "write_key", "The write key")


def make_tokens(
    credentials: Credentials, store: TokenStore, http: PlatformClient, host: str, handle_error: ErrorTable, now: Clock
) -> Tokens:
    """What the person has not given is missed at the first call, as a SignInError."""
    if credentials.method != OAUTH:
        return FixedToken(lambda: basic(read_write_key(credentials)))

    def ask(last: Token | None) -> Token:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": make_assertion(credentials, host, now()),
            "scope": SCOPE,
        }
        answer = http.send(token_ask(f"{host}/token", urlencode(form).encode()))
        if answer.status != 200:
            raise handle_error(answer.response())
        return _read_token(http.read_json(answer), http, answer, now)

    return RenewedToken(store, ask)


def make_assertion(credentials: Credentials, host: str, now: datetime) -> str:
    """Who we are, signed, for the region's own host."""
    app = require(credentials, "app_id", "The app ID")
    claims = {
        "iss": app,
        "sub": app,
        "aud": host,
        "iat": int((now - BEFORE).timestamp()),
        "exp": int((now + LIFE).timestamp()),
        "jti": str(uuid.uuid4()),
    }
    key_id = require(credentials, "key_id", "The key ID")
    try:
        return jwt.encode(claims, read_private_key(credentials), algorithm="RS256", headers={"kid": key_id})
    except (ValueError, TypeError, jwt.PyJWTError):
        # What it says may quote the key.
        raise SignInError(NOT_A_KEY) from None


def read_private_key(credentials: Credentials) -> str:
    """The PEM file with its line breaks, which a form field of one line takes away. SignInError when it is something else."""
    text = (credentials.secrets.get("private_key") or "").strip()
    if not text:
        raise SignInError("The private key is missing. Enter it in the connection.")
    found = _PEM.fullmatch(text)
    if found is None:
        raise SignInError(NOT_A_KEY)
    label, body = found[1], re.sub(r"\s", "", found[2])
    lines = "\n".join(body[start : start + 64] for start in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def _read_token(body: Any, http: PlatformClient, answer: Answer, now: Clock) -> Token:
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        raise http.unexpected(answer)
    seconds = body.get("expires_in")
    ends = now() + timedelta(seconds=seconds) if isinstance(seconds, int | float) else None
    return Token(body["access_token"], ends)


def has_expired(answer: Answer) -> bool:
    """Segment does not say why it does not take a token: one more is asked for, once."""
    return True
