"""A Mailchimp adapter whose answers a test writes itself."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from integrations.adapters.mailchimp import ADAPTER
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.types import Credentials

SECRETS = {"api_key": "0123456789abcdef0123456789abcdef-us21"}


class Scripted:
    """Answers by what `answers` says for "METHOD path"; remembers the requests. A body, a status and a body, or a function
    of the request."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        found = self.answers[f"{request.method} {request.url.path}"]
        found = found(request) if callable(found) else found
        if isinstance(found, httpx.Response):
            return found
        status, body = found if isinstance(found, tuple) else (200, found)
        return httpx.Response(status, json=body)

    @property
    def calls(self) -> list[str]:
        return [f"{request.method} {request.url.path}" for request in self.requests]


@pytest.fixture
def mailchimp() -> Callable[..., Any]:
    """An adapter that gets these answers; settings may be given."""
    opened: list[Any] = []

    def make(script: Callable[[httpx.Request], httpx.Response], **settings: str) -> Any:
        credentials = Credentials("api_key", settings, SECRETS)
        transport = httpx.MockTransport(script)
        opened.append(ADAPTER(credentials, MemoryTokens(), Unlimited(), transport=transport))
        return opened[-1]

    yield make
    for adapter in opened:
        adapter.close()


LIST = "/3.0/lists/abc"
MEMBERS = f"{LIST}/members"


def member(email: str = "ann@x.io", status: str = "subscribed", **more: Any) -> dict[str, Any]:
    """A member as Mailchimp answers it."""
    merges = {"FNAME": "", "LNAME": ""}
    row = {"id": "0" * 32, "contact_id": "c-1", "email_address": email, "status": status, "merge_fields": merges}
    return {**row, "last_changed": "2026-01-02T03:04:05+00:00", "tags": [], "tags_count": 0, **more}


def problem(status: int, title: str, detail: str = "No.", errors: list[dict[str, str]] | None = None) -> Any:
    """A refusal as Mailchimp writes it."""
    body: dict[str, Any] = {"type": "t", "title": title, "status": status, "detail": detail, "instance": "i-1"}
    return status, body if errors is None else {**body, "errors": errors}


def audience(**more: Any) -> dict[str, Any]:
    """A list as Mailchimp answers it."""
    return {"id": "abc", "name": "Newsletter", "double_optin": False, "marketing_permissions": False, **more}
