"""A Google Analytics adapter whose answers a test writes itself, and the time of day it believes."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from integrations.adapters.google_analytics import ADAPTER
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.sandbox.google_analytics.credentials import write_key_file
from integrations.types import Credentials, Token

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS = {"property_id": "1234", "measurement_id": "G-ABCD1234"}
SECRETS = {"service_account": write_key_file(), "api_secret": "top-secret-1"}
BOTH = Credentials("service_account", SETTINGS, SECRETS)
EVENTS_ONLY = Credentials("events", {"measurement_id": "G-ABCD1234"}, {"api_secret": "top-secret-1"})
READS_ONLY = Credentials("service_account", {"property_id": "1234"}, {"service_account": SECRETS["service_account"]})


@pytest.fixture
def analytics() -> Callable[..., Any]:
    """An adapter that is signed in and gets `answer` (a body, or a function of the request) to everything."""

    def make(
        answer: Any = None,
        status: int = 200,
        credentials: Credentials = BOTH,
        tokens: Any = None,
        permits: Any = None,
        now: datetime = NOW,
    ) -> Any:
        def respond(request: httpx.Request) -> httpx.Response:
            found = answer(request) if callable(answer) else answer
            if isinstance(found, Exception):
                raise found
            if isinstance(found, httpx.Response):
                return found
            return httpx.Response(204) if found is None else httpx.Response(status, json=found)

        return ADAPTER(
            credentials,
            tokens or MemoryTokens(Token("ya29.test")),
            permits or Unlimited(),
            transport=httpx.MockTransport(respond),
            now=lambda: now,
        )

    return make


def make_record(**changes: Any) -> dict[str, Any]:
    """An event that is fine; keywords change it."""
    return {"event_id": "e-1", "name": "generate_lead", "client_id": "181234.1767225600", **changes}
