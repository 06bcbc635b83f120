"""Mailchimp's two ways to sign in: neither key nor token ends by itself.

https://mailchimp.com/developer/marketing/docs/fundamentals/
"""

import re

from integrations.adapters.auth import FixedToken, Tokens, require
from integrations.adapters.mailchimp.declaration import GLOBAL_URL
from integrations.adapters.mailchimp.paths import BASE
from integrations.types import Credentials

_DATA_CENTRE = re.compile(r"[^-]+-([a-z]{2,4}[0-9]{1,4})", re.ASCII)


def make_tokens(credentials: Credentials) -> Tokens:
    """What the person has not given is missed at the first call, as a SignInError."""
    if credentials.method == "oauth":
        return FixedToken(lambda: require(credentials, "access_token", "The access token"))
    return FixedToken(lambda: require(credentials, "api_key", "The API key"))


def find_address(credentials: Credentials) -> str:
    """Where the account is: as entered, else as the key says, else Mailchimp's address for all."""
    entered = (credentials.settings.get("base_url") or "").strip().rstrip("/")
    if entered:
        return entered.removesuffix(BASE)
    found = _DATA_CENTRE.fullmatch(credentials.secrets.get("api_key", "").strip())
    return f"https://{found[1]}.api.mailchimp.com" if found and credentials.method != "oauth" else GLOBAL_URL
