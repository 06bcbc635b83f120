"""Two records that may be one person, as jobs notice them: each pair once, whichever of the two came first."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from integrations.enums import DuplicateKind, DuplicateVerdict
from integrations.models import Duplicate, SyncJob
from integrations.models.blobs import pack, unpack
from integrations.orchestrator.failures import email_of, label_of, plain
from integrations.types import FlatRecord

if TYPE_CHECKING:
    from integrations.orchestrator.stages.deciding import Plan

CONFIDENCE = {
    DuplicateKind.SAME_KEY: 95,
    DuplicateKind.OTHER_KEY: 90,
    DuplicateKind.OTHER_SYSTEM: 70,
    DuplicateKind.TAKEN: 80,
}
ENOUGH = 500
"""So many wait for a person in one sync: more are looked for when some of them are decided."""


def note_lookalikes(job: SyncJob, plans: Iterable["Plan"], now: datetime) -> None:
    """Records held since somebody over there may be the same person. Joins the caller's transaction."""
    held = list(plans)
    if held:
        key = job.sync.destination_key
        note([row for plan in held for row in _lookalikes(plan, key)], job, now)


def _lookalikes(plan: "Plan", key: str) -> list[Duplicate]:
    found = plan.lookalike
    return [
        Duplicate(
            kind=one.kind,
            source_id=plan.source_id,
            other_id=one.owner,
            destination_id=one.record["id"],
            why=plain(one.why, 200),
            **_shown(plan.entry[3], one.record, key),
        )
        for one in ((found, *found.also) if found else ())
    ]


def note_same_key(job: SyncJob, pairs: Iterable[tuple[FlatRecord, FlatRecord]], now: datetime) -> None:
    """Two records of the source with one key: (the one that is sent, the one that is left out)."""
    rows = [
        Duplicate(
            kind=DuplicateKind.SAME_KEY,
            source_id=one["id"],
            other_id=other["id"],
            why="same key",
            **_shown(one, other),
        )
        for one, other in pairs
    ]
    note(rows, job, now)


def note_other_keys(job: SyncJob, pairs: Iterable[tuple[FlatRecord, FlatRecord]], now: datetime) -> None:
    """Records of the source with a second address that is the first one of somebody else: (record, the other)."""
    rows = [
        Duplicate(
            kind=DuplicateKind.OTHER_KEY,
            source_id=record["id"],
            other_id=other["id"],
            why="second address of one is the address of the other",
            **_shown(record, other),
        )
        for record, other in pairs
    ]
    note(rows, job, now)


def note(rows: Sequence[Duplicate], job: SyncJob, now: datetime) -> None:
    """Add those that are new; what was decided before stays decided."""
    for row in rows:
        row.sync_id, row.job, row.found_at = job.sync_id, job.pk, now
        row.confidence = CONFIDENCE[DuplicateKind(row.kind)]
    seen = _noticed(job.sync_id, [row.other_id for row in rows if _is_here(row)])
    new = []
    for row in rows:
        if not _is_here(row) or _pair(row) not in seen:
            seen.add(_pair(row))
            new.append(row)
    Duplicate.objects.bulk_create(new, batch_size=200, ignore_conflicts=True)


def unnoticed(sync_id: int, pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of these pairs of source records those that nobody was told of yet, either way round."""
    seen = _noticed(sync_id, [other for _, other in pairs])
    return {pair for pair in pairs if frozenset(pair) not in seen}


def are_enough(sync_id: int) -> bool:
    """True when as many wait for a person as anybody will look at."""
    waiting = Duplicate.objects.filter(sync_id=sync_id, verdict=DuplicateVerdict.OPEN)
    return waiting.order_by()[:ENOUGH].count() >= ENOUGH


def losers_of(sync_id: int) -> frozenset[str]:
    """Records of the source that are somebody else's double, as a person said: they are never sent."""
    rows = Duplicate.objects.filter(sync_id=sync_id, verdict=DuplicateVerdict.SAME).exclude(other_id="")
    pairs = rows.values_list("source_id", "other_id", "keeps")
    return frozenset(other if keeps == one else one for one, other, keeps in pairs)


def is_loser(sync_id: int, source_id: str) -> bool:
    """The same of one."""
    rows = Duplicate.objects.filter(Q(source_id=source_id) | Q(other_id=source_id), sync_id=sync_id)
    return rows.filter(verdict=DuplicateVerdict.SAME).exclude(other_id="").exclude(keeps=source_id).exists()


def sides(row: Duplicate) -> tuple[FlatRecord, FlatRecord]:
    """The two records as they were when this was noticed; empty ones when that was forgotten."""
    one, other = unpack(row.sides) or ({}, {})
    return one, other


def _is_here(row: Duplicate) -> bool:
    """Both are records of the source."""
    return bool(row.other_id) and not row.destination_id


def _pair(row: Duplicate) -> frozenset[str]:
    return frozenset((row.source_id, row.other_id))


def _noticed(sync_id: int, ids: Sequence[str]) -> set[frozenset[str]]:
    """The pairs at the source that any of these records is in."""
    if not ids:
        return set()
    found = Duplicate.objects.filter(Q(source_id__in=ids) | Q(other_id__in=ids), sync_id=sync_id, destination_id="")
    return {frozenset(pair) for pair in found.values_list("source_id", "other_id")}


def _shown(one: FlatRecord, other: FlatRecord, key: str = "") -> dict[str, Any]:
    return {
        "label": plain(label_of(one), 200),
        "email": plain(address_of(one, key), 254),
        "other_label": plain(label_of(other), 200),
        "other_email": plain(address_of(other, key), 254),
        "sides": pack([one, other]),
    }


def address_of(record: FlatRecord, key: str = "") -> str:
    """The record's e-mail address, that of its key first, whatever its field is called; empty when it has none."""
    texts = [value for value in (record.get(key), email_of(record), *record.values()) if isinstance(value, str)]
    return next((text for text in texts if "@" in text), "")
