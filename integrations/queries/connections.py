"""Connections for pages: the list, one connection, and what uses it. Secrets are never loaded for showing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from integrations.adapters.registry import capabilities
from integrations.enums import Kind
from integrations.models import Connection, Event, Sync
from integrations.types import Capabilities

PAGE = 50
CHANGES_READ = 200


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """One connection as the list shows it. Its row was loaded without secrets and token."""

    connection: Connection
    platform: Capabilities
    used_by: int


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """One page by name; `after` is the name the next page starts behind, None at the end."""

    rows: tuple[ConnectionRow, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class ConnectionDetail:
    """One connection with the syncs that use it, and when each secret was last saved."""

    connection: Connection
    platform: Capabilities
    method: str
    used_by: Sequence[Sync]


def list_connections(after: str = "") -> ConnectionPage:
    """One page of connections, in two queries."""
    connections = Connection.objects.defer("secrets", "token").order_by("name")
    if after:
        connections = connections.filter(name__gt=after)
    found = list(connections[: PAGE + 1])
    used = _count_uses(connection.pk for connection in found)
    rows = tuple(ConnectionRow(one, capabilities(one.platform), used[one.pk]) for one in found[:PAGE])
    return ConnectionPage(rows, rows[-1].connection.name if len(found) > PAGE else None)


def how_many() -> int:
    """Connections there are."""
    return Connection.objects.count()


def platforms_in_use() -> dict[str, str]:
    """Platform → its name, of those that have a connection, by name."""
    used = Connection.objects.order_by().values_list("platform", flat=True).distinct()
    return dict(sorted(((name, capabilities(name).label) for name in used), key=lambda pair: pair[1]))


def show_connection(pk: int) -> ConnectionDetail:
    """One connection, in two queries. Connection.DoesNotExist when there is none."""
    found = Connection.objects.select_related("webhook_address")
    connection = found.defer("secrets", "token", "webhook_address__token").get(pk=pk)
    declared = capabilities(connection.platform)
    labels = {method.name: method.label for method in declared.sign_in_methods}
    used_by = tuple(Sync.objects.filter(Q(source=pk) | Q(destination=pk)).order_by("name").only("pk", "name"))
    return ConnectionDetail(connection, declared, labels.get(connection.method, connection.method), used_by)


def secrets_saved_at(connection: Connection) -> dict[str, datetime]:
    """When each secret was last typed in, told by the connection's events."""
    kinds = [Kind.CONNECTION_CREATED, Kind.CONNECTION_CHANGED]
    events = Event.objects.filter(stream=connection.stream, kind__in=kinds).order_by("-version")[:CHANGES_READ]
    saved: dict[str, datetime] = {}
    for event in events:
        for name in event.data.get("secrets_replaced", []):
            saved.setdefault(name, event.at)
    return saved


def _count_uses(connections: Iterable[int]) -> Counter[int]:
    wanted = set(connections)
    ends = Sync.objects.filter(Q(source__in=wanted) | Q(destination__in=wanted)).values_list(
        "source_id", "destination_id"
    )
    return Counter(connection for pair in ends for connection in set(pair) & wanted)
