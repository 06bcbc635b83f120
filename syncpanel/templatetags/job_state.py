"""Template tag: how a job is, as a pill that knows more than the status word."""

from django import template
from django.utils.safestring import SafeString

from integrations.enums import Stage, Status
from integrations.models import SyncJob
from syncpanel.templatetags.ui import pill, status_pill
from syncpanel.templatetags.words import count

register = template.Library()


@register.simple_tag
def job_pill(job: SyncJob, quiet: bool = False) -> SafeString:
    """A job's status as a pill; a wish to stop, a release to give and people to fix are said."""
    if job.status == Status.WAITING and job.stage == Stage.APPROVING:
        return pill("warn", "Held for release", quiet)
    return status_pill(job.status, word_of(job), quiet)


def word_of(job: SyncJob) -> str:
    """What is known beyond the status; empty when nothing is."""
    if job.status == Status.RUNNING and job.cancel_requested:
        return "Cancelling"
    if job.status == Status.RUNNING and job.pause_requested:
        return "Pausing"
    if job.status == Status.PARTIAL and job.failures_open:
        return f"{count(job.failures_open)} to fix"
    return ""
