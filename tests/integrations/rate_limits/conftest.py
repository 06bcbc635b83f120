"""A made-up clock, and permits on it."""

from collections.abc import Callable, Iterator

import pytest

from integrations.models import Connection
from integrations.rate_limits.limiter import ConnectionPermits
from tests.integrations.rate_limits.simulation import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def permits_of(clock: FakeClock) -> Iterator[Callable[..., ConnectionPermits]]:
    """Makes permits on the made-up clock, and closes them at the end."""
    made: list[ConnectionPermits] = []

    def make(connection: Connection, **values: object) -> ConnectionPermits:
        permits = ConnectionPermits(connection, **{"clock": clock, "sleep": clock.sleep} | values)
        made.append(permits)
        return permits

    yield make
    for permits in made:
        permits.close()
