"""A test of a connection holds a thread of the web server: not for long, not twice, and never all of them."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.adapters.checking import NOT_TRIED, OUT_OF_TIME
from integrations.enums import ConnectionState
from integrations.exceptions import RefusedTransitionError
from integrations.models import Connection
from integrations.orchestrator.connection_turns import AT_ONCE, only_test_of
from integrations.orchestrator.connections import test_connection as try_connection
from tests.factories import make_connection
from tests.integrations.adapters.conftest import RawServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def silent() -> Iterator[RawServer]:
    """Takes every connection and says nothing."""
    server = RawServer([])
    yield server
    server.close()


def test_a_platform_that_hangs_holds_a_test_no_longer_than_it_may_take(silent: RawServer) -> None:
    connection = make_connection(settings={"base_url": silent.url, "timeout": "30"})
    started = time.monotonic()
    result = try_connection(connection.pk, "dana", seconds=0.5)
    assert time.monotonic() - started < 3
    assert [line.fix for line in result.lines] == [OUT_OF_TIME, *[NOT_TRIED] * (len(result.lines) - 1)]
    connection.refresh_from_db()
    assert (connection.state, connection.testing_until) == (ConnectionState.TROUBLE, None)


def test_a_second_test_of_one_connection_is_told_to_wait() -> None:
    connection = make_connection()
    with only_test_of(connection), pytest.raises(RefusedTransitionError, match="is running"):
        try_connection(connection.pk, "dana")
    connection.refresh_from_db()
    assert (connection.testing_until, connection.last_checked_at) == (None, None)


def test_the_turn_of_a_test_that_was_killed_ends_by_itself() -> None:
    connection = make_connection(testing_until=timezone.now() - timedelta(seconds=1))
    with only_test_of(connection):
        assert Connection.objects.get(pk=connection.pk).testing_until > timezone.now()


def test_tests_never_take_all_threads_of_the_web_server() -> None:
    with ExitStack() as stack:
        for _ in range(AT_ONCE):
            stack.enter_context(only_test_of(make_connection()))
        with pytest.raises(RefusedTransitionError, match="Others are asking"):
            try_connection(make_connection().pk, "dana")
    with only_test_of(make_connection()):
        pass


def test_a_refused_test_gives_its_place_back() -> None:
    connection = make_connection(testing_until=timezone.now() + timedelta(minutes=1))
    for _ in range(AT_ONCE + 1):
        with pytest.raises(RefusedTransitionError, match="is running"), only_test_of(connection):
            pass
