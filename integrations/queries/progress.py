"""How far a job is, as a percentage and a sentence. Pure: from the job's row alone."""

from dataclasses import dataclass

from integrations.enums import Stage, Status
from integrations.models import SyncJob


@dataclass(frozen=True, slots=True)
class Progress:
    """`percent` is of the present stage (0..100); `sentence` says where the job is ("Uploading batch 118 of 235")."""

    percent: float
    sentence: str


def progress_of(job: SyncJob) -> Progress:
    """Where the job is."""
    percent, doing = _doing(job)
    match job.status:
        case Status.SUCCEEDED | Status.PARTIAL:
            return Progress(100.0, f"{Status(job.status).label}: {job.sent:,} sent, {job.failures_open:,} to fix")
        case Status.CANCELLED:
            return Progress(percent, f"Cancelled while {doing[:1].lower()}{doing[1:]}")
        case Status.STUCK:
            return Progress(percent, f"Stopped while {doing[:1].lower()}{doing[1:]}: {job.reason}")
        case Status.PAUSED | Status.WAITING:
            return Progress(percent, f"{Status(job.status).label} ({doing[:1].lower()}{doing[1:]}): {job.reason}")
        case Status.QUEUED:
            return Progress(percent, f"Queued ({doing[:1].lower()}{doing[1:]})")
        case _:
            return Progress(percent, doing)


def _doing(job: SyncJob) -> tuple[float, str]:
    match job.stage:
        case Stage.FETCHING:
            of = f" of about {job.expected:,}" if job.expected else ""
            return _percent(job.fetched, job.expected or 0), f"Fetching, {job.fetched:,}{of}"
        case Stage.MAPPING:
            return _percent(job.pages_mapped, job.pages), f"Mapping fields, page {job.pages_mapped:,} of {job.pages:,}"
        case Stage.VALIDATING:
            done = f"page {job.pages_validated:,} of {job.pages:,}"
            return _percent(job.pages_validated, job.pages), f"Validating records, {done}"
        case Stage.APPROVING:
            return 0.0, "Waiting for release"
        case Stage.UPLOADING:
            at = min(job.batches_done + 1, job.batches)
            return _percent(job.batches_done, job.batches), f"Uploading batch {at:,} of {job.batches:,}"
        case _:
            return 100.0, "Done"


def _percent(done: int, of: int) -> float:
    return min(100.0, done * 100 / of) if of else 0.0
