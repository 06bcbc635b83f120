"""Both sides changed the same: a person says which one is right, and the two directions carry it out within seconds.

A decision is remembered with what both sides agree on, and both directions look at the record anew: what is read then counts,
never what was read when the conflict was found. What is right here is sent; what is right there comes back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from integrations.enums import FailureStatus, Kind, RecordEventKind
from integrations.exceptions import RefusedTransitionError
from integrations.models import Agreement, FailedRecord, Sync, SyncJob
from integrations.models.blobs import unpack
from integrations.models.bulk import forget_hashes, insert_record_events
from integrations.orchestrator.each_job import each_job
from integrations.orchestrator.failures import event_row
from integrations.orchestrator.incoming import look_again
from integrations.orchestrator.state_machine import change_job
from integrations.orchestrator.two_way import LEFT, RIGHT, Leg, agreements_of, leg_of, lock_agreements

CODES = frozenset({"conflict", "ping_pong"})
HERE, THERE = "here", "there"
NOTHING_TO_DECIDE = "There is nothing to decide about this one any more."
UNKNOWN = "We do not know any more whom this is about over there. Start the sync again."
NO_PAIR = "This field is not part of the sync any more."


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is to decide: the pair's two fields with the values both sides have, and what both last agreed on.

    `is_agreed` False: they never were the same, as far as is known. `is_there_known` False: what is over there was forgotten.
    """

    field_here: str
    field_there: str
    here: Any
    there: Any
    is_there_known: bool
    is_agreed: bool
    agreed_here: Any = None
    agreed_there: Any = None


def question_of(row: FailedRecord) -> Question | None:
    """What there is to decide about a failed record; None when there is nothing."""
    leg = leg_of(row.sync) if row.code in CODES else None
    pair = next((pair for pair in leg.pairs if pair.there == row.field), None) if leg else None
    if leg is None or pair is None:
        return None
    agreement = agreements_of(leg, [row.source_id]).get(row.source_id)
    last = leg.read(agreement.values).get(pair.name) if agreement else None
    received, there = unpack(row.received) if row.received else {}, unpack(row.there) if row.there else {}
    return Question(
        pair.here,
        pair.there,
        received.get(pair.here),
        there.get(pair.there),
        is_there_known=bool(there),
        is_agreed=last is not None,
        agreed_here=last.here if last else None,
        agreed_there=last.there if last else None,
    )


def decide_conflict(failed_id: int, keep: str, actor: str) -> None:
    """`keep` is "here" for the source of this failed record's sync, "there" for its destination. RefusedTransitionError says why
    not."""
    if keep not in {HERE, THERE}:
        raise RefusedTransitionError("Say which of the two values is right.")
    row = FailedRecord.objects.select_related("sync").defer("received").filter(pk=failed_id).first()
    leg = leg_of(row.sync) if row else None
    if leg is None or not _decide([failed_id], leg.row.pk, leg.side if keep == HERE else _other(leg.side), actor):
        raise RefusedTransitionError(NOTHING_TO_DECIDE)


def decide_conflicts(ids: Iterable[int], two_way_id: int, side: str, actor: str) -> int:
    """What one side of this two-way sync ("left" or "right") has is right for all of these; returns how many were decided.

    What is no conflict of this two-way sync, or none any more, stays as it is.
    """
    if side not in {LEFT, RIGHT}:
        raise RefusedTransitionError("Say which of the two sides is right.")
    return _decide(ids, two_way_id, side, actor)


def _decide(ids: Iterable[int], two_way_id: int, side: str, actor: str) -> int:
    def act(job_id: int, part: list[int]) -> int:
        return _decide_in(job_id, part, two_way_id, side, actor)

    return sum(each_job(ids, FailureStatus.OPEN, act, first=lambda: lock_agreements(two_way_id)).values())


def _decide_in(job_id: int, ids: list[int], two_way_id: int, side: str, actor: str) -> int:
    """One transaction, under the locks of what both sides agree on and of the job, in this order: remembered, asked for, and off
    the Fix-it list."""
    with change_job(job_id, actor=actor, two_way=two_way_id) as change:
        rows = list(FailedRecord.objects.open().filter(pk__in=ids, job_id=job_id, code__in=CODES).defer("received"))
        leg = leg_of(change.job.sync) if rows else None
        if leg is None or leg.row.pk != two_way_id:
            raise RefusedTransitionError(NOTHING_TO_DECIDE)
        decided = _remember(leg, rows, side)
        now = timezone.now()
        done = FailedRecord.objects.filter(pk__in=[row.pk for row, _ in decided])
        done.update(status=FailureStatus.FIXED, resolved_at=now, resolved_by=actor)
        count = len(decided)
        change.append(Kind.JOB_RECORDS_SUPERSEDED, decided=True, count=count, add={"failures_open": -count})
        _note(change.job, [row for row, _ in decided], now, actor)
        _carry_out(change.job.sync, leg, [agreement for _, agreement in decided], now)
    return count


def _remember(leg: Leg, rows: Sequence[FailedRecord], side: str) -> list[tuple[FailedRecord, Agreement]]:
    """By pair, until it is carried out; the rounds begin anew. Returns those of whom we know enough; refuses when of nobody."""
    known = agreements_of(leg, [row.source_id for row in rows])
    names = {pair.there: pair.name for pair in leg.pairs}
    decided = [(row, known[row.source_id]) for row in rows if row.source_id in known and row.field in names]
    if not decided:
        raise RefusedTransitionError(UNKNOWN if any(row.field in names for row in rows) else NO_PAIR)
    for row, agreement in decided:
        name = names[row.field]
        agreement.decisions = {**agreement.decisions, name: side}
        agreement.rounds = {
            one: {other: told for other, told in rounds.items() if other != name}
            for one, rounds in agreement.rounds.items()
        }
    Agreement.objects.bulk_update([agreement for _, agreement in decided], ["decisions", "rounds"], batch_size=100)
    return decided


def _note(job: SyncJob, rows: Sequence[FailedRecord], now: datetime, actor: str) -> None:
    kind = RecordEventKind.CORRECTED
    insert_record_events([event_row(job, row.source_id, kind, row.field, now, actor) for row in rows])


def _carry_out(sync: Sync, leg: Leg, agreements: Sequence[Agreement], now: datetime) -> None:
    """Both directions look anew: one sends what is right, and each finds what else there may be to decide."""
    left, right = [one.left_id for one in agreements], [one.right_id for one in agreements]
    here, there = (left, right) if leg.side == LEFT else (right, left)
    partner = Sync.objects.only("pk", "source", "source_object").get(pk=leg.partner_id)
    for one, ids in ((sync, here), (partner, there)):
        forget_hashes(one.pk, ids)
        look_again(one, ids, now)


def _other(side: str) -> str:
    return RIGHT if side == LEFT else LEFT
