"""Validating: mapped records are checked against the destination's fields, freed of duplicates, compared with what was
last sent, and packed into batches."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from integrations.enums import EmptyValues, FailureKind, Kind, PageStatus, RecordEventKind
from integrations.mappings.hashing import KeySet, content_hash, key_hash
from integrations.mappings.validation import Problem
from integrations.models import SourcePage
from integrations.models.blobs import unpack
from integrations.models.bulk import (
    Link,
    insert_record_events,
    key_owners,
    links_of,
    signed,
    touch_links,
    unsigned,
    update_pages,
)
from integrations.orchestrator.failures import Failure, event_row, hold
from integrations.orchestrator.identity import losers_of, note_same_key
from integrations.orchestrator.stages import departing
from integrations.orchestrator.stages.guards import tripped
from integrations.orchestrator.stages.leaving import find_leaving, too_many
from integrations.orchestrator.stages.owners_here import Heir, OwnersHere, take_over
from integrations.orchestrator.stages.packing import Entry, Packer, usual_limits
from integrations.orchestrator.stages.pages import groups
from integrations.orchestrator.stages.twins import FRUITLESS, Pairing, Twice
from integrations.orchestrator.work import Work
from integrations.types import BatchLimits, FlatRecord


@dataclass(slots=True)
class Sorted:
    """What became of a group of mapped records."""

    invalid: list[tuple[int, int, FlatRecord, Problem]] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    twice: list[Twice] = field(default_factory=list)
    unchanged: list[tuple[str, bytes]] = field(default_factory=list)
    to_send: list[Entry] = field(default_factory=list)
    heirs: list[Heir] = field(default_factory=list)
    packed: int = 0
    known: int = 0
    blanks: int = 0
    keys: list[list[int]] = field(default_factory=list)


def run(work: Work) -> None:
    """Validate until all pages are done or the slice ends; then upload, or wait for a release when a guard trips."""
    if validate(work):
        finish(work)


def validate(work: Work) -> bool:
    """True when all pages are done. The keys of the job are held no longer than this takes: what follows has its own to hold."""
    sorter = Sorter(work)
    for pages in groups(work, PageStatus.MAPPED):
        store(work, pages, sorter)
        if work.must_stop():
            return False
    return True


def finish(work: Work) -> None:
    """All pages are validated: go on, or park the job with the numbers that are abnormal."""
    leaving = find_leaving(work)
    abnormal = [*tripped(work.sync, work.job), *too_many(work, leaving)]
    with work.change() as change:
        if change.job.cancel_requested:
            return  # honoured as the slice ends; a job that is held would keep the wish until it is released
        departing.store(work, change, leaving)
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
        self.keeps_values = work.sync.empty_values == EmptyValues.KEEP
        self.validate = work.validator()
        self.wire_size = work.destination.wire_size
        limits, is_bulk = _limits(work)
        self.packer = Packer(work.job, limits, is_bulk=is_bulk)
        self.losers = losers_of(work.sync.pk)
        self.owners_here = OwnersHere(work)
        self.keys = KeySet(work.job.fetched)
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
        self._pack(result, links)
        return result

    def _place(self, result: Sorted, entry: Entry, link: Link | None) -> None:
        if self.keeps_values:
            entry[3] = without_empty(entry[3], self.key)
        source_id, digest, _, mapped, number, position, _ = entry
        if source_id in self.losers:
            result.duplicates.append(source_id)
            return
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
            result.twice.append((source_id, number, position, key))
            return
        result.keys[-1].append(key)
        entry[6] = signed(key)
        content = content_hash(mapped)
        if link is not None:
            if link[1] == content:
                result.unchanged.append((source_id, bytes.fromhex(digest)))
                return
            result.known += 1
            result.blanks += _blanks(mapped)
        entry[2] = content.hex()
        result.to_send.append(entry)

    def _pack(self, result: Sorted, links: dict[str, Link]) -> None:
        """What is left goes into batches, except who is there already under another id. Where the source has no such record any
        more, who has the key now goes on in its place."""
        others = self._others(result.to_send)
        gone = self.owners_here.gone(others.values()) if others else set()
        for entry in result.to_send:
            owner = others.get(entry[6])
            if owner is not None and owner not in gone:
                result.duplicates.append(entry[0])
                result.twice.append((entry[0], entry[4], entry[5], unsigned(entry[6])))
                continue
            self.packer.add(entry, self.wire_size(entry[3]))
            result.packed += 1
            if owner is not None:
                result.heirs.append((entry[0], owner))
            if owner is not None and entry[0] not in links:
                result.known += 1
                result.blanks += _blanks(entry[3])

    def _others(self, entries: list[Entry]) -> dict[int, str]:
        """Key hash → who was sent with it before, where that is somebody else."""
        owners = key_owners(self.work.sync.pk, [entry[6] for entry in entries]) if self.work.has_links else {}
        return {entry[6]: owners[entry[6]] for entry in entries if owners.get(entry[6], entry[0]) != entry[0]}

    def _links(self, rows: list[list[Any]]) -> dict[str, Link]:
        if not self.work.has_links:
            return {}
        return links_of(self.work.sync.pk, (source_id for page in rows for _, _, source_id, _ in page))


def _blanks(mapped: FlatRecord) -> int:
    """How many values it empties over there."""
    return sum(value is None or value == "" for value in mapped.values())


def without_empty(mapped: FlatRecord, key: str) -> FlatRecord:
    """What an empty value would empty over there is left as it is: the field is not sent."""
    return {name: value for name, value in mapped.items() if name == key or not (value is None or value == "")}


def store(work: Work, pages: list[SourcePage], sorter: Sorter) -> None:
    """One commit: batches, failed records, duplicates, and the pages as validated."""
    now = timezone.now()
    result = sorter.sort(pages)
    pairing = Pairing(work, pages, result.keys)
    pairs = pairing.pair_up(result.twice)
    with work.change() as change:
        note_same_key(work.job, pairs, now)
        take_over(work, result.heirs)
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
        guard_add = {
            "known": result.known,
            "new": max(0, result.packed - result.known),
            "blanks": result.blanks,
            FRUITLESS: pairing.fruitless,
        }
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
    by_number = {page.number: page for page in pages}
    failures = []
    for number, position, mapped, problem in result.invalid:
        if number not in contents:
            contents[number] = unpack(by_number[number].records)  # read only now: most pages have none
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
    threshold = None if work.looks_for_people or work.two_way else sync.bulk_from or can.bulk_threshold
    if can.bulk_limits and threshold and work.job.fetched >= threshold:
        return can.bulk_limits, True
    return usual_limits(work), False


def _key_blobs(job_id: int) -> Any:
    pages = SourcePage.objects.filter(job_id=job_id, status=PageStatus.VALIDATED, key_hashes__isnull=False)
    return pages.values_list("key_hashes", flat=True).iterator(chunk_size=500)


def _as_bytes(keys: list[int]) -> bytes:
    return b"".join(key.to_bytes(8, "little") for key in keys)
