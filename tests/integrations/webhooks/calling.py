"""Calls as platforms make them, and what stands behind an address, with as little said as possible."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import orjson
from django.utils import timezone

from integrations.enums import DeliveryStatus, Proof
from integrations.incoming import Call
from integrations.models import Connection, Sync, WaitingChange, WebhookAddress, WebhookDelivery
from integrations.models.blobs import pack_bytes
from integrations.webhooks.tokens import hash_token, make_token
from tests.factories import make_connection

SECRET = "the app's client secret"
events = count(1)


def event(record_id: int, kind: str = "contact.propertyChange", **more: Any) -> dict[str, Any]:
    """One happening as HubSpot tells it, another one every time."""
    return {
        "eventId": next(events),
        "subscriptionType": kind,
        "objectId": record_id,
        "occurredAt": 1742077073905,
        "propertyName": "email",
        "propertyValue": "secret@example.org",
    } | more


def body_of(*told: dict[str, Any]) -> bytes:
    return orjson.dumps(told)


def signed(body: bytes, secret: str = SECRET, url: str = "https://panel.example/hooks/x/") -> Call:
    """As a private app of HubSpot signs."""
    signature = hashlib.sha256(secret.encode() + body).hexdigest()
    headers = {"content-type": "application/json", "x-hubspot-signature": signature, "authorization": "Bearer secret"}
    return Call("POST", url, headers, body, datetime.now(UTC))


def make_address(connection: Connection | None = None) -> tuple[str, Connection]:
    """A token, and the connection whose address it is."""
    connection = connection or make_connection(secrets={"access_token": "x", "webhook_secret": SECRET})
    token = make_token()
    WebhookAddress.objects.create(
        connection=connection, token=token, token_hash=hash_token(token), made_at=timezone.now()
    )
    return token, connection


def make_delivery(connection: Connection, *told: dict[str, Any], body: bytes | None = None, **values: Any) -> Any:
    """A stored call that nobody has read."""
    raw = body_of(*told) if body is None else body
    given = {
        "received_at": timezone.now(),
        "headers": {"content-type": "application/json"},
        "size": len(raw),
        "body": pack_bytes(raw),
        "proof": Proof.SIGNED,
        "status": DeliveryStatus.WAITING,
    }
    return WebhookDelivery.objects.create(connection=connection, **given | values)


def ids_of(rows: Sequence[Any]) -> list[str]:
    return sorted(row.record_id for row in rows)


def status_of(delivery: WebhookDelivery) -> tuple[str, int, int]:
    delivery.refresh_from_db()
    return delivery.status, delivery.changes, delivery.repeated


def waiting(sync: Sync) -> list[str]:
    return ids_of(WaitingChange.objects.filter(sync=sync))
