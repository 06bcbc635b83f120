"""Four figures about a job: speed, time so far, time left, the end."""

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from integrations.enums import FINAL, Stage, Status
from integrations.queries.jobs import LiveJob
from syncpanel.templatetags.words import about, clock, count, duration, noun_for


class Fact(NamedTuple):
    """One figure beside the progress."""

    name: str
    value: object
    note: object


def facts(live: LiveJob, now: datetime) -> list[Fact]:
    """Four figures: speed, time so far, time left, the end."""
    job = live.job
    if job.status in FINAL:
        return _final_facts(live)
    since = f"since {_hour(job.started_at)}" if job.started_at else "not started yet"
    so_far = Fact("Time so far", duration(live.took), since)
    if job.status != Status.RUNNING:
        return [Fact("Speed", "0 a second", STATUS_NOTES.get(job.status, "")), so_far, *_still(live)]
    return [Fact("Speed", speed_words(live), "in the last 30 seconds"), so_far, *_ahead(live, now)]


STATUS_NOTES: dict[str, str] = {
    Status.QUEUED: "about to go on",
    Status.WAITING: "waiting",
    Status.PAUSED: "paused",
    Status.STUCK: "stopped",
}


def speed_words(live: LiveJob) -> str:
    """How many records a second, whatever the stage counts in."""
    per_second = live.per_second
    if live.job.stage in {Stage.MAPPING, Stage.VALIDATING} and live.job.pages:
        per_second *= live.job.fetched / live.job.pages
    return f"{count(per_second)} a second" if per_second >= 10 or not per_second else f"{per_second:.1f} a second"


def _ahead(live: LiveJob, now: datetime) -> list[Fact]:
    if live.left is None or (live.job.stage == Stage.FETCHING and not live.job.expected):
        return [Fact("Time left", "not known yet", ""), _usual_end(live)]
    words = about(live.left.total_seconds())
    if live.job.stage != Stage.UPLOADING:
        return [Fact("Time left", words, "in this step"), _usual_end(live)]
    return [
        Fact("Time left", words, "at this speed"),
        Fact("Should finish", clock(now + live.left), usual_end_words(live)),
    ]


def _usual_end(live: LiveJob) -> Fact:
    if live.usual is None or live.job.started_at is None:
        return Fact("Should finish", "not known yet", "")
    return Fact("Should finish", clock(live.job.started_at + live.usual.middle), "going by earlier jobs")


def usual_end_words(live: LiveJob) -> str:
    """When jobs of this sync are usually done, counted from this one's start."""
    if live.usual is None or live.job.started_at is None:
        return ""
    return f"usually by {_hour(live.job.started_at + live.usual.high)}"


def _still(live: LiveJob) -> list[Fact]:
    job = live.job
    left = max(0, job.planned - job.sent)
    if job.stage in {Stage.UPLOADING, Stage.APPROVING}:
        sent = Fact("Already sent", count(job.sent), noun_for(job.sent, (live.source.one, live.source.many)))
        return [Fact("Still to send", count(left), noun_for(left, (live.source.one, live.source.many))), sent]
    return [Fact("Fetched", count(job.fetched), live.source.many), Fact("Already sent", "0", "nothing yet")]


def _final_facts(live: LiveJob) -> list[Fact]:
    job = live.job
    average = job.sent / max(live.took.total_seconds(), 1)
    return [
        Fact("Took", duration(live.took), "from start to end"),
        Fact("Average speed", f"{count(average)} a second", "over the whole job"),
        Fact("Started", clock(job.started_at) or "never", ""),
        Fact("Ended", clock(job.finished_at), ""),
    ]


def _hour(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%H:%M}" if moment else ""
