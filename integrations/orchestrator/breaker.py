"""A circuit breaker per connection: a platform that keeps failing is left alone for a while by all jobs."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from integrations.enums import Kind
from integrations.models import Connection
from integrations.orchestrator.events import append

OPENS_AFTER = 5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)


def open_until(connection_id: int, now: datetime) -> tuple[datetime | None, str] | None:
    """Until when the connection is left alone, and why; None while calls are allowed."""
    row = Connection.objects.filter(pk=connection_id, breaker_open_until__gt=now)
    return row.values_list("breaker_open_until", "breaker_reason").first()


def note_failure(connection: Connection, reason: str) -> None:
    """One more failed call in a row. From the fifth on the breaker opens, longer each time."""
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(breaker_failures=F("breaker_failures") + 1)
        failures = Connection.objects.values_list("breaker_failures", flat=True).get(pk=connection.pk)
        if failures < OPENS_AFTER:
            return
        until = timezone.now() + pause_after(failures)
        Connection.objects.filter(pk=connection.pk).update(breaker_open_until=until, breaker_reason=reason[:300])
        if failures == OPENS_AFTER:
            append(connection.stream, Kind.CONNECTION_BREAKER_OPENED, {"until": until.isoformat()})


def try_at_once(*connection_ids: int) -> None:
    """A person says it works again: the next call is allowed now. If it fails the breaker is open as before."""
    Connection.objects.filter(pk__in=connection_ids).update(breaker_open_until=None)


def pause_after(failures: int) -> timedelta:
    """How long the breaker stays open after this many failures in a row."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - OPENS_AFTER, 20))


def close_breaker(connection_id: int) -> None:
    """A call went well: allow everything again. Writes only when there is something to change."""
    with transaction.atomic():
        failed = Connection.objects.select_for_update().filter(pk=connection_id, breaker_failures__gt=0).first()
        if failed is None:
            return
        was_open = failed.breaker_failures >= OPENS_AFTER
        Connection.objects.filter(pk=connection_id).update(
            breaker_failures=0, breaker_open_until=None, breaker_reason=""
        )
        if was_open:
            append(failed.stream, Kind.CONNECTION_BREAKER_CLOSED)
