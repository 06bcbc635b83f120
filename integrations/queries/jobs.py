"""Jobs for pages: the list, the live page, and the batches with the exact calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.enums import FINAL, BatchStatus, Kind, Stage, Status
from integrations.models import Batch, Event, Sync, SyncJob
from integrations.queries.ends import End, destination_of, encrypted, source_of
from integrations.queries.forecast import Band, Sample, speed, time_left, usual
from integrations.queries.reasons import Reason, reasons_of_job

PAGE = 50
PAST = 20
SHOWN_PAST = 12
LATEST = 80
SHOWN_EVENTS = 25
VERSION_COLUMNS = ("version", "sync__source__state", "sync__destination__state", "sync__is_enabled")
COUNTED = {
    Stage.FETCHING: "fetched",
    Stage.MAPPING: "pages_mapped",
    Stage.VALIDATING: "pages_validated",
    Stage.UPLOADING: "sent",
}


@dataclass(frozen=True, slots=True)
class JobFilter:
    """What the list shows: one sync, one status, both or neither; jobs older than `before`."""

    sync: int | None = None
    status: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class JobRow:
    """One line of the list."""

    job: SyncJob
    source: End
    destination: End


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of jobs, newest first; `older` is the `before` of the next page, None at the end."""

    rows: tuple[JobRow, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class PastJob:
    """How long one job of a sync took, or has taken so far."""

    pk: int
    status: str
    started_at: datetime
    took: timedelta


@dataclass(frozen=True, slots=True)
class Doubt:
    """The batch of which nobody knows whether it arrived: its number, and how many records are in it."""

    number: int
    count: int


@dataclass(frozen=True, slots=True)
class LiveJob:
    """All that the live page shows of one job. `version` changes whenever any of it may have changed."""

    job: SyncJob
    version: str
    source: End
    destination: End
    reasons: tuple[Reason, ...]
    events: tuple[Event, ...]
    past: tuple[PastJob, ...]
    usual: Band | None
    took: timedelta
    per_second: float
    left: timedelta | None
    doubt: Doubt | None = None

    @property
    def is_final(self) -> bool:
        """True when nothing more will happen by itself."""
        return self.job.status in FINAL and not self.job.failures_retrying


def list_jobs(asked: JobFilter) -> JobPage:
    """One page of the list: one query, whatever the number of jobs."""
    jobs = SyncJob.objects.select_related("sync__source", "sync__destination").order_by("-pk")
    jobs = jobs.defer("cursor", "guard", *encrypted("sync__"))
    if asked.sync:
        jobs = jobs.filter(sync=asked.sync)
    if asked.status:
        jobs = jobs.filter(status=asked.status)
    if asked.before:
        jobs = jobs.filter(pk__lt=asked.before)
    found = list(jobs[: PAGE + 1])
    rows = tuple(JobRow(job, source_of(job.sync), destination_of(job.sync)) for job in found[:PAGE])
    return JobPage(rows, found[PAGE - 1].pk if len(found) > PAGE else None)


def sync_names() -> Sequence[tuple[int, str]]:
    """Key and name of every sync, for filters."""
    return tuple(Sync.objects.order_by("name").values_list("pk", "name"))


def load_job(pk: int) -> SyncJob:
    """The job with all that its page names, in one query. SyncJob.DoesNotExist when there is none."""
    related = ("sync__source", "sync__destination", "mapping_version__mapping")
    return SyncJob.objects.select_related(*related).defer("cursor", *encrypted("sync__")).get(pk=pk)


def live_job(job: SyncJob, now: datetime, *, everything: bool = False) -> LiveJob:
    """The live page of a loaded job: five more queries, whatever its size; one more when a batch is in doubt."""
    latest = _latest_events(job)
    past = past_jobs(job.sync_id, now, up_to=job.pk)
    per_second = pace(job, latest, now)
    return LiveJob(
        job=job,
        version=version_text(job.version, job.sync.source.state, job.sync.destination.state, job.sync.is_enabled),
        source=source_of(job.sync),
        destination=destination_of(job.sync),
        reasons=reasons_of_job(job.pk),
        events=latest[:SHOWN_EVENTS] if everything else _with_upload(important_events(job), latest),
        past=past[-SHOWN_PAST:],
        usual=usual_of([p for p in past if p.pk != job.pk]),
        took=took_of(job, now),
        per_second=per_second,
        left=time_left(units_left(job), per_second),
        doubt=_doubt(job),
    )


def _doubt(job: SyncJob) -> Doubt | None:
    if job.status != Status.STUCK or job.reason_code != "in_doubt":
        return None
    sending = Batch.objects.filter(job=job.pk, status=BatchStatus.SENDING).order_by("number")
    found = sending.values_list("number", "count").first()
    return Doubt(*found) if found else None


def important_events(job: SyncJob, before: int | None = None, limit: int = 30) -> tuple[Event, ...]:
    """The events that mark a change, newest first: without those of every page and batch."""
    events = Event.objects.marks().filter(stream=job.stream)
    if before:
        events = events.filter(version__lt=before)
    return tuple(events.order_by("-version")[:limit])


def all_events(job: SyncJob, before: int | None = None, limit: int = PAGE) -> tuple[Event, ...]:
    """Every event, newest first."""
    events = Event.objects.filter(stream=job.stream)
    if before:
        events = events.filter(version__lt=before)
    return tuple(events.order_by("-version")[:limit])


def pace(job: SyncJob, latest: Sequence[Event], now: datetime) -> float:
    """How much a second a running job does of what its stage counts, from its latest events, newest first."""
    if job.status != Status.RUNNING:
        return 0.0
    since = _went_on(job, latest)
    if latest and latest[-1].version > 1:
        # A quick job writes ten events a second: these reach back a few seconds, and what was before is not at hand.
        since, latest = max(since, latest[-1].at), latest[:-1]
    return speed(samples(latest, job.stage), since, now)


def samples(events: Sequence[Event], stage: str) -> list[Sample]:
    """What these events added to the number the stage counts: people, or pages."""
    counter = COUNTED.get(Stage(stage), "")
    counts = ((event.at, event.data.get("add", {}).get(counter, 0)) for event in events)
    return [Sample(at, count) for at, count in counts if count]


def units_left(job: SyncJob) -> int:
    """How many people or pages the present stage still has to do, as far as is known."""
    left = {
        Stage.FETCHING: (job.expected or 0) - job.fetched,
        Stage.MAPPING: job.pages - job.pages_mapped,
        Stage.VALIDATING: job.pages - job.pages_validated,
        Stage.UPLOADING: job.planned - job.sent,
    }
    return max(0, left.get(Stage(job.stage), 0))


def past_jobs(sync: int, now: datetime, up_to: int | None = None, limit: int = PAST) -> tuple[PastJob, ...]:
    """The last jobs of a sync that were started, oldest first, in one query. `up_to` is the newest that counts."""
    jobs = SyncJob.objects.filter(sync=sync, started_at__isnull=False).order_by("-pk")
    if up_to:
        jobs = jobs.filter(pk__lte=up_to)
    fields = ("pk", "status", "stage_started_at", "started_at", "finished_at", "last_progress_at")
    return tuple(
        PastJob(job.pk, job.status, job.started_at, took_of(job, now))
        for job in reversed(jobs.only(*fields)[:limit])
        if job.started_at
    )


def usual_of(past: Sequence[PastJob]) -> Band | None:
    """How long those that went through usually took; None while there are too few."""
    return usual([job.took for job in past if job.status in {Status.SUCCEEDED, Status.PARTIAL}])


def _with_upload(important: tuple[Event, ...], latest: Sequence[Event]) -> tuple[Event, ...]:
    """The newest upload on top, when it is the newest thing that happened: one of thousands, so that one sees it move."""
    upload = next((event for event in latest if event.kind == Kind.JOB_BATCHES_UPLOADED), None)
    is_newest = upload is not None and (not important or upload.version > important[0].version)
    return (upload, *important) if upload is not None and is_newest else important


def _latest_events(job: SyncJob) -> tuple[Event, ...]:
    newest = Event.objects.filter(stream=job.stream, version__gt=job.version - LATEST)
    return tuple(newest.order_by("-version")[:LATEST])


def version_text(version: int, source: str, destination: str, is_enabled: bool) -> str:
    return f"{version}.{source}.{destination}.{int(is_enabled)}"


def _went_on(job: SyncJob, latest: Sequence[Event]) -> datetime:
    """Since when the present stage has been worked on without a stop."""
    told = job.stage_started_at.get(job.stage)
    moments = [datetime.fromisoformat(told) if told else job.created_at]
    moments += [event.at for event in latest if event.kind in {Kind.JOB_STARTED, Kind.JOB_WOKEN}]
    return max(moments)


def took_of(job: SyncJob, now: datetime) -> timedelta:
    """From the start to the first time it was finished, so that a later repair does not make it longer; of a job that
    stands still, to the last progress it made."""
    if job.started_at is None:
        return timedelta(0)
    told = job.stage_started_at.get(Stage.FINISHED)
    ended = datetime.fromisoformat(told) if told else job.finished_at
    if ended is None and job.status in {Status.STUCK, Status.PAUSED}:
        ended = job.last_progress_at
    return max(timedelta(0), (ended or now) - job.started_at)
