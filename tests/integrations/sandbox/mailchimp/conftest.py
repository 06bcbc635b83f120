"""Clients that are signed in to the simulated Mailchimp."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx
import pytest

from integrations.sandbox.mailchimp.credentials import API_KEY, NEWSLETTER
from integrations.sandbox.mailchimp.member import hash_email
from integrations.sandbox.server import SandboxServer
from tests.integrations.sandbox.conftest import TLS
from tests.integrations.sandbox.listening import Listener

MEMBERS = f"/lists/{NEWSLETTER}/members"
OBJECT = f"members:{NEWSLETTER}"
EASY = {"skip_merge_validation": "true"}


@pytest.fixture
def mailchimp(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {API_KEY}"}
    with httpx.Client(base_url=f"{sandbox.url}/3.0", headers=headers, verify=TLS) as client:
        yield client


@pytest.fixture
def put(mailchimp: httpx.Client) -> Callable[..., httpx.Response]:
    """Puts a member; `status_if_new` is subscribed unless told otherwise."""

    def call(email: str, **body: Any) -> httpx.Response:
        given = {"email_address": email, "status_if_new": "subscribed", **body}
        return mailchimp.put(f"{MEMBERS}/{hash_email(email)}", json=given, params=EASY)

    return call


@pytest.fixture
def people(control: httpx.Client) -> Callable[[str], list[dict[str, Any]]]:
    """All members of the newsletter with a status."""

    def find(status: str) -> list[dict[str, Any]]:
        rows = control.get(f"/mailchimp/{OBJECT}/records", params={"limit": 2_000}).json()["records"]
        return [row for row in rows if row["status"] == status]

    return find


class Greeting(Listener):
    """A listener that says yes to those who look whether somebody is there."""

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        class Handler(super()._make_handler()):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        return Handler


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Greeting() as listening:
        yield listening
