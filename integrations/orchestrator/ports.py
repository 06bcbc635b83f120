"""What adapters are given: the connection's token, kept on its row and shared by all workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection as database
from django.db import transaction

from integrations.models import Connection
from integrations.types import Token


class RowTokens:
    """A `TokenStore` on the connection's row. `locked()` holds the row's lock, so that one worker refreshes and the
    others find the new token."""

    def __init__(self, connection_id: int) -> None:
        self.connection_id = connection_id

    def current(self) -> Token | None:
        """The token last saved, or None."""
        saved: Any = Connection.objects.values_list("token", flat=True).get(pk=self.connection_id)
        return _token(saved) if saved else None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Until the end of the block no other worker refreshes this connection's token."""
        with transaction.atomic():
            Connection.objects.select_for_update().only("pk").get(pk=self.connection_id)
            yield

    def save(self, token: Token) -> None:
        """Keep a new token; a rotated refresh token replaces the old one."""
        ends = token.expires_at
        row = Connection.objects.get(pk=self.connection_id)
        row.token = {
            "access_token": token.access_token,
            "expires_at": ends.isoformat() if ends else "",
            "base_url": token.base_url,
            "refresh_token": token.refresh_token or (row.token or {}).get("refresh_token", ""),
        }
        row.token_expires_at = ends
        row.save(update_fields=["token", "token_expires_at"])


def _token(saved: dict[str, str]) -> Token:
    ends = saved.get("expires_at")
    return Token(
        access_token=saved["access_token"],
        expires_at=datetime.fromisoformat(ends) if ends else None,
        base_url=saved.get("base_url", ""),
        refresh_token=saved.get("refresh_token", ""),
    )


def close_thread_connection() -> None:
    """Close the database connection that this thread may have opened."""
    database.close()
