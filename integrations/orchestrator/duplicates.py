"""What a person says of two records that may be one person: carried out in one transaction, remembered, and taken back."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from integrations.enums import DuplicateVerdict, FailureStatus, Kind
from integrations.exceptions import RefusedTransitionError
from integrations.models import Duplicate, FailedRecord, RecordLink, Sync
from integrations.models.duplicate import UNDECIDED, DuplicateQuerySet
from integrations.orchestrator.events import append
from integrations.orchestrator.handing_over import hand_back, hand_over
from integrations.orchestrator.identity import is_loser
from integrations.orchestrator.repairs import NOW, retry_records, withdraw_records

HELD_FOR = ("match_taken", "match_ambiguous")
"""Why a record waits on the Fix-it list for such a decision."""
AT_ONCE = 200
DECIDED = "Somebody else decided about these two a moment ago."
WHICH = "Say which of the two is to be sent from now on."
LEFT_OUT = (
    "The one to go on with is left out itself, being the same person as somebody else. Take that decision back first."
)


def decide(
    pk: int, verdict: str, actor: str, *, keeps: str = "", at: datetime | None = None, after: timedelta = NOW
) -> Duplicate:
    """What a person says of these two. Who was held because of it goes out again: as the one over there, or as somebody new.

    `keeps`: of two records of the source that are one person, the id of the one that is sent from now on. `at` marks what was
    decided in one go; `after` is how long a finished job waits before it sends. RefusedTransitionError when it is decided.
    """
    with transaction.atomic():
        row = Duplicate.objects.select_for_update().get(pk=pk)
        if row.verdict not in UNDECIDED:
            raise RefusedTransitionError(DECIDED)
        if row.other_id and verdict == DuplicateVerdict.SAME and keeps not in {row.source_id, row.other_id}:
            raise RefusedTransitionError(WHICH)
        _settle(row, DuplicateVerdict(verdict), actor, keeps, at or timezone.now())
        _tell([row], verdict, actor)
        _send_on([row], verdict, actor, after)
    return row


def decide_many(
    ids: Iterable[int], verdict: str, actor: str, *, at: datetime | None = None, after: timedelta = NOW
) -> int:
    """The same of many, of which those that are one person go on as the first of the two; returns of how many it was said.

    Those that were decided meanwhile, or cannot be, stay as they are.
    """
    wanted, now, done = list(ids), at or timezone.now(), 0
    for start in range(0, len(wanted), AT_ONCE):
        with transaction.atomic():
            rows = [row for row in _locked(wanted[start : start + AT_ONCE]) if row.verdict in UNDECIDED]
            settled = [row for row in rows if _try(row, DuplicateVerdict(verdict), actor, now)]
            _tell(settled, verdict, actor)
            _send_on(settled, verdict, actor, after)
            done += len(settled)
    return done


def take_back(ids: Iterable[int], actor: str) -> int:
    """Ask again: these decisions, and what each led to, are undone as far as nothing was sent yet. Returns how many."""
    wanted, done = list(ids), 0
    for start in range(0, len(wanted), AT_ONCE):
        with transaction.atomic():
            rows = [row for row in _locked(wanted[start : start + AT_ONCE]) if row.verdict != DuplicateVerdict.OPEN]
            for row in rows:
                _reopen(row)
            _tell(rows, DuplicateVerdict.OPEN, actor)
            withdraw_records(_held(rows, FailureStatus.RETRYING), actor)
            done += len(rows)
    return done


def _locked(ids: Sequence[int]) -> list[Duplicate]:
    return list(Duplicate.objects.select_for_update().filter(pk__in=ids).order_by("sync_id", "pk"))


def _try(row: Duplicate, verdict: DuplicateVerdict, actor: str, at: datetime) -> bool:
    with suppress(RefusedTransitionError):
        row.refresh_from_db(fields=["verdict"])  # one before may have settled it too
        if row.verdict in UNDECIDED:
            _settle(row, verdict, actor, row.source_id if row.other_id else "", at)
            return True
    return False


def _settle(row: Duplicate, verdict: DuplicateVerdict, actor: str, keeps: str, at: datetime) -> None:
    is_same = verdict == DuplicateVerdict.SAME
    if is_same and row.other_id and is_loser(row.sync_id, keeps):
        raise RefusedTransitionError(LEFT_OUT)
    row.verdict, row.decided_by, row.decided_at = verdict, actor, at
    row.keeps = keeps if is_same and row.other_id else ""
    if is_same:
        row.undo = _join(row)
    elif verdict == DuplicateVerdict.DIFFERENT and row.destination_id:
        _links_to(row).delete()
    row.save(update_fields=["verdict", "keeps", "undo", "decided_by", "decided_at"])


def _join(row: Duplicate) -> dict[str, Any]:
    """They are one person: who goes on takes over the link, and whoever else might have been meant is somebody else."""
    if row.destination_id and row.keeps in ("", row.source_id):
        here = RecordLink.objects.filter(sync=row.sync_id, source_id=row.source_id)
        here.exclude(destination_id=row.destination_id).delete()
    if row.destination_id:
        _others_meant(row).undecided().update(
            verdict=DuplicateVerdict.DIFFERENT,
            undo={"with": row.pk},
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
    if not row.other_id:
        return {}
    loses = row.other_id if row.keeps == row.source_id else row.source_id
    return hand_over(row.sync_id, row.keeps, loses)


def _reopen(row: Duplicate) -> None:
    if row.undo and row.other_id:
        loses = row.other_id if row.keeps == row.source_id else row.source_id
        hand_back(row.sync_id, row.keeps, loses, row.undo)
    asked_anew: dict[str, Any] = {
        "verdict": DuplicateVerdict.OPEN,
        "keeps": "",
        "undo": {},
        "decided_by": "",
        "decided_at": None,
    }
    if row.destination_id:
        _others_meant(row).filter(undo={"with": row.pk}).update(**asked_anew)
    for name, value in asked_anew.items():
        setattr(row, name, value)
    row.save(update_fields=list(asked_anew))


def _links_to(row: Duplicate) -> models.QuerySet[RecordLink]:
    """What joins the two so far."""
    return RecordLink.objects.filter(sync=row.sync_id, source_id=row.source_id, destination_id=row.destination_id)


def _others_meant(row: Duplicate) -> DuplicateQuerySet:
    """Others over there that may be the same record of the source."""
    rows = Duplicate.objects.filter(sync_id=row.sync_id, source_id=row.source_id)
    return rows.exclude(pk=row.pk).exclude(destination_id="")


def _tell(rows: Sequence[Duplicate], verdict: str, actor: str) -> None:
    """One event a sync."""
    for sync_id, group in groupby(rows, key=lambda row: row.sync_id):
        ids = [row.pk for row in group]
        told = {"verdict": str(DuplicateVerdict(verdict).value), "count": len(ids), "duplicates": ids}
        append(Sync(pk=sync_id).stream, Kind.SYNC_DUPLICATE_DECIDED, told, actor)


def _send_on(rows: Sequence[Duplicate], verdict: str, actor: str, after: timedelta) -> None:
    """Who was held goes out again. A cancelled job sends nothing any more: then the next one does as was decided."""
    if verdict in {DuplicateVerdict.SAME, DuplicateVerdict.DIFFERENT}:
        with suppress(RefusedTransitionError):
            retry_records(_held(rows, FailureStatus.OPEN), actor, after)


def _held(rows: Sequence[Duplicate], status: FailureStatus) -> list[int]:
    """Failed records that wait for these decisions, and for no other."""
    found: list[int] = []
    for sync_id, group in groupby(rows, key=lambda row: row.sync_id):
        ids = {row.source_id for row in group if row.destination_id}
        others = Duplicate.objects.undecided().filter(sync_id=sync_id, source_id__in=ids).exclude(destination_id="")
        if status == FailureStatus.OPEN:
            ids -= set(others.values_list("source_id", flat=True))
        held = FailedRecord.objects.filter(sync_id=sync_id, source_id__in=ids, status=status, code__in=HELD_FOR)
        found += held.values_list("pk", flat=True)
    return found
