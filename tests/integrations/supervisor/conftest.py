"""Instances of the panel: one for each test, or one that shows a whole file what it wants to know."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integrations.supervisor.instances import Instance


@contextmanager
def quick_instance(folder: Path, workers: int = 1) -> Iterator[Instance]:
    """Not started yet; whatever is left of it is killed at the end. The watchdog is quick."""
    instance = Instance(folder / "data", WATCHDOG_SECONDS="6", WORKERS=str(workers))
    try:
        yield instance
    finally:
        instance.kill()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """One of the test's own."""
    with quick_instance(tmp_path) as instance:
        yield instance


@pytest.fixture(scope="module")
def new_panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """One that runs after its very first start, to be looked at."""
    with quick_instance(tmp_path_factory.mktemp("new")) as instance:
        instance.start(fresh=True).wait_until_healthy()
        yield instance


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """One that runs; each test waits until all is as it was."""
    with quick_instance(tmp_path_factory.mktemp("panel")) as instance:
        yield instance.start()


@pytest.fixture(scope="module")
def five_groups(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """As `panel`, with five worker groups."""
    with quick_instance(tmp_path_factory.mktemp("five"), workers=5) as instance:
        yield instance.start()
