"""What a person may ask of incoming events. Each is one transaction; a refusal is a sentence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from integrations.adapters.registry import capabilities
from integrations.enums import DeliveryStatus, Kind
from integrations.exceptions import RefusedTransitionError
from integrations.models import Connection, Sync, WebhookAddress, WebhookDelivery
from integrations.orchestrator.events import append
from integrations.orchestrator.hints import hint_incoming
from integrations.orchestrator.timing import set_timing, timing_of
from integrations.webhooks.tokens import hash_token, make_token

AT_ONCE = 200
SILENCE_DAYS = (0, 1, 7, 30)
"""For how long a person may say that silence is to be expected."""


def give_address(connection_id: int, actor: str) -> WebhookAddress:
    """An address the connection's platform can call; a new one where there was one, which stops working within seconds."""
    token = make_token()
    told = {"token": token, "token_hash": hash_token(token), "made_at": timezone.now()}
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=connection_id)
        can = capabilities(connection.platform)
        if can.webhook is None:
            raise RefusedTransitionError(f"{can.label} does not call anybody.")
        address, _ = WebhookAddress.objects.update_or_create(connection=connection, defaults=told)
        append(connection.stream, Kind.CONNECTION_CHANGED, {"changed": ["incoming_address"]}, actor)
    return address


def save_webhook_secrets(connection_id: int, given: Mapping[str, str], actor: str) -> None:
    """Keep what calls are checked with, beside what the connection signs in with. What is empty keeps its saved value."""
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=connection_id)
        webhook = capabilities(connection.platform).webhook
        known = {field.name for field in webhook.setup.secrets} if webhook else set()
        new = {name: value for name, value in given.items() if value and name in known}
        if not new:
            return
        connection.secrets = {**connection.secrets, **new}
        connection.save(update_fields=["secrets", "updated_at"])
        told = {"changed": [], "secrets_replaced": sorted(new)}
        append(connection.stream, Kind.CONNECTION_CHANGED, told, actor)


def set_listening(sync_id: int, *, listens: bool, actor: str) -> None:
    """Whether incoming events of its source start small jobs of this sync. What waits already stays."""
    timing = timing_of(Sync.objects.get(pk=sync_id))
    set_timing(sync_id, replace(timing, on_webhook=listens), actor)


def send_again(delivery_id: int, actor: str) -> None:
    """Put a delivery back to the start, as if it came in now; what it tells of counts as new."""
    with transaction.atomic():
        delivery = WebhookDelivery.objects.select_for_update().select_related("connection").get(pk=delivery_id)
        if delivery.status == DeliveryStatus.WAITING:
            raise RefusedTransitionError("This event has not been read yet.")
        if not delivery.has_body:
            raise RefusedTransitionError("What this event said is forgotten by now.")
        _put_back([delivery.pk])
        append(delivery.connection.stream, Kind.CONNECTION_EVENT_SENT_AGAIN, {"delivery": delivery.pk}, actor)
        hint_incoming()


def send_all_again(delivery_ids: Sequence[int], actor: str) -> int:
    """The same with many that nobody could read; returns how many. Those that are no longer set aside stay as they are."""
    done = 0
    for start in range(0, len(delivery_ids), AT_ONCE):
        with transaction.atomic():
            aside = WebhookDelivery.objects.set_aside().filter(
                pk__in=delivery_ids[start : start + AT_ONCE], has_body=True
            )
            rows = list(aside.select_for_update().order_by("pk").values_list("pk", "connection_id"))
            _put_back([pk for pk, _ in rows])
            for connection_id, number in Counter(connection_id for _, connection_id in rows).items():
                append(f"connection:{connection_id}", Kind.CONNECTION_EVENT_SENT_AGAIN, {"count": number}, actor)
            hint_incoming()
        done += len(rows)
    return done


def expect_silence(connection_id: int, days: int, actor: str, now: datetime | None = None) -> None:
    """Tell nobody for so many days that nothing comes in; none at all ends that at once."""
    if days not in SILENCE_DAYS:
        raise RefusedTransitionError("Say for how long.")
    with transaction.atomic():
        address = WebhookAddress.objects.select_for_update().filter(pk=connection_id).first()
        if address is None:
            raise RefusedTransitionError("It has no address for incoming events.")
        address.expected_until = (now or timezone.now()) + timedelta(days=days) if days else None
        address.save(update_fields=["expected_until"])
        append(f"connection:{connection_id}", Kind.CONNECTION_CHANGED, {"changed": ["quiet_alarm"]}, actor)


def _put_back(ids: Sequence[int]) -> None:
    WebhookDelivery.objects.filter(pk__in=ids).update(
        status=DeliveryStatus.WAITING, reason="", tries=0, sent_again=F("sent_again") + 1
    )
