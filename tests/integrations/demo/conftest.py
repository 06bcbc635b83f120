"""The demo's syncs against a small portal, with their jobs worked in this process."""

from collections.abc import Iterator

import pytest

from integrations import demo
from integrations.sandbox.server import SandboxServer
from tests.integrations.orchestrator.conftest import Control, run_job

__all__ = ["run_job"]

CONTACTS = 900


@pytest.fixture
def sandbox() -> Iterator[Control]:
    """A portal without limits, small enough for everybody in it to be as they should be."""
    with SandboxServer(contacts=CONTACTS, limits=False, export_seconds=0.0, mailchimp_batch_delay=0.0) as server:
        control = Control(server)
        yield control
        control.http.close()


@pytest.fixture
def demo_syncs(committed_db: str, sandbox: Control) -> None:
    """All of them, none of which has run."""
    credentials = sandbox.server.credentials()
    demo.add_sync(demo.CONTACTS, *demo.connect(credentials, tier=demo.UNLIMITED))
    demo.add_all(credentials, "dana", tier=demo.UNLIMITED)
