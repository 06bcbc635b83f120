"""The two-way part of the last look: each record is held against the one over there, and against what both last agreed on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from integrations import reasons
from integrations.enums import DuplicateKind, DuplicateVerdict, NotSent
from integrations.mappings.merging import Agreed, Conflict, Flow, Merged, is_same, merge
from integrations.models import Agreement, FailedRecord, SourcePage
from integrations.models.blobs import unpack
from integrations.models.bulk import forget_hashes
from integrations.orchestrator.failures import received_of
from integrations.orchestrator.incoming import look_again
from integrations.orchestrator.stages.finding import Lookalike
from integrations.orchestrator.two_way import LEFT, Leg, agreements_of
from integrations.orchestrator.work import Work
from integrations.types import FlatRecord, Result

if TYPE_CHECKING:
    from integrations.orchestrator.stages.deciding import Plan

_EARLIEST_MS = 10_000_000_000
UNKNOWN = bytes(16).hex()
"""As the hash of what was received or sent: the next job looks at it anew."""


@dataclass(slots=True)
class Met:
    """One person on this side: as received, what a person corrected by hand, and what is known of him on both sides.

    `is_old`: what was received is from before both sides last agreed on something, so only the corrections still count.
    """

    received: FlatRecord
    corrected: frozenset[str]
    agreement: Agreement | None
    is_old: bool = False


class Agreements:
    """What both sides of one two-way sync last agreed on, for the batches of one job."""

    def __init__(self, work: Work, leg: Leg) -> None:
        self.work, self.leg, self.schema = work, leg, work.schema

    def take(self, plans: Sequence["Plan"]) -> None:
        """From the database: the records as received, and the agreements; who has one is addressed by his id over there."""
        received = received_by_id(self.work, [plan.entry for plan in plans])
        repairs = self._repairs([plan.source_id for plan in plans if plan.entry[4] is None])
        known = agreements_of(self.leg, [plan.source_id for plan in plans])
        for plan in plans:
            agreement, repair = known.get(plan.source_id), repairs.get(plan.source_id)
            if repair is None:
                plan.met = Met(received.get(plan.source_id, {"id": plan.source_id}), frozenset(), agreement)
            else:
                plan.met = _met_again(repair, agreement)
            if plan.met.is_old:
                plan.entry[1:3] = [UNKNOWN, UNKNOWN]
            if plan.result is None and agreement is not None:
                plan.there = agreement.right_id if self.leg.side == LEFT else agreement.left_id
            elif plan.result is None and plan.link is not None and plan.link[3]:
                plan.there = plan.link[3]

    def _repairs(self, source_ids: Sequence[str]) -> dict[str, FailedRecord]:
        """The records that a person sends again."""
        rows = FailedRecord.objects.filter(job_id=self.work.job.pk, source_id__in=source_ids) if source_ids else ()
        return {row.source_id: row for row in rows}

    def merge(self, plans: Sequence["Plan"]) -> None:
        """From the platform: what is over there; each plan then holds only what is to be sent, or is settled."""
        known = [plan for plan in plans if plan.result is None and plan.there]
        fields = {name for plan in known for name in plan.record} | {self.work.modified_there} - {""}
        records = self.work.destination.read_records(
            self.work.sync.destination_object, [plan.there for plan in known], sorted(fields - {"id"})
        )
        there, owners = {record["id"]: record for record in records}, self._owners(known)
        for plan in known:
            owner = owners.get(plan.there, plan.source_id)
            if owner != plan.source_id:
                self._hold_taken(plan, there.get(plan.there, {"id": plan.there}), owner)
            elif plan.there in there:
                self._merge(plan, there[plan.there])
            else:
                plan.settle(NotSent.LEFT_OUT, plan.there, code="deleted")

    def _owners(self, plans: Sequence["Plan"]) -> dict[str, str]:
        """Id over there → id here of who is the same there already."""
        rows = agreements_of(self.leg, [plan.there for plan in plans], there=True)
        return {there: row.left_id if self.leg.side == LEFT else row.right_id for there, row in rows.items()}

    def _hold_taken(self, plan: "Plan", record: FlatRecord, owner: str) -> None:
        """Of whom a person said that they are two people, this one cannot go there: the key is the other's."""
        if plan.verdicts.get(plan.there) == DuplicateVerdict.DIFFERENT:
            plan.settle(NotSent.LEFT_OUT, plan.there, code="the address is somebody else's there")
            return
        plan.lookalike = Lookalike(DuplicateKind.TAKEN, record, "same key", owner)
        words = reasons.sentence("match_taken", "", self.work.destination_can.label)
        plan.settle(NotSent.HELD, code="match_taken", message=words)

    def _merge(self, plan: "Plan", there: FlatRecord) -> None:
        assert plan.met is not None
        met = plan.met
        row, here = met.agreement, met.received
        pairs = self.leg.pairs_at(
            read_time(here.get(self.work.modified_here)), read_time(there.get(self.work.modified_there))
        )
        plan.found, plan.merged = (
            there,
            merge(
                pairs,
                here,
                there,
                {} if met.is_old else plan.record,
                self.leg.read(row.values) if row else {},
                row.rounds.get(self.leg.side, {}) if row else {},
                self.leg.decided(row.decisions) if row else {},
            ),
        )
        by_hand = {name: plan.record[name] for name in met.corrected & plan.record.keys()}
        plan.merged.send |= {name: value for name, value in by_hand.items() if not is_same(value, there.get(name))}
        conflicts = [one for one in plan.merged.conflicts if self.leg.asks or one.is_endless]
        if conflicts:
            self._hold(plan, conflicts[0])
        elif plan.merged.send:
            plan.record = plan.merged.send
        else:
            plan.settle(NotSent.UNCHANGED, plan.there)

    def _hold(self, plan: "Plan", conflict: Conflict) -> None:
        code = "ping_pong" if conflict.is_endless else "conflict"
        field = self.schema.field(conflict.pair.there)
        label = field.label if field else conflict.pair.there
        message = reasons.sentence(code, label, self.work.destination_can.label)
        plan.settle(NotSent.HELD, code=code, field=conflict.pair.there, message=message)

    def keep(self, plans: Sequence["Plan"], results: Sequence[Result], now: datetime) -> None:
        """Write down what both sides agree on by now. Inside the change of the job that writes the results, which holds what
        both sides agree on."""
        met = list(zip(plans, results, strict=True))
        done = [(plan, result) for plan, result in met if result.ok and result.id]
        held = [plan for plan, result in met if result.not_sent == NotSent.HELD and plan.merged]
        decisions = self._decisions([*(plan for plan, _ in done), *held])
        rows = [self._row(plan, result.id, now, decisions) for plan, result in done]
        rows += [self._open_row(plan, now, decisions) for plan in held]
        columns = ("left_id", "right_id")
        mine = Agreement.objects.filter(two_way=self.leg.row)
        for column in columns:
            mine.filter(**{f"{column}__in": [getattr(row, column) for row in rows]}).delete()
        Agreement.objects.bulk_create(rows, batch_size=200)
        forget_hashes(self.leg.partner_id, [result.id for _, result in done if result.not_sent is None])
        look_again(self.work.sync, [plan.source_id for plan, _ in done if plan.met and plan.met.is_old], now)

    def _decisions(self, plans: Sequence["Plan"]) -> dict[str, dict[str, str]]:
        """By source id, read again: a person may have decided something since the batch was looked at."""
        known = agreements_of(self.leg, [plan.source_id for plan in plans])
        return {source_id: row.decisions for source_id, row in known.items()}

    def _row(self, plan: "Plan", there: str, now: datetime, decisions: Mapping[str, dict[str, str]]) -> Agreement:
        assert plan.met is not None
        met = plan.met
        merged = plan.merged or self._first(plan, met.received)
        rounds = {**(met.agreement.rounds if met.agreement else {}), self.leg.side: merged.rounds}
        return Agreement(
            two_way=self.leg.row,
            **self.leg.ids(plan.source_id, there),
            values=self.leg.write(merged.agreed),
            rounds=rounds,
            decisions=self._left_to_do(met.agreement, decisions.get(plan.source_id, {})),
            updated_at=now,
        )

    def _left_to_do(self, row: Agreement | None, decisions: Mapping[str, str]) -> dict[str, str]:
        """Of what a person decided, that which the other direction carries out, and what was not known yet."""
        carried_out = {name for name, side in (row.decisions if row else {}).items() if side == self.leg.side}
        return {name: side for name, side in decisions.items() if name not in carried_out}

    def _open_row(self, plan: "Plan", now: datetime, decisions: Mapping[str, dict[str, str]]) -> Agreement:
        """Who waits for a person: the two belong together, and agree on no more than before."""
        row = plan.met.agreement if plan.met else None
        return Agreement(
            two_way=self.leg.row,
            **self.leg.ids(plan.source_id, plan.there),
            values=row.values if row else self.leg.write({}),
            rounds=row.rounds if row else {},
            decisions=decisions.get(plan.source_id, {}),
            updated_at=now,
        )

    def _first(self, plan: "Plan", here: FlatRecord) -> Merged:
        """Somebody who was added just now: all that was sent is what both sides have."""
        both = [pair for pair in self.leg.pairs if pair.flow is Flow.BOTH and pair.there in plan.record]
        return Merged(agreed={p.name: Agreed(here.get(p.here), plan.record[p.there], sent_there=True) for p in both})


def _met_again(row: FailedRecord, agreement: Agreement | None) -> Met:
    """Somebody whom a person sends again. Since he was held, the other direction may have brought something newer here."""
    is_old = agreement is not None and agreement.updated_at > row.last_failed_at
    return Met(received_of(row), frozenset(row.corrections.get("sent", {})), agreement, is_old)


def received_by_id(work: Work, entries: Sequence[list[Any]]) -> dict[str, FlatRecord]:
    """The source records of these entries, as they were received; without those whose page is gone."""
    numbers = {entry[4] for entry in entries if entry[4] is not None}
    pages = SourcePage.objects.filter(job_id=work.job.pk, number__in=numbers).values_list("number", "records")
    contents = {number: unpack(records) for number, records in pages}
    found = [(entry[0], contents[entry[4]][entry[5]]) for entry in entries if entry[4] in contents]
    return dict(found)


def read_time(value: Any) -> datetime | None:
    """When a record was changed, as platforms write it: ISO, or milliseconds since the epoch."""
    text = str(value or "").strip()
    if text.isdigit() and int(text) > _EARLIEST_MS:
        return datetime.fromtimestamp(int(text) / 1_000, UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
