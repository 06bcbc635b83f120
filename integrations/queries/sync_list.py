"""The list of syncs: those with problems first, filtered in SQL, page by page."""

from dataclasses import dataclass, replace

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from integrations.enums import ConnectionState, Stage, Status
from integrations.models import FailedRecord, Sync, SyncJob
from integrations.models.sync import SyncQuerySet
from integrations.queries.lateness import is_late
from integrations.queries.syncs import PAGE, SyncHealth, health_of, with_floor

BY_PROBLEM, BY_NAME = "problems", "name"
STATES = ("failed", "warn", "waiting", "running", "paused", "idle", "ok")
"""How a sync can be, the most pressing first."""
SIGNED_OUT = Q(source__state=ConnectionState.SIGN_IN_NEEDED) | Q(destination__state=ConnectionState.SIGN_IN_NEEDED)


@dataclass(frozen=True, slots=True)
class SyncFilter:
    """What is asked for: words in the name, one of STATES, a platform at either end; `after` is a page's `after`."""

    words: str = ""
    state: str = ""
    platform: str = ""
    sort: str = BY_PROBLEM
    after: str = ""

    @property
    def is_narrow(self) -> bool:
        """True when not every sync is asked for."""
        return bool(self.words or self.state or self.platform)


@dataclass(frozen=True, slots=True)
class SyncPage:
    """One page of syncs; `after` is where the next page starts, None at the end."""

    rows: tuple[SyncHealth, ...]
    after: str | None


def list_syncs(asked: SyncFilter) -> SyncPage:
    """One page of syncs with their health, in five queries. A two-way sync is one row: that from left to right."""
    syncs = with_both(with_state(Sync.objects.with_ends().filter(as_leftward=None)))
    if asked.words:
        back = Q(as_rightward__leftward__name__icontains=asked.words)
        syncs = syncs.filter(Q(name__icontains=asked.words) | back)
    if asked.state:
        syncs = syncs.filter(Q(worst=STATES.index(asked.state)))
    if asked.platform:
        syncs = syncs.filter(Q(source__platform=asked.platform) | Q(destination__platform=asked.platform))
    syncs = _behind(syncs, asked).order_by(*(["name"] if asked.sort == BY_NAME else ["worst", "name"]))
    found = list(with_floor(syncs)[: PAGE + 1])
    return SyncPage(_health_of_both(found[:PAGE]), _place(found[PAGE - 1]) if len(found) > PAGE else None)


def _health_of_both(syncs: list[Sync]) -> tuple[SyncHealth, ...]:
    back = Sync.objects.with_ends().filter(as_leftward__rightward__in=syncs).annotate(right=F("as_leftward__rightward"))
    partners = list(with_floor(back))
    shown = {health.sync.pk: health for health in health_of([*syncs, *partners])}
    way_back = {vars(partner)["right"]: shown[partner.pk] for partner in partners}
    return tuple(replace(shown[sync.pk], partner=way_back.get(sync.pk)) for sync in syncs)


def with_both(syncs: SyncQuerySet) -> SyncQuerySet:
    """The `rank` of a two-way sync is that of its more pressing direction."""
    back = with_state(Sync.objects.filter(as_leftward__rightward=OuterRef("pk"))).order_by()
    annotated = syncs.annotate(way_back=Subquery(back.annotate(worst=F("rank")).values("worst")[:1]))
    return annotated.annotate(worst=Least(F("rank"), Coalesce("way_back", F("rank"))))


def with_state(syncs: SyncQuerySet) -> SyncQuerySet:
    """Each with its `rank`: the place in STATES of the most pressing thing about it. `words.syncs.look` says the same."""
    active = SyncJob.objects.active().filter(sync=OuterRef("pk"))
    newest = SyncJob.objects.filter(sync=OuterRef("pk")).order_by("-pk")
    annotated = syncs.annotate(
        active_status=_first(active, "status"),
        active_stage=_first(active, "stage"),
        newest_status=_first(newest, "status"),
        has_open=Exists(FailedRecord.objects.open().filter(sync=OuterRef("pk"))),
    )
    return annotated.annotate(
        rank=Case(
            When(active_status=Status.WAITING, active_stage=Stage.APPROVING, then=_rank("warn")),
            When(active_status=Status.STUCK, then=_rank("failed")),
            When(active_status=Status.PAUSED, then=_rank("paused")),
            When(active_status=Status.WAITING, then=_rank("waiting")),
            When(active_status=Status.QUEUED, then=_rank("idle")),
            When(active_status=Status.RUNNING, then=_rank("running")),
            When(SIGNED_OUT, then=_rank("failed")),
            When(is_enabled=False, then=_rank("paused")),
            When(is_late(timezone.now()), then=_rank("warn")),
            When(has_open=True, then=_rank("warn")),
            When(newest_status__isnull=True, then=_rank("idle")),
            When(newest_status=Status.CANCELLED, then=_rank("paused")),
            default=_rank("ok"),
        )
    )


def _first(jobs: QuerySet[SyncJob], column: str) -> Subquery:
    return Subquery(jobs.values(column)[:1])


def _rank(state: str) -> Value:
    return Value(STATES.index(state))


def _behind(syncs: SyncQuerySet, asked: SyncFilter) -> SyncQuerySet:
    """Only those behind the place `after` names; one that nobody gave out names none."""
    rank, _, name = asked.after.partition(":")
    if not name or not (rank.isascii() and rank.isdigit()):
        return syncs
    if asked.sort == BY_NAME:
        return syncs.filter(name__gt=name)
    return syncs.filter(Q(worst__gt=int(rank[:2])) | Q(worst=int(rank[:2]), name__gt=name))


def _place(sync: Sync) -> str:
    return f"{vars(sync)['worst']}:{sync.name}"
