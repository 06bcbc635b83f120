"""Jobs in this process for what need not be a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations import demo
from integrations.models import Sync
from integrations.sandbox.server import SandboxServer
from tests.faults.platforms import Platforms
from tests.faults.sandboxes import Sandboxes, running_sandboxes
from tests.faults.slices import SMALL
from tests.faults.stand import Stand, stand


@pytest.fixture
def platforms() -> Iterator[Platforms]:
    """A small portal without limits, in a thread."""
    with SandboxServer(contacts=SMALL, limits=False) as server:
        platforms = Platforms(server.url)
        yield platforms
        platforms.close()


@pytest.fixture
def sync(committed_db: str, platforms: Platforms) -> Sync:
    """The demo's sync over the small portal, in batches of fifty."""
    ends = demo.connect(platforms.credentials(), tier=demo.UNLIMITED, timeout=5)
    return demo.add_sync("Contacts", *ends, batch_size=50)


@pytest.fixture(scope="session")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandboxes]:
    """In processes of their own, started when the first test asks for one."""
    with running_sandboxes(tmp_path_factory.mktemp("sandboxes")) as sandboxes:
        yield sandboxes


@pytest.fixture
def standing(each_db: str, tmp_path: Path, sandboxes: Sandboxes) -> Iterator[Stand]:
    """A stand on its own database, once SQLite and once PostgreSQL; nothing is started."""
    with stand(each_db, tmp_path / "stand", lender=sandboxes) as built:
        yield built


@pytest.fixture
def embedded(committed_db: str, tmp_path: Path, sandboxes: Sandboxes) -> Iterator[Stand]:
    """A stand on SQLite; nothing is started."""
    with stand(committed_db, tmp_path / "stand", lender=sandboxes) as built:
        yield built


@pytest.fixture
def running(embedded: Stand) -> Stand:
    """A stand on SQLite with a sandbox and one cluster."""
    embedded.start_workers()
    embedded.take_sandbox()
    return embedded
