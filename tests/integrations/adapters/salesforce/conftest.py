"""A Salesforce adapter whose answers a test writes itself."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from integrations.adapters.salesforce import ADAPTER
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.types import Credentials, Token

SETTINGS = {"base_url": "https://acme.my.salesforce.com", "client_id": "key"}
CREDENTIALS = Credentials("client_credentials", SETTINGS, {"client_secret": "secret"})
BASE = "/services/data/v62.0"


@pytest.fixture
def salesforce() -> Callable[..., Any]:
    """An adapter that is signed in and gets `answer` (a body, or a function of the request) to everything."""

    def make(answer: Any, status: int = 200, tokens: Any = None, credentials: Credentials = CREDENTIALS) -> Any:
        def respond(request: httpx.Request) -> httpx.Response:
            found = answer(request) if callable(answer) else answer
            return found if isinstance(found, httpx.Response) else httpx.Response(status, json=found)

        tokens = tokens or MemoryTokens(Token("00D!x", base_url="https://acme.my.salesforce.com"))
        return ADAPTER(credentials, tokens, Unlimited(), transport=httpx.MockTransport(respond))

    return make
