"""Signing in, and who we are. https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from integrations.sandbox.mailchimp import credentials
from integrations.sandbox.mailchimp.audiences import Audiences
from integrations.sandbox.mailchimp.errors import refuse
from integrations.sandbox.mailchimp.shaping import shape
from integrations.sandbox.wire import Answer, Call, Refusal, Route, answer_json


@dataclass(frozen=True, slots=True)
class User:
    """Whose key it is."""

    role: str
    may_write: bool


_KEYS = {
    credentials.API_KEY: User("owner", True),
    credentials.ACCESS_TOKEN: User("owner", True),
    credentials.VIEWER_KEY: User("viewer", False),
}


class KeyDesk:
    """Knows which keys are good; as the name in Basic authentication anything will do."""

    def check(self, call: Call) -> User:
        secret = read_secret(call.headers)
        if not secret:
            detail = "Your request did not include an API key."
            raise refuse(401, "API Key Missing", detail)
        user = _KEYS.get(secret)
        if user is None or call.revoked:
            detail = "Your API key may be invalid, or you've attempted to access the wrong datacenter."
            raise refuse(401, "API Key Invalid", detail)
        return user


def read_secret(headers: Mapping[str, str]) -> str:
    kind, _, rest = headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return rest.strip() if kind in ("Bearer", "OAuth", "apikey") else ""
    try:
        return base64.b64decode(rest).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


class AccountApi:
    """The root, the ping, and the two calls of OAuth, whose host stands under /login here."""

    def __init__(self, audiences: Audiences) -> None:
        self._audiences = audiences

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/3.0/", self.describe),
            Route("GET", "/3.0", self.describe),
            Route("GET", "/3.0/ping", self.ping),
            Route("POST", "/login/oauth2/token", self.grant, public=True),
            Route("GET", "/login/oauth2/metadata", self.tell_metadata, public=True),
        ]

    def ping(self, call: Call) -> Answer:
        return answer_json({"health_status": "Everything's Chimpy!"})

    def describe(self, call: Call) -> Answer:
        body = {
            "account_id": credentials.ACCOUNT_ID,
            "login_id": credentials.LOGIN_ID,
            "account_name": "Sandbox Coffee",
            "email": "ops@example.com",
            "username": "sandbox",
            "role": call.token.role,
            "account_timezone": "Europe/Berlin",
            "pricing_plan_type": "monthly",
            "total_subscribers": sum(len(one.order) for one in self._audiences.all()),
            "_links": [],
        }
        return answer_json(shape(body, call.query))

    def grant(self, call: Call) -> Answer:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        good = (credentials.CLIENT_ID, credentials.CLIENT_SECRET, credentials.CODE)
        if (form.get("client_id"), form.get("client_secret"), form.get("code")) != good:
            raise Refusal(400, {"error": "invalid_grant", "error_description": "The code is not valid."})
        return answer_json({"access_token": credentials.ACCESS_TOKEN, "expires_in": 0, "scope": None})

    def tell_metadata(self, call: Call) -> Answer:
        """Also a bad token is answered with 200."""
        if read_secret(call.headers) != credentials.ACCESS_TOKEN or call.revoked:
            return answer_json({"error": "invalid_token"})
        body = {"dc": credentials.DATA_CENTRE, "role": "owner", "accountname": "Sandbox Coffee", "user_id": 1}
        return answer_json({**body, "login_url": call.base_url, "api_endpoint": call.base_url})
