"""The secret part of the address a platform calls."""

import hashlib
import secrets

LENGTH = 32
MOST = 200
"""Characters that are looked at: nobody's token is longer."""


def make_token() -> str:
    """A new one, which nobody can guess: 192 bits."""
    return secrets.token_urlsafe(24)


def hash_token(token: str) -> str:
    """What it is looked up by. Nothing as slow as for a password is needed: it was not made up by a person."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
