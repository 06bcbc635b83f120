"""Changes wait per sync and record: what happens to a record ten times waits once, and the newest happening counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from integrations.enums import ChangeKind
from integrations.incoming import Change
from integrations.models import WaitingChange
from integrations.models.blobs import pack, unpack
from integrations.orchestrator.incoming import locked_inbox
from integrations.types import FlatRecord

QUIET = timedelta(seconds=2)
AT_MOST = timedelta(seconds=5)
ROWS = 500
MERGED = ("kind", "new_id", "at", "newest", "record")


@dataclass(frozen=True, slots=True)
class News:
    """A change under the number it is known by, and when it came in."""

    id: int
    change: Change
    received_at: datetime


def queue_changes(sync_id: int, news: Sequence[News]) -> None:
    """Inside a transaction. What waits already is added to; the sync's next job starts after a quiet moment."""
    by_record: dict[str, list[News]] = {}
    for one in sorted(news, key=lambda one: one.id):
        by_record.setdefault(_waits_as(one.change), []).append(one)
    for ids in _chunks(sorted(by_record)):
        known = WaitingChange.objects.filter(sync=sync_id, record_id__in=ids)
        rows = {row.record_id: row for row in known}
        added = [_add(rows.get(record_id), sync_id, record_id, by_record[record_id]) for record_id in ids]
        WaitingChange.objects.bulk_create(
            added, update_conflicts=True, unique_fields=["sync", "record_id"], update_fields=MERGED
        )
    _set_alarm(sync_id, [one.received_at for one in news])


def _waits_as(change: Change) -> str:
    """Who was renamed waits under the new id."""
    return change.new_id if change.kind == ChangeKind.RENAMED and change.new_id else change.record_id


def _add(row: WaitingChange | None, sync_id: int, record_id: str, news: Iterable[News]) -> WaitingChange:
    for one in news:
        row = _fold(row, sync_id, record_id, one)
    assert row is not None
    return row


def _fold(row: WaitingChange | None, sync_id: int, record_id: str, one: News) -> WaitingChange:
    """What came in later but happened earlier changes nothing but the number that is waited for."""
    kind = ChangeKind.CHANGED if one.change.kind == ChangeKind.RENAMED else one.change.kind
    new_id = one.change.new_id if kind == ChangeKind.MERGED else ""
    if row is None:
        return WaitingChange(
            sync_id=sync_id,
            record_id=record_id,
            kind=kind,
            new_id=new_id,
            at=one.change.at,
            first=one.id,
            newest=one.id,
            record=_pack(one.change.record),
        )
    is_older = bool(row.at and one.change.at and one.change.at < row.at)
    row.newest = max(row.newest, one.id)
    row.record = _merge(row.record, one.change.record, is_older=is_older)
    if not is_older:
        row.kind, row.new_id, row.at = kind, new_id, one.change.at
    return row


def _merge(before: bytes | memoryview | None, given: FlatRecord | None, *, is_older: bool) -> bytes | memoryview | None:
    """Some platforms deliver only part of a record at a time: each field's newest value counts."""
    if given is None or before is None:
        return _pack(given) or before
    kept: Mapping[str, Any] = unpack(before)
    return pack({**given, **kept} if is_older else {**kept, **given})


def _pack(record: FlatRecord | None) -> bytes | None:
    return None if record is None else pack(record)


def _set_alarm(sync_id: int, moments: Sequence[datetime]) -> None:
    inbox = locked_inbox(sync_id)
    inbox.first_at = min(filter(None, (inbox.first_at, *moments)))
    inbox.due_at = min(inbox.first_at + AT_MOST, max(moments) + QUIET)
    inbox.save(update_fields=["first_at", "due_at"])


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + ROWS] for start in range(0, len(ids), ROWS))
