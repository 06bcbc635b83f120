"""Fetching for a small job: the records of which incoming events told, a few at a time, each page with the changes it takes
in one transaction. A crash re-reads at most one page; no change is lost or taken twice.

A record that was deleted over there, or combined with another, is not fetched; it stays with the job as departed
(`TakenChange.objects.departed`), and `leaving` looks what becomes of it. One that is only not found is counted and nothing
more: that may be for want of a right.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from django.utils import timezone

from integrations.enums import ChangeKind, Stage
from integrations.models import WaitingChange
from integrations.orchestrator.incoming import delivered_record, next_changes, take_changes, waiting_upto
from integrations.orchestrator.names import ids_of
from integrations.orchestrator.stages.combining import follow_combined
from integrations.orchestrator.stages.fetching import check_fields, make_fetched, store
from integrations.orchestrator.work import Work
from integrations.types import FlatRecord, Page

AT_ONCE = 100
UPTO = "upto"


@dataclass(slots=True)
class Picked:
    """What became of some changes."""

    records: list[FlatRecord] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)


def run(work: Work) -> None:
    """Until all changes that this job is for are taken, or the slice ends."""
    upto = work.job.cursor[UPTO] if UPTO in work.job.cursor else waiting_upto(work.sync.pk)[0]
    if not work.source_can.comes_by_webhook_only and not work.job.pages:
        check_fields(work.sync, work.source, work.fields_in_use)
    while True:
        rows = next_changes(work.sync.pk, upto, AT_ONCE)
        picked = pick(work, rows)
        page = Page(picked.records, {UPTO: upto} if len(rows) == AT_ONCE else None)
        fetched = make_fetched(page, work.source.capabilities.label)
        take = partial(_take, work, rows)
        store(work, [fetched], None, take, picked.told)
        if work.job.stage != Stage.FETCHING or work.must_stop():
            return


def pick(work: Work, rows: Sequence[WaitingChange]) -> Picked:
    """Their records: as delivered, or read now."""
    picked = Picked()
    to_read = [row for row in rows if _is_to_be_read(work, row)]
    read = _read(work, to_read)
    for row in rows:
        record = read.get(row.record_id) or (delivered_record(row) if row.kind == ChangeKind.CHANGED else None)
        if record is not None:
            picked.records.append(record)
        else:
            picked.told["departed" if row.kind != ChangeKind.CHANGED else "missing"] += 1
    return picked


def _take(work: Work, rows: Sequence[WaitingChange]) -> None:
    """Inside the transaction that stores what was read of them."""
    take_changes(work.job.pk, rows, timezone.now())
    follow_combined(work, rows)


def _is_to_be_read(work: Work, row: WaitingChange) -> bool:
    """One that was deleted is looked for too: events come out of order, and it may be back."""
    return row.record is None and row.kind != ChangeKind.MERGED and not work.source_can.comes_by_webhook_only


def _read(work: Work, rows: Sequence[WaitingChange]) -> dict[str, FlatRecord]:
    """By their ids, and by what the events call them. Who was deleted is looked for under the id we know too: his name may be
    somebody else's by now, or he have another."""
    if not rows:
        return {}
    name = work.source_can.called_by
    deleted = [row.record_id for row in rows if row.kind == ChangeKind.DELETED]
    known = ids_of(work.sync.pk, deleted) if name else {}
    work.heart.check(work.source.capabilities.call_timeout)
    ids = [*(row.record_id for row in rows), *known.values()]
    records = work.source.read_records(work.sync.source_object, ids, work.source_fields)
    work.went_well(work.sync.source)
    found = {record["id"]: record for record in records}
    named = {str(record[name]): record for record in records if record.get(name)} if name else {}
    return {**{one: found[known[one]] for one in known if known[one] in found}, **found, **named}
