"""A job's events in plain words, newest first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from integrations.enums import Kind, Trigger
from integrations.models import Event, SyncJob
from integrations.queries.ends import End
from syncpanel.templatetags.words import count, noun_for
from syncpanel.words.departures import outcome
from syncpanel.words.people import short


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the timeline: one sentence and one grey line."""

    at: datetime
    state: str
    icon: str
    title: str
    note: object = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the words are about: the job and its two ends."""

    job: SyncJob
    source: End
    destination: End

    def people(self, number: int) -> str:
        """1 → "1 person", 35 → "35 people"."""
        return f"{count(number)} {noun_for(number, (self.source.one, self.source.many))}"


Words = tuple[str, str, str, object]
Teller = Callable[[Scene, Event], Words]


def timeline(scene: Scene, events: Iterable[Event]) -> list[Line]:
    """The events as lines. The same wait many times in a row is one line that says how often."""
    lines: list[Line] = []
    waits = 0
    previous: Event | None = None
    for event in events:
        if previous is not None and _is_same_wait(previous, event):
            waits += 1
            lines[-1] = _times(lines[-1], waits + 1)
        else:
            waits = 0
            lines.append(line(scene, event))
        previous = event
    return lines


def line(scene: Scene, event: Event) -> Line:
    """One event in words."""
    teller = TELLERS.get(Kind(event.kind))
    state, icon, title, note = (
        teller(scene, event) if teller else ("idle", "info-circle", str(Kind(event.kind).label), "")
    )
    return Line(event.at, state, icon, title, note)


def _is_same_wait(newer: Event, older: Event) -> bool:
    waits = newer.kind == older.kind == Kind.JOB_WAITING
    return waits and newer.data.get("code") == older.data.get("code")


def _times(last: Line, times: int) -> Line:
    return Line(last.at, last.state, last.icon, f"{last.title.split(' · ')[0]} · {times} times", last.note)


def _by(event: Event, done: str) -> str:
    """ "Paused by dana" — or only "Paused" when the engine did it."""
    return f"{done} by {short(event.actor)}" if event.actor else done


def _add(event: Event, name: str) -> int:
    added: dict[str, Any] = event.data.get("add", {})
    return int(added.get(name, 0))


def _created(scene: Scene, event: Event) -> Words:
    how = f"by {short(event.actor)}" if event.actor else str(Trigger(scene.job.trigger).label)
    return "idle", "player-play", "Job started", how


def _fetched(scene: Scene, _event: Event) -> Words:
    told = f"{scene.people(scene.job.fetched)} came from {scene.source.label}"
    return "ok", "circle-check", "Fetching finished", told


def _mapped(scene: Scene, _event: Event) -> Words:
    version = scene.job.mapping_version
    left_out = f", {scene.people(scene.job.left_out)} left out" if scene.job.left_out else ""
    return "ok", "circle-check", "Mapping finished", f"{version.mapping.name}, version {version.number}{left_out}"


def _validated(scene: Scene, _event: Event) -> Words:
    job = scene.job
    told = f"{scene.people(job.planned)} {_are(job.planned)} ready."
    if job.invalid:
        told += f" {count(job.invalid)} set aside because something is missing or not valid."
    return "ok", "circle-check", "Validating finished", told


def _departures(scene: Scene, event: Event) -> Words:
    if event.data.get("skipped"):
        told = f"{scene.source.label} gave out fewer than it says it has, so nobody counts as gone."
        return "warn", "alert-triangle", "Nobody can tell who left", told
    number = _add(event, "departed")
    return "warn", "archive", f"{scene.people(number)} left {scene.source.label}", "Dealt with after everybody else"


def _released(scene: Scene, event: Event) -> Words:
    spared = int(event.data.get("spared", 0))
    note = f"{scene.people(spared)} who left {'stays' if spared == 1 else 'stay'} as they are" if spared else ""
    return "running", "player-play", _by(event, "Released"), note


def _superseded(scene: Scene, event: Event) -> Words:
    people = scene.people(int(event.data.get("count", 0)))
    if event.data.get("decided"):
        return "ok", "check", _by(event, f"{people} decided"), "Both directions look at them anew."
    return "idle", "arrow-right", _by(event, f"{people} taken over by a later job"), ""


def _page(scene: Scene, event: Event) -> Words:
    """A page; of a small job also of whom it was told and who is not there."""
    told = scene.people(_add(event, "fetched"))
    if gone := int(event.data.get("departed", 0)):
        told += f", {count(gone)} deleted or combined there"
    if missing := int(event.data.get("missing", 0)):
        told += f", {count(missing)} not found"
    return "running", "download", "Fetched", told


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _uploaded(scene: Scene, event: Event) -> Words:
    numbers = event.data.get("numbers", [])
    name = f"Batch {count(max(numbers))} sent" if len(numbers) == 1 else f"{count(len(numbers))} batches sent"
    refused = _add(event, "rejected")
    told = f"{scene.people(_add(event, 'created') + _add(event, 'updated'))} arrived in {scene.destination.label}"
    return "running", "cloud-upload", name, f"{told}, {count(refused)} refused" if refused else told


def _waiting(_scene: Scene, event: Event) -> Words:
    until = event.data.get("until")
    note = f"Tries again at {_hour(until)}" if until else ""
    return "waiting", "hourglass", str(event.data.get("reason") or "Waiting"), note


def _hour(moment: str) -> str:
    return f"{timezone.localtime(datetime.fromisoformat(moment)):%H:%M:%S}"


def _stuck(_scene: Scene, event: Event) -> Words:
    return "failed", "circle-x", "The job stopped", str(event.data.get("reason") or "")


def _held(_scene: Scene, event: Event) -> Words:
    return "warn", "alert-triangle", "Held before sending", str(event.data.get("reason") or "")


def _cancelled(scene: Scene, event: Event) -> Words:
    sent = scene.job.created + scene.job.updated
    return (
        "paused",
        "ban",
        _by(event, "Cancelled"),
        f"{scene.people(sent)} sent until then stay in {scene.destination.label}",
    )


def _finished(scene: Scene, _event: Event) -> Words:
    job = scene.job
    told = f"{scene.people(job.created + job.updated)} sent"
    if left := outcome(job):
        told += f", {left}"
    return (
        "ok",
        "circle-check",
        "Job finished",
        f"{told}, {count(job.failures_open)} to fix" if job.failures_open else told,
    )


def _people(title: str, state: str, icon: str, name: str = "count") -> Teller:
    """A sentence about so many people: "{people} sent again, asked for by dana"."""

    def tell(scene: Scene, event: Event) -> Words:
        number = int(event.data.get(name, 0))
        return state, icon, _by(event, title.format(people=scene.people(number))), ""

    return tell


def _plain(state: str, icon: str, title: str, note: str = "") -> Teller:
    def tell(_scene: Scene, event: Event) -> Words:
        return state, icon, _by(event, title), note

    return tell


def _split(_scene: Scene, event: Event) -> Words:
    if event.data.get("code") == "timeout":
        return "idle", "replace", "A batch took too long", "Halved: perhaps it was too much at a time."
    return "idle", "replace", "A batch was refused whole", "Halved, to find the one record the trouble is with."


def _counted(state: str, icon: str, title: str, counter: str, unit: str = "") -> Teller:
    """A step of every page or batch: how many more."""

    def tell(scene: Scene, event: Event) -> Words:
        number = _add(event, counter)
        return state, icon, title, f"{count(number)} {unit}" if unit else scene.people(number)

    return tell


TELLERS: dict[Kind, Teller] = {
    Kind.JOB_CREATED: _created,
    Kind.JOB_STARTED: _plain("idle", "player-play", "A worker took the job"),
    Kind.JOB_PAGE_FETCHED: _page,
    Kind.JOB_FETCHED: _fetched,
    Kind.JOB_PAGES_MAPPED: _counted("running", "arrows-right-left", "Mapped", "pages_mapped", "pages"),
    Kind.JOB_MAPPED: _mapped,
    Kind.JOB_PAGES_VALIDATED: _counted("running", "list-check", "Checked", "pages_validated", "pages"),
    Kind.JOB_DEPARTURES_PLANNED: _departures,
    Kind.JOB_VALIDATED: _validated,
    Kind.JOB_HELD_FOR_RELEASE: _held,
    Kind.JOB_RELEASED: _released,
    Kind.JOB_BATCHES_UPLOADED: _uploaded,
    Kind.JOB_BATCH_SPLIT: _split,
    Kind.JOB_WAITING: _waiting,
    Kind.JOB_WOKEN: _plain("running", "refresh", "Goes on after the wait"),
    Kind.JOB_PAUSE_REQUESTED: _plain(
        "paused", "player-pause", "Pause asked for", "The batch under way is finished first."
    ),
    Kind.JOB_PAUSED: _plain("paused", "player-pause", "Paused"),
    Kind.JOB_STUCK: _stuck,
    Kind.JOB_RESUMED: _plain("running", "player-play", "Resumed", "It goes on from where it was."),
    Kind.JOB_CANCEL_REQUESTED: _plain(
        "paused", "ban", "Cancelling asked for", "The batch under way is finished first."
    ),
    Kind.JOB_CANCELLED: _cancelled,
    Kind.JOB_FINISHED: _finished,
    Kind.JOB_WORKER_LOST: _plain(
        "idle", "refresh", "A worker ended in the middle", "Another one carries on from the same place."
    ),
    Kind.JOB_RETRY_REQUESTED: _people("{people} to be sent again, asked for", "running", "send"),
    Kind.JOB_REOPENED: _plain("running", "player-play", "Opened again for corrected people"),
    Kind.JOB_REPAIRS_PREPARED: _plain("running", "tool", "Corrected people are on their way"),
    Kind.JOB_RETRY_WITHDRAWN: _people("{people} taken back before they were sent", "idle", "arrow-back-up"),
    Kind.JOB_RECORDS_DISMISSED: _people("{people} set aside", "idle", "archive"),
    Kind.JOB_RECORDS_RESTORED: _people("{people} put back on the Fix-it list", "idle", "arrow-back-up"),
    Kind.JOB_RECORDS_SUPERSEDED: _superseded,
}
