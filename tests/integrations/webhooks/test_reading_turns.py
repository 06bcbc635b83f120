"""Deliveries are read by one worker at a time, slice by slice; one that is lost, or what loses it, holds up nobody."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from integrations.enums import DeliveryStatus
from integrations.exceptions import LostLeaseError
from integrations.models import (
    Connection,
    SeenChange,
    Sync,
    Turn,
    WaitingChange,
    WebhookDelivery,
)
from integrations.orchestrator import drain
from integrations.webhooks import reading
from integrations.webhooks.reading import MOST_TRIES, read_chunk, read_incoming
from integrations.webhooks.turns import LEASE, take_turn
from tests.factories import make_sync
from tests.integrations.webhooks.calling import event, ids_of, make_delivery, status_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def sync() -> Sync:
    return make_sync(on_webhook=True)


def test_a_turn_is_had_by_one_worker_until_it_ends() -> None:
    now = timezone.now()
    mine = take_turn("x", now)
    assert mine is not None
    assert take_turn("x", now) is None
    later = take_turn("x", now + LEASE + timedelta(seconds=1))
    assert later is not None
    assert (mine.losses, later.losses) == (0, 1)
    with pytest.raises(LostLeaseError):
        mine.renew()
    mine.give_back()
    assert take_turn("x", now) is None, "what another has cannot be given back"
    later.give_back()
    third = take_turn("x", now)
    assert third is not None
    assert third.losses == 1, "it is forgotten once something was done"
    third.renew(losses=0)
    assert Turn.objects.get().losses == 0


def test_a_turn_that_is_given_back_while_another_asks_for_it_was_not_lost() -> None:
    mine = take_turn("x")
    assert mine is not None
    given_back: list[bool] = []

    def give_back_first(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Between the other's look at the turn and his claim."""
        if sql.startswith("UPDATE") and not given_back:
            given_back.append(True)
            mine.give_back()
        return execute(sql, params, many, context)

    asked = timezone.now() + LEASE + timedelta(seconds=1)
    with connection.execute_wrapper(give_back_first):
        other = take_turn("x", asked)
    assert other is None, "it has to look again"
    other = take_turn("x", asked)
    assert other is not None
    assert other.losses == 0


def test_after_a_loss_the_slice_lasts_until_everything_that_may_be_to_blame_is_read(
    sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK", 3)
    for number in range(8):
        make_delivery(sync.source, event(number + 1))
    Turn.objects.create(name=reading.TURN, losses=1)
    assert read_incoming(seconds=0) == 3
    assert WebhookDelivery.objects.filter(tries=1).count() == 3
    assert read_incoming() == 5
    assert Turn.objects.get().losses == 0
    assert not WebhookDelivery.objects.filter(tries__gt=1).exists()


def test_once_nothing_is_left_the_next_calls_are_not_suspected(sync: Sync) -> None:
    make_delivery(sync.source, event(7))
    Turn.objects.create(name=reading.TURN, losses=1)
    assert read_incoming() == 1
    assert Turn.objects.get().losses == 0


def test_a_worker_that_lost_its_turn_writes_nothing(sync: Sync) -> None:
    delivery = make_delivery(sync.source, event(7))
    held = take_turn(reading.TURN)
    assert held is not None
    Turn.objects.update(token=held.token + 1)
    with pytest.raises(LostLeaseError):
        read_chunk(held)
    assert status_of(delivery)[0] == DeliveryStatus.WAITING
    assert not SeenChange.objects.exists()


def test_a_slice_ends_when_the_worker_is_to_stop(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    make_delivery(sync.source, event(7))
    monkeypatch.setattr(drain, "is_requested", lambda: True)
    assert read_incoming() == 0
    monkeypatch.undo()
    assert read_incoming() == 1


def test_what_is_left_after_a_slice_is_rung_for(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    rings: list[int] = []
    monkeypatch.setattr(reading, "hint_incoming", lambda: rings.append(1))
    monkeypatch.setattr(reading, "CHUNK", 2)
    for number in range(5):
        make_delivery(sync.source, event(number + 1))
    assert read_incoming(seconds=0) == 0
    assert rings == [1]
    assert read_incoming() == 5
    assert rings == [1]


def test_many_large_deliveries_are_not_taken_at_once(sync: Sync) -> None:
    for number in range(4):
        delivery = make_delivery(sync.source, event(number + 1))
        WebhookDelivery.objects.filter(pk=delivery.pk).update(size=3_000_000)
    held = take_turn(reading.TURN)
    assert held is not None
    assert [read_chunk(held) for _ in range(5)] == [1, 1, 1, 1, 0]


def test_a_delivery_that_kills_its_readers_is_set_aside(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    """A death is a slice that never came back: the turn was not given back, and ends by itself."""
    before, poison, after = (make_delivery(sync.source, event(number)) for number in (6, 7, 8))
    hear = reading.hear

    class Death(BaseException):
        """No handler of ours catches it."""

    def die(delivery: WebhookDelivery, account: Connection) -> Any:
        if delivery.pk == poison.pk:
            raise Death
        return hear(delivery, account)

    monkeypatch.setattr(reading, "hear", die)
    monkeypatch.setattr("integrations.webhooks.turns.Held.give_back", lambda self: None)
    deaths = 0
    for _ in range(10):
        Turn.objects.update(until=timezone.now() - timedelta(seconds=1))
        try:
            read_incoming()
        except Death:
            deaths += 1
    assert deaths == MOST_TRIES + 1
    assert status_of(poison)[0] == DeliveryStatus.SET_ASIDE
    assert "ended the worker" in poison.reason
    assert {status_of(one)[0] for one in (before, after)} == {DeliveryStatus.READ}


def test_a_chunk_is_written_in_portions_so_that_calls_are_stored_meanwhile(
    sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHANGES_AT_ONCE", 3)
    deliveries = [make_delivery(sync.source, *(event(7) for _ in range(number))) for number in (1, 2, 1, 5, 2)]
    read: list[list[int]] = []
    keep = reading._keep

    def look(heard: Any) -> None:
        keep(heard)
        read.append([len(one.changes) for one in heard])

    monkeypatch.setattr(reading, "_keep", look)
    assert read_incoming() == 5
    assert read == [[1, 2], [1], [5], [2]]
    assert {status_of(one)[0] for one in deliveries} == {DeliveryStatus.READ}
    assert SeenChange.objects.count() == 11


def test_who_dies_between_two_portions_loses_nothing_and_reads_nothing_twice(
    sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHANGES_AT_ONCE", 1)
    first, second = (make_delivery(sync.source, event(n)) for n in (7, 8))

    def die(_: float) -> None:
        raise SystemExit

    monkeypatch.setattr(reading.time, "sleep", die)
    with pytest.raises(SystemExit):
        read_incoming()
    assert [status_of(one)[0] for one in (first, second)] == [DeliveryStatus.READ, DeliveryStatus.WAITING]
    monkeypatch.undo()
    assert read_incoming() == 1
    assert ids_of(WaitingChange.objects.all()) == ["7", "8"]
    assert SeenChange.objects.count() == 2
