"""How a sync is, in one word and one sentence."""

from typing import NamedTuple

from django.utils.html import format_html

from integrations.adapters.registry import capabilities
from integrations.enums import ReadMode, Stage, Status
from integrations.models import Sync, SyncJob
from integrations.orchestrator.stages.guards import INVALID_PERCENT
from integrations.orchestrator.sync_drafts import End
from integrations.queries.ends import End as ShownEnd
from integrations.queries.sync_list import STATES
from integrations.queries.syncs import SyncHealth
from syncpanel.templatetags.words import ago, clock, count
from syncpanel.words.departures import does
from syncpanel.words.jobs import stage_line
from syncpanel.words.sync_plan import condition_words
from syncpanel.words.timing import explain_timing

STATE_WORDS = {
    "failed": "Stopped or signed out",
    "warn": "To fix, to release, or late",
    "waiting": "Waiting",
    "running": "Running",
    "paused": "Off, paused or cancelled",
    "idle": "Queued or not run yet",
    "ok": "Healthy",
}
"""What each state of a sync is called in a filter."""
GUARD_WORDS = {"creates": "would be added", "updates": "would be changed", "blanks": "values would be emptied"}


class Look(NamedTuple):
    """A sync at a glance: colour word, word, icon when it is not the usual one, and one more fact."""

    state: str
    word: str
    when: object
    icon: str = ""


def look(health: SyncHealth) -> Look:
    """The most pressing thing about a sync; of one that goes both ways, about either direction."""
    own = _look(health)
    if health.partner is None:
        return own
    back = _look(health.partner)
    return back if STATES.index(back.state) < STATES.index(own.state) else own


def _look(health: SyncHealth) -> Look:
    if health.active:
        return _active(health.active)
    if health.connections_lost:
        return Look("failed", "Sign-in needed", "waits for you", "key")
    if not health.sync.is_enabled:
        return Look("paused", "Switched off", _last(health))
    if health.late:
        return Look("warn", "Did not start", format_html("expected {}", clock(health.late)), "clock")
    if health.to_fix:
        return Look("warn", f"{count(health.to_fix)} to fix", _last(health))
    return _quiet(health)


def _quiet(health: SyncHealth) -> Look:
    if health.latest is None:
        return Look("idle", "Not run yet", _next(health.sync))
    if health.latest.status == Status.CANCELLED:
        return Look("paused", "Cancelled", _last(health), "ban")
    return Look("ok", "Healthy", _last(health))


def _active(job: SyncJob) -> Look:
    where = stage_line(job).lower()
    if job.stage == Stage.APPROVING and job.status == Status.WAITING:
        return Look("warn", "Held for release", "waits for you")
    return {
        Status.STUCK: Look("failed", "Stopped", where),
        Status.PAUSED: Look("paused", "Paused", where),
        Status.WAITING: Look("waiting", "Waiting", where),
        Status.QUEUED: Look("idle", "Queued", "starts in a moment"),
    }.get(Status(job.status), Look("running", "Running", where))


def _last(health: SyncHealth) -> object:
    return ago(health.latest.finished_at) if health.latest else "not run yet"


def _next(sync: Sync) -> object:
    if sync.next_due_at and sync.is_enabled:
        return clock(sync.next_due_at)
    if sync.after:
        return f"after {sync.after.name}"
    return "as events come in" if sync.on_webhook and sync.is_enabled else "by hand only"


def guards(sync: Sync) -> list[str]:
    """When a job of the sync waits for a person before it sends, limit by limit."""
    told = [
        f"more than {count(sync.guards[name])} {words}" for name, words in GUARD_WORDS.items() if name in sync.guards
    ]
    if len(told) < len(GUARD_WORDS):
        told.append("the numbers are far from those of past jobs")
    return [*told, f"more than {sync.guards.get('invalid_percent', INVALID_PERCENT)} % cannot be sent"]


def sentence(sync: Sync, source: ShownEnd, destination: ShownEnd) -> str:
    """What the sync does: "Every hour, contacts changed in HubSpot go to Salesforce. Adds and updates, never deletes." """
    when = starts(sync)
    who = source.things
    who = (
        f"{who} changed in {source.label}" if sync.read_mode == ReadMode.INCREMENTAL else f"all {who} of {source.label}"
    )
    told = conditions(sync)
    whose = f" whose {' and whose '.join(told)}" if told else ""
    return f"{when}, {who}{whose} go to {destination.label}. {does(sync)}"


def starts(sync: Sync) -> str:
    """What starts it, as the beginning of a sentence."""
    has_timing = sync.every_minutes or sync.cron or sync.after or sync.on_webhook
    return explain_timing(sync) if has_timing else "Whenever it is started"


def conditions(sync: Sync) -> list[str]:
    """Who is included, each condition as the end of a sentence: "country is Spain"."""
    if not sync.conditions:
        return []
    return condition_words(
        sync.conditions, End(sync.source, capabilities(sync.source.platform).object(sync.source_object))
    )
