"""The end of a job by a person's wish: what was sent stays, nothing is sent after it."""

from integrations.enums import FailureStatus, Kind
from integrations.models import FailedRecord
from integrations.orchestrator.state_machine import JobChange


def cancel(change: JobChange, reason: str) -> None:
    """Corrected records that were still to go out are back on the list, where a later job finds them."""
    retrying = FailedRecord.objects.filter(job=change.job, status=FailureStatus.RETRYING)
    count = retrying.update(status=FailureStatus.OPEN, repair_batch=None)
    add = {"failures_open": count, "failures_retrying": -count} if count else {}
    change.append(Kind.JOB_CANCELLED, code="cancelled", reason=reason, add=add)
