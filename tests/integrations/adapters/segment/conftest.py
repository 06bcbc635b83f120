"""A Segment adapter whose answers a test writes itself, and whose clock stands still."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from integrations.adapters.segment import ADAPTER
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.types import Credentials

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITE_KEY = "write-key-1"
SUCCESS = {"success": True}


def credentials(method: str = "write_key", settings: dict[str, str] | None = None, **secrets: str) -> Credentials:
    return Credentials(method, settings or {}, {"write_key": WRITE_KEY, **secrets})


class Segment:
    """The adapter, and what it has sent."""

    def __init__(self, answer: Any, signed: Credentials) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = answer
        self.permits, self.tokens = Unlimited(), MemoryTokens()
        transport = httpx.MockTransport(self._respond)
        self.adapter = ADAPTER(signed, self.tokens, self.permits, transport=transport, now=lambda: NOW)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        found = self._answer(request) if callable(self._answer) else self._answer
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(gzip.decompress(request.content)) for request in self.requests]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for body in self.bodies for message in body["batch"]]

    def upload(self, records, object_name="users", mode="upsert", key="userId", trace="7-1"):
        return self.adapter.upload_batch(object_name, records, mode, key, trace=trace)


@pytest.fixture
def segment() -> Callable[..., Segment]:
    """`answer` is a body, a response, or a function of the request."""

    def make(answer: Any = SUCCESS, signed: Credentials | None = None) -> Segment:
        return Segment(answer, signed or credentials())

    return make
