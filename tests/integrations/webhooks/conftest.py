"""The simulated platforms, and the demo's sync between them."""

from collections.abc import Iterator

import pytest

from integrations.sandbox.server import SandboxServer
from tests.integrations.orchestrator.conftest import Control, run_job, sync

__all__ = ["run_job", "sync"]

CONTACTS = 300
"""More than are looked up at once."""


@pytest.fixture
def sandbox() -> Iterator[Control]:
    """A portal without limits, small enough for everybody in it to be as they should be."""
    with SandboxServer(contacts=CONTACTS, limits=False) as server:
        control = Control(server)
        yield control
        control.http.close()
