"""The card above the steps of a job that is not simply running: what happened, what is safe, what to do now."""

from dataclasses import dataclass

from django.urls import reverse

from integrations.adapters.registry import capabilities
from integrations.enums import ConnectionState, Stage, Status
from integrations.models import Connection, SyncJob
from integrations.orchestrator.commands import is_webhook_only
from integrations.orchestrator.retries import MAX_ATTEMPTS
from integrations.queries.ends import End
from integrations.queries.jobs import Doubt, LiveJob
from syncpanel.templatetags.words import about, clock, count, duration, noun_for
from syncpanel.words.departures import is_over_the_cap, outcome, question


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do before or by pressing the button."""

    text: str
    note: str = ""
    is_done: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """A big button: which URL name it posts to, or which address it leads to. `answer` goes along with the post, as
    `field`.

    `question` is asked first, of what cannot be undone; `yes` is the word on the button that does it.
    """

    label: str
    icon: str
    name: str = ""
    url: str = ""
    css: str = "main big"
    answer: str = ""
    field: str = "in_doubt"
    question: str = ""
    yes: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What the card says. `since` is a moment in HTML, shown behind the text."""

    state: str
    title: str
    text: str
    todos: tuple[Todo, ...] = ()
    lines: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
    note: str = ""
    until: object = ""


def card(live: LiveJob) -> Card | None:
    """The card of a job, or None while it runs, or is about to."""
    job = live.job
    if job.status == Status.WAITING and job.stage == Stage.APPROVING:
        return _held(live)
    if job.status == Status.STUCK and live.doubt is not None:
        return _in_doubt(live, live.doubt)
    makers = {
        Status.STUCK: _stopped,
        Status.PAUSED: _paused,
        Status.WAITING: _waiting,
        Status.SUCCEEDED: _finished,
        Status.PARTIAL: _finished,
        Status.CANCELLED: _cancelled,
    }
    maker = makers.get(Status(job.status))
    return maker(live) if maker else None


def where(job: SyncJob) -> str:
    """The checkpoint in words: "batch 213", "page 12"."""
    if job.stage == Stage.UPLOADING:
        return f"batch {count(min(job.batches_done + 1, max(job.batches, 1)))}"
    if job.stage == Stage.FETCHING:
        return f"page {count(job.pages + 1)}"
    done = job.pages_mapped if job.stage == Stage.MAPPING else job.pages_validated
    return f"page {count(min(done + 1, max(job.pages, 1)))}"


def _where_of(job: SyncJob) -> str:
    total = job.batches if job.stage == Stage.UPLOADING else job.pages
    return where(job) if job.stage == Stage.FETCHING else f"{where(job)} of {count(max(total, 1))}"


def _resume(job: SyncJob, word: str = "Resume") -> Act:
    return Act(f"{word} from {where(job)}", "player-play", "job-resume")


def _stopped(live: LiveJob) -> Card:
    job = live.job
    return Card(
        state="failed",
        title=f"Stopped at {_where_of(job)}. Nothing is lost.",
        text=f"{_sentence(job.reason)} {_safe(live)}",
        todos=(*_repairs(live), Todo("Resume the job", _left(live))),
        acts=(_resume(job),),
        note="Until then this sync starts no new job.",
    )


def _in_doubt(live: LiveJob, doubt: Doubt) -> Card:
    """The two answers only a person can give; nothing is guessed."""
    platform, name = live.destination.label, f"batch {count(doubt.number)}"
    people = f"{count(doubt.count)} {noun_for(doubt.count, _noun(live))}"
    url = reverse("batch-detail", args=[live.job.pk, doubt.number])
    return Card(
        state="failed",
        title=f"Stopped: did {name} arrive at {platform}?",
        text=f"It holds {people}. It was sent, and the answer never came back. {platform} cannot recognise a repetition, "
        "so sending it again would add everyone in it twice. We do not guess: nothing is sent until you say what happened.",
        todos=(
            Todo(f"Open {name}", "and pick two or three of its people", url=url),
            Todo(f"Look for them in {platform}", "they arrived together, or not at all"),
            Todo("Say here what you found", "the job goes on from there"),
        ),
        acts=(
            Act(
                "They are there: go on",
                "check",
                "job-resume",
                answer="arrived",
                question=f"Count {name} as arrived? If it is not, its {people} stay missing in {platform} until they change.",
                yes="They are there",
            ),
            Act(
                "They are not there: send again",
                "send",
                "job-resume",
                css="big",
                answer="again",
                question=f"Send {name} again? If it did arrive, its {people} are in {platform} twice.",
                yes="Send it again",
            ),
        ),
        note="Until then this sync starts no new job.",
    )


def _repairs(live: LiveJob) -> list[Todo]:
    """What has to be mended first, as far as the connections tell."""
    sync = live.job.sync
    todos = [_reconnect(c, e) for c, e in ((sync.source, live.source), (sync.destination, live.destination))]
    wanted = [todo for todo in todos if todo and not todo.is_done]
    if wanted or live.job.reason_code != "sign_in":
        return wanted
    end = live.source if live.job.stage == Stage.FETCHING else live.destination
    return [Todo(f"Reconnect {end.label}", "done", is_done=True)]


def _reconnect(connection: Connection, end: End) -> Todo | None:
    if connection.state != ConnectionState.SIGN_IN_NEEDED:
        return None
    return Todo(
        f"Reconnect {end.label}", "it needs a new sign-in", url=reverse("connection-edit", args=[connection.pk])
    )


def _left(live: LiveJob) -> str:
    """What resuming still has to do, and how long that usually takes."""
    job = live.job
    left = max(0, job.planned - job.sent)
    if job.stage != Stage.UPLOADING or not left:
        return "it goes on where it was"
    said = f"{count(left)} {noun_for(left, _noun(live))} left"
    if live.usual is None or not job.planned:
        return said
    share = left / max(job.planned, 1)
    return f"{said}, {about(live.usual.middle.total_seconds() * share)} at the usual speed"


def _safe(live: LiveJob) -> str:
    """What is safe: who was sent already, and that nobody is sent twice."""
    job = live.job
    if not job.sent:
        return f"Nothing was sent to {live.destination.label} yet."
    arrived = job.created + job.updated
    return (
        f"The {count(arrived)} {noun_for(arrived, _noun(live))} already sent stay in {live.destination.label}, "
        "and nobody will be sent twice."
    )


def _paused(live: LiveJob) -> Card:
    job = live.job
    return Card("paused", f"Paused at {_where_of(job)}.", _safe(live), acts=(_resume(job),), note=_left(live))


def _waiting(live: LiveJob) -> Card:
    job = live.job
    end = live.source if job.stage == Stage.FETCHING else live.destination
    attempt = f"Attempt {job.attempts + 1} of {MAX_ATTEMPTS}. " if job.attempts else ""
    return Card(
        "waiting",
        f"Waiting for {end.label}.",
        f"{_sentence(job.reason)} {attempt}Nothing is lost, and nothing for you to do.".strip(),
        acts=(Act("Try now", "refresh", "job-resume", css=""),),
        until=clock(job.wait_until),
    )


def _held(live: LiveJob) -> Card:
    job = live.job
    lines = tuple(str(item.get("sentence", "")) for item in job.guard.get("tripped", ()))
    ready = f"{count(job.planned)} {noun_for(job.planned, _noun(live))}"
    return Card(
        state="warn",
        title="Held before sending: the numbers are unusual.",
        text=f"{ready} are ready for {live.destination.label}. Nothing was sent yet. Have a look, then decide.",
        lines=lines or (_sentence(job.reason),),
        acts=_releases(live),
        note="or cancel the job: then nothing is sent",
    )


def _releases(live: LiveJob) -> tuple[Act, ...]:
    """More left than may at once: that is allowed for this job, or they stay as they are and everybody else goes on."""
    job = live.job
    if not is_over_the_cap(job):
        return (Act("Release and send", "player-play", "job-release"),)
    asked = question(job, _noun(live), live.destination)
    return (
        Act("Allow it this once", "player-play", "job-release", question=asked, yes="Allow it"),
        Act("Go on, but leave them", "shield-check", "job-release", css="big", answer="spare", field="departed"),
    )


def _finished(live: LiveJob) -> Card:
    job = live.job
    arrived = job.created + job.updated
    waiting = job.failures_open
    title = f"{count(arrived)} {noun_for(arrived, _noun(live))} sent in {duration(live.took)}"
    if not job.planned:
        title = "Nothing waited" if not job.fetched and is_webhook_only(job.sync) else "Nothing had to be sent"
    title = f"{title}, {count(waiting)} to fix." if waiting else f"{title}."
    fix = Act(f"Fix these {count(waiting)}", "tool", url=f"{reverse('failure-list')}?job={job.pk}")
    return Card("warn" if waiting else "ok", title, _outcome(live), acts=(fix,) if waiting else ())


def _outcome(live: LiveJob) -> str:
    job = live.job
    is_told = _confirms(live)
    parts = [f"{count(job.created)} added", f"{count(job.updated)} updated"]
    parts = parts if is_told else [f"{count(job.created + job.updated)} taken"]
    if job.unchanged:
        parts.append(f"{count(job.unchanged)} unchanged")
    if job.failures_retrying:
        parts.append(f"{count(job.failures_retrying)} fixed and going out")
    if left := outcome(job):
        parts.append(left)
    more = "" if is_told else f" {live.destination.label} does not say what becomes of them there."
    return f"{live.destination.label}: {', '.join(parts)}.{more}"


def _confirms(live: LiveJob) -> bool:
    """Does the destination say of each record what became of it?"""
    try:
        return capabilities(live.destination.platform).object(live.destination.object_name).confirms_writes
    except KeyError:
        return True


def _cancelled(live: LiveJob) -> Card:
    return Card("paused", "Cancelled.", _safe(live), note="The next job of this sync starts from the beginning.")


def _sentence(reason: str) -> str:
    """The reason with a full stop."""
    reason = reason.strip()
    return reason if not reason or reason.endswith((".", "!", "?")) else f"{reason}."


def _noun(live: LiveJob) -> tuple[str, str]:
    return live.source.one, live.source.many
