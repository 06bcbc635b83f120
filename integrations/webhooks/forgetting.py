"""What came in is kept for a while, not for ever: first what deliveries said is forgotten, later that there were any.

Each call does a bounded piece of work, oldest first. What waits to be read stays.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from integrations.enums import DeliveryStatus
from integrations.models import Connection, SeenChange, TakenChange, WebhookDelivery, WebhookMinute

AT_ONCE = 500
KEEP_ROWS = timedelta(days=90)
KEEP_MINUTES = timedelta(days=2)


def forget_incoming(now: datetime) -> None:
    """Bodies and changes go after KEEP_PAYLOAD_DAYS; that something came, and what became of it, after KEEP_ROWS."""
    private = now - timedelta(days=settings.KEEP_PAYLOAD_DAYS)
    forget_bodies(private)
    _remove(SeenChange, _oldest(SeenChange.objects.all(), "seen_at", private))
    _remove(TakenChange, _oldest(TakenChange.objects.all(), "taken_at", private))
    _remove(WebhookDelivery, _oldest_deliveries(WebhookDelivery.objects.all(), min(private, now - KEEP_ROWS)))
    _remove(WebhookMinute, WebhookMinute.objects.filter(began__lt=now - KEEP_MINUTES).values_list("pk", flat=True))
    forget_strangers()


def forget_bodies(before: datetime) -> int:
    """What the oldest deliveries from before this moment said; returns of how many."""
    ids = _oldest_deliveries(WebhookDelivery.objects.filter(has_body=True), before)
    empty: dict[str, Any] = {"body": b"", "headers": {}, "has_body": False}
    return WebhookDelivery.objects.filter(pk__in=ids).update(**empty) if ids else 0


def forget_strangers() -> None:
    """Deliveries of removed connections, and what they told. Their ids lie between, before or behind those there are."""
    known = sorted(Connection.objects.values_list("pk", flat=True))
    gaps = [Q(connection_id__gt=one, connection_id__lt=other) for one, other in pairwise(known) if other - one > 1]
    outside = Q(connection_id__gt=known[-1]) | Q(connection_id__lt=known[0]) if known else Q()
    for model in (WebhookDelivery, SeenChange):
        strangers = model._default_manager.filter(reduce(or_, gaps, outside)).order_by()
        _remove(model, strangers.values_list("pk", flat=True))


def _oldest(rows: models.QuerySet[Any], moment: str, before: datetime) -> list[int]:
    """Of the first rows those from before then: they were added in the order of time, so nothing has to be searched."""
    return [pk for pk, at in rows.order_by("pk").values_list("pk", moment)[:AT_ONCE] if at < before]


def _oldest_deliveries(rows: models.QuerySet[WebhookDelivery], before: datetime) -> list[int]:
    found = rows.order_by("pk").values_list("pk", "received_at", "status")[:AT_ONCE]
    return [pk for pk, at, status in found if at < before and status != DeliveryStatus.WAITING]


def _remove(model: type[models.Model], keys: Iterable[int]) -> None:
    some = list(keys[:AT_ONCE]) if isinstance(keys, models.QuerySet) else list(keys)
    if some:
        model._default_manager.filter(pk__in=some).delete()
