"""A record event and a link for each record that arrived, of all batches that share a commit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from integrations.enums import NotSent, RecordEventKind
from integrations.models import Batch
from integrations.models.bulk import add_links, insert_record_events, moment, upsert_links
from integrations.orchestrator.failures import event_row
from integrations.orchestrator.stages.deciding import Plan
from integrations.orchestrator.stages.packing import Entry
from integrations.orchestrator.work import Work
from integrations.types import Result, UploadOutcome

ROWS_AT_ONCE = 1_000
CREATED, UPDATED = RecordEventKind.CREATED.value, RecordEventKind.UPDATED.value

Left = dict[int, Entry]
"""Position in the batch → entry, of those that did not arrive and were not like that already."""
Row = tuple[int, Left, int, Entry, Result]
"""(batch, what is left of it, position, entry, result)"""


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch that came back. `plans` are the last look at each entry, where there was one."""

    batch: Batch
    entries: Sequence[Entry]
    outcome: UploadOutcome
    plans: Sequence[Plan] = ()


def write_trail(work: Work, sent: Sequence[Sent], now: datetime) -> list[Left]:
    """Write it, so many rows at a time; returns what is left of each batch."""
    left: list[Left] = [{} for _ in sent]
    rows = (row for item, rest in zip(sent, left, strict=True) for row in _rows(item, rest))
    while some := list(islice(rows, ROWS_AT_ONCE)):
        _write_some(work, some, now)
    return left


def _rows(item: Sent, left: Left) -> Iterator[Row]:
    for place, (entry, result) in enumerate(zip(item.entries, item.outcome.results, strict=True)):
        yield item.batch.pk, left, place, entry, result


def _write_some(work: Work, rows: Sequence[Row], now: datetime) -> None:
    """Loops over every record of every job: kept flat on purpose."""
    at = moment(now)
    sync_id, job_id, version = work.sync.pk, work.job.pk, work.job.mapping_version_id
    links: dict[str, tuple[Any, ...]] = {}
    events = []
    for batch_id, left, place, entry, result in rows:
        source_id = entry[0]
        if not result.ok:
            left[place] = entry
            if result.not_sent == NotSent.LEFT_OUT:
                why = result.code or "there already"
                events.append(event_row(work.job, source_id, RecordEventKind.LEFT_OUT, why, now))
            continue
        kind = CREATED if result.created else UPDATED
        if result.not_sent is None:
            events.append((sync_id, job_id, batch_id, kind, source_id, result.id, "", "", at))
        digests = (bytes.fromhex(entry[1]), bytes.fromhex(entry[2]))
        links[source_id] = (sync_id, source_id, result.id, *digests, entry[6], version, job_id, at)
    insert_record_events(events)
    write_links = add_links if all(result.created for *_, result in rows) else upsert_links
    write_links(list(links.values()))
