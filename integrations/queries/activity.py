"""The activity log: events of all streams, newest first, with the names of what they are about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from integrations.enums import STEPS, Kind
from integrations.models import Connection, Event, Mapping, Sync, SyncJob
from integrations.queries.sentences import detail, look, predicate

PAGE = 50
SUBJECTS = {
    "job": "Jobs",
    "sync": "Syncs",
    "mapping": "Mappings",
    "connection": "Connections",
    "people": "Looks at people",
    "settings": "Settings",
}
NOUNS = {
    "job": "Job",
    "sync": "Sync",
    "mapping": "Mapping",
    "connection": "Connection",
    "people": "People",
    "settings": "The settings",
}
ENGINE = "-"
UNTOLD = STEPS | {Kind.JOB_FETCHED, Kind.JOB_MAPPED, Kind.JOB_VALIDATED, Kind.JOB_REOPENED}
"""What a job's own page tells, and this one does not."""


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """What is asked for: one subject of SUBJECTS, one actor (ENGINE = nobody, the engine itself), some streams only, older
    than `before`."""

    subject: str = ""
    actor: str = ""
    before: int | None = None
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the page shows it. `key` is the primary key of what `subject` names, 0 where it has no page."""

    pk: int
    at: datetime
    actor: str
    subject: str
    key: int
    name: str
    predicate: str
    detail: str
    state: str
    icon: str


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """One page, newest first; `older` is the `before` of the next, None at the end."""

    lines: tuple[Line, ...]
    older: int | None


def list_activity(asked: ActivityFilter) -> ActivityPage:
    """One page: two queries for the events (their keys, from an index alone; their rows) and one per subject for the
    names, whatever their number."""
    keys = Event.objects.marks().filter(kind__in=_kinds(asked.subject)).order_by("-pk").values_list("pk", flat=True)
    if asked.actor:
        keys = keys.filter(actor="" if asked.actor == ENGINE else asked.actor)
    if asked.streams:
        keys = keys.filter(stream__in=asked.streams)
    if asked.before:
        keys = keys.filter(pk__lt=asked.before)
    found = list(Event.objects.filter(pk__in=list(keys[: PAGE + 1])).order_by("-pk"))
    shown = found[:PAGE]
    names = _names(event.stream for event in shown)
    return ActivityPage(tuple(_line(event, names) for event in shown), shown[-1].pk if len(found) > PAGE else None)


def _kinds(subject: str) -> list[str]:
    return [kind for kind in Kind if kind not in UNTOLD and kind.startswith(f"{subject}." if subject else "")]


def _line(event: Event, names: dict[str, str]) -> Line:
    subject, key = _split(event.stream)
    name = names.get(event.stream, "")
    seen = look(event.kind)
    return Line(
        pk=event.pk,
        at=event.at,
        actor=event.actor,
        subject=subject,
        key=key if name else 0,
        name=name or f"{NOUNS.get(subject, subject)} {event.data.get('name') or key or ''}".strip(),
        predicate=predicate(event.kind, event.data),
        detail=detail(event.kind, event.data),
        state=seen.state,
        icon=seen.icon,
    )


def _split(stream: str) -> tuple[str, int]:
    subject, _, key = stream.partition(":")
    return subject, int(key) if key.isdigit() else 0


def _names(streams: Iterable[str]) -> dict[str, str]:
    """Stream → name on screen, for those that still exist."""
    keys: dict[str, set[int]] = {subject: set() for subject in SUBJECTS}
    for subject, key in map(_split, streams):
        keys.setdefault(subject, set()).add(key)
    jobs = SyncJob.objects.filter(pk__in=keys["job"]).values_list("pk", "sync__name")
    names = {f"job:{pk}": f"Job {pk:,} of {sync}" for pk, sync in jobs}
    for subject, model in (("sync", Sync), ("mapping", Mapping), ("connection", Connection)):
        named = model._default_manager.filter(pk__in=keys[subject]).values_list("pk", "name")
        names |= {f"{subject}:{pk}": f"{NOUNS[subject]} {name}" for pk, name in named}
    return names
