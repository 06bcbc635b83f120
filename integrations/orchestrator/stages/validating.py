"""Validating: mapped records are checked against the destination's fields, freed of duplicates, compared with what was
last sent, and packed into batches."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from integrations.enums import FailureKind, Kind, PageStatus, RecordEventKind
from integrations.mappings.hashing import KeySet, content_hash, key_hash
from integrations.mappings.validation import Problem
from integrations.models import SourcePage
from integrations.models.blobs import unpack
from integrations.models.bulk import Link, insert_record_events, key_owners, links_of, signed, touch_links, update_pages
from integrations.orchestrator.failures import Failure, event_row, hold
from integrations.orchestrator.stages.guards import tripped
from integrations.orchestrator.stages.packing import Entry, Packer
from integrations.orchestrator.stages.pages import groups
from integrations.orchestrator.work import Work
from integrations.types import BatchLimits, FlatRecord


@dataclass(slots=True)
class Sorted:
    """What became of a group of mapped records."""

    invalid: list[tuple[int, int, FlatRecord, Problem]] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    unchanged: list[tuple[str, bytes]] = field(default_factory=list)
    to_send: list[Entry] = field(default_factory=list)
    packed: int = 0
    known: int = 0
    blanks: int = 0
    keys: list[list[int]] = field(default_factory=list)


def run(work: Work) -> None:
    """Validate until all pages are done or the slice ends; then upload, or wait for a release when a guard trips."""
    sorter = Sorter(work)
    for pages in groups(work, PageStatus.MAPPED):
        store(work, pages, sorter)
        if work.must_stop():
            return
    finish(work)


def finish(work: Work) -> None:
    """All pages are validated: go on, or park the job with the numbers that are abnormal."""
    abnormal = tripped(work.sync, work.job)
    with work.change() as change:
        if change.job.cancel_requested:
            return  # honoured as the slice ends; a job that is held would keep the wish until it is released
        if not abnormal or work.job.is_released:
            change.append(Kind.JOB_VALIDATED)
            return
        guard = {**change.state.guard, "tripped": abnormal}
        reason = " ".join(item["sentence"] for item in abnormal)
        change.append(Kind.JOB_HELD_FOR_RELEASE, code="held_for_release", reason=reason[:400], guard=guard)
        change.set_lease(owner=None, lease_until=None, wake_at=None, enqueued_at=None)


class Sorter:
    """Tells invalid, duplicate and unchanged records from those to send. Holds the keys this job has packed so far."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.key = work.sync.destination_key
        self.validate = work.validator()
        self.wire_size = work.destination.wire_size
        limits, is_bulk = _limits(work)
        self.packer = Packer(work.job, limits, is_bulk=is_bulk)
        self.keys = KeySet()
        for blob in _key_blobs(work.job.pk):
            self.keys.add_bytes(bytes(blob))

    def sort(self, pages: list[SourcePage]) -> Sorted:
        """Put each record of these pages where it belongs; those to send go to the packer."""
        result = Sorted()
        rows = [unpack(page.mapped) for page in pages]
        links = self._links(rows)
        for page, mapped_rows in zip(pages, rows, strict=True):
            result.keys.append([])
            for position, digest, source_id, mapped in mapped_rows:
                self._place(result, [source_id, digest, "", mapped, page.number, position, 0], links.get(source_id))
        self._pack(result)
        return result

    def _place(self, result: Sorted, entry: Entry, link: Link | None) -> None:
        source_id, digest, _, mapped, number, position, _ = entry
        problems = self.validate(mapped)
        if problems and self.work.describe_anew():
            self.validate = self.work.validator()
            problems = self.validate(mapped)
        if problems:
            result.invalid.append((number, position, mapped, problems[0]))
            return
        key = key_hash(mapped[self.key])
        if not self.keys.add(key):
            result.duplicates.append(source_id)
            return
        result.keys[-1].append(key)
        entry[6] = signed(key)
        content = content_hash(mapped)
        if link is not None:
            if link[1] == content:
                result.unchanged.append((source_id, bytes.fromhex(digest)))
                return
            result.known += 1
            result.blanks += sum(value is None or value == "" for value in mapped.values())
        entry[2] = content.hex()
        result.to_send.append(entry)

    def _pack(self, result: Sorted) -> None:
        """What is left goes into batches, except who is there already under another id."""
        entries = result.to_send
        owners = key_owners(self.work.sync.pk, [entry[6] for entry in entries]) if self.work.has_links else {}
        for entry in entries:
            if owners.get(entry[6], entry[0]) != entry[0]:
                result.duplicates.append(entry[0])
            else:
                self.packer.add(entry, self.wire_size(entry[3]))
                result.packed += 1

    def _links(self, rows: list[list[Any]]) -> dict[str, Link]:
        if not self.work.has_links:
            return {}
        return links_of(self.work.sync.pk, (source_id for page in rows for _, _, source_id, _ in page))


def store(work: Work, pages: list[SourcePage], sorter: Sorter) -> None:
    """One commit: batches, failed records, duplicates, and the pages as validated."""
    now = timezone.now()
    result = sorter.sort(pages)
    with work.change() as change:
        batches = sorter.packer.save()
        update_pages(
            [
                (PageStatus.VALIDATED.value, None, _as_bytes(keys), page.pk)
                for page, keys in zip(pages, result.keys, strict=True)
            ]
        )
        held, repeated = _hold_invalid(work, pages, result, now)
        _note_duplicates(work, result, now)
        _note_unchanged(work, result, now)
        add = {
            "pages_validated": len(pages),
            "invalid": held,
            "failures_open": held,
            "duplicate": len(result.duplicates) + repeated,
            "unchanged": len(result.unchanged),
            "planned": result.packed,
            "batches": batches,
        }
        guard_add = {"known": result.known, "new": max(0, result.packed - result.known), "blanks": result.blanks}
        change.append(
            Kind.JOB_PAGES_VALIDATED,
            add={name: number for name, number in add.items() if number},
            guard_add={name: number for name, number in guard_add.items() if number},
        )


def invalid_failure(problem: Problem, received: FlatRecord, mapped: FlatRecord, page_number: int | None) -> Failure:
    """A failed record of what the validation found first."""
    return Failure(
        source_id=received["id"],
        kind=FailureKind.INVALID,
        code=problem.code,
        title=problem.title,
        message=problem.message,
        field=problem.field,
        received=received,
        mapped=mapped,
        page_number=page_number,
    )


def _hold_invalid(work: Work, pages: list[SourcePage], result: Sorted, now: datetime) -> tuple[int, int]:
    contents: dict[int, Any] = {}
    blobs = {page.number: page.records for page in pages}
    failures = []
    for number, position, mapped, problem in result.invalid:
        if number not in contents:
            contents[number] = unpack(blobs[number])
        failures.append(work.suggest(invalid_failure(problem, contents[number][position], mapped, number)))
    held = hold(work.job, failures, now)
    work.supersede([failure.source_id for failure in held], now)
    return len(held), len(failures) - len(held)


def _note_duplicates(work: Work, result: Sorted, now: datetime) -> None:
    kind = RecordEventKind.DUPLICATE
    insert_record_events([event_row(work.job, source_id, kind, "", now) for source_id in result.duplicates])
    work.supersede(result.duplicates, now)


def _note_unchanged(work: Work, result: Sorted, now: datetime) -> None:
    """What we would send is what we sent last: remember the new source hash, so that next time no mapping is needed."""
    if not result.unchanged:
        return
    version = work.job.mapping_version_id
    touch_links([(digest, version, work.sync.pk, source_id) for source_id, digest in result.unchanged])
    work.supersede([source_id for source_id, _ in result.unchanged], now)


def _limits(work: Work) -> tuple[BatchLimits, bool]:
    """Count and bytes per batch, and whether this load is large enough for the platform's bulk way."""
    can, sync = work.destination_can, work.sync
    threshold = sync.bulk_from or can.bulk_threshold
    if can.bulk_limits and threshold and work.job.fetched >= threshold:
        return can.bulk_limits, True
    wanted = min(sync.batch_size or can.batch_limits.records, can.batch_limits.records)
    return BatchLimits(wanted, can.batch_limits.bytes), False


def _key_blobs(job_id: int) -> Any:
    pages = SourcePage.objects.filter(job_id=job_id, status=PageStatus.VALIDATED, key_hashes__isnull=False)
    return pages.values_list("key_hashes", flat=True).iterator(chunk_size=500)


def _as_bytes(keys: list[int]) -> bytes:
    return b"".join(key.to_bytes(8, "little") for key in keys)
