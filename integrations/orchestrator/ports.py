"""What adapters are given: the connection's token, kept on its row and shared by all workers."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database
from django.db.models import Q
from django.utils import timezone

from integrations.adapters.deadline import seconds_left
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

    def __init__(self, connection: Connection) -> None:
        self.connection_id = connection.pk
        self._rows = Connection.objects.filter(pk=connection.pk, revision=connection.revision)

    def current(self) -> Token | None:
        """The token last saved, or None."""
        saved: Any = self._rows.values_list("token", flat=True).first()
        return _token(saved) if saved else None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Until the end of the block no other worker refreshes this connection's token."""
        deadline = time.monotonic() + seconds_left(LOCK_WAIT)
        while (until := self._take_lock()) is None:
            if time.monotonic() > deadline:
                raise TransientError("Another worker has been renewing the sign-in for too long.", code="token_locked")
            time.sleep(LOCK_POLL)
        try:
            yield
        finally:
            mine = Connection.objects.filter(pk=self.connection_id, token_locked_until=until)
            mine.update(token_locked_until=None)

    def _take_lock(self) -> datetime | None:
        """Until when the lock is ours; None while it is somebody else's."""
        now = timezone.now()
        free = Q(token_locked_until__isnull=True) | Q(token_locked_until__lt=now)
        until = now + LOCK_LEASE
        row = Connection.objects.filter(free, pk=self.connection_id)
        return until if row.update(token_locked_until=until) else None

    def save(self, token: Token) -> None:
        """Keep a new token; a rotated refresh token replaces the old one. Not when the credentials have changed since."""
        before: Any = self._rows.values_list("token", flat=True).first()
        ends = token.expires_at
        told = {
            "access_token": token.access_token,
            "expires_at": ends.isoformat() if ends else "",
            "base_url": token.base_url,
            "refresh_token": token.refresh_token or (before or {}).get("refresh_token", ""),
        }
        self._rows.update(token=told, token_expires_at=ends)


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
