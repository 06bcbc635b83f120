"""The exact calls a batch was sent by, as they are kept for the person who wants to see them."""

from collections.abc import Iterator, Sequence
from typing import Any

from integrations.exceptions import SyncpanelError
from integrations.models import Connection
from integrations.models.blobs import pack
from integrations.types import Exchange

MOST_KEPT = 4_000_000
"""Bytes of a body. Larger ones are loads that nobody reads through."""
SHORTEST_SECRET = 6
HIDDEN = "•••"


def pack_calls(connection: Connection, exchanges: Sequence[Exchange]) -> bytes | None:
    """The calls, newest last, without anything the connection signs in with, in case the platform says it back."""
    if not exchanges:
        return None
    secrets = sorted(_secrets_of(connection), key=len, reverse=True)
    return pack([_show(call, secrets) for call in exchanges])


def calls_of_failure(connection: Connection, problem: SyncpanelError) -> dict[str, bytes]:
    """The column of a batch whose call failed; nothing when there was no call, so that those kept before stay."""
    packed = pack_calls(connection, problem.exchanges)
    return {"exchange": packed} if packed else {}


def _show(call: Exchange, secrets: Sequence[str]) -> dict[str, Any]:
    return {
        "method": call.method,
        "url": _hide(call.url, secrets),
        "request": _read(call.request_body, secrets),
        "status": call.status,
        "response": _read(call.response_body, secrets),
        "seconds": call.seconds,
    }


def _read(body: bytes, secrets: Sequence[str]) -> str:
    return _hide(body[:MOST_KEPT].decode("utf-8", "replace"), secrets)


def _hide(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


def _secrets_of(connection: Connection) -> Iterator[str]:
    """Not the shortest: hiding those would hide other words, and nobody signs in with them."""
    token = {name: connection.token.get(name) for name in ("access_token", "refresh_token")}
    for value in {**connection.secrets, **token}.values():
        if isinstance(value, str) and len(value) >= SHORTEST_SECRET:
            yield value
