"""Encryption at rest with rotating keys (MultiFernet: the first key writes, all keys read)."""

from functools import lru_cache
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from integrations.exceptions import ConfigurationError


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """The cipher of the configured keys."""
    return _cipher(tuple(settings.SYNCPANEL_ENCRYPTION_KEYS))


def encrypt(value: Any) -> str:
    """Any JSON value as an encrypted text."""
    return cipher().encrypt(orjson.dumps(value)).decode()


def decrypt(text: str) -> Any:
    """The value of an encrypted text; ConfigurationError when no configured key opens it."""
    try:
        return orjson.loads(cipher().decrypt(text.encode()))
    except InvalidToken as exc:
        raise ConfigurationError(
            "The saved credentials were encrypted with a key that is not configured any more.", code="encryption_key"
        ) from exc


def rotate(text: str) -> str:
    """The same secret under the first configured key."""
    return cipher().rotate(text.encode()).decode()
