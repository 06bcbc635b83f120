"""Tokens for an OAuth application. https://segment.com/docs/connections/oauth/

The vendor's host for this has its path to itself; here it stands under /oauth2.
"""

import secrets
from typing import Any
from urllib.parse import parse_qs

import jwt

from integrations.sandbox.clock import Clock
from integrations.sandbox.segment import credentials
from integrations.sandbox.segment.errors import refuse_grant, refuse_tracking
from integrations.sandbox.segment.key import private_key
from integrations.sandbox.wire import Answer, Call, Route, answer_json

LIFE = 86_400
LONGEST_ASSERTION = 60
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = "tracking_api:write"
HOSTS = ("https://oauth2.segment.io", "https://oauth2.eu1.segmentapis.com")


class TokenDesk:
    """Hands out tokens for signed assertions, each of which is good once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}
        self._used: set[str] = set()

    def routes(self) -> list[Route]:
        return [Route("POST", "/oauth2/token", self.grant, public=True)]

    def check(self, call: Call) -> bool:
        """True for a good token, False when none is given: a write key needs no token."""
        scheme, _, text = call.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return False
        if call.revoked or self._ends.get(text, 0) <= self._clock.now():
            raise refuse_tracking(401, "Invalid access token")
        return True

    def expire_all(self) -> None:
        self._ends.clear()

    def grant(self, call: Call) -> Answer:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != ASSERTION:
            raise refuse_grant(400, "invalid_request", "Unsupported grant")
        if form.get("scope") != SCOPE:
            raise refuse_grant(400, "invalid_scope", "Scope is not allowed")
        self._check_claims(self._read(form.get("client_assertion", ""), f"{call.base_url}/oauth2"), call.revoked)
        token = secrets.token_urlsafe(32)
        self._ends[token] = self._clock.now() + LIFE
        return answer_json({"access_token": token, "token_type": "Bearer", "scope": SCOPE, "expires_in": LIFE})

    def _read(self, assertion: str, here: str) -> dict[str, Any]:
        try:
            if jwt.get_unverified_header(assertion).get("kid") != credentials.KEY_ID:
                raise refuse_grant(401, "invalid_client", "Unknown key ID")
            options: Any = {"verify_exp": False, "verify_iat": False, "require": ["sub", "aud", "iat", "exp", "jti"]}
            claims: dict[str, Any] = jwt.decode(
                assertion, private_key().public_key(), ["RS256"], audience=[*HOSTS, here], options=options
            )
        except jwt.PyJWTError as exc:
            raise refuse_grant(401, "invalid_client", "Signature verification failed") from exc
        return claims

    def _check_claims(self, claims: dict[str, Any], revoked: bool) -> None:
        now = self._clock.now()
        if claims["sub"] != credentials.APP_ID or revoked:
            raise refuse_grant(401, "invalid_client", "Unknown application")
        if claims["exp"] <= now:
            raise refuse_grant(400, "invalid_request", "Token is expired")
        if claims["iat"] > now + 1:
            raise refuse_grant(400, "invalid_request", "Token used before issued")
        if claims["exp"] - claims["iat"] > LONGEST_ASSERTION or claims["jti"] in self._used:
            raise refuse_grant(400, "invalid_request", "Invalid assertion")
        self._used.add(claims["jti"])
