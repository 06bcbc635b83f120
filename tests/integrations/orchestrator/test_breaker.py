"""The circuit breaker: five failures in a row open it, longer each time; one good call closes it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.enums import Kind
from integrations.models import Event
from integrations.orchestrator.breaker import (
    LONGEST_PAUSE,
    OPENS_AFTER,
    close_breaker,
    note_failure,
    open_until,
    pause_after,
)
from tests.factories import make_connection

pytestmark = pytest.mark.django_db


def test_it_opens_after_five_failures_and_tells_once() -> None:
    connection = make_connection()
    for failures in range(1, OPENS_AFTER + 2):
        note_failure(connection, "HubSpot does not answer.")
        assert (open_until(connection.pk, timezone.now()) is not None) == (failures >= OPENS_AFTER)
    assert Event.objects.filter(stream=connection.stream, kind=Kind.CONNECTION_BREAKER_OPENED).count() == 1


def test_it_lets_calls_through_again_after_its_pause() -> None:
    connection = make_connection()
    for _ in range(OPENS_AFTER):
        note_failure(connection, "x")
    assert open_until(connection.pk, timezone.now() + timedelta(minutes=1)) is None


def test_a_good_call_closes_it(django_assert_num_queries) -> None:
    connection = make_connection()
    for _ in range(OPENS_AFTER):
        note_failure(connection, "x")
    close_breaker(connection.pk)
    assert open_until(connection.pk, timezone.now()) is None
    assert Event.objects.filter(kind=Kind.CONNECTION_BREAKER_CLOSED).count() == 1
    with django_assert_num_queries(3):  # savepoint, look, release: nothing is written
        close_breaker(connection.pk)


@pytest.mark.parametrize(("failures", "seconds"), [(5, 30), (6, 60), (8, 240), (100, LONGEST_PAUSE.total_seconds())])
def test_each_failure_makes_the_pause_longer(failures: int, seconds: float) -> None:
    assert pause_after(failures).total_seconds() == seconds
