"""Google's sign-in: a signed assertion, or a refresh token. https://developers.google.com/identity/protocols/oauth2"""

import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt

from integrations.sandbox.clock import Clock
from integrations.sandbox.google_analytics import credentials
from integrations.sandbox.google_analytics.errors import refuse, refuse_grant
from integrations.sandbox.google_analytics.key import make_key
from integrations.sandbox.wire import Answer, Call, Route, answer_json

TOKEN_LIFE = 3_599
SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST_ASSERTION = 3_600
CODE = "4/0sandbox-code"

_NOT_SIGNED_IN = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_WRONG_TIME = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp "
    "values in the JWT claim."
)


class TokenDesk:
    """Knows which tokens are good, and hands out new ones."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}

    def issue(self) -> str:
        token = f"ya29.c.{secrets.token_urlsafe(90)}"
        self._ends[token] = self._clock.now() + TOKEN_LIFE
        return token

    def check(self, header: str, revoked: bool) -> None:
        token = header.removeprefix("Bearer ")
        if revoked or self._ends.get(token, 0) <= self._clock.now():
            raise refuse(401, _NOT_SIGNED_IN)

    def expire_all(self) -> None:
        self._ends.clear()


class AuthApi:
    """The token endpoint and the consent page. None of their paths is anybody else's here."""

    def __init__(self, desk: TokenDesk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/token", self.grant, public=True),
            Route("GET", "/o/oauth2/v2/auth", self.authorize, public=True),
        ]

    def authorize(self, call: Call) -> Answer:
        """Nobody is asked: the browser goes straight back with a code."""
        back = {"code": CODE, "state": call.query.get("state", ""), "scope": SCOPE}
        return Answer(302, headers={"Location": f"{call.query.get('redirect_uri', '/')}?{urlencode(back)}"})

    def grant(self, call: Call) -> Answer:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        body: dict[str, Any] = {"expires_in": TOKEN_LIFE, "token_type": "Bearer", "scope": SCOPE}
        match form.get("grant_type"):
            case "refresh_token":
                check_client(form)
                good = form.get("refresh_token") == credentials.REFRESH_TOKEN
            case "authorization_code":
                check_client(form)
                good = form.get("code") == CODE
                body["refresh_token"] = credentials.REFRESH_TOKEN
            case grant if grant == JWT_GRANT:
                check_assertion(form.get("assertion", ""), call.base_url)
                good = True
            case _:
                raise refuse_grant("unsupported_grant_type", "Invalid grant_type: ")
        if call.revoked or not good:
            raise refuse_grant("invalid_grant", "Token has been expired or revoked.")
        return answer_json({"access_token": self._desk.issue(), **body})


def check_client(form: dict[str, str]) -> None:
    if form.get("client_id") != credentials.CLIENT_ID:
        raise refuse_grant("invalid_client", "The OAuth client was not found.")
    if form.get("client_secret") != credentials.CLIENT_SECRET:
        raise refuse_grant("invalid_client", "Unauthorized")


def check_assertion(assertion: str, base_url: str) -> None:
    """Signature, issuer, audience, scope, and times, which are those of the real clock, as the caller's are."""
    audience = [credentials.TOKEN_URI, f"{base_url}/token"]
    try:
        claims = jwt.decode(assertion, make_key().public_key(), algorithms=["RS256"], audience=audience)
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as exc:
        raise refuse_grant("invalid_grant", _WRONG_TIME) from exc
    except jwt.InvalidSignatureError as exc:
        raise refuse_grant("invalid_grant", "Invalid JWT Signature.") from exc
    except jwt.PyJWTError as exc:
        raise refuse_grant("invalid_grant", "Invalid JWT: Failed audience check.") from exc
    if claims.get("iss") != credentials.SERVICE_ACCOUNT:
        raise refuse_grant("invalid_grant", "Invalid grant: account not found")
    if claims.get("exp", 0) - claims.get("iat", 0) > LONGEST_ASSERTION:
        raise refuse_grant("invalid_grant", _WRONG_TIME)
    if SCOPE not in str(claims.get("scope", "")).split():
        raise refuse_grant("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
