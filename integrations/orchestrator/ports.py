"""What adapters are given: the connection's token, kept on its row and shared by all workers."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database
from django.db.models import Q
from django.utils import timezone

from integrations.exceptions import TransientError
from integrations.models import Connection
from integrations.types import Token

LOCK_LEASE = timedelta(seconds=20)
"""Longer than the longest token call; a worker killed inside frees the lock by this time."""
LOCK_WAIT = 25.0
LOCK_POLL = 0.05


class RowTokens:
    """A `TokenStore` on the connection's row. `locked()` is a lock on that row that one worker holds while it refreshes;
    the others wait, and find the new token. It is a lease, not a transaction: no database lock is held during the call.
    """

    def __init__(self, connection_id: int) -> None:
        self.connection_id = connection_id

    def current(self) -> Token | None:
        """The token last saved, or None."""
        saved: Any = Connection.objects.values_list("token", flat=True).get(pk=self.connection_id)
        return _token(saved) if saved else None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Until the end of the block no other worker refreshes this connection's token."""
        deadline = time.monotonic() + LOCK_WAIT
        while not self._take_lock():
            if time.monotonic() > deadline:
                raise TransientError("Another worker has been renewing the sign-in for too long.", code="token_locked")
            time.sleep(LOCK_POLL)
        try:
            yield
        finally:
            Connection.objects.filter(pk=self.connection_id).update(token_locked_until=None)

    def _take_lock(self) -> bool:
        now = timezone.now()
        free = Q(token_locked_until__isnull=True) | Q(token_locked_until__lt=now)
        row = Connection.objects.filter(free, pk=self.connection_id)
        return bool(row.update(token_locked_until=now + LOCK_LEASE))

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
