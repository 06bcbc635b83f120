"""Records that may be one person, for pages: pairs to decide, the surest first, and one pair with everything about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from integrations.enums import DuplicateVerdict, FailureStatus
from integrations.models import Duplicate, FailedRecord
from integrations.models.blobs import unpack
from integrations.queries.ends import End, destination_of, encrypted, record_page, source_of
from integrations.types import FlatRecord

PAGE = 50
MOST = 1_000
UNDECIDED = (DuplicateVerdict.OPEN, DuplicateVerdict.LATER)


@dataclass(frozen=True, slots=True)
class DuplicateFilter:
    """Which pairs: a verdict, and any of kind, sync, words in a name, an address or an id."""

    verdict: str = DuplicateVerdict.OPEN
    kind: str = ""
    sync: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class DuplicatePage:
    """One page of pairs; `older` is the `before` of the next page, None at the end."""

    rows: tuple[Duplicate, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class DuplicateDetail:
    """One pair with both records as they were when it was noticed, the platforms' own pages of them (empty = not known), the
    failed record that waits for the decision, and the neighbours in the list. `is_here`: both are records of the source."""

    row: Duplicate
    source: End
    destination: End
    one: FlatRecord
    other: FlatRecord
    one_page: str
    other_page: str
    owner_page: str
    held: int | None
    newer: int | None
    older: int | None

    @property
    def is_here(self) -> bool:
        """Both are records of the source."""
        return not self.row.destination_id

    @property
    def is_undecided(self) -> bool:
        """Nobody has said yet."""
        return self.row.verdict in UNDECIDED


def matching(asked: DuplicateFilter) -> QuerySet[Duplicate]:
    """The pairs that a filter describes, in no order."""
    found = Duplicate.objects.filter(verdict=asked.verdict)
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.sync:
        found = found.filter(sync=asked.sync)
    for word in asked.words.split()[:5]:
        is_named = Q(label__icontains=word) | Q(other_label__icontains=word)
        is_at = Q(email__icontains=word) | Q(other_email__icontains=word)
        found = found.filter(is_named | is_at | Q(source_id=word) | Q(other_id=word) | Q(destination_id=word))
    return found


def list_duplicates(asked: DuplicateFilter, before: int | None = None) -> DuplicatePage:
    """One page of pairs without their records, the surest first: one query, and one more behind the first page."""
    found = matching(asked).order_by("-confidence", "-pk")
    last = Duplicate.objects.filter(pk=before).only("confidence").first() if before else None
    rows = tuple((found.filter(_behind(last)) if last else found).defer("sides", "undo")[: PAGE + 1])
    return DuplicatePage(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def matching_ids(asked: DuplicateFilter, most: int) -> list[int]:
    """The keys of all that a filter describes, the surest first, at most so many."""
    return list(matching(asked).order_by("-confidence", "-pk").values_list("pk", flat=True)[:most])


def decided_at(actor: str, at: datetime) -> list[int]:
    """The keys of all that this person decided at exactly this moment, as far as the records are still known."""
    mine = Duplicate.objects.filter(decided_at=at, decided_by=actor, sides__isnull=False)
    return list(mine.exclude(undo__has_key="with").order_by("pk").values_list("pk", flat=True))


def count_kinds(sync: int | None = None) -> Mapping[str, int]:
    """Kind → how many are to be decided, in one query, from an index alone."""
    found = matching(DuplicateFilter(sync=sync)).order_by()
    return dict(found.values_list("kind").annotate(number=Count("pk")).order_by())


def count_verdict(verdict: str, sync: int | None = None) -> int:
    """How many have this verdict, from an index alone; counting stops at MOST."""
    return matching(DuplicateFilter(verdict=verdict, sync=sync)).order_by()[:MOST].count()


def count_undecided() -> int:
    """How many are to be decided; counting stops at MOST."""
    return count_verdict(DuplicateVerdict.OPEN)


def waiting_for(record: FailedRecord) -> int | None:
    """Which pair a held record waits for: the first that is not decided, else the newest."""
    rows = Duplicate.objects.filter(sync=record.sync_id, source_id=record.source_id).exclude(destination_id="")
    found = {verdict: pk for pk, verdict in rows.order_by("pk").values_list("pk", "verdict")}
    undecided = [found[verdict] for verdict in UNDECIDED if verdict in found]
    return next(iter(undecided), None) or max(found.values(), default=None)


def show_duplicate(pk: int, asked: DuplicateFilter) -> DuplicateDetail:
    """One pair, in four queries at most. Duplicate.DoesNotExist when there is none."""
    related = ("sync__source", "sync__destination")
    row = Duplicate.objects.select_related(*related).defer(*encrypted("sync__")).get(pk=pk)
    one, other = unpack(row.sides) or ({}, {})
    newer, older = _neighbours(row, replace(asked, verdict=row.verdict))
    sync = row.sync
    there = record_page(sync.destination, sync.destination_object, row.destination_id)
    owner = record_page(sync.source, sync.source_object, row.other_id)
    return DuplicateDetail(
        row=row,
        source=source_of(sync),
        destination=destination_of(sync),
        one=one,
        other=other,
        one_page=record_page(sync.source, sync.source_object, row.source_id),
        other_page=there if row.destination_id else owner,
        owner_page=owner,
        held=_held(row),
        newer=newer,
        older=older,
    )


def _held(row: Duplicate) -> int | None:
    """The failed record of the first of the two that waits, newest first."""
    if not row.destination_id:
        return None
    waiting = FailedRecord.objects.filter(sync=row.sync_id, source_id=row.source_id)
    unresolved = waiting.filter(status__in=(FailureStatus.OPEN, FailureStatus.RETRYING))
    return unresolved.order_by("-pk").values_list("pk", flat=True).first()


def _neighbours(row: Duplicate, asked: DuplicateFilter) -> tuple[int | None, int | None]:
    """The pairs above and below in the list."""
    keys = matching(asked).values_list("pk", flat=True)
    above = keys.filter(confidence__gte=row.confidence).filter(Q(confidence__gt=row.confidence) | Q(pk__gt=row.pk))
    below = keys.filter(_behind(row)).order_by("-confidence", "-pk")
    return above.order_by("confidence", "pk").first(), below.first()


def _behind(row: Duplicate) -> Q:
    """Those that come after this one."""
    return Q(confidence__lte=row.confidence) & (Q(confidence__lt=row.confidence) | Q(pk__lt=row.pk))
