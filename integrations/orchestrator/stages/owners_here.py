"""Does the source still have whom a key belongs to? Somebody who was deleted there and made again has another id, and the link
of the old one holds his key for ever: the new one is no double, but takes over whom the old one stood for over there."""

from collections.abc import Iterable, Iterator, Sequence

from integrations.enums import Departed
from integrations.mappings.hashing import KeySet, key_hash
from integrations.models import Agreement, RecordLink, SourcePage
from integrations.models.blobs import unpack
from integrations.orchestrator.handing_over import hand_over
from integrations.orchestrator.two_way import Leg
from integrations.orchestrator.work import Work

AT_ONCE = 100
FEW = 100
"""So many are asked for one by one. If there are more, it is looked first who was read in this job."""

Heir = tuple[str, str]
"""(id of who is there, id of who is gone)"""


class OwnersHere:
    """Tells for one slice who is gone. Whoever was found to be there is not asked for again."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._there = KeySet()
        self._asked, self._has_looked = 0, False

    def gone(self, owners: Iterable[str]) -> set[str]:
        """Those of them whom the source does not have any more; nobody where it cannot be asked. Outside a transaction; raises
        as any call of the source's adapter."""
        if self.work.source_can.comes_by_webhook_only:
            return set()
        unknown = self._unknown(dict.fromkeys(owners))
        if self._is_worth_looking(len(unknown)):
            self._look_who_was_read()
            unknown = self._unknown(unknown)
        self._asked += len(unknown)
        for start in range(0, len(unknown), AT_ONCE):
            self._ask(unknown[start : start + AT_ONCE])
        return set(self._unknown(unknown))

    def _unknown(self, ids: Iterable[str]) -> list[str]:
        return [one for one in ids if key_hash(one) not in self._there]

    def _is_worth_looking(self, number: int) -> bool:
        """Only a complete reading has read most of those who are there."""
        is_complete = self.work.job.read_since is None and not self.work.picks_changes
        return is_complete and not self._has_looked and self._asked + number > FEW

    def _look_who_was_read(self) -> None:
        self._there, self._has_looked = KeySet(self.work.job.fetched), True
        for source_id in _read_ids(self.work):
            self._there.add(key_hash(source_id))

    def _ask(self, ids: Sequence[str]) -> None:
        with self.work.asking_source() as source:
            records = source.read_records(self.work.sync.source_object, ids, self.work.source_fields)
        for record in records:
            self._there.add(key_hash(record["id"]))


def _read_ids(work: Work) -> Iterator[str]:
    pages = SourcePage.objects.filter(job_id=work.job.pk).order_by("number")
    for records in pages.values_list("records", flat=True).iterator(chunk_size=50):
        yield from (record["id"] for record in unpack(records))


def take_over(work: Work, heirs: Sequence[Heir]) -> None:
    """Inside the change that packs who is there. Where he stands for somebody over there himself, that of who is gone is one too
    many: it is treated like that of somebody who left, and until then holds no key."""
    leg = work.two_way
    links = RecordLink.objects.filter(sync=work.sync.pk)
    for keeps, loses in heirs:
        if work.sync.departed != Departed.NOTHING and links.filter(source_id=keeps).exists():
            links.filter(source_id=loses).update(key_hash=0)
            continue
        hand_over(work.sync.pk, keeps, loses)
        if leg:
            _agree_anew(leg, keeps)


def _agree_anew(leg: Leg, source_id: str) -> None:
    """Who was made anew never had the values that were agreed on: what he lacks was not emptied by anybody."""
    rows = Agreement.objects.filter(two_way=leg.row, **{leg.column: source_id})
    rows.update(values=leg.write({}), rounds={}, decisions={})
