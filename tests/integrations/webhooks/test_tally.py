"""What was counted is written down once, whoever counts and whatever fails meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError

from integrations.models import WebhookAddress
from integrations.webhooks.tally import MOST_SILENCES, Tally, note_silence
from tests.integrations.webhooks.calling import make_address

NOON = datetime(2026, 3, 10, 12, 0, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_minutes_add_up_over_several_writes() -> None:
    _, account = make_address()
    tally = Tally()
    for seconds in (0, 10, 40):
        tally.count_received(account.pk, NOON + timedelta(seconds=seconds))
    tally.write()
    tally.count_received(account.pk, NOON)
    tally.count_refused(account.pk, NOON, "No.")
    tally.write()
    rows = list(account.webhook_minutes.order_by("began").values_list("began__minute", "received", "refused"))
    assert rows == [(0, 3, 1), (1, 1, 0)]
    address = WebhookAddress.objects.get()
    assert (address.refused, address.last_refusal, address.last_refused_at) == (1, "No.", NOON)
    assert address.last_received_at == NOON + timedelta(seconds=40), "never earlier than it was"


def test_what_could_not_be_written_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    _, account = make_address()
    tally = Tally()
    tally.count_received(account.pk, NOON)

    def fail(*_: object) -> None:
        raise DatabaseError("away")

    monkeypatch.setattr("integrations.webhooks.tally.add_webhook_minutes", fail)
    with pytest.raises(DatabaseError):
        tally.write()
    monkeypatch.undo()
    tally.count_received(account.pk, NOON)
    tally.write()
    assert account.webhook_minutes.get().received == 2
    assert tally.is_empty


def test_a_connection_that_was_removed_meanwhile_is_passed_over() -> None:
    tally = Tally()
    tally.count_received(987_654, NOON)
    tally.count_refused(987_654, NOON, "No.")
    tally.write()
    assert tally.is_empty


def test_long_silences_are_remembered_for_two_weeks() -> None:
    _, account = make_address()
    tally = Tally()
    for hours in (0, 1, 1.2, 30):
        tally.count_received(account.pk, NOON + timedelta(hours=hours))
        tally.write()
    silences = WebhookAddress.objects.get().silences
    assert [seconds for _, seconds in silences] == [3570, pytest.approx(28.8 * 3600, abs=60)]
    assert note_silence(silences, NOON, NOON + timedelta(days=20))[0][0] == NOON.isoformat()
    assert len(note_silence(silences, None, NOON + timedelta(days=20))) == 0
    many = [[NOON.isoformat(), 2000]] * 300
    assert len(note_silence(many, None, NOON)) == MOST_SILENCES
