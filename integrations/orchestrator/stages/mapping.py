"""Mapping: the job's mapping version runs over the pages in the sandbox. Records that raise become failed records.

A record that is the same as when it was last sent, under the same mapping version, is not mapped again: it is unchanged.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from django.utils import timezone

from integrations import reasons
from integrations.enums import FailureKind, Kind, PageStatus, RecordEventKind
from integrations.mappings.hashing import source_hash
from integrations.mappings.runner import MappedBatch
from integrations.models import SourcePage
from integrations.models.blobs import pack, unpack
from integrations.models.bulk import PageRow, insert_record_events, links_of, update_pages
from integrations.orchestrator.failures import Failure, event_row, hold
from integrations.orchestrator.stages.pages import groups
from integrations.orchestrator.work import Work
from integrations.types import FlatRecord

NOT_INCLUDED = "not included"


@dataclass(slots=True)
class Group:
    """Pages on their way through the sandbox: what goes in, and where each record came from (page, position, hash); and who
    does not go in, being as when last sent, or not included."""

    pages: list[SourcePage]
    records: list[FlatRecord] = field(default_factory=list)
    places: list[tuple[int, int, bytes]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    not_included: list[str] = field(default_factory=list)


def run(work: Work) -> None:
    """Map until all pages are done or the slice ends."""
    waiting: list[Group] = []
    results = work.mapping.map_many(_payloads(work, waiting))
    try:
        for mapped in results:
            store(work, waiting.pop(0), mapped)
            if work.must_stop():
                return
    finally:
        results.close()
    with work.change() as change:
        change.append(Kind.JOB_MAPPED)


def _payloads(work: Work, waiting: list[Group]) -> Iterator[bytes]:
    for pages in groups(work, PageStatus.FETCHED):
        group = _prepare(work, pages)
        if group.records:
            waiting.append(group)
            yield orjson.dumps(group.records)
        else:
            store(work, group, MappedBatch())  # all unchanged: the sandbox has nothing to do


def _prepare(work: Work, pages: list[SourcePage]) -> Group:
    """Take the records apart into those to map, those that are as they were when last sent, and those of no concern."""
    group = Group(pages)
    contents = [unpack(page.records) for page in pages]
    links = links_of(work.sync.pk, (r["id"] for records in contents for r in records)) if work.has_links else {}
    version, is_included = work.job.mapping_version_id, work.is_included
    for index, records in enumerate(contents):
        for position, record in enumerate(records):
            if is_included and not is_included(record):
                group.not_included.append(record["id"])
                continue
            digest = source_hash(record)
            link = links.get(record["id"])
            if link and link[0] == digest and link[2] == version:
                group.unchanged.append(record["id"])
            else:
                group.records.append(record)
                group.places.append((index, position, digest))
    return group


def store(work: Work, group: Group, mapped: MappedBatch) -> None:
    """One commit: the mapped records of each page, those left out, those that failed."""
    now = timezone.now()
    kept: list[list[list[object]]] = [[] for _ in group.pages]
    for at, output in enumerate(mapped.outputs):
        if output is not None:
            index, position, digest = group.places[at]
            kept[index].append([position, digest.hex(), group.records[at]["id"], output])
    with work.change() as change:
        update_pages([_page_row(page, rows) for page, rows in zip(group.pages, kept, strict=True)])
        held, repeated = _hold_failed(work, group, mapped, now)
        left_out = _leave_out(work, group, mapped, now)
        work.supersede(group.unchanged, now)
        add = {
            "pages_mapped": len(group.pages),
            "pages_validated": sum(not rows for rows in kept),
            "left_out": left_out,
            "unchanged": len(group.unchanged),
            "invalid": held,
            "failures_open": held,
            "duplicate": repeated,
        }
        add = {name: number for name, number in add.items() if number}
        change.append(Kind.JOB_PAGES_MAPPED, add=add)


def _page_row(page: SourcePage, rows: list[list[object]]) -> PageRow:
    """A page of which nothing goes on needs no validating."""
    if not rows:
        return (PageStatus.VALIDATED.value, None, None, page.pk)
    return (PageStatus.MAPPED.value, pack(rows), None, page.pk)


def _hold_failed(work: Work, group: Group, mapped: MappedBatch, now: datetime) -> tuple[int, int]:
    failures = []
    for at, problem in mapped.failed.items():
        record = group.records[at]
        failures.append(
            Failure(
                source_id=record["id"],
                kind=FailureKind.INVALID,
                code=problem.code,
                title=reasons.title(problem.code),
                message=problem.message,
                technical=problem.technical,
                received=record,
                page_number=group.pages[group.places[at][0]].number,
            )
        )
    held = hold(work.job, failures, now)
    work.supersede([failure.source_id for failure in held], now)
    return len(held), len(failures) - len(held)


def _leave_out(work: Work, group: Group, mapped: MappedBatch, now: datetime) -> int:
    """Records that are left out on purpose, by the mapping or since they are not included: a record event each, with the
    reason. Returns how many."""
    kind = RecordEventKind.LEFT_OUT
    reasons_why = [(group.records[at]["id"], why or "") for at, why in mapped.left_out.items()]
    reasons_why += [(source_id, NOT_INCLUDED) for source_id in group.not_included]
    insert_record_events([event_row(work.job, source_id, kind, why, now) for source_id, why in reasons_why])
    work.supersede([source_id for source_id, _ in reasons_why], now)
    return len(reasons_why)
