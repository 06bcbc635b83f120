"""Incoming events for pages: the list with what each caused, and one with all that is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import zstandard
from django.db.models import OuterRef, QuerySet, Subquery

from integrations.enums import DeliveryStatus
from integrations.mappings.hashing import key_hash
from integrations.models import Connection, RecordLink, SeenChange, Sync, WebhookDelivery
from integrations.models.blobs import unpack_bytes
from integrations.models.bulk import signed
from integrations.queries.causes import Effect, deliveries_of_job, effects_of

PAGE = 50
SHOWN_CHANGES = 50
MOST_PEOPLE = 50
MOST_FOUND = 1_000


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which: of one connection, in one status, that caused one job, that tell of a record (`words`: its id, or what it is known
    by at a destination, an e-mail address for one)."""

    connection: int | None = None
    status: str = ""
    job: int | None = None
    words: str = ""

    @property
    def is_narrow(self) -> bool:
        """True when not every event is asked for."""
        return bool(self.connection or self.status or self.job or self.words)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One line: the delivery without what it said, its connection, its first change that was news, and what that caused."""

    delivery: WebhookDelivery
    connection: Connection | None
    change: SeenChange | None
    effect: Effect


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """One page, newest first; `older` is the `before` of the next page, None at the end."""

    rows: tuple[DeliveryRow, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class DeliveryDetail:
    """One delivery. `changes`: the first ones that were news, each with its effect; `more`: how many there are beyond. `body`
    None once it is forgotten, or when it cannot be unpacked."""

    delivery: WebhookDelivery
    connection: Connection
    changes: tuple[tuple[SeenChange, Effect], ...]
    more: int
    body: bytes | None


def matching(asked: DeliveryFilter) -> QuerySet[WebhookDelivery]:
    """The deliveries that a filter describes, in no order."""
    found = _in_status(asked.status)
    if asked.connection and asked.status == DeliveryStatus.WAITING:
        found = found.filter(pk__in=_waiting_of(asked.connection))
    elif asked.connection:
        found = found.filter(connection=asked.connection)
    if asked.job:
        found = found.filter(pk__in=deliveries_of_job(asked.job))
    if asked.words:
        found = found.filter(pk__in=_telling_of(_records(asked.words)))
    return found


def _telling_of(records: Sequence[str]) -> list[int]:
    """The newest deliveries that tell of these records."""
    told = SeenChange.objects.filter(record_id__in=records).order_by("-delivery")
    return list(told.values_list("delivery", flat=True).distinct()[:MOST_FOUND])


def _waiting_of(connection_id: int) -> list[int]:
    """Few wait for long; so they are not looked for among all of the connection."""
    newest = WebhookDelivery.objects.waiting().order_by("-pk").values_list("pk", "connection_id")[:MOST_FOUND]
    return [pk for pk, of in newest if of == connection_id]


def _in_status(status: str) -> QuerySet[WebhookDelivery]:
    if status == DeliveryStatus.SET_ASIDE:
        return WebhookDelivery.objects.set_aside()
    if status == DeliveryStatus.WAITING:
        return WebhookDelivery.objects.waiting()
    return WebhookDelivery.objects.filter(status=status) if status else WebhookDelivery.objects.all()


def _records(words: str) -> list[str]:
    """Ids that are meant: the words themselves, and those of whom the words are the key at some destination."""
    hearing = Sync.objects.filter(on_webhook=True).values("pk")
    links = RecordLink.objects.filter(
        sync__in=list(hearing.values_list("pk", flat=True)), key_hash=signed(key_hash(words))
    )
    return [*dict.fromkeys([words, words.lower(), *links.values_list("source_id", flat=True)[:MOST_PEOPLE]])]


def list_deliveries(asked: DeliveryFilter, before: int | None = None) -> DeliveryPage:
    """One page, in eight queries, in two more when a job or words are asked for."""
    keys = matching(asked).order_by("-pk").values_list("pk", flat=True)
    found = list((keys.filter(pk__lt=before) if before else keys)[: PAGE + 1])
    return DeliveryPage(_rows(found[:PAGE]), found[PAGE - 1] if len(found) > PAGE else None)


def _rows(ids: Sequence[int]) -> tuple[DeliveryRow, ...]:
    first = SeenChange.objects.filter(delivery=OuterRef("pk")).order_by("pk").values("pk")[:1]
    found = WebhookDelivery.objects.filter(pk__in=ids).annotate(first_change=Subquery(first)).defer("body", "headers")
    deliveries = list(found.order_by("-pk"))
    connections = Connection.objects.defer("secrets", "token").in_bulk({one.connection_id for one in deliveries})
    changes = SeenChange.objects.in_bulk([vars(one)["first_change"] for one in deliveries if vars(one)["first_change"]])
    effects = effects_of(list(changes.values()))
    return tuple(
        DeliveryRow(
            one,
            connections.get(one.connection_id),
            change := changes.get(vars(one)["first_change"]),
            effects[change.pk] if change else Effect(),
        )
        for one in deliveries
    )


def matching_ids(asked: DeliveryFilter, most: int) -> list[int]:
    """The keys of all that a filter describes, oldest first, at most so many."""
    return list(matching(asked).order_by("pk").values_list("pk", flat=True)[:most])


def show_delivery(pk: int) -> DeliveryDetail:
    """One delivery, in seven queries. WebhookDelivery.DoesNotExist when there is none, or its connection is gone."""
    delivery = WebhookDelivery.objects.get(pk=pk)
    connection = Connection.objects.defer("secrets", "token").filter(pk=delivery.connection_id).first()
    if connection is None:
        raise WebhookDelivery.DoesNotExist
    changes = list(SeenChange.objects.filter(delivery=pk).order_by("pk")[:SHOWN_CHANGES])
    effects = effects_of(changes)
    more = max(0, delivery.changes - delivery.repeated - len(changes))
    return DeliveryDetail(delivery, connection, tuple((one, effects[one.pk]) for one in changes), more, _body(delivery))


def _body(delivery: WebhookDelivery) -> bytes | None:
    if not delivery.has_body:
        return None
    try:
        return unpack_bytes(delivery.body)
    except zstandard.ZstdError:
        return None
