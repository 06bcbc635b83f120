"""Whose address a token is. All of them are kept in memory for seconds, so that a call costs no query."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from integrations.adapters.registry import capabilities, platforms
from integrations.exceptions import SyncpanelError
from integrations.incoming import Account, WebhookFormat
from integrations.models import WebhookAddress
from integrations.webhooks.tokens import MOST, hash_token

logger = logging.getLogger(__name__)

FRESH_FOR = 3.0
"""A renewed or removed address may answer so much longer."""
NOT_SOONER_THAN = 0.5
"""Strangers who try tokens cause no more than two queries a second."""
WAIT = 5.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where one platform's account calls."""

    connection_id: int
    format: WebhookFormat
    account: Account


def load_addresses() -> dict[str, Address]:
    """All there are, by the hash of their token."""
    found = {}
    for row in WebhookAddress.objects.select_related("connection").filter(connection__platform__in=platforms()):
        try:
            connection = row.connection
            webhook = capabilities(connection.platform).webhook
            if webhook is not None:
                account = Account(connection.secrets, connection.settings, connection.account_id)
                found[row.token_hash] = Address(connection.pk, webhook, account)
        except SyncpanelError as problem:
            logger.error("The address of connection %s cannot be used: %s", row.connection_id, problem.message)
    return found


class AddressBook:
    """What was loaded last. `refresh` runs in a thread with a database connection of its own; nobody waits for it who calls
    an address that is known."""

    ask_refresh: Callable[[], None]
    """Has somebody call `refresh` soon."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: Mapping[str, Address] = {}
        self._loaded_at = float("-inf")
        self._loaded = threading.Condition()

    def find(self, token: str) -> Address | None:
        """Whose token it is; None when it is nobody's. ConnectionError when that cannot be known now."""
        if len(token) > MOST:
            return None
        wanted = hash_token(token)
        now = self._clock()
        found = self._known.get(wanted)
        if found is not None:
            if now - self._loaded_at > FRESH_FOR:
                self.ask_refresh()
            return found
        if now - self._loaded_at > NOT_SOONER_THAN:
            self._wait_for_newer(now)
        return self._known.get(wanted)

    def refresh(self) -> None:
        """Load them anew."""
        started = self._clock()
        known = load_addresses()
        with self._loaded:
            self._known, self._loaded_at = known, started
            self._loaded.notify_all()

    def _wait_for_newer(self, now: float) -> None:
        self.ask_refresh()
        with self._loaded:
            if not self._loaded.wait_for(lambda: self._loaded_at >= now - NOT_SOONER_THAN, WAIT):
                raise ConnectionError("The addresses could not be looked up.")
