"""Events in plain words: what follows the name of the thing an event is about."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from integrations.enums import DriftKind, DuplicateVerdict, Kind, Trigger


class Words(NamedTuple):
    """How a kind of event looks and reads. `text` may name entries of the event's data."""

    state: str
    icon: str
    text: str


UNKNOWN = Words("idle", "circle-dashed", "changed")

WORDS: dict[str, Words] = {
    Kind.JOB_CREATED: Words("running", "player-play", "was started {by_trigger}"),
    Kind.JOB_STARTED: Words("running", "player-play", "began to work"),
    Kind.JOB_PAGE_FETCHED: Words("running", "download", "fetched a page"),
    Kind.JOB_FETCHED: Words("running", "download", "has fetched everyone"),
    Kind.JOB_PAGES_MAPPED: Words("running", "arrows-right-left", "mapped some pages"),
    Kind.JOB_MAPPED: Words("running", "arrows-right-left", "has mapped everyone"),
    Kind.JOB_PAGES_VALIDATED: Words("running", "list-check", "checked some pages"),
    Kind.JOB_DEPARTURES_PLANNED: Words("warn", "archive", "looked for those who left"),
    Kind.JOB_VALIDATED: Words("running", "list-check", "has checked everyone"),
    Kind.JOB_HELD_FOR_RELEASE: Words("warn", "shield-check", "waits for a person to release it"),
    Kind.JOB_RELEASED: Words("running", "shield-check", "was released"),
    Kind.JOB_BATCHES_UPLOADED: Words("running", "cloud-upload", "uploaded a batch"),
    Kind.JOB_BATCH_SPLIT: Words("warn", "replace", "halved a batch"),
    Kind.JOB_WAITING: Words("waiting", "hourglass", "waits"),
    Kind.JOB_WOKEN: Words("running", "player-play", "goes on after waiting"),
    Kind.JOB_PAUSE_REQUESTED: Words("paused", "player-pause", "was asked to pause"),
    Kind.JOB_PAUSED: Words("paused", "player-pause", "is paused"),
    Kind.JOB_STUCK: Words("failed", "circle-x", "stopped. Nothing is lost"),
    Kind.JOB_RESUMED: Words("running", "player-play", "was resumed"),
    Kind.JOB_CANCEL_REQUESTED: Words("paused", "ban", "was asked to end"),
    Kind.JOB_CANCELLED: Words("paused", "ban", "was cancelled"),
    Kind.JOB_FINISHED: Words("ok", "circle-check", "finished"),
    Kind.JOB_WORKER_LOST: Words("warn", "alert-triangle", "lost its worker and goes on with another"),
    Kind.JOB_RETRY_REQUESTED: Words("running", "rotate-clockwise", "sends {count} again"),
    Kind.JOB_REOPENED: Words("running", "rotate-clockwise", "was opened again for repairs"),
    Kind.JOB_REPAIRS_PREPARED: Words("running", "tool", "prepared repairs"),
    Kind.JOB_RETRY_WITHDRAWN: Words("idle", "arrow-back-up", "does not send {count} again after all"),
    Kind.JOB_RECORDS_DISMISSED: Words("paused", "archive", "has {count} set aside"),
    Kind.JOB_RECORDS_RESTORED: Words("warn", "arrow-back-up", "has {count} back on the Fix-it list"),
    Kind.JOB_RECORDS_SUPERSEDED: Words("ok", "check", "handed {count} over to a later job"),
    Kind.SYNC_CREATED: Words("ok", "plus", "was created"),
    Kind.SYNC_CHANGED: Words("idle", "pencil", "was changed"),
    Kind.SYNC_ENABLED: Words("ok", "player-play", "was switched on"),
    Kind.SYNC_DISABLED: Words("paused", "player-pause", "was switched off"),
    Kind.SYNC_SLOT_SKIPPED: Words("warn", "player-skip-forward", "skipped a scheduled start"),
    Kind.SYNC_DUPLICATE_DECIDED: Words("ok", "git-merge", "has {duplicates} {decided}"),
    Kind.MAPPING_CREATED: Words("ok", "plus", "was created"),
    Kind.MAPPING_CHANGED: Words("idle", "pencil", "was changed"),
    Kind.MAPPING_DRAFTED: Words("draft", "pencil", "has a changed draft"),
    Kind.MAPPING_WRITTEN: Words("draft", "sparkles", "has code the model wrote"),
    Kind.MAPPING_DISCARDED: Words("idle", "trash", "lost its draft"),
    Kind.MAPPING_REVIEW_ASKED: Words("warn", "user", "waits for a second person to check it"),
    Kind.MAPPING_REHEARSED: Words("idle", "flask", "was rehearsed on a whole job"),
    Kind.MAPPING_EXAMPLE_ADDED: Words("idle", "check", "has one more example"),
    Kind.MAPPING_EXAMPLE_CHANGED: Words("idle", "check", "has a changed example"),
    Kind.MAPPING_EXAMPLE_REMOVED: Words("idle", "check", "has one example less"),
    Kind.MAPPING_PUBLISHED: Words("ok", "rocket", "was published as version {number}"),
    Kind.MAPPING_RETIRED: Words("idle", "archive", "no longer uses version {number}"),
    Kind.MAPPING_RESTORED: Words("warn", "history", "went back to version {number}"),
    Kind.CONNECTION_CREATED: Words("ok", "plus", "was added"),
    Kind.CONNECTION_CHANGED: Words("idle", "pencil", "was changed"),
    Kind.CONNECTION_TESTED: Words("idle", "plug-connected", "was tested: {outcome}"),
    Kind.CONNECTION_SIGN_IN_LOST: Words("failed", "key", "needs a new sign-in"),
    Kind.CONNECTION_SIGN_IN_RESTORED: Words("ok", "key", "is signed in again"),
    Kind.CONNECTION_BREAKER_OPENED: Words("warn", "hourglass", "does not answer; all its jobs wait"),
    Kind.CONNECTION_BREAKER_CLOSED: Words("ok", "plug-connected", "answers again"),
    Kind.CONNECTION_SCHEMA_CHANGED: Words("warn", "columns-3", "has other fields than before"),
    Kind.CONNECTION_EVENT_SENT_AGAIN: Words("idle", "rotate-clockwise", "had {events} read once more"),
    Kind.CONNECTION_DRIFT_FOUND: Words("warn", "columns-3", "{drift}, which a mapping uses"),
    Kind.CONNECTION_DRIFT_RESOLVED: Words("ok", "columns-3", "fits its mappings again: {label}"),
    Kind.CONNECTION_DELETED: Words("paused", "trash", "was deleted"),
    Kind.PEOPLE_LOOKED_UP: Words("idle", "search", "were looked up, {found} found"),
    Kind.PEOPLE_DOWNLOADED: Words("idle", "download", "were downloaded from the Fix-it list: {count}"),
    Kind.SETTINGS_CHANGED: Words("idle", "settings", "were changed"),
}

DRIFTS: dict[str, str] = {
    DriftKind.REMOVED: "removed {label}",
    DriftKind.READ_ONLY: "does not let us write {label} any more",
    DriftKind.TYPE: "made {label} another kind of field",
    DriftKind.CHOICES: "took choices away from {label}",
    DriftKind.REQUIRED: "wants {label} filled now",
}
"""What a platform did to one of its fields."""
NEVER_THERE = "has no field {label}"
"""The same of one that was never seen there."""

DECISIONS: dict[str, str] = {
    DuplicateVerdict.OPEN: "to decide again",
    DuplicateVerdict.SAME: "decided: one person",
    DuplicateVerdict.DIFFERENT: "decided: two people",
    DuplicateVerdict.LATER: "put off",
}
"""What a person said of two records that may be one person."""

# Names of what a connection's settings are called on screen; others are shown as they are.
PARTS = {
    "reserve_percent": "reserve",
    "method": "way of signing in",
    "tier": "plan",
    "share_samples": "samples for the model",
    "incoming_address": "address for incoming events",
    "quiet_alarm": "alarm when nothing comes in",
}


def predicate(kind: str, facts: Mapping[str, Any]) -> str:
    """What follows the name: "was started by hand", "has 3 records set aside"."""
    count = int(facts.get("count") or 0)
    told = {
        "by_trigger": dict(Trigger.choices).get(str(facts.get("trigger")), "by hand"),
        "count": "1 record" if count == 1 else f"{count:,} records",
        "duplicates": "a possible duplicate" if count < 2 else f"{count:,} possible duplicates",
        "decided": DECISIONS.get(str(facts.get("verdict")), "decided"),
        "events": f"{count:,} incoming events" if count > 1 else "an incoming event",
        "found": f"{count:,}" if count else "nobody",
        "number": facts.get("number", ""),
        "label": facts.get("label", ""),
        "drift": DRIFTS.get(str(facts.get("change")), "changed {label}").format(label=facts.get("label", "a field")),
        "outcome": "everything works" if facts.get("ok") else "something is wrong",
    }
    return look(kind).text.format_map(told)


def look(kind: str) -> Words:
    """Colour, icon and words of a kind of event."""
    return WORDS.get(kind, UNKNOWN)


def detail(kind: str, facts: Mapping[str, Any]) -> str:
    """One more line: the reason, or what was changed. Empty when there is nothing to add."""
    if kind in {Kind.CONNECTION_CREATED, Kind.CONNECTION_CHANGED}:
        changed = (
            [PARTS.get(part, part) for part in facts.get("changed", [])] if kind == Kind.CONNECTION_CHANGED else []
        )
        secrets = facts.get("secrets_replaced") or []
        return ", ".join([*changed, *(["credentials replaced"] if secrets and kind == Kind.CONNECTION_CHANGED else [])])
    if kind == Kind.CONNECTION_SCHEMA_CHANGED:
        counted = [(len(facts.get(what, [])), what) for what in ("added", "removed", "changed")]
        return ", ".join(f"{number} {what}" for number, what in counted if number)
    return str(facts.get("reason") or "")
