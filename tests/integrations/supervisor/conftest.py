"""A fresh instance of the panel for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integrations.supervisor.instances import Instance


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """Not started yet; whatever is left of it is killed at the end. The watchdog is quick."""
    instance = Instance(tmp_path / "data", WATCHDOG_SECONDS="6", WORKERS="1")
    yield instance
    instance.kill()
