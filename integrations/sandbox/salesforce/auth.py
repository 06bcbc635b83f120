"""Salesforce's token endpoint and its sessions. https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flows.htm"""

import base64
import binascii
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode

import orjson

from integrations.sandbox.clock import Clock
from integrations.sandbox.salesforce import credentials
from integrations.sandbox.salesforce.errors import refuse, refuse_oauth
from integrations.sandbox.wire import Answer, Call, Refusal, Route, answer_json

SESSION_LIFE = 7_200
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JWT_MOST_SECONDS = 180


class SessionDesk:
    """Sessions last two hours from their last use; nobody is told when they end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}
        self._refresh_tokens = {credentials.REFRESH_TOKEN}

    def open(self) -> str:
        session = f"{credentials.ORG_ID[:15]}!AQ{secrets.token_urlsafe(60)}"
        self._ends[session] = self._clock.now() + SESSION_LIFE
        return session

    def check(self, header: str, revoked: bool) -> str:
        kind, _, session = header.partition(" ")
        if header and kind not in ("Bearer", "OAuth"):
            raise refuse(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
        now = self._clock.now()
        if revoked or self._ends.get(session, 0) <= now:
            raise refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
        self._ends[session] = now + SESSION_LIFE
        return session

    def close_all(self) -> None:
        self._ends.clear()

    def close(self, token: str) -> None:
        """Ends a session or forgets a refresh token."""
        self._ends.pop(token, None)
        self._refresh_tokens.discard(token)

    def knows_refresh_token(self, token: str) -> bool:
        return token in self._refresh_tokens


class AuthApi:
    """Four grants, the consent page, and who-am-I."""

    def __init__(self, desk: SessionDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/services/oauth2/token", self.grant, public=True),
            Route("POST", "/services/oauth2/revoke", self.revoke, public=True),
            Route("GET", "/services/oauth2/authorize", self.authorize, public=True),
            Route("GET", "/services/oauth2/userinfo", self.describe_user),
        ]

    def authorize(self, call: Call) -> Answer:
        """Nobody is asked: the browser goes straight back with a code."""
        back = {"code": credentials.CODE, "state": call.query.get("state", "")}
        return Answer(302, headers={"Location": f"{call.query.get('redirect_uri', '/')}?{urlencode(back)}"})

    def grant(self, call: Call) -> Answer:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        grant = form.get("grant_type", "")
        if grant == JWT_GRANT:
            self._check_assertion(form.get("assertion", ""))
        else:
            check_client({**form, **read_basic(call.headers.get("Authorization", ""))})
        if call.revoked or not self._is_granted(grant, form):
            raise refuse_grant(grant)
        body = self._describe_session(call.base_url, self._desk.open())
        if grant == "authorization_code":
            body["refresh_token"] = credentials.REFRESH_TOKEN
        return answer_json(body)

    def _is_granted(self, grant: str, form: dict[str, str]) -> bool:
        match grant:
            case "client_credentials" | "urn:ietf:params:oauth:grant-type:jwt-bearer":
                return True
            case "refresh_token":
                return self._desk.knows_refresh_token(form.get("refresh_token", ""))
            case "authorization_code":
                return form.get("code") == credentials.CODE
        raise refuse_oauth("unsupported_grant_type", "grant type not supported")

    def _check_assertion(self, assertion: str) -> None:
        """The signature is taken on trust; issuer, audience and expiry are not."""
        claims = read_claims(assertion)
        if claims.get("iss") != credentials.CLIENT_ID:
            raise refuse_oauth("invalid_client_id", "client identifier invalid")
        left = float(claims.get("exp", 0)) - self._clock.now()
        if not 0 < left <= JWT_MOST_SECONDS + 60 or not claims.get("sub") or not claims.get("aud"):
            raise refuse_oauth("invalid_grant", "invalid assertion")

    def _describe_session(self, base_url: str, session: str) -> dict[str, Any]:
        identity = f"{credentials.ORG_ID}/{credentials.USER_ID}"
        return {
            "access_token": session,
            "signature": base64.b64encode(secrets.token_bytes(32)).decode(),
            "scope": "api refresh_token",
            "instance_url": base_url,
            "id": f"https://login.salesforce.com/id/{identity}",
            "token_type": "Bearer",
            "issued_at": str(self._clock.now_ms()),
        }

    def revoke(self, call: Call) -> Answer:
        form = parse_qs(call.body.decode())
        self._desk.close(form.get("token", [""])[0])
        return Answer(200)

    def describe_user(self, call: Call) -> Answer:
        return answer_json(
            {
                "user_id": credentials.USER_ID,
                "organization_id": credentials.ORG_ID,
                "preferred_username": "integration@sandbox.example",
                "name": "Integration User",
                "active": True,
            }
        )


def check_client(form: dict[str, str]) -> None:
    if form.get("client_id") != credentials.CLIENT_ID:
        raise refuse_oauth("invalid_client_id", "client identifier invalid")
    if form.get("client_secret") != credentials.CLIENT_SECRET:
        raise refuse_oauth("invalid_client", "invalid client credentials", 401)


def read_basic(header: str) -> dict[str, str]:
    """Client id and secret of HTTP Basic, if they come that way."""
    if not header.startswith("Basic "):
        return {}
    try:
        client_id, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": client_id, "client_secret": secret}


def read_claims(assertion: str) -> dict[str, Any]:
    parts = assertion.split(".")
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims: dict[str, Any] = orjson.loads(payload)
    except (IndexError, ValueError) as exc:
        raise refuse_oauth("invalid_grant", "invalid assertion") from exc
    return claims


def refuse_grant(grant: str) -> Refusal:
    if grant == "refresh_token":
        return refuse_oauth("invalid_grant", "expired access/refresh token")
    return refuse_oauth("invalid_grant", "authentication failure")
