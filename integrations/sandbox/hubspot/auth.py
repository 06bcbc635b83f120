"""HubSpot's sign-in: private-app tokens and OAuth. https://developers.hubspot.com/docs/api/oauth-quickstart-guide"""

import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from integrations.sandbox.clock import Clock, format_ms
from integrations.sandbox.hubspot import credentials
from integrations.sandbox.hubspot.errors import describe_error, refuse
from integrations.sandbox.wire import Answer, Call, Refusal, Route, answer_json

TOKEN_LIFE = 1_800
READ_SCOPES = frozenset(
    f"crm.{part}.{name}.read"
    for part in ("objects", "schemas")
    for name in ("contacts", "companies", "deals", "custom")
)
ALL_SCOPES = READ_SCOPES | {scope.replace(".read", ".write") for scope in READ_SCOPES} | {"oauth"}

_NOT_FOUND = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at "
    "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)


@dataclass(slots=True)
class Token:
    """One access token; a private app's never expires."""

    app: str
    scopes: frozenset[str]
    expires_at: float | None = None

    @property
    def oauth(self) -> bool:
        return self.expires_at is not None


class TokenDesk:
    """Knows which tokens are good, and hands out new ones."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens = {
            credentials.TOKEN: Token("private", frozenset(ALL_SCOPES)),
            credentials.READ_ONLY_TOKEN: Token("read-only", READ_SCOPES),
        }
        self._refresh_tokens = {credentials.REFRESH_TOKEN}

    def check(self, header: str, revoked: bool) -> Token:
        token = self._tokens.get(header.removeprefix("Bearer "))
        if token is None or revoked:
            raise refuse(401, _NOT_FOUND, "INVALID_AUTHENTICATION")
        if token.expires_at is not None and token.expires_at <= self._clock.now():
            raise self._refuse_expired(token.expires_at)
        return token

    def _refuse_expired(self, expired_at: float) -> Refusal:
        ago = int(self._clock.now() - expired_at)
        return refuse(
            401,
            f"The OAuth token used to make this call expired {ago} second(s) ago.",
            "EXPIRED_AUTHENTICATION",
            context={"expire time": [format_ms(int(expired_at * 1_000))]},
        )

    def expire_all(self) -> None:
        for token in self._tokens.values():
            if token.expires_at is not None:
                token.expires_at = min(token.expires_at, self._clock.now())

    def issue(self) -> str:
        text = f"CN{secrets.token_urlsafe(48)}"
        self._tokens[text] = Token("oauth", frozenset(ALL_SCOPES), self._clock.now() + TOKEN_LIFE)
        return text

    def find(self, text: str) -> Token | None:
        return self._tokens.get(text)

    def knows_refresh_token(self, text: str) -> bool:
        return text in self._refresh_tokens

    def forget_refresh_token(self, text: str) -> None:
        self._refresh_tokens.discard(text)


class AuthApi:
    """The token endpoints of all three path families, and the consent page."""

    def __init__(self, desk: TokenDesk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        token = [Route("POST", f"/oauth/{version}/token", self.grant, public=True) for version in _VERSIONS]
        revoke = [Route("POST", f"/oauth/{version}/token/revoke", self.revoke, public=True) for version in _VERSIONS]
        look = [
            Route("POST", f"/oauth/{version}/token/introspect", self.introspect, public=True) for version in _VERSIONS
        ]
        return [
            *token,
            *revoke,
            *look,
            Route("GET", "/oauth/authorize", self.authorize, public=True),
            Route("GET", "/oauth/v1/access-tokens/{token}", self.describe_access_token, public=True),
            Route("GET", "/oauth/v1/refresh-tokens/{token}", self.describe_refresh_token, public=True),
            Route("DELETE", "/oauth/v1/refresh-tokens/{token}", self.delete_refresh_token, public=True),
        ]

    def authorize(self, call: Call) -> Answer:
        """Nobody is asked: the browser goes straight back with a code."""
        back = {"code": credentials.CODE, "state": call.query.get("state", "")}
        return Answer(302, headers={"Location": f"{call.query.get('redirect_uri', '/')}?{urlencode(back)}"})

    def grant(self, call: Call) -> Answer:
        form = read_form(call.body)
        self._check_client(form)
        self._check_grant(call, form)
        body = {"token_type": "bearer", "expires_in": TOKEN_LIFE, "access_token": self._desk.issue()}
        return answer_json({**body, "refresh_token": credentials.REFRESH_TOKEN})

    def _check_client(self, form: dict[str, str]) -> None:
        if form.get("client_id") != credentials.CLIENT_ID:
            raise Refusal(400, {"status": "BAD_CLIENT_ID", "message": "missing or unknown client id"})
        if form.get("client_secret") != credentials.CLIENT_SECRET:
            raise Refusal(400, {"status": "BAD_CLIENT_SECRET", "message": "missing or invalid client secret"})

    def _check_grant(self, call: Call, form: dict[str, str]) -> None:
        match form.get("grant_type"):
            case "refresh_token":
                good = not call.revoked and self._desk.knows_refresh_token(form.get("refresh_token", ""))
                word = "BAD_REFRESH_TOKEN"
            case "authorization_code":
                good = not call.revoked and form.get("code") == credentials.CODE
                word = "BAD_AUTH_CODE"
            case _:
                good, word = False, "BAD_GRANT_TYPE"
        if not good:
            raise refuse_grant(call.path, word)

    def revoke(self, call: Call) -> Answer:
        self._desk.forget_refresh_token(read_form(call.body).get("token", ""))
        return Answer(204)

    def introspect(self, call: Call) -> Answer:
        token = self._desk.find(read_form(call.body).get("token", ""))
        return answer_json({"active": token is not None})

    def describe_access_token(self, call: Call) -> Answer:
        token = self._desk.find(call.params["token"])
        if token is None:
            raise refuse(404, "access token not found")
        body = {"hub_id": credentials.PORTAL_ID, "app_id": credentials.APP_ID, "token_type": "access"}
        return answer_json(
            {**body, "user": "ops@example.com", "scopes": sorted(token.scopes), "expires_in": TOKEN_LIFE}
        )

    def describe_refresh_token(self, call: Call) -> Answer:
        if not self._desk.knows_refresh_token(call.params["token"]):
            raise refuse(404, "refresh token not found")
        body = {"hub_id": credentials.PORTAL_ID, "client_id": credentials.CLIENT_ID}
        return answer_json(
            {**body, "token": call.params["token"], "scopes": sorted(ALL_SCOPES), "token_type": "refresh"}
        )

    def delete_refresh_token(self, call: Call) -> Answer:
        self._desk.forget_refresh_token(call.params["token"])
        return Answer(204)


_VERSIONS = ("v1", "v3", "2026-03", "2026-09")


def read_form(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def refuse_grant(path: str, word: str) -> Refusal:
    """The first endpoint has its own words, the later ones those of the OAuth standard."""
    message = f"missing or invalid {word.removeprefix('BAD_').lower().replace('_', ' ')}"
    if path.startswith("/oauth/v1/"):
        return Refusal(400, {**describe_error(message), "status": word})
    return Refusal(400, {"error": "invalid_grant", "error_description": message, "status": word})
