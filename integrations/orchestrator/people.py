"""Looks at people that leave a trace in the activity: how many, never who."""

from integrations.enums import Kind
from integrations.orchestrator.events import append

STREAM = "people"


def note_look_up(actor: str, count: int) -> None:
    """Somebody looked a person up; `count` is how many were found."""
    append(STREAM, Kind.PEOPLE_LOOKED_UP, {"count": count}, actor)


def note_download(actor: str, count: int, reason: str) -> None:
    """Somebody downloaded this many people from the Fix-it list; `reason` is what the list is called there."""
    append(STREAM, Kind.PEOPLE_DOWNLOADED, {"count": count, "reason": reason}, actor)
