"""A HubSpot adapter whose answers a test writes itself."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from integrations.adapters.hubspot import ADAPTER
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.types import Credentials

CREDENTIALS = Credentials("token", {}, {"access_token": "pat-x"})


@pytest.fixture
def hubspot() -> Callable[..., Any]:
    """An adapter that gets `answer` (a body, or a function of the request) to everything."""

    def make(answer: Any, status: int = 200) -> Any:
        def respond(request: httpx.Request) -> httpx.Response:
            found = answer(request) if callable(answer) else answer
            return found if isinstance(found, httpx.Response) else httpx.Response(status, json=found)

        return ADAPTER(CREDENTIALS, MemoryTokens(), Unlimited(), transport=httpx.MockTransport(respond))

    return make
