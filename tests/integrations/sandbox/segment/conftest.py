"""Clients of the simulated Segment, one for each of its interfaces."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from integrations.sandbox.segment.credentials import PUBLIC_TOKEN, SPACE_ID, SPACE_TOKEN, WRITE_KEY
from tests.integrations.sandbox.conftest import TLS

Json = dict[str, Any]


@pytest.fixture
def tracking(sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{sandbox.url}/v1", auth=(WRITE_KEY, ""), verify=TLS) as client:
        yield client


@pytest.fixture
def public(sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url, headers={"Authorization": f"Bearer {PUBLIC_TOKEN}"}, verify=TLS) as client:
        yield client


@pytest.fixture
def profiles(sandbox) -> Iterator[httpx.Client]:
    base = f"{sandbox.url}/v1/spaces/{SPACE_ID}/collections"
    with httpx.Client(base_url=base, auth=(SPACE_TOKEN, ""), verify=TLS) as client:
        yield client


@pytest.fixture
def send(tracking) -> Callable[..., httpx.Response]:
    """A batch of events."""

    def call(*events: Json, **more: Any) -> httpx.Response:
        return tracking.post("/batch", json={"batch": list(events), **more})

    return call


@pytest.fixture
def told(control) -> Callable[[str], Json]:
    """The summary of an object, or of what was lost."""
    return lambda name: control.get(f"/segment/{name}/summary").json()


@pytest.fixture
def person() -> Callable[..., Json]:
    def make(number: int = 1, **traits: Any) -> Json:
        values = {"email": f"p{number}@x.io", **traits}
        return {"type": "identify", "userId": f"u{number}", "traits": values}

    return make
