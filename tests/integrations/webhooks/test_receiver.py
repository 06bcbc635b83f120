"""A call is verified and stored before it is answered, and touches nothing else."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection

from integrations.enums import DeliveryStatus, Proof
from integrations.incoming import Reply
from integrations.models import SeenChange, SyncJob, WaitingChange, WebhookAddress, WebhookDelivery
from integrations.models.blobs import unpack_bytes
from integrations.webhooks.addresses import Address
from integrations.webhooks.commands import give_address
from integrations.webhooks.receiver import Receiver
from tests.integrations.supervisor.instances import wait_until
from tests.integrations.webhooks.calling import body_of, event, make_address, signed


@pytest.fixture
def receiver(each_db: str) -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def find(receiver: Receiver, token: str) -> Address:
    found = receiver.find(token)
    assert isinstance(found, Address)
    return found


def test_a_genuine_call_is_stored_as_it_came(receiver: Receiver) -> None:
    token, account = make_address()
    body = body_of(event(1))
    assert receiver.receive(find(receiver, token), signed(body)).status == 200
    row = WebhookDelivery.objects.get()
    assert unpack_bytes(row.body) == body
    assert (row.connection_id, row.size, row.proof, row.status) == (
        account.pk,
        len(body),
        Proof.SIGNED,
        DeliveryStatus.WAITING,
    )
    assert row.headers == {"content-type": "application/json"}, "no signature and no token is kept"


def test_nothing_but_storing_happens_before_the_answer(receiver: Receiver) -> None:
    token, _ = make_address()
    receiver.receive(find(receiver, token), signed(body_of(event(1))))
    assert not SeenChange.objects.exists()
    assert not WaitingChange.objects.exists()
    assert not SyncJob.objects.exists()


def test_a_call_with_a_wrong_signature_is_refused_counted_and_not_kept(receiver: Receiver) -> None:
    token, account = make_address()
    for _ in range(3):
        answer = receiver.receive(find(receiver, token), signed(b"[]", secret="guessed"))
        assert answer.status == 401
    assert not WebhookDelivery.objects.exists()
    address = WebhookAddress.objects.get(pk=account.pk)
    wait_until(lambda: address.refresh_from_db() or address.refused == 3, 5)
    assert "signature is wrong" in address.last_refusal
    assert account.webhook_minutes.get().refused == 3


def test_nobody_lives_at_an_unknown_address(receiver: Receiver) -> None:
    make_address()
    for token in ("", "x", "a" * 5_000, "\udcff", "' OR 1=1", "../../x"):
        found = receiver.find(token)
        assert isinstance(found, Reply)
        assert found.status == 404


def test_strangers_who_try_addresses_cost_two_queries_a_second(receiver: Receiver) -> None:
    make_address()
    loaded: list[int] = []
    refresh = receiver.addresses.refresh
    receiver._upkeep._refresh = lambda: (loaded.append(1), refresh())
    for number in range(300):
        receiver.find(f"guess{number}")
    assert len(loaded) <= 3


def test_a_new_address_answers_at_once_and_the_old_one_stops_within_seconds(receiver: Receiver) -> None:
    token, account = make_address()
    find(receiver, token)
    new = give_address(account.pk, "dana").token
    wait_until(lambda: isinstance(receiver.find(new), Address), 5)
    wait_until(lambda: isinstance(receiver.find(token), Reply), 10)


def test_many_calls_at_once_share_commits_and_all_are_stored(receiver: Receiver) -> None:
    token, account = make_address()
    address, answers = find(receiver, token), []

    def call(first: int) -> None:
        for number in range(first, first + 20):
            answers.append(receiver.receive(address, signed(body_of(event(number)))).status)

    threads = [threading.Thread(target=call, args=(1_000 * n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 320
    assert WebhookDelivery.objects.count() == 320
    wait_until(lambda: sum(account.webhook_minutes.values_list("received", flat=True)) == 320, 5)
    assert WebhookAddress.objects.get(pk=account.pk).last_received_at is not None


def test_what_is_not_a_post_is_greeted_and_not_stored(receiver: Receiver) -> None:
    token, _ = make_address()
    call = signed(b"")
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert receiver.receive(find(receiver, token), type(call)(method, "", {}, b"", call.received_at)).status == 200
    assert not WebhookDelivery.objects.exists()


def test_workers_are_rung_for_once_a_second_at_most(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    rings: list[float] = []
    monkeypatch.setattr("integrations.webhooks.upkeep.hint_incoming", lambda: rings.append(1))
    token, _ = make_address()
    address = find(receiver, token)
    for number in range(40):
        receiver.receive(address, signed(body_of(event(number))))
    wait_until(lambda: len(rings) >= 2, 5)
    assert len(rings) <= 3


def test_a_header_that_no_column_can_hold_harms_nobody(receiver: Receiver) -> None:
    token, _ = make_address()
    call = signed(b"[]")
    strange = {**call.headers, "user-agent": "a\x00b\udcff" + "c" * 5_000}
    answer = receiver.receive(find(receiver, token), type(call)("POST", "", strange, b"[]", call.received_at))
    assert answer.status == 200
    assert len(WebhookDelivery.objects.get().headers["user-agent"]) == 200


def test_while_the_database_is_away_the_caller_is_asked_to_come_again(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = make_address()
    address = find(receiver, token)
    monkeypatch.setattr("integrations.webhooks.committer.LOCKED_FOR", 0.2)

    def be_away(*_: object) -> None:
        raise connection.Database.OperationalError("gone")

    monkeypatch.setattr("integrations.webhooks.committer.insert_deliveries", be_away)
    assert receiver.receive(address, signed(b"[]")).status == 503
    monkeypatch.undo()
    assert receiver.receive(address, signed(b"[]")).status == 200


def test_one_delivery_the_database_refuses_does_not_take_the_others_with_it(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = (1, "no time at all" if connection.vendor == "postgresql" else None, "{}", 2, b"x", "signed")
    _, account = make_address()
    good = (account.pk, datetime.now(UTC), "{}", 2, b"x", "signed")
    assert receiver._committer._try_together([good, row, good]) == [True, False, True]
    assert WebhookDelivery.objects.count() == 2
