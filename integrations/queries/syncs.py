"""Syncs for pages: the health of each, from its last jobs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from integrations.enums import ACTIVE, ConnectionState, Status
from integrations.models import Sync, SyncJob
from integrations.models.sync import SyncQuerySet
from integrations.queries.ends import End, destination_of, encrypted, source_of
from integrations.queries.lateness import late_since

PAGE = 50
TICKS = 15
AT_ONCE = 200
TICK = ("pk", "sync_id", "status", "finished_at")
LETTERS: dict[str, str] = {
    Status.SUCCEEDED: "o",
    Status.PARTIAL: "w",
    Status.STUCK: "f",
    Status.CANCELLED: "p",
    Status.PAUSED: "p",
}


@dataclass(frozen=True, slots=True)
class SyncHealth:
    """One sync as lists show it. `active` is the job under way, `latest` the newest that ended; `jobs` oldest first, read
    in full only while under way, otherwise as TICK. `late`: the slot that should have started it and did not. `partner`: of a
    two-way sync that is shown as one, the health of the way back."""

    sync: Sync
    source: End
    destination: End
    jobs: tuple[SyncJob, ...]
    to_fix: int
    late: datetime | None = None
    partner: "SyncHealth | None" = None

    @property
    def active(self) -> SyncJob | None:
        """The job under way, if there is one."""
        return next((job for job in self.jobs if job.status in ACTIVE), None)

    @property
    def latest(self) -> SyncJob | None:
        """The newest job that ended."""
        return next((job for job in reversed(self.jobs) if job.status not in ACTIVE), None)

    @property
    def ticks(self) -> str:
        """The last jobs as one letter each, newest last, for the strip."""
        return "".join(LETTERS.get(job.status, "r") for job in self.jobs[-TICKS:]).rjust(TICKS, "-")

    @property
    def counts_as(self) -> int:
        """The sync that this one is counted with: of a way back the way there, of all others they themselves."""
        return vars(self.sync).get("way_there") or self.sync.pk

    @property
    def connections_lost(self) -> bool:
        """True when one of the two ends needs a new sign-in."""
        ends = (self.sync.source.state, self.sync.destination.state)
        return ConnectionState.SIGN_IN_NEEDED in ends


def health_of(syncs: Sequence[Sync]) -> tuple[SyncHealth, ...]:
    """The health of these syncs (read by `with_floor`), in three queries; in one more for every AT_ONCE."""
    jobs = _last_jobs(syncs)
    to_fix, now = count_to_fix(sync.pk for sync in syncs), timezone.now()
    return tuple(
        SyncHealth(
            sync,
            source_of(sync),
            destination_of(sync),
            tuple(jobs[sync.pk]),
            to_fix.get(sync.pk, 0),
            late_since(sync, now),
        )
        for sync in syncs
    )


def all_health() -> tuple[SyncHealth, ...]:
    """The health of every sync, by name, in four queries; in one more for every AT_ONCE."""
    syncs = Sync.objects.with_ends().annotate(way_there=F("as_leftward__rightward")).order_by("name")
    return health_of(list(with_floor(syncs)))


def show_sync(pk: int) -> SyncHealth:
    """The health of one sync, in four queries. Sync.DoesNotExist when there is none."""
    return health_of([with_floor(Sync.objects.with_ends()).get(pk=pk)])[0]


def count_to_fix(syncs: Iterable[int]) -> dict[int, int]:
    """Open failed records per sync, from the counters of its jobs."""
    jobs = SyncJob.objects.filter(sync__in=list(syncs), failures_open__gt=0).order_by()
    return dict(jobs.values_list("sync").annotate(number=Sum("failures_open")))


def with_floor(syncs: SyncQuerySet) -> SyncQuerySet:
    """Each with the sync it follows, and the key of its fifteenth newest job, so that the jobs behind it are never read."""
    fifteenth = SyncJob.objects.filter(sync=OuterRef("pk")).order_by("-pk").values("pk")[TICKS - 1 : TICKS]
    return syncs.select_related("after").defer(*encrypted("")).annotate(floor=Coalesce(Subquery(fifteenth), 0))


def _last_jobs(syncs: Sequence[Sync]) -> dict[int, list[SyncJob]]:
    """The last fifteen jobs of each sync (as `with_floor` gives them), oldest first."""
    found: dict[int, list[SyncJob]] = defaultdict(list)
    active = {job.pk: job for job in SyncJob.objects.active().filter(sync__in=syncs).defer("cursor", "guard")}
    for start in range(0, len(syncs), AT_ONCE):
        wanted = reduce(or_, (Q(sync=sync.pk, pk__gte=vars(sync)["floor"]) for sync in syncs[start : start + AT_ONCE]))
        for job in SyncJob.objects.filter(wanted).only(*TICK).order_by("pk"):
            found[job.sync_id].append(active.get(job.pk, job))
    return found
