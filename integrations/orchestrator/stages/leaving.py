"""Who left the source: whom a complete reading did not find, and of whom the source itself said that they left.

A complete reading is everybody, to the last page, and about as many as the platform says it has. A small job has read a few,
so it knows only what it was told and what it saw: nobody is gone for not having been read. How many at once is capped; above
it the job waits for a person.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from integrations.enums import Departed, PageStatus, Trigger
from integrations.mappings.hashing import KeySet, key_hash
from integrations.models import FailedRecord, RecordLink, SourcePage, SyncJob, TakenChange
from integrations.models.blobs import unpack
from integrations.orchestrator.names import ids_of
from integrations.orchestrator.work import Work

MOST_AT_ONCE = 100_000
FEW = 5
MOST_SHARE = 2
"""More than one in so many at once is never usual, however small the sync."""
NEARLY_ALL = 0.9
SOME = 500
LATELY = timedelta(days=1)
"""Small jobs follow each other within seconds: what they do in such a time counts as at once."""
WORDS = {Departed.ARCHIVE: "would be archived", Departed.CLEAR: "would have a field emptied"}

Person = tuple[str, str]
"""(id at the source, id over there)"""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who left, of how many who are linked. `before`: how many others small jobs dealt with lately. `is_incomplete`: nobody can
    tell."""

    people: tuple[Person, ...] = ()
    linked: int = 0
    before: int = 0
    is_incomplete: bool = False


def find_leaving(work: Work) -> Leaving:
    """Who is linked and left, or is not included any more. Nobody, unless everybody was read or the source told of them."""
    if work.sync.departed == Departed.NOTHING or not work.has_links:
        return Leaving()
    if work.picks_changes:
        return _told(work)
    if work.job.read_since is not None:
        return Leaving()
    if _is_cut_short(work):
        return Leaving(is_incomplete=True)
    return _not_found(work)


def _is_cut_short(work: Work) -> bool:
    """A list that ends too early says nothing about who is not on it."""
    expected = work.job.expected
    return expected is not None and work.job.fetched < expected * NEARLY_ALL


def _not_found(work: Work) -> Leaving:
    """Who is linked, and was not read or is not included."""
    seen = KeySet()
    for source_id in _read_ids(work):
        seen.add(key_hash(source_id))
    people: list[Person] = []
    staying = KeySet()
    linked = 0
    links = RecordLink.objects.filter(sync=work.sync.pk).exclude(destination_id="").order_by("pk")
    for source_id, there in links.values_list("source_id", "destination_id").iterator(chunk_size=2_000):
        linked += 1
        if key_hash(source_id) in seen:
            staying.add(key_hash(there))
        elif len(people) < MOST_AT_ONCE:
            people.append((source_id, there))
    return Leaving(tuple(one for one in people if key_hash(one[1]) not in staying), linked)


def _read_ids(work: Work) -> Iterator[str]:
    """Everybody who was read and is included; what was no usable record may be anybody, and counts as read."""
    for record in _records(work):
        if work.is_included is None or work.is_included(record):
            yield record["id"]
    yield from _held_ids(work)


def _records(work: Work) -> Iterator[dict[str, Any]]:
    pages = SourcePage.objects.filter(job_id=work.job.pk).exclude(status=PageStatus.FETCHED).order_by("number")
    for records in pages.values_list("records", flat=True).iterator(chunk_size=50):
        yield from unpack(records)


def _held_ids(work: Work) -> Iterator[str]:
    held = FailedRecord.objects.filter(job_id=work.job.pk)
    yield from held.values_list("source_id", flat=True).iterator(chunk_size=2_000)


def _told(work: Work) -> Leaving:
    """Who was deleted or combined with another, as the source says, and was not read all the same: events come out of order. And
    who was read, and is not included any more."""
    read, excluded = set(_held_ids(work)), set[str]()
    for record in _records(work):
        (excluded if _is_excluded(work, record) else read).add(record["id"])
    gone = (_called_gone(work) | excluded) - read
    people = tuple(_people(work.sync.pk, sorted(gone)))[:MOST_AT_ONCE]
    if not people:
        return Leaving()
    linked = RecordLink.objects.filter(sync=work.sync.pk).count() if len(people) > FEW else 0
    return Leaving(people, linked, _lately(work))


def _called_gone(work: Work) -> set[str]:
    """Their ids, also where the source's events call them otherwise."""
    told = set(TakenChange.objects.departed(work.job.pk).values_list("record_id", flat=True).iterator(chunk_size=2_000))
    return {*told, *ids_of(work.sync.pk, told).values()} if work.source_can.called_by else told


def _is_excluded(work: Work, record: dict[str, Any]) -> bool:
    """False of a record that came without what the conditions look at: some platforms deliver only a part."""
    if work.is_included is None or not all(condition.field in record for condition in work.conditions):
        return False
    return not work.is_included(record)


def _people(sync_id: int, gone: Iterable[str]) -> Iterator[Person]:
    """Those of them who are linked, without who is somebody else over there too."""
    ids = iter(gone)
    while some := list(islice(ids, SOME)):
        links = RecordLink.objects.filter(sync=sync_id)
        found = links.filter(source_id__in=some).exclude(destination_id="")
        people = list(found.order_by("pk").values_list("source_id", "destination_id"))
        others = links.filter(destination_id__in=[there for _, there in people]).exclude(source_id__in=some)
        staying = set(others.values_list("destination_id", flat=True)) if people else set()
        yield from (one for one in people if one[1] not in staying)


def _lately(work: Work) -> int:
    """How many the small jobs before this one dealt with; not those that a person allowed."""
    jobs = SyncJob.objects.filter(sync=work.sync, trigger=Trigger.WEBHOOK, is_released=False)
    recent = jobs.filter(finished_at__gt=timezone.now() - LATELY, removed__gt=0)
    return int(recent.aggregate(total=Sum("removed"))["total"] or 0)


def too_many(work: Work, leaving: Leaving) -> list[dict[str, Any]]:
    """What a person must see before that many are touched; empty when it is a usual number."""
    number, limit = len(leaving.people), work.sync.departed_most
    if number > FEW:
        limit = min(limit, leaving.linked // MOST_SHARE)
    if not number or number + leaving.before <= limit:
        return []
    lately = f", after {leaving.before:,} others within a day" if leaving.before else ""
    words = f"{number:,} left {work.sync.source.name} and {WORDS[Departed(work.sync.departed)]}{lately}"
    sentence = f"{words}; at most {limit:,} are allowed at once."
    return [{"name": "departed", "number": number, "limit": limit, "sentence": sentence}]
