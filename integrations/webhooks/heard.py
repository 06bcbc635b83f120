"""What one delivery says, as it can be kept: read by its platform's format, and freed of what no column can hold."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import zstandard

from integrations.adapters.registry import capabilities
from integrations.incoming import Call, Change, UnreadableDeliveryError
from integrations.models import Connection, WebhookDelivery
from integrations.models.blobs import unpack_bytes

logger = logging.getLogger(__name__)

LONGEST_ID = 120
LONGEST_WORDS = 200
MOST_CHANGES = 5_000


@dataclass(frozen=True, slots=True)
class Heard:
    """A delivery that was read: its changes, each with the hash of its key; or why nobody can read it."""

    delivery: WebhookDelivery
    changes: tuple[tuple[bytes, Change], ...] = ()
    problem: str = ""


def hear(delivery: WebhookDelivery, connection: Connection) -> Heard:
    """Never raises for what is in it."""
    try:
        changes = list(_changes(delivery, connection))
    except UnreadableDeliveryError as problem:
        return Heard(delivery, problem=problem.message[:300])
    except Exception as problem:
        logger.exception("delivery %s could not be read", delivery.pk)
        return Heard(delivery, problem=f"Something went wrong inside Syncpanel ({type(problem).__name__}).")
    if len(changes) > MOST_CHANGES:
        return Heard(delivery, problem=f"It tells of {len(changes):,} changes; at most {MOST_CHANGES:,} are read.")
    return Heard(delivery, tuple((hash_key(connection.pk, change.key), change) for change in changes))


def hash_key(connection_id: int, key: str) -> bytes:
    """What a change is recognised by within a connection."""
    return hashlib.blake2b(f"{connection_id}|{key}".encode("utf-8", "replace"), digest_size=16).digest()


def _changes(delivery: WebhookDelivery, connection: Connection) -> Iterator[Change]:
    webhook = capabilities(connection.platform).webhook
    if webhook is None:
        raise UnreadableDeliveryError(f"{connection.name} does not take events any more.")
    try:
        body = unpack_bytes(delivery.body)
    except zstandard.ZstdError as exc:
        raise UnreadableDeliveryError("What was stored cannot be unpacked.") from exc
    call = Call("POST", "", delivery.headers, body, delivery.received_at)
    return (change for change in webhook.parse(call) if _can_be_kept(change))


def _can_be_kept(change: Change) -> bool:
    """An id that fits into no column is nobody's id."""
    ids = (change.record_id, change.object_name, change.new_id)
    return bool(change.record_id and change.object_name) and all(_fits(one) for one in ids)


def _fits(text: str) -> bool:
    return len(text) <= LONGEST_ID and "\x00" not in text and text.encode("utf-8", "replace").decode() == text


def clean_words(text: str) -> str:
    """A sentence as every database can keep it."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:LONGEST_WORDS]
