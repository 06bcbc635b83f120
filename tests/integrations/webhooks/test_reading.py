"""Deliveries become changes that wait for the syncs that listen: once each, whatever is delivered how often."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.enums import ChangeKind, DeliveryStatus
from integrations.exceptions import RefusedTransitionError
from integrations.incoming import Change
from integrations.models import (
    Agreement,
    Connection,
    Event,
    Inbox,
    RecordLink,
    SeenChange,
    Sync,
    WaitingChange,
    WebhookDelivery,
)
from integrations.orchestrator.handing_over import hand_over
from integrations.orchestrator.incoming import delivered_record
from integrations.webhooks import renaming
from integrations.webhooks.commands import send_again
from integrations.webhooks.reading import read_incoming
from tests.factories import make_agreement, make_connection, make_sync, make_two_way
from tests.integrations.webhooks.calling import event, make_delivery, status_of, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def sync() -> Sync:
    return make_sync(on_webhook=True)


def test_a_delivery_is_read_and_its_records_wait(sync: Sync) -> None:
    delivery = make_delivery(sync.source, event(7), event(8, "contact.creation"))
    assert read_incoming() == 1
    assert status_of(delivery) == (DeliveryStatus.READ, 2, 0)
    assert delivery.what == "Contact changed: email"
    assert delivery.read_at is not None
    assert waiting(sync) == ["7", "8"]


def test_only_syncs_that_listen_to_this_object_of_this_source_hear_of_it(sync: Sync) -> None:
    deaf = make_sync(source=sync.source)
    other_object = make_sync(source=sync.source, source_object="companies", on_webhook=True)
    elsewhere = make_sync(on_webhook=True)
    also = make_sync(source=sync.source, on_webhook=True)
    make_delivery(sync.source, event(7), event(9, "deal.creation"))
    read_incoming()
    assert [waiting(one) for one in (sync, also, deaf, other_object, elsewhere)] == [["7"], ["7"], [], [], []]


def test_what_happens_to_a_record_often_waits_once(sync: Sync) -> None:
    for name in ("email", "city", "zip"):
        make_delivery(sync.source, event(7, propertyName=name), event(7, propertyName=f"{name}2"))
    read_incoming()
    row = WaitingChange.objects.get()
    ids = list(SeenChange.objects.order_by("pk").values_list("pk", flat=True))
    assert (row.first, row.newest, len(ids)) == (ids[0], ids[-1], 6)


def test_a_repetition_changes_nothing(sync: Sync) -> None:
    told = event(7)
    first = make_delivery(sync.source, told, told)
    again = make_delivery(sync.source, {**told, "attemptNumber": 1})
    read_incoming()
    assert status_of(first) == (DeliveryStatus.READ, 2, 1)
    assert status_of(again) == (DeliveryStatus.READ, 1, 1)
    assert SeenChange.objects.count() == 1
    WaitingChange.objects.all().delete()
    make_delivery(sync.source, told)
    read_incoming()
    assert waiting(sync) == []


def test_the_same_words_from_another_account_are_another_change(sync: Sync) -> None:
    other = make_sync(on_webhook=True)
    told = event(7)
    for one in (sync, other):
        make_delivery(one.source, told)
    read_incoming()
    assert waiting(sync) == waiting(other) == ["7"]


def test_sent_again_by_a_person_it_counts_as_new(sync: Sync) -> None:
    delivery = make_delivery(sync.source, event(7))
    read_incoming()
    WaitingChange.objects.all().delete()
    send_again(delivery.pk, "dana")
    assert status_of(delivery)[0] == DeliveryStatus.WAITING
    with pytest.raises(RefusedTransitionError, match="not been read yet"):
        send_again(delivery.pk, "dana")
    read_incoming()
    assert status_of(delivery) == (DeliveryStatus.READ, 1, 0)
    assert waiting(sync) == ["7"]
    assert Event.objects.get(kind="connection.event_sent_again").actor == "dana"


def test_what_cannot_be_read_is_set_aside_and_the_others_go_on(sync: Sync) -> None:
    bad = [make_delivery(sync.source, body=body) for body in (b"", b"{", b"\xff\x00", b"<a/>")]
    gone = make_delivery(make_connection("hubspot"), event(1))
    broken = make_delivery(sync.source, event(2))
    WebhookDelivery.objects.filter(pk=broken.pk).update(body=b"not packed")
    good = make_delivery(sync.source, event(7))
    read_incoming()
    assert {status_of(one)[0] for one in bad} == {DeliveryStatus.SET_ASIDE}
    assert bad[0].reason == "What HubSpot sent is not JSON."
    assert (status_of(broken)[0], broken.reason) == (DeliveryStatus.SET_ASIDE, "What was stored cannot be unpacked.")
    assert status_of(good)[0] == status_of(gone)[0] == DeliveryStatus.READ


def test_a_fault_of_ours_sets_one_delivery_aside_without_its_words(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = make_delivery(sync.source, event(7))

    def fail(self: object, call: object) -> None:
        raise ZeroDivisionError("secret@example.org")

    monkeypatch.setattr("integrations.adapters.hubspot.webhooks.Webhooks.parse", fail)
    read_incoming()
    delivery.refresh_from_db()
    assert delivery.reason == "Something went wrong inside Syncpanel (ZeroDivisionError)."


@pytest.mark.parametrize("record_id", ["", "x" * 121, "a\x00b", "\ud800"], ids=repr)
def test_an_id_that_no_column_can_hold_is_left_out(sync: Sync, monkeypatch: pytest.MonkeyPatch, record_id: str) -> None:
    told = [Change("k1", "contacts", record_id), Change("k2", "contacts", "7", what="a\x00b\ud800" + "c" * 500)]
    monkeypatch.setattr("integrations.adapters.hubspot.webhooks.Webhooks.parse", lambda self, call: told)
    delivery = make_delivery(sync.source, event(7))
    read_incoming()
    assert waiting(sync) == ["7"]
    assert status_of(delivery) == (DeliveryStatus.READ, 1, 0)


def test_a_delivery_of_a_connection_that_was_removed_goes_too(sync: Sync) -> None:
    other = make_connection()
    make_delivery(other, event(7))
    Connection.objects.filter(pk=other.pk).delete()
    good = make_delivery(sync.source, event(8))
    read_incoming()
    assert list(WebhookDelivery.objects.values_list("pk", flat=True)) == [good.pk]


def test_the_newest_happening_counts_in_whatever_order_they_come(sync: Sync) -> None:
    gone = event(7, "contact.deletion", occurredAt=2_000_000)
    make_delivery(sync.source, event(8, "contact.deletion", occurredAt=1_000_000), gone)
    make_delivery(sync.source, event(7, occurredAt=1_000_000), event(8, "contact.restore", occurredAt=2_000_000))
    read_incoming()
    rows = WaitingChange.objects.order_by("record_id").values_list("record_id", "kind")
    assert list(rows) == [("7", ChangeKind.DELETED), ("8", ChangeKind.CHANGED)]


def test_of_a_merge_the_one_that_is_left_is_read_and_the_other_is_gone(sync: Sync) -> None:
    make_delivery(sync.source, event(1, "contact.merge", primaryObjectId=1, mergedObjectIds=[2], newObjectId=1))
    read_incoming()
    rows = WaitingChange.objects.order_by("record_id").values_list("record_id", "kind", "new_id")
    assert list(rows) == [("1", ChangeKind.CHANGED, ""), ("2", ChangeKind.MERGED, "1")]


def link(sync: Sync, source_id: str, destination_id: str) -> RecordLink:
    return RecordLink.objects.create(
        sync=sync.pk,
        source_id=source_id,
        destination_id=destination_id,
        source_hash=b"a" * 16,
        content_hash=b"b" * 16,
        key_hash=hash(source_id) % 2**60,
        mapping_version=1,
        job=1,
        updated_at=timezone.now(),
    )


def rename(monkeypatch: pytest.MonkeyPatch, object_name: str, old: str, new: str) -> None:
    told = [Change("k", object_name, old, ChangeKind.RENAMED, "Address changed", new_id=new)]
    monkeypatch.setattr("integrations.adapters.hubspot.webhooks.Webhooks.parse", lambda self, call: told)


def test_who_was_renamed_keeps_his_link_and_waits_under_the_new_id(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    link(sync, "7", "00Q7")
    back = make_sync(source=sync.destination, source_object="Lead", destination=sync.source)
    Sync.objects.filter(pk=back.pk).update(destination_object="contacts")
    link(back, "00Q7", "7")
    make_delivery(sync.source, event(7))
    read_incoming()
    rename(monkeypatch, "contacts", "7", "77")
    make_delivery(sync.source, event(7))
    read_incoming()
    ids = RecordLink.objects.order_by("pk").values_list("source_id", "destination_id")
    assert list(ids) == [("77", "00Q7"), ("00Q7", "77")]
    row = WaitingChange.objects.get()
    assert (row.record_id, row.kind) == ("77", ChangeKind.CHANGED)


def test_where_the_new_id_is_linked_already_the_old_link_goes(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    link(sync, "7", "00Q7")
    link(sync, "77", "00Q8")
    rename(monkeypatch, "contacts", "7", "77")
    make_delivery(sync.source, event(7))
    read_incoming()
    assert list(RecordLink.objects.values_list("source_id", "destination_id")) == [("77", "00Q8")]


def test_what_two_sides_agree_on_follows_a_new_id_on_either_side(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    row = make_two_way(sync)
    make_agreement(row, "7", "00Q7", city__City="Bonn")
    for end, name, old, new in (
        (sync.source, "contacts", "7", "77"),
        (sync.destination, "Lead", "00Q7", "00Q77"),
    ):
        renaming.rename(end.pk, name, old, new)
    assert list(Agreement.objects.values_list("left_id", "right_id")) == [("77", "00Q77")]
    make_agreement(row, "8", "00Q8")
    renaming.rename(sync.source_id, "contacts", "77", "8")
    assert list(Agreement.objects.values_list("left_id", "right_id")) == [("8", "00Q8")]


def test_fields_that_come_piece_by_piece_are_put_together(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(second: int) -> datetime:
        return datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)

    pieces: list[Any] = [
        Change("a", "contacts", "7", at=at(1), record={"id": "7", "email": "old", "city": "Cork"}),
        Change("b", "contacts", "7", at=at(3), record={"id": "7", "email": "new"}),
        Change("c", "contacts", "7", at=at(2), record={"id": "7", "email": "between", "zip": "T12"}),
    ]
    for piece in pieces:
        monkeypatch.setattr("integrations.adapters.hubspot.webhooks.Webhooks.parse", lambda self, call, p=piece: [p])
        make_delivery(sync.source, event(7))
        read_incoming()
    assert delivered_record(WaitingChange.objects.get()) == {"id": "7", "email": "new", "city": "Cork", "zip": "T12"}


def test_the_job_is_due_after_a_quiet_moment_but_soon_after_the_first(sync: Sync) -> None:
    start = timezone.now()

    def due_after(seconds: float) -> float:
        make_delivery(sync.source, event(7), received_at=start + timedelta(seconds=seconds))
        read_incoming()
        return (Inbox.objects.get().due_at - start).total_seconds()  # type: ignore[operator]

    assert [due_after(seconds) for seconds in (0, 1, 2.5, 3.5, 4)] == [2, 3, 4.5, 5, 5]


@pytest.mark.parametrize("act", ["rename", "hand over"])
def test_agreements_are_locked_before_any_link_is_written_as_jobs_do(act: str) -> None:
    """The other way round, a job and this would wait for each other for ever."""
    pair = make_two_way()
    sync = pair.rightward
    make_agreement(pair, left_id="7", right_id="L7")
    link(sync, "7", "L7")
    with CaptureQueriesContext(connection) as queries:
        if act == "rename":
            renaming.rename(sync.source_id, sync.source_object, "7", "8")
        else:
            hand_over(sync.pk, "8", "7")
    said = [one["sql"] for one in queries]
    lock = next(
        number
        for number, sql in enumerate(said)
        if 'FROM "integrations_twoway" WHERE "integrations_twoway"."id"' in sql
    )
    written = next(
        number for number, sql in enumerate(said) if sql.startswith(('UPDATE "integrations_recordlink"', "DELETE"))
    )
    assert lock < written
    assert RecordLink.objects.filter(sync=sync.pk, source_id="8", destination_id="L7").exists()
    assert Agreement.objects.get().left_id == "8"
