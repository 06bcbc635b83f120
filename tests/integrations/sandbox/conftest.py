"""A fresh sandbox for every test, and clients that are signed in to it."""

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from integrations.sandbox.server import SandboxServer

Json = dict[str, Any]
TLS = ssl.create_default_context()
"""Loading certificates is the slowest part of making a client."""


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(contacts=1_000, bulk_delay=10) as server:
        yield server


@pytest.fixture
def control(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{sandbox.url}/_control", verify=TLS) as client:
        yield client


@pytest.fixture
def hubspot(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    token = sandbox.credentials()["hubspot"]["access_token"]
    with httpx.Client(base_url=sandbox.url, headers={"Authorization": f"Bearer {token}"}, verify=TLS) as client:
        yield client


@pytest.fixture
def salesforce(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    base = f"{sandbox.url}/services/data/v62.0"
    headers = {"Authorization": f"Bearer {sign_in(sandbox)}"}
    with httpx.Client(base_url=base, headers=headers, verify=TLS) as client:
        yield client


def sign_in(sandbox: SandboxServer) -> str:
    known = sandbox.credentials()["salesforce"]
    form = {"grant_type": "client_credentials", **{name: known[name] for name in ("client_id", "client_secret")}}
    return str(httpx.post(f"{sandbox.url}/services/oauth2/token", data=form, verify=TLS).json()["access_token"])


@pytest.fixture
def refresh(sandbox: SandboxServer) -> Callable[[], httpx.Response]:
    """Asks HubSpot for an OAuth token."""
    oauth = sandbox.credentials()["hubspot"]["oauth"]
    form = {"grant_type": "refresh_token", **{name: oauth[name] for name in oauth if name != "token_url"}}
    return lambda: httpx.post(oauth["token_url"], data=form, verify=TLS)


@pytest.fixture
def upsert(hubspot: httpx.Client) -> Callable[..., httpx.Response]:
    """Upserts contacts by e-mail, each with its position as trace id unless told otherwise."""

    def call(*contacts: Json, traced: bool = True) -> httpx.Response:
        inputs = []
        for i, properties in enumerate(contacts):
            trace = {"objectWriteTraceId": f"row-{i}"} if traced else {}
            inputs.append({"id": properties["email"], "idProperty": "email", "properties": properties, **trace})
        return hubspot.post("/crm/v3/objects/contacts/batch/upsert", json={"inputs": inputs})

    return call


@pytest.fixture
def upsert_leads(salesforce: httpx.Client) -> Callable[..., httpx.Response]:
    def call(*leads: Json, key: str = "HubSpot_Email__c", all_or_none: bool = False) -> httpx.Response:
        records = [{"attributes": {"type": "Lead"}, **lead} for lead in leads]
        body = {"allOrNone": all_or_none, "records": records}
        return salesforce.patch(f"/composite/sobjects/Lead/{key}", json=body)

    return call


@pytest.fixture
def lead() -> Callable[..., Json]:
    """A lead that is fine; keywords change it, None included."""

    def make(email: str = "ann@x.io", **changes: Any) -> Json:
        return {"HubSpot_Email__c": email, "LastName": "O'Brien", "Company": "Acme", **changes}

    return make
