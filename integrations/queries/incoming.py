"""Connections that can be called, for pages: what came in during the last day, and which of them went quiet."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from integrations.adapters.registry import capabilities, platforms
from integrations.models import Connection, Sync, WebhookAddress, WebhookMinute
from integrations.types import Capabilities

MOST = 100
QUARTER = timedelta(minutes=15)
QUARTERS = 96


@dataclass(frozen=True, slots=True)
class Source:
    """A connection whose platform can call, with its address if it has one. `quarters`: calls of each quarter of an hour of
    the last day, oldest first. `listeners`: syncs that are started by its events."""

    connection: Connection
    platform: Capabilities
    address: WebhookAddress | None
    quarters: tuple[int, ...]
    refused: int
    listeners: int
    is_quiet: bool

    @property
    def received(self) -> int:
        """Calls of the last day."""
        return sum(self.quarters)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A connection from which nothing comes although something should. `usual_gap` in seconds."""

    connection_id: int
    name: str
    usual_gap: float
    since: datetime


def calling_platforms() -> list[str]:
    """Those that can tell us of changes."""
    return [name for name in platforms() if capabilities(name).webhook is not None]


def sources(now: datetime) -> tuple[Source, ...]:
    """Every connection that can be called, by name, in three queries."""
    found = Connection.objects.filter(platform__in=calling_platforms()).select_related("webhook_address")
    shown = list(found.defer("secrets", "token", "webhook_address__token").order_by("name")[:MOST])
    return _with_figures(shown, now)


def source_of_events(connection_id: int, now: datetime) -> Source:
    """One of them, in three queries. Connection.DoesNotExist when there is none, or its platform calls nobody."""
    found = Connection.objects.filter(platform__in=calling_platforms()).select_related("webhook_address")
    return _with_figures([found.defer("secrets", "token", "webhook_address__token").get(pk=connection_id)], now)[0]


def find_quiet(now: datetime) -> tuple[Quiet, ...]:
    """Those that went quiet, the longest silence first, in one query."""
    rows = WebhookAddress.objects.quiet(now).order_by("last_received_at")
    found = rows.values_list("connection_id", "connection__name", "usual_gap", "last_received_at")
    return tuple(Quiet(pk, name, gap or 0.0, since) for pk, name, gap, since in found if since is not None)


def quiet_of(connection: Connection, now: datetime) -> Quiet | None:
    """The same of one connection whose address was read with it, in none."""
    address = getattr(connection, "webhook_address", None)
    if address is None or not is_quiet(address, now):
        return None
    return Quiet(connection.pk, connection.name, address.usual_gap or 0.0, address.last_received_at)


def count_quiet(now: datetime) -> int:
    """How many went quiet."""
    return WebhookAddress.objects.quiet(now).count()


def address_of(connection_id: int) -> str:
    """The secret part of a connection's address; empty when it has none."""
    found = WebhookAddress.objects.filter(pk=connection_id).first()
    return str(found.token) if found else ""


def has_address(connection_id: int) -> bool:
    """True once its platform can be told where to call."""
    return WebhookAddress.objects.filter(pk=connection_id).exists()


def saved_secrets(connection_id: int) -> set[str]:
    """The names of the secrets a connection has."""
    return {name for name, value in Connection.objects.only("secrets").get(pk=connection_id).secrets.items() if value}


def _with_figures(connections: list[Connection], now: datetime) -> tuple[Source, ...]:
    ids = [one.pk for one in connections]
    received, refused = _last_day(ids, now)
    listeners = dict(
        Sync.objects.filter(source__in=ids, on_webhook=True).order_by().values_list("source").annotate(Count("pk"))
    )
    return tuple(
        Source(
            connection=one,
            platform=capabilities(one.platform),
            address=(address := getattr(one, "webhook_address", None)),
            quarters=tuple(received[one.pk][at] for at in range(QUARTERS)),
            refused=refused[one.pk],
            listeners=listeners.get(one.pk, 0),
            is_quiet=address is not None and is_quiet(address, now),
        )
        for one in connections
    )


def is_quiet(address: WebhookAddress, now: datetime) -> bool:
    """What `WebhookAddressQuerySet.quiet` says of many."""
    last, after, expected = address.last_received_at, address.quiet_after, address.expected_until
    is_silent = last is not None and after is not None and last < after <= now
    return is_silent and (expected is None or expected <= now)


def _last_day(ids: Iterable[int], now: datetime) -> tuple[dict[int, Counter[int]], Counter[int]]:
    """Connection → quarter of the day (0 is the oldest) → calls stored; and connection → calls refused."""
    began = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) - (QUARTERS - 1) * QUARTER
    rows = WebhookMinute.objects.filter(connection__in=ids, began__gte=began).order_by()
    received: dict[int, Counter[int]] = defaultdict(Counter)
    refused: Counter[int] = Counter()
    for pk, minute, number, no in rows.values_list("connection_id", "began", "received", "refused"):
        received[pk][int((minute - began) / QUARTER)] += number
        refused[pk] += no
    return received, refused
