"""Clients of the simulated Google Analytics: one that sends events, one that is signed in to read."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from integrations.sandbox.google_analytics.credentials import API_SECRET, MEASUREMENT_ID, PROPERTY
from integrations.sandbox.server import SandboxServer
from tests.integrations.sandbox.conftest import TLS

BASE = f"/v1beta/properties/{PROPERTY}"


def get_token(sandbox: SandboxServer) -> httpx.Response:
    oauth = sandbox.credentials()["google_analytics"]["oauth"]
    form = {"grant_type": "refresh_token", **{name: value for name, value in oauth.items() if name != "token_url"}}
    return httpx.post(oauth["token_url"], data=form, verify=TLS)


@pytest.fixture
def reader(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {get_token(sandbox).json()['access_token']}"}
    with httpx.Client(base_url=sandbox.url, headers=headers, verify=TLS) as client:
        yield client


@pytest.fixture
def run_report(reader: httpx.Client) -> Callable[..., httpx.Response]:
    """A report of the last thirty days; keywords change the question."""

    def run(*dimensions: str, metrics: tuple[str, ...] = ("sessions",), verb: str = "runReport", **more: Any) -> Any:
        question = {
            "dimensions": [{"name": name} for name in dimensions],
            "metrics": [{"name": name} for name in metrics],
            "dateRanges": [{"startDate": "30daysAgo", "endDate": "yesterday"}],
            "returnPropertyQuota": True,
            **more,
        }
        return reader.post(f"{BASE}:{verb}", json=question)

    return run


@pytest.fixture
def collect(sandbox: SandboxServer) -> Callable[..., httpx.Response]:
    """Sends events; keywords change the query (`secret`, `stream`), the body, or go to the validation server (`debug`)."""

    def send(
        *events: Any, secret: str = API_SECRET, stream: str = MEASUREMENT_ID, debug: bool = False, **body: Any
    ) -> httpx.Response:
        path = "/debug/mp/collect" if debug else "/mp/collect"
        whole = {"client_id": "1.2", "events": list(events), **body}
        query = {"measurement_id": stream, "api_secret": secret}
        return httpx.post(f"{sandbox.url}{path}", params=query, json=whole, verify=TLS)

    return send


def lead(number: int = 1, **changes: Any) -> dict[str, Any]:
    """An event that is fine."""
    params = {"event_id": f"e{number}", "session_id": "7", "engagement_time_msec": 1}
    return {"name": "generate_lead", "params": params, **changes}
