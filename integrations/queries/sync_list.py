"""The list of syncs: those with problems first, filtered in SQL, page by page."""

from dataclasses import dataclass

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from integrations.enums import ConnectionState, Stage, Status
from integrations.models import FailedRecord, Sync, SyncJob
from integrations.models.sync import SyncQuerySet
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
    """One page of syncs with their health, in four queries."""
    syncs = with_state(Sync.objects.with_ends())
    if asked.words:
        syncs = syncs.filter(name__icontains=asked.words)
    if asked.state:
        syncs = syncs.filter(Q(rank=STATES.index(asked.state)))
    if asked.platform:
        syncs = syncs.filter(Q(source__platform=asked.platform) | Q(destination__platform=asked.platform))
    syncs = _behind(syncs, asked).order_by(*(["name"] if asked.sort == BY_NAME else ["rank", "name"]))
    found = list(with_floor(syncs)[: PAGE + 1])
    return SyncPage(health_of(found[:PAGE]), _place(found[PAGE - 1]) if len(found) > PAGE else None)


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
    return syncs.filter(Q(rank__gt=int(rank[:2])) | Q(rank=int(rank[:2]), name__gt=name))


def _place(sync: Sync) -> str:
    return f"{vars(sync)['rank']}:{sync.name}"
