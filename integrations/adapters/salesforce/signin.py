"""Salesforce's two ways to sign in. A token does not say when it ends: it is renewed when it is refused.

https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flows.htm
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from integrations.adapters.auth import RenewedToken, Tokens, require, token_ask
from integrations.adapters.base import TokenStore
from integrations.adapters.http import Answer, ErrorTable, PlatformClient
from integrations.adapters.salesforce import errors
from integrations.adapters.salesforce.paths import TOKEN
from integrations.types import Credentials, Token


def make_tokens(credentials: Credentials, store: TokenStore, http: PlatformClient, handle_error: ErrorTable) -> Tokens:
    """What the person has not given is missed at the first call, as a SignInError."""
    return RenewedToken(store, _make_grant(credentials, http, handle_error))


def read_address(credentials: Credentials) -> str:
    """Where to sign in. Raises SignInError without one."""
    return require(credentials, "base_url", "The My Domain address").rstrip("/")


def _make_grant(
    credentials: Credentials, http: PlatformClient, handle_error: ErrorTable
) -> Callable[[Token | None], Token]:
    def ask(last: Token | None) -> Token:
        address = read_address(credentials)
        answer = http.send(token_ask(f"{address}{TOKEN}", urlencode(_build_form(credentials, last)).encode()))
        if answer.status != 200:
            raise handle_error(answer.response())
        return _read_token(http.read_json(answer), http, answer, address)

    return ask


def _build_form(credentials: Credentials, last: Token | None) -> dict[str, str]:
    """An app may rotate refresh tokens: then the one in use is newer than the one the person entered."""
    form = {
        "client_id": require(credentials, "client_id", "The consumer key"),
        "client_secret": require(credentials, "client_secret", "The consumer secret"),
    }
    if credentials.method != "refresh_token":
        return {"grant_type": "client_credentials", **form}
    entered = require(credentials, "refresh_token", "The refresh token")
    return {"grant_type": "refresh_token", **form, "refresh_token": (last.refresh_token if last else "") or entered}


def _read_token(body: Any, http: PlatformClient, answer: Answer, address: str) -> Token:
    """All later calls go to the instance the answer names; a token is never sent unencrypted because it says so."""
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        raise http.unexpected(answer)
    instance = str(body.get("instance_url") or address).rstrip("/")
    if urlsplit(instance).scheme != "https" and urlsplit(address).scheme == "https":
        raise http.unexpected(answer)
    return Token(body["access_token"], None, instance, str(body.get("refresh_token") or ""))


def has_expired(answer: Answer) -> bool:
    """True for a session that ran out; some 401s only look like it."""
    return errors.has_expired(answer.status, errors.read_body(answer.response()))
