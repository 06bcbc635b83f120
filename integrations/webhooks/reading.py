"""Reads what came in: a few deliveries at a time, outside any transaction; then commits of a hundred changes each.

One worker at a time does it, so that a flood never takes the workers from the jobs. Whoever dies in it loses nothing: a
delivery waits until the commit that holds its changes. One that kills its readers is set aside after three.
"""

import logging
import time
from collections.abc import Iterator, Sequence

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from integrations.enums import ChangeKind, DeliveryStatus
from integrations.exceptions import LostLeaseError
from integrations.incoming import Change
from integrations.models import Connection, SeenChange, Sync, WebhookDelivery
from integrations.models.bulk import DeliveryRow, update_deliveries
from integrations.orchestrator import drain
from integrations.orchestrator.hints import hint_incoming
from integrations.webhooks.heard import Heard, clean_words, hear
from integrations.webhooks.renaming import rename
from integrations.webhooks.turns import Held, take_turn
from integrations.webhooks.waiting import News, queue_changes

logger = logging.getLogger(__name__)

TURN = "read incoming"
CHUNK = 200
MOST_BYTES = 4_000_000
CHANGES_AT_ONCE = 100
BREATH = 0.002
"""Seconds between two commits: SQLite has one writer, and calls that come in must be stored too."""
SLICE_SECONDS = 5.0
CAREFUL_SECONDS = 60.0
"""Longer, because the next one would have to be as careful again: only the end of the chunk that may be to blame ends it."""
MOST_TRIES = 3
IDS_AT_ONCE = 500
KILLED = f"It ended the worker that read it, {MOST_TRIES} times. It may need too much memory."


def read_incoming(seconds: float = SLICE_SECONDS) -> int:
    """For at most about so long; returns how many deliveries were read. Rings for the next slice when some are left."""
    held = take_turn(TURN)
    if held is None:
        return 0
    done, started = 0, time.monotonic()
    careful = CHUNK if held.losses else 0
    try:
        while not drain.is_requested():
            if time.monotonic() >= started + (CAREFUL_SECONDS if done < careful else seconds):
                break
            number = read_chunk(held, is_careful=done < careful)
            if not number:
                if held.losses:
                    held.renew(losses=0)  # whichever ended its readers is not there any more
                return done
            done += number
    except LostLeaseError:
        logger.warning("another worker goes on reading incoming events")
        return done
    finally:
        held.give_back()
    if WebhookDelivery.objects.waiting().exists():
        hint_incoming()
    return done


def read_chunk(held: Held, *, is_careful: bool = False) -> int:
    """The next few, oldest first; one alone, and counted, while it may be the one that ends its readers. Returns how many."""
    ids = _next_ids(1 if is_careful else CHUNK)
    if not ids:
        return 0
    if is_careful and _give_up(held, ids[0]):
        return 1
    deliveries = list(WebhookDelivery.objects.waiting().filter(pk__in=ids).order_by("pk"))
    connections = Connection.objects.in_bulk({delivery.connection_id for delivery in deliveries})
    heard = [hear(one, connections[one.connection_id]) for one in deliveries if one.connection_id in connections]
    if len(heard) < len(deliveries):  # to ask for SQLite's only write lock each time would keep others waiting
        WebhookDelivery.objects.filter(pk__in=ids).exclude(connection_id__in=connections).delete()
    for some in _portions(heard):
        with transaction.atomic():
            held.renew(losses=held.losses if is_careful else 0)
            _keep(some)
        time.sleep(BREATH)
    return len(ids)


def _portions(heard: Sequence[Heard]) -> Iterator[list[Heard]]:
    """As many together as tell of a hundred changes, or one that tells of more: nobody's call has to wait for longer than
    these take to be written."""
    some: list[Heard] = []
    number = 0
    for one in heard:
        if some and number + len(one.changes) > CHANGES_AT_ONCE:
            yield some
            some, number = [], 0
        some.append(one)
        number += len(one.changes)
    if some:
        yield some


def _next_ids(most: int) -> list[int]:
    """Not more than fit into memory well."""
    ids: list[int] = []
    size = 0
    for pk, length in WebhookDelivery.objects.waiting().order_by("pk").values_list("pk", "size")[:most]:
        size += length
        if ids and size > MOST_BYTES:
            break
        ids.append(pk)
    return ids


def _give_up(held: Held, delivery_id: int) -> bool:
    """Count the try before it is made; True when there were enough, and the delivery is set aside."""
    with transaction.atomic():
        held.renew()
        row = WebhookDelivery.objects.filter(pk=delivery_id)
        row.update(tries=F("tries") + 1)
        return bool(
            row.filter(tries__gt=MOST_TRIES).update(
                status=DeliveryStatus.SET_ASIDE, reason=KILLED, read_at=timezone.now()
            )
        )


def _keep(heard: Sequence[Heard]) -> None:
    """What the deliveries tell, and that they are read."""
    known = _known_already(heard)
    told: list[tuple[Heard, list[SeenChange]]] = []
    changes: list[tuple[SeenChange, Change, Heard]] = []
    for one in heard:
        fresh = [_seen(one, digest, change) for digest, change in one.changes if _is_news(one, digest, known)]
        told.append((one, fresh))
        by_digest = dict(one.changes)
        changes += [(row, by_digest[bytes(row.key_hash)], one) for row in fresh]
    SeenChange.objects.bulk_create([row for row, _, _ in changes])
    _pass_on(changes)
    update_deliveries([_outcome(one, fresh) for one, fresh in told], timezone.now())


def _known_already(heard: Sequence[Heard]) -> set[bytes]:
    """Keys that were told before. Of deliveries a person sent again nothing counts as told."""
    for rows in _seen_rows([one for one in heard if one.delivery.sent_again]):
        rows.delete()
    return {bytes(digest) for rows in _seen_rows(heard) for digest in rows.values_list("key_hash", flat=True)}


def _seen_rows(heard: Sequence[Heard]) -> Iterator[models.QuerySet[SeenChange]]:
    """What was told before of the same changes, some at a time."""
    by_connection: dict[int, list[bytes]] = {}
    for one in heard:
        by_connection.setdefault(one.delivery.connection_id, []).extend(digest for digest, _ in one.changes)
    for connection_id, digests in by_connection.items():
        for start in range(0, len(digests), IDS_AT_ONCE):
            some = digests[start : start + IDS_AT_ONCE]
            yield SeenChange.objects.filter(connection=connection_id, key_hash__in=some)


def _is_news(one: Heard, digest: bytes, known: set[bytes]) -> bool:
    if digest in known:
        return False
    known.add(digest)
    return True


def _seen(one: Heard, digest: bytes, change: Change) -> SeenChange:
    return SeenChange(
        connection_id=one.delivery.connection_id,
        key_hash=digest,
        delivery=one.delivery.pk,
        kind=change.kind,
        object_name=change.object_name,
        record_id=change.record_id,
        new_id=change.new_id,
        what=clean_words(change.what),
        at=change.at,
        seen_at=timezone.now(),
    )


def _pass_on(changes: Sequence[tuple[SeenChange, Change, Heard]]) -> None:
    """To the syncs that listen."""
    for row, change, _ in changes:
        if change.kind == ChangeKind.RENAMED and change.new_id:
            rename(row.connection_id, change.object_name, change.record_id, change.new_id)
    listening = Sync.objects.filter(on_webhook=True, source_id__in={row.connection_id for row, _, _ in changes})
    for sync_id, source_id, object_name in listening.order_by("pk").values_list("pk", "source_id", "source_object"):
        news = [
            News(row.pk, change, one.delivery.received_at)
            for row, change, one in changes
            if row.connection_id == source_id and change.object_name == object_name
        ]
        if news:
            queue_changes(sync_id, news)


def _outcome(one: Heard, fresh: Sequence[SeenChange]) -> DeliveryRow:
    status = DeliveryStatus.SET_ASIDE if one.problem else DeliveryStatus.READ
    number = len(one.changes)
    what = clean_words(one.changes[0][1].what) if one.changes else ""
    return status.value, number, number - len(fresh), what, one.problem, one.delivery.pk
