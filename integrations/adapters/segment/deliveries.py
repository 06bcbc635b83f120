"""What a call says, event by event. https://segment.com/docs/connections/spec/

Whoever maps the events in Segment may send anything, and anybody may send anything here: nothing of it is relied upon.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson

from integrations.adapters.segment.fields import ANONYMOUS_ID, EVENT, EVENT_ID, TIMESTAMP, USER_ID
from integrations.adapters.segment.flattening import flatten
from integrations.adapters.segment.names import EVENTS, USERS
from integrations.adapters.wire import UnreadableError, dump_json, load_json
from integrations.enums import ChangeKind
from integrations.incoming import Change, UnreadableDeliveryError
from integrations.types import FlatRecord

LONGEST_ID = 120
LONGEST_KEY = 150
MOST_NAMES = 6
_CONTEXT = ("campaign", "page")
"""Parts of the context that marketing reads; the rest is about devices."""

NOT_JSON = "What came is not JSON."
NOT_AN_EVENT = "What came is not an event of Segment. Let the mapping there send the whole event."
TOO_DEEP = "An event holds lists inside lists inside lists, too many to keep."
LONG_ID = f"An event has an id of more than {LONGEST_ID} characters."

Event = Mapping[str, Any]


def read_changes(body: bytes) -> list[Change]:
    """In the order of the call. UnreadableDeliveryError when one of the events is none."""
    try:
        found = load_json(body)
    except UnreadableError as exc:
        raise UnreadableDeliveryError(NOT_JSON, technical=exc.code) from exc
    events = found if isinstance(found, list) else [found]
    return [change for event in events for change in _read_event(event)]


def _read_event(event: object) -> Iterator[Change]:
    if not isinstance(event, dict):
        raise UnreadableDeliveryError(NOT_AN_EVENT)
    match find_type(event):
        case "identify":
            yield from _identified(event)
        case "track":
            yield from _tracked(event)
        case "delete":
            yield from _deleted(event)
        case "":
            raise UnreadableDeliveryError(NOT_AN_EVENT)


def find_type(event: Event) -> str:
    """As it says; one that was mapped without its type is known by what it has. Empty when it is no event."""
    told = event.get("type")
    if isinstance(told, str) and told:
        return told.lower()
    if _text(event.get(EVENT)):
        return "track"
    return "identify" if isinstance(event.get("traits"), dict) else ""


def _identified(event: Event) -> Iterator[Change]:
    who = _who(event)
    traits = event.get("traits")
    if not who or not isinstance(traits, dict):
        return
    record = _record(event, who, traits)
    yield Change(_key(event), USERS, who, ChangeKind.CHANGED, _tell_traits(traits), _moment(event), record=record)


def _tracked(event: Event) -> Iterator[Change]:
    """Known by the id of its message; one without is known by all it holds."""
    name = _text(event.get(EVENT))
    if not name or not _who(event):
        return
    number = _bounded(_text(event.get("messageId"))) or _digest(event)
    properties = event.get("properties")
    own = {EVENT_ID: number, EVENT: name}
    record = _record(event, number, properties if isinstance(properties, dict) else {}, own)
    yield Change(_key(event), EVENTS, number, ChangeKind.CHANGED, f"Event: {name[:80]}", _moment(event), record=record)


def _deleted(event: Event) -> Iterator[Change]:
    """Somebody asked to be forgotten."""
    if who := _who(event):
        key = f"delete:{_digest({USER_ID: who, TIMESTAMP: _text(event.get(TIMESTAMP))})}"
        yield Change(key, USERS, who, ChangeKind.DELETED, "Asked to be deleted", _moment(event))


def _record(event: Event, record_id: str, inner: Event, own: Mapping[str, str] | None = None) -> FlatRecord:
    """Traits or properties as fields, beside them who and when."""
    context = event.get("context")
    told = {part: context.get(part) for part in _CONTEXT} if isinstance(context, dict) else {}
    parts = {part: value for part, value in told.items() if isinstance(value, dict)}
    record: FlatRecord = {
        "id": record_id,
        **flatten(inner),
        **flatten({"context": parts} if parts else {}),
        **{name: _text(event.get(name)) or None for name in (USER_ID, ANONYMOUS_ID, TIMESTAMP)},
        **(own or {}),
    }
    record["id"] = record_id
    try:
        orjson.dumps(record)
    except TypeError as exc:
        raise UnreadableDeliveryError(TOO_DEEP) from exc
    return record


def _who(event: Event) -> str:
    return _bounded(_text(event.get(USER_ID))) or _bounded(_text(event.get(ANONYMOUS_ID)))


def _bounded(text: str) -> str:
    if len(text) > LONGEST_ID:
        raise UnreadableDeliveryError(LONG_ID)
    return text


def _text(value: object) -> str:
    """Ids may be numbers."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _key(event: Event) -> str:
    """By the message's id, which stays when it is delivered again."""
    number = _text(event.get("messageId"))
    return f"{find_type(event)}:{number if 0 < len(number) <= LONGEST_KEY else _digest(event)}"


def _digest(event: Event) -> str:
    return blake2b(dump_json(event), digest_size=16).hexdigest()


def _tell_traits(traits: Event) -> str:
    names: Sequence[str] = [str(name)[:40] for name in list(traits)[:MOST_NAMES]]
    more = ", …" if len(traits) > MOST_NAMES else ""
    return f"Person identified: {', '.join(names)}{more}" if names else "Person identified"


def _moment(event: Event) -> datetime | None:
    """When it was so; None when it does not say, or says no time."""
    try:
        found = datetime.fromisoformat(_text(event.get(TIMESTAMP)))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
