"""A person has deliveries read once more: one, or many that nobody could read."""

import pytest

from integrations.enums import DeliveryStatus, Kind
from integrations.exceptions import RefusedTransitionError
from integrations.models import Event, WaitingChange, WebhookDelivery
from integrations.webhooks.commands import send_again, send_all_again
from integrations.webhooks.reading import read_incoming
from tests.factories import make_sync
from tests.integrations.webhooks.calling import event, make_delivery

pytestmark = pytest.mark.django_db
ASIDE = DeliveryStatus.SET_ASIDE


def test_those_that_were_set_aside_are_read_again_and_the_others_stay() -> None:
    sync = make_sync(on_webhook=True)
    other = make_sync(on_webhook=True)
    aside = [make_delivery(sync.source, event(at), status=ASIDE, reason="Why not.", tries=3) for at in (1, 2)]
    elsewhere = make_delivery(other.source, event(3), status=ASIDE)
    read = make_delivery(sync.source, event(4), status=DeliveryStatus.READ)
    forgotten = make_delivery(sync.source, body=b"", status=ASIDE, has_body=False)
    ids = [one.pk for one in (*aside, elsewhere, read, forgotten)]
    assert send_all_again(ids, "dana") == 3
    assert send_all_again(ids, "dana") == 0
    row = WebhookDelivery.objects.get(pk=aside[0].pk)
    assert (row.status, row.reason, row.tries, row.sent_again) == (DeliveryStatus.WAITING, "", 0, 1)
    told = {one.stream: one.data for one in Event.objects.filter(kind=Kind.CONNECTION_EVENT_SENT_AGAIN)}
    assert told == {sync.source.stream: {"count": 2}, other.source.stream: {"count": 1}}
    read_incoming()
    assert sorted(WaitingChange.objects.values_list("record_id", flat=True)) == ["1", "2", "3"]


def test_what_is_forgotten_cannot_be_read_again() -> None:
    sync = make_sync()
    forgotten = make_delivery(sync.source, body=b"", status=DeliveryStatus.READ, has_body=False)
    with pytest.raises(RefusedTransitionError, match="forgotten"):
        send_again(forgotten.pk, "dana")
