"""What comes in by itself, in words: how often it usually does, how long nothing has, and what one event told."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from integrations.enums import DeliveryStatus, Proof
from integrations.incoming import WebhookSetup
from integrations.models import SyncJob
from integrations.queries.deliveries import DeliveryRow
from integrations.queries.incoming import Quiet, Source
from syncpanel.templatetags.words import ago, count, nouns

MINUTE, HOUR, DAY = 60, 3_600, 86_400
STATUSES: dict[str, tuple[str, str]] = {
    DeliveryStatus.WAITING: ("waiting", "Waiting to be read"),
    DeliveryStatus.READ: ("ok", "Read"),
    DeliveryStatus.SET_ASIDE: ("warn", "Could not be read"),
}
"""How far an event is: colour and word."""
PROOFS: dict[str, str] = {
    Proof.SIGNED: "The signature is right: it comes from whom it says.",
    Proof.ACCOUNT: "Nobody signs such calls. It came to the secret address and names the right account.",
    Proof.ADDRESS: "It came to the secret address. Nothing else tells who sent it.",
}


def usually(seconds: float) -> str:
    """How often: "every few seconds", "every 4 minutes"."""
    if seconds < 10:
        return "every few seconds"
    return f"every {lasting(seconds).removeprefix('1 ')}"


def lasting(seconds: float) -> str:
    """How long, roughly: "40 seconds", "35 minutes", "3 hours", "4 days"."""
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= 2 * unit or (unit != DAY and 0.95 * unit <= seconds < 1.05 * unit):
            return nouns(round(seconds / unit), f"{name},{name}s")
    return nouns(round(seconds), "second,seconds")


def quiet_words(usual_gap: float | None, since: datetime, now: datetime) -> str:
    """ "It usually sends every 4 minutes; nothing for 3 hours" """
    return f"It usually sends {usually(usual_gap or 0)}; nothing for {lasting((now - since).total_seconds())}"


class QuietNote(NamedTuple):
    """A connection that went quiet: a title, and one sentence."""

    connection: int
    title: str
    text: str


def quiet_note(quiet: Quiet, now: datetime) -> QuietNote:
    """HubSpot has gone quiet."""
    return QuietNote(
        quiet.connection_id, f"{quiet.name} has gone quiet", quiet_words(quiet.usual_gap, quiet.since, now)
    )


class SourceLine(NamedTuple):
    """A connection in the list on the left. `state`: the colour of its line; `when` may be a moment in HTML."""

    source: Source
    state: str
    when: object
    label: str


def source_line(source: Source, now: datetime) -> SourceLine:
    """When something came last, and the line of its day in words."""
    label = f"{nouns(source.received, 'event,events')} in the last 24 hours"
    if source.address is None:
        return SourceLine(source, "idle", "Not set up", label)
    if source.address.last_received_at is None:
        return SourceLine(source, "idle", "Nothing has come yet", label)
    return SourceLine(source, "warn" if source.is_quiet else "running", ago(source.address.last_received_at), label)


class RowWords(NamedTuple):
    """One event as the list says it."""

    row: DeliveryRow
    title: str
    note: str
    state: str
    status: str
    nothing: str


def row_words(row: DeliveryRow) -> RowWords:
    """What it told, and what came of it where that is nothing to look at."""
    delivery = row.delivery
    state, status = STATUSES[delivery.status]
    return RowWords(row, _title(row), _note(row), state, status, _nothing(row))


def _title(row: DeliveryRow) -> str:
    told = (row.change.what if row.change else "") or row.delivery.what
    if told:
        return told
    return "Nothing of interest to syncs" if row.delivery.status == DeliveryStatus.READ else "An event"


def _note(row: DeliveryRow) -> str:
    delivery = row.delivery
    if delivery.status == DeliveryStatus.SET_ASIDE:
        return delivery.reason
    more = delivery.changes - 1
    parts = [
        f"id {row.change.record_id}" if row.change else "",
        f"and {nouns(more, 'more change,more changes')}" if more > 0 else "",
        f"{count(delivery.repeated)} known already" if delivery.repeated else "",
        f"sent again {nouns(delivery.sent_again, 'time,times')}" if delivery.sent_again else "",
    ]
    return " · ".join(filter(None, parts))


def _nothing(row: DeliveryRow) -> str:
    """Why it caused nothing, as far as that can be told."""
    delivery = row.delivery
    if delivery.status != DeliveryStatus.READ or row.effect.jobs or row.effect.waits_for:
        return ""
    if not delivery.changes:
        return "Nothing to do"
    return "Nothing new" if delivery.repeated >= delivery.changes else "No sync has taken it"


def jobs_in(effects: Sequence[tuple[SyncJob, ...]]) -> list[SyncJob]:
    """Each job once, newest first."""
    jobs = {job.pk: job for some in effects for job in some}
    return [jobs[pk] for pk in sorted(jobs, reverse=True)]


class SetupStep(NamedTuple):
    """One thing to do over there; `shows_address`: the address stands below it."""

    text: str
    shows_address: bool


def setup_steps(setup: WebhookSetup, address: str) -> list[SetupStep]:
    """As the platform declares them. Where a step names the address, it stands below with a button that copies it."""
    steps = []
    for step in setup.steps:
        text = step.replace(": {address}", ":").replace("{address}", "the address below" if address else "its address")
        steps.append(SetupStep(text, "{address}" in step))
    return steps


def reach_note(address: str, platform: str) -> str:
    """Why the platform may not get there, as far as the address tells; empty when nothing speaks against it."""
    if not address or address.startswith("https://"):
        return ""
    return (
        f"{platform} calls addresses that begin with https:// only. Whoever runs Syncpanel has to set PUBLIC_URL to the address "
        "under which it is reached from outside."
    )
