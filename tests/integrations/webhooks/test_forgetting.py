"""What deliveries said goes first, that there were any goes later, and nothing goes that waits to be read."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.enums import DeliveryStatus
from integrations.models import Connection, SeenChange, TakenChange, WebhookDelivery, WebhookMinute
from integrations.webhooks import forgetting
from integrations.webhooks.forgetting import forget_incoming
from integrations.webhooks.reading import read_incoming
from tests.factories import make_connection
from tests.integrations.webhooks.calling import event, make_address, make_delivery

pytestmark = pytest.mark.django_db
READ = DeliveryStatus.READ


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def delivery(now: datetime, days: float, **values: Any) -> WebhookDelivery:
    caller = Connection.objects.first() or make_address()[1]
    made: WebhookDelivery = make_delivery(
        caller, event(7), received_at=now - timedelta(days=days), **{"status": READ, **values}
    )
    return made


@pytest.mark.parametrize(
    ("days", "status", "kept"),
    [(29, READ, True), (31, READ, False), (31, DeliveryStatus.SET_ASIDE, False), (31, DeliveryStatus.WAITING, True)],
)
def test_what_a_delivery_said_is_forgotten_after_its_time(
    now: datetime, days: int, status: DeliveryStatus, kept: bool
) -> None:
    one = delivery(now, days, status=status, what="Contact changed: email")
    forget_incoming(now)
    one.refresh_from_db()
    assert (one.has_body, bool(bytes(one.body)), bool(one.headers)) == (kept, kept, kept)
    assert one.what == "Contact changed: email"
    assert one.size > 0


def test_that_it_came_is_known_for_three_months(now: datetime) -> None:
    old, young = delivery(now, 91), delivery(now, 89)
    forget_incoming(now)
    assert list(WebhookDelivery.objects.values_list("pk", flat=True)) == [young.pk]
    assert old.pk


def test_a_longer_time_for_what_was_said_counts_for_the_rest_too(now: datetime, settings: Any) -> None:
    settings.KEEP_PAYLOAD_DAYS = 365
    delivery(now, 200)
    forget_incoming(now)
    assert WebhookDelivery.objects.get().has_body


def test_changes_go_with_what_told_of_them(now: datetime) -> None:
    delivery(now, 0, status=DeliveryStatus.WAITING)
    read_incoming()
    TakenChange.objects.create(sync=1, job=1, record_id="7", kind="changed", first=1, newest=1, taken_at=now)
    forget_incoming(now + timedelta(days=29))
    assert (SeenChange.objects.count(), TakenChange.objects.count()) == (1, 1)
    forget_incoming(now + timedelta(days=31))
    assert (SeenChange.objects.count(), TakenChange.objects.count()) == (0, 0)


def test_minutes_are_kept_for_two_days(now: datetime) -> None:
    caller = make_connection()
    for hours in (47, 49):
        WebhookMinute.objects.create(connection=caller, began=now - timedelta(hours=hours), received=1)
    forget_incoming(now)
    assert WebhookMinute.objects.get().began > now - timedelta(hours=48)


@pytest.mark.parametrize("gone", range(3), ids=["the first", "the middle one", "the last"])
def test_deliveries_of_a_removed_connection_go(now: datetime, gone: int) -> None:
    connections = [make_connection() for _ in range(3)]
    for one in connections:
        make_delivery(one, event(7))
    left = [one.pk for one in connections if one is not connections[gone]]
    connections[gone].delete()
    forget_incoming(now)
    assert sorted(WebhookDelivery.objects.values_list("connection_id", flat=True)) == left


def test_what_a_removed_connection_told_goes_bit_by_bit_and_not_while_somebody_waits(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    gone, stays = make_connection(), make_connection()
    for one in (gone, stays):
        make_delivery(one, *(event(number) for number in range(1, 6)))
    read_incoming()
    with CaptureQueriesContext(connection) as queries:
        gone.delete()
    assert not [query for query in queries if "integrations_seenchange" in query["sql"]]
    left = []
    for _ in range(3):
        forget_incoming(now)
        left.append(SeenChange.objects.count())
    assert left == [8, 6, 5]
    assert set(SeenChange.objects.values_list("connection_id", flat=True)) == {stays.pk}


def test_when_the_last_connection_is_gone_nothing_stays(now: datetime) -> None:
    one = make_connection()
    make_delivery(one, event(7))
    one.delete()
    forget_incoming(now)
    assert not WebhookDelivery.objects.exists()


def test_one_call_does_a_bounded_piece_of_work(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    for _ in range(5):
        delivery(now, 31)
    left = []
    for _ in range(3):
        forget_incoming(now)
        left.append(WebhookDelivery.objects.filter(has_body=True).count())
    assert left == [3, 1, 0]
