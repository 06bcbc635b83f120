"""The last look before a batch leaves: what is over there decides whether a record is sent, and as whom.

Most records need none: a first load without match fields goes out by the sync's key as it is. Otherwise somebody whose key
has changed is addressed by his id over there, so that he is not added a second time; whom the key does not find is looked
for by other fields; and in a two-way sync each field is held against what both sides last agreed on.

What the database knows is read beforehand, in the thread that owns the job; what the platform knows, in the thread that sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from integrations.adapters.base import ArchivingAdapter
from integrations.enums import BatchVerb, DuplicateVerdict, NotSent, SyncMode
from integrations.exceptions import SyncpanelError
from integrations.mappings.merging import Merged
from integrations.models import Batch, Duplicate
from integrations.models.bulk import Link, links_of
from integrations.orchestrator.stages.agreeing import Agreements, Met
from integrations.orchestrator.stages.finding import Finder, Lookalike
from integrations.orchestrator.stages.packing import Entry
from integrations.orchestrator.work import Work
from integrations.types import FlatRecord, Result, UploadOutcome

GONE = frozenset({"not_found", "deleted"})
THERE_ALREADY = frozenset({"already_exists", "duplicate_value"})


@dataclass(slots=True)
class Plan:
    """What becomes of one entry. `there`: the id over there it is addressed by; empty = by the sync's key. `result` is set when
    nothing is to be sent for it. `verdicts` = {id over there: DuplicateVerdict}, what a person said, or was asked."""

    entry: Entry
    record: FlatRecord
    link: Link | None = None
    there: str = ""
    result: Result | None = None
    verdicts: dict[str, str] = field(default_factory=dict)
    found: FlatRecord | None = None
    lookalike: Lookalike | None = None
    met: Met | None = None
    merged: Merged | None = None

    @property
    def source_id(self) -> str:
        """Whom it is about."""
        return str(self.entry[0])

    @property
    def seen_there(self) -> FlatRecord | None:
        """The record over there, as far as it was looked at."""
        return self.lookalike.record if self.lookalike else self.found

    def settle(self, not_sent: NotSent, there: str = "", **told: Any) -> None:
        """Nothing is sent for it."""
        self.result = Result(ok=not_sent == NotSent.UNCHANGED, id=there, not_sent=not_sent, **told)


class Decider:
    """Looks before batches of one job leave. Made in the thread that owns the job."""

    def __init__(self, work: Work) -> None:
        self.work, self.adapter = work, work.destination  # opened here, not in a thread that sends
        self.schema = work.schema  # and asked for here: what comes back is written down whatever the platform says then
        self.mode = SyncMode(work.sync.write_mode)
        self.object = work.destination_can.object(work.sync.destination_object)
        self._has_links = work.has_links
        self._finder = Finder(work) if work.looks_for_people else None
        known = Duplicate.objects.filter(sync=work.sync).exclude(destination_id="")
        self._has_verdicts = bool(self.object.id_field) and known.exists()
        self._agreements = Agreements(work, work.two_way) if work.two_way else None

    def prepare(self, entries: Sequence[Entry]) -> list[Plan]:
        """What the database knows about each."""
        plans = [Plan(entry, entry[3]) for entry in entries]
        if self._has_links:
            self._take_links(plans)
        if self._has_verdicts:
            self._take_verdicts(plans)
        if self._agreements is not None:
            self._agreements.take(plans)
        return plans

    def _take_links(self, plans: Sequence[Plan]) -> None:
        """Who only is to be added and is there; and whose key is not that by which he was sent last. One more thing that happened
        to somebody has another key, and is added."""
        links = links_of(self.work.sync.pk, [plan.source_id for plan in plans])
        for plan in plans:
            plan.link = link = links.get(plan.source_id)
            if link is None:
                continue
            is_same = link[4] == plan.entry[6] or not self.object.are_events
            if self.mode is SyncMode.CREATE and is_same:
                plan.settle(NotSent.LEFT_OUT, link[3])
            elif link[4] != plan.entry[6] and link[3] and self.object.id_field:
                plan.there = link[3]

    def _take_verdicts(self, plans: Sequence[Plan]) -> None:
        """Who is new to us, and of whom a person said who he is over there, is addressed by that id."""
        rows = Duplicate.objects.filter(sync=self.work.sync, source_id__in=[plan.source_id for plan in plans])
        by_source: dict[str, dict[str, str]] = {}
        for source_id, there, verdict in rows.exclude(destination_id="").values_list(
            "source_id", "destination_id", "verdict"
        ):
            by_source.setdefault(source_id, {})[there] = verdict
        for plan in plans:
            plan.verdicts = by_source.get(plan.source_id, {})
            same = [there for there, verdict in plan.verdicts.items() if verdict == DuplicateVerdict.SAME]
            if same and plan.result is None and plan.link is None:
                plan.there = same[0]

    def look(self, plans: Sequence[Plan]) -> None:
        """What the platform knows about each. Raises as any call of its adapter."""
        if self._finder is not None:
            self._finder.find(plans)
        if self._agreements is not None:
            self._agreements.merge(plans)
        if self.mode is SyncMode.CREATE:
            for plan in plans:
                if plan.result is None and plan.there:  # found, and this sync only adds
                    plan.settle(NotSent.LEFT_OUT, plan.there)


def send(work: Work, batch: Batch, plans: Sequence[Plan]) -> UploadOutcome:
    """The call, or calls, of one batch; one Result per plan, in order."""
    trace = f"{work.job.pk}-{batch.number}"
    return _archive(work, plans, trace) if batch.verb == BatchVerb.ARCHIVE else _Sending(work, plans, trace).run()


def _archive(work: Work, plans: Sequence[Plan], trace: str) -> UploadOutcome:
    """All but those who are settled already."""
    adapter, ids = cast(ArchivingAdapter, work.destination), [plan.there for plan in plans if plan.result is None]
    outcome = UploadOutcome([])
    if ids:
        outcome = adapter.archive_records(work.sync.destination_object, ids, trace=trace)
    archived = iter(outcome.results)
    return replace(outcome, results=[plan.result or next(archived) for plan in plans])


class _Sending:
    """First those who are addressed by their id, then all others by the key, among them whom the id did not find."""

    def __init__(self, work: Work, plans: Sequence[Plan], trace: str) -> None:
        self.work, self.plans, self.trace = work, plans, trace
        self.results: dict[int, Result] = {at: plan.result for at, plan in enumerate(plans) if plan.result is not None}
        self.exchanges: list[Any] = []
        self.problem: SyncpanelError | None = None

    def run(self) -> UploadOutcome:
        left = [at for at in range(len(self.plans)) if at not in self.results]
        self._send_by_id([at for at in left if self.plans[at].there])
        if self.problem is None:
            self._send_by_key([at for at in left if at not in self.results])
        results = [self.results.get(at) or self._not_sent() for at in range(len(self.plans))]
        return UploadOutcome(results, tuple(self.exchanges), self.problem)

    def _not_sent(self) -> Result:
        """The call before this one's broke off."""
        return Result(False, code="not_sent", message=self.problem.message if self.problem else "", is_transient=True)

    def _send_by_id(self, places: list[int]) -> None:
        if not places:
            return
        name = self.work.destination_can.object(self.work.sync.destination_object).id_field
        records = [{**self.plans[at].record, name: self.plans[at].there} for at in places]
        for at, result in zip(places, self._upload(records, SyncMode.UPDATE, name, "id"), strict=True):
            if not (result.code in GONE and self._may_be_added(self.plans[at])):
                self.results[at] = result

    def _may_be_added(self, plan: Plan) -> bool:
        """Somebody who is gone over there is added anew, unless all that we have of him is a part."""
        return self.work.sync.write_mode == SyncMode.UPSERT and plan.record is plan.entry[3]

    def _send_by_key(self, places: list[int]) -> None:
        if not places:
            return
        sync = self.work.sync
        records = [self.plans[at].record for at in places]
        results = self._upload(records, SyncMode(sync.write_mode), sync.destination_key, "")
        self.results |= dict(zip(places, results, strict=True))

    def _upload(self, records: list[FlatRecord], mode: SyncMode, key: str, part: str) -> Sequence[Result]:
        trace = f"{self.trace}-{part}" if part else self.trace
        outcome = self.work.destination.upload_batch(self.work.sync.destination_object, records, mode, key, trace=trace)
        self.exchanges += outcome.exchanges
        self.problem = outcome.problem
        return outcome.results


def leave_alone(mode: str, key: str, result: Result) -> Result:
    """A sync that only adds leaves alone who is there, one that only updates who is not: neither is a refusal."""
    is_there = result.code in THERE_ALREADY and result.field in ("", key)
    if result.ok or not (
        (mode == SyncMode.CREATE and is_there) or (mode == SyncMode.UPDATE and result.code == "not_found")
    ):
        return result
    return Result(ok=False, id=result.id, code=result.code, not_sent=NotSent.LEFT_OUT)
