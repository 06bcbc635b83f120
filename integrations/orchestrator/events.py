"""Appending to the streams of connections, syncs, mappings and settings (jobs have their own writer)."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from integrations.enums import Kind
from integrations.exceptions import StaleVersionError
from integrations.models import Event

ATTEMPTS = 5


def append(stream: str, kind: Kind, data: dict[str, Any] | None = None, actor: str = "") -> Event:
    """Add one event at the end of a stream. Joins the caller's transaction. `data` holds no secrets or personal data."""
    for _ in range(ATTEMPTS):
        version = version_of(stream) + 1
        try:
            return append_expecting(stream, version, kind, data or {}, actor)
        except StaleVersionError:
            continue
    raise StaleVersionError(f"The stream {stream} is too busy.")


def append_expecting(stream: str, version: int, kind: Kind, data: dict[str, Any], actor: str = "") -> Event:
    """Add an event as exactly this version; StaleVersionError when somebody else already did."""
    try:
        with transaction.atomic():
            return Event.objects.create(
                stream=stream, version=version, kind=kind, data=data, actor=actor, at=timezone.now()
            )
    except IntegrityError as exc:
        raise StaleVersionError(f"The stream {stream} has moved on.") from exc


def version_of(stream: str) -> int:
    """The version of the newest event of a stream, 0 when there is none."""
    newest: int | None = Event.objects.filter(stream=stream).aggregate(newest=Max("version"))["newest"]
    return newest or 0
