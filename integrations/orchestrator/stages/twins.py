"""Who is it that came twice? The job only knows that a key came again; for the first of them the other one is looked up."""

from collections.abc import Sequence

from integrations.enums import DuplicateKind
from integrations.mappings.hashing import key_hash
from integrations.models import Duplicate, SourcePage
from integrations.models.blobs import unpack
from integrations.models.bulk import IN_CHUNK, key_owners, signed
from integrations.orchestrator.identity import are_enough
from integrations.orchestrator.stages.packed_keys import pages_of_keys
from integrations.orchestrator.stages.reading_here import read_here
from integrations.orchestrator.work import Work
from integrations.types import FlatRecord

Twice = tuple[str, int, int, int]
"""(source id, page number, position, key hash) of a record whose key somebody else has."""

MOST_PER_GROUP = 20
MOST_FRUITLESS = 100
"""A job that has looked for so many in vain looks for no more: where the mapping makes the key up, no record shows it."""
FRUITLESS = "fruitless"
"""How many were looked for in vain, among the job's numbers."""


class Pairing:
    """Finds the other one among pages that are being validated, those of the job that were, and people sent before.
    `keys` are the key hashes of each page of `pages`. A page is read only when somebody to be shown is on it. `fruitless` is how
    many were looked for in vain."""

    def __init__(self, work: Work, pages: Sequence[SourcePage], keys: Sequence[Sequence[int]]) -> None:
        self.work = work
        self.pages = {page.number: page for page in pages}
        self.keys = dict(zip(self.pages, keys, strict=True))
        self.fruitless = 0

    def pair_up(self, twice: Sequence[Twice]) -> list[tuple[FlatRecord, FlatRecord]]:
        """(the one that is sent, the one that is left out), for as many as a person may want to look at."""
        if not twice or self.work.job.guard.get(FRUITLESS, 0) >= MOST_FRUITLESS or are_enough(self.work.sync.pk):
            return []
        wanted = self._unseen(twice)[:MOST_PER_GROUP]
        others = self._others(wanted)
        found = [
            (other, unpack(self.pages[number].records)[position])
            for (_, number, position, _), other in zip(wanted, others, strict=True)
            if other is not None
        ]
        self.fruitless = len(wanted) - len(found)
        read = read_here(self.work, [other["id"] for other, _ in found if len(other) == 1])
        return [(read.get(other["id"], other), record) for other, record in found]

    def _unseen(self, twice: Sequence[Twice]) -> list[Twice]:
        """Without those of whom a person was told, so that each job gets further."""
        ids = [source_id for source_id, *_ in twice]
        told: set[str] = set()
        for start in range(0, len(ids), IN_CHUNK):
            chunk = ids[start : start + IN_CHUNK]
            rows = Duplicate.objects.filter(sync=self.work.sync.pk, kind=DuplicateKind.SAME_KEY)
            told.update(rows.filter(source_id__in=chunk).values_list("source_id", flat=True))
            told.update(rows.filter(other_id__in=chunk).values_list("other_id", flat=True))
        return [one for one in twice if one[0] not in told]

    def _others(self, wanted: Sequence[Twice]) -> list[FlatRecord | None]:
        """For each the other one: as it came in this job, or only the id of who was sent before; None where nobody is found."""
        keys = [key for *_, key in wanted]
        pages, owners = self._pages_with(keys), key_owners(self.work.sync.pk, [signed(key) for key in keys])
        others = []
        for source_id, *_, key in wanted:
            owner = owners.get(signed(key), source_id)
            sent_before = {"id": owner} if owner != source_id else None
            others.append(_find(pages.get(key), key, source_id) or sent_before)
        return others

    def _pages_with(self, keys: Sequence[int]) -> dict[int, SourcePage]:
        """Key hash → the page with its record: one of those that are being validated, or one before them."""
        found = {key: self.pages[number] for key in keys for number, on_page in self.keys.items() if key in on_page}
        before = pages_of_keys(self.work.job.pk, [key for key in keys if key not in found])
        rows = SourcePage.objects.filter(job_id=self.work.job.pk, number__in=set(before.values())).only(
            "number", "records"
        )
        by_number = {page.number: page for page in rows} if before else {}
        return found | {key: by_number[number] for key, number in before.items()}


def _find(page: SourcePage | None, key: int, source_id: str) -> FlatRecord | None:
    """Another record of this page with the key."""
    records: list[FlatRecord] = unpack(page.records) if page else []
    return next((record for record in records if record["id"] != source_id and _has(record, key)), None)


def _has(record: FlatRecord, key: int) -> bool:
    """The key is made by the mapping; mostly it is a value of the record as it came."""
    return any(key_hash(value) == key for value in record.values() if isinstance(value, str) and value)
