"""Who sends events: the last day by quarters of an hour, who listens, who went quiet; the same for one and for thirty."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.models import Connection, WebhookAddress, WebhookMinute
from integrations.queries.incoming import (
    QUARTERS,
    count_quiet,
    find_quiet,
    is_quiet,
    quiet_of,
    source_of_events,
    sources,
)
from tests.factories import make_connection, make_sync
from tests.integrations.webhooks.calling import make_address

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 12, 12, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


def minute(connection: Connection, ago: timedelta, received: int = 1, refused: int = 0) -> None:
    began = (NOW - ago).replace(second=0)
    WebhookMinute.objects.create(connection=connection, began=began, received=received, refused=refused)


def test_the_last_day_is_added_up_by_quarters_of_an_hour() -> None:
    _, one = make_address()
    minute(one, timedelta(minutes=1), received=3)
    minute(one, timedelta(minutes=7), received=2)
    minute(one, timedelta(minutes=8), received=10, refused=4)
    minute(one, 23 * HOUR + timedelta(minutes=52), received=7)
    minute(one, 25 * HOUR, received=100, refused=100)
    found = source_of_events(one.pk, NOW)
    assert (len(found.quarters), found.received, found.refused) == (QUARTERS, 22, 4)
    assert found.quarters[-2:] == (10, 5)
    assert found.quarters[0] == 7


def test_only_those_are_listed_whose_platform_calls() -> None:
    make_connection("google_analytics")
    sync = make_sync(on_webhook=True)
    make_sync(source=sync.source, destination=sync.destination)
    (here, there) = sources(NOW)
    assert [(one.connection.pk, one.listeners, one.address) for one in (here, there)] == [
        (sync.source_id, 1, None),
        (sync.destination_id, 0, None),
    ]


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_costs_the_same_for_one_and_for_thirty(django_assert_num_queries, number: int) -> None:
    for _ in range(number):
        _, one = make_address()
        minute(one, HOUR)
    with django_assert_num_queries(3):
        assert len(sources(NOW)) == number
    with django_assert_num_queries(1):
        find_quiet(NOW)


@pytest.mark.parametrize(
    ("last", "after", "expected", "quiet"),
    [
        (-3, -1, None, True),
        (-3, 0, None, True),
        (-3, 1, None, False),
        (-1, -2, None, False),
        (-3, None, None, False),
        (None, -1, None, False),
        (-3, -1, 1, False),
        (-3, -1, -0.5, True),
    ],
    ids=["silent", "just now", "not yet", "came since", "not known", "never", "to be expected", "no longer expected"],
)
def test_one_row_and_the_database_agree_on_who_is_quiet(last, after, expected, quiet: bool) -> None:
    _, one = make_address()
    moments = [None if hours is None else NOW + hours * HOUR for hours in (last, after, expected)]
    WebhookAddress.objects.update(last_received_at=moments[0], quiet_after=moments[1], expected_until=moments[2])
    address = WebhookAddress.objects.get()
    assert is_quiet(address, NOW) is quiet
    assert (quiet_of(Connection.objects.get(), NOW) is not None) is quiet
    assert bool(find_quiet(NOW)) is bool(count_quiet(NOW)) is quiet
    assert source_of_events(one.pk, NOW).is_quiet is quiet
