"""One failed record in words: what was received and what would be sent side by side, and what happened to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from integrations import reasons
from integrations.enums import FailureKind, RecordEventKind
from integrations.models import FailedRecord, RecordEvent
from integrations.queries.causes import Cause
from integrations.queries.failures import FailureDetail
from integrations.types import ObjectSchema
from syncpanel.words.people import short

LONGEST = 300
HIDDEN = {"id"}
LOOKS: dict[str, tuple[str, str]] = {
    RecordEventKind.CREATED: ("ok", "circle-check"),
    RecordEventKind.UPDATED: ("ok", "circle-check"),
    RecordEventKind.INVALID: ("failed", "circle-x"),
    RecordEventKind.REJECTED: ("failed", "circle-x"),
    RecordEventKind.CORRECTED: ("running", "tool"),
    RecordEventKind.DISMISSED: ("idle", "archive"),
    RecordEventKind.RESTORED: ("idle", "arrow-back-up"),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One row: a field with its value on both sides. None = there is no such field on that side."""

    label: str
    received: str | None
    sent: str | None
    is_bad: bool
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened to the record; `cause`: the incoming event that its job was started by."""

    at: datetime
    state: str
    icon: str
    title: str
    job: int
    actor: str
    cause: Cause | None = None


class Fix(NamedTuple):
    """What is suggested for a record, as the list shows it: the value its problem is about, and why."""

    text: str
    why: str


def suggested_fix(record: FailedRecord, schema: ObjectSchema | None) -> Fix | None:
    """The suggestion of a record in words, or None."""
    values: dict[str, Any] = record.suggestion.get("values", {})
    if not values:
        return None
    name = record.field if record.field in values else next(iter(values))
    return Fix(value_label(schema, name, values[name]) or "Leave it empty", record.suggestion.get("why", ""))


def value_label(schema: ObjectSchema | None, name: str, value: Any) -> str:
    """A value as text; of a picklist, what the platform calls the choice."""
    field = schema.field(name) if schema else None
    labels = dict(zip(field.choices, field.choice_labels, strict=False)) if field else {}
    return labels.get(value) or shown(value) if isinstance(value, str) else shown(value)


def pairs(detail: FailureDetail, source: ObjectSchema | None, destination: ObjectSchema | None) -> list[Pair]:
    """Both sides field by field, the bad one first; a received field stands beside the sent one it looks like."""
    if detail.mapped is None:
        return _received_only(detail, source)
    left = {name: value for name, value in detail.received.items() if name not in HIDDEN}
    names = list(dict.fromkeys([*([detail.record.field] if detail.record.field else []), *detail.mapped]))
    return [_pair(detail, name, left, source, destination) for name in names]


def also_received(detail: FailureDetail, source: ObjectSchema | None) -> list[Pair]:
    """Received fields that stand beside none that is sent."""
    if detail.mapped is None:
        return []
    left = {name: value for name, value in detail.received.items() if name not in HIDDEN and not _is_empty(value)}
    for name in [detail.record.field, *detail.mapped]:
        matched = counterpart(name, detail.mapped.get(name), left) if name else None
        if matched:
            left.pop(matched)
    return [Pair(label_of(source, name), shown(value), None, False, False) for name, value in left.items()]


def _received_only(detail: FailureDetail, source: ObjectSchema | None) -> list[Pair]:
    corrected = detail.record.corrections.get("received", {})
    return [
        Pair(label_of(source, name), shown(value), None, name == detail.record.field, name in corrected)
        for name, value in detail.received.items()
        if name not in HIDDEN
    ]


def _pair(
    detail: FailureDetail,
    name: str,
    left: dict[str, Any],
    source: ObjectSchema | None,
    destination: ObjectSchema | None,
) -> Pair:
    value = (detail.mapped or {}).get(name)
    matched = counterpart(name, value, left)
    received = shown(left.pop(matched)) if matched else None
    corrected = name in detail.record.corrections.get("sent", {})
    return Pair(label_of(destination, name), received, shown(value), name == detail.record.field, corrected)


def counterpart(name: str, value: Any, received: Mapping[str, Any]) -> str | None:
    """The received field a sent one most likely comes from: the same name, else the same value, else a like name."""
    plain = _plain(name)
    same = next((other for other in received if _plain(other) == plain), None)
    if same or not plain:
        return same
    text = str(value).strip().casefold()
    alike = (o for o, v in received.items() if len(text) > 2 and str(v).strip().casefold() == text)
    part = (o for o in received if len(_plain(o)) > 3 and (_plain(o) in plain or plain in _plain(o)))
    return next(alike, None) or next(part, None)


def label_of(schema: ObjectSchema | None, name: str) -> str:
    """What the platform calls the field."""
    found = schema.field(name) if schema else None
    return found.label if found else name


def shown(value: Any) -> str:
    """A value as text, cut when very long."""
    if _is_empty(value):
        return ""
    text = {True: "Yes", False: "No"}[value] if isinstance(value, bool) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def history(detail: FailureDetail) -> list[Moment]:
    """What happened to this record, newest first."""
    return [_moment(event, detail.destination.label, detail.causes.get(event.job)) for event in detail.history]


def tried(detail: FailureDetail) -> str:
    """Who held it, in a few words; the time follows."""
    return f"{detail.destination.label} refused it" if detail.record.kind == FailureKind.REJECTED else "Held back by us"


def _moment(event: RecordEvent, platform: str, cause: Cause | None) -> Moment:
    kind = RecordEventKind(event.kind)
    state, icon = LOOKS.get(kind, ("idle", "circle-dashed"))
    return Moment(event.at, state, icon, _told(event, kind, platform), event.job, short(event.actor), cause)


def _told(event: RecordEvent, kind: RecordEventKind, platform: str) -> str:
    if kind in {RecordEventKind.INVALID, RecordEventKind.REJECTED} and event.detail:
        return f"{kind.label}: {reasons.title(event.detail, '', platform)}"
    return f"{kind.label}: {event.detail}" if event.detail else str(kind.label)


def _is_empty(value: Any) -> bool:
    return value is None or value == ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().removesuffix("__c"))
