"""What changed over there under a mapping, in words: what happened, and what would come of it."""

from collections.abc import Sequence
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import format_html

from integrations.enums import DriftKind
from integrations.queries.drifts import DriftRow, Touched
from integrations.queries.sentences import DRIFTS, NEVER_THERE
from syncpanel.templatetags.words import clock, count

MOST_NAMED = 3
ENDS = {
    (DriftKind.REMOVED, True): "the next job would stop",
    (DriftKind.REMOVED, False): "the next job would send nobody",
    (DriftKind.READ_ONLY, False): "the next job would send nobody",
    (DriftKind.TYPE, True): "what it makes of it may be wrong",
    (DriftKind.TYPE, False): "{many} whose value does not fit would be held back",
    (DriftKind.CHOICES, False): "{many} with one of them would be held back",
    (DriftKind.REQUIRED, False): "new {many} would be held back",
}
"""What comes of it, for a mapping that reads the field (True) or writes it."""


class Note(NamedTuple):
    """One change: a title, what it means, and the mappings to open. `seen` is a moment in HTML."""

    title: str
    text: str
    seen: object
    mappings: Sequence[Touched]


class Card(NamedTuple):
    """All changes of one object of one connection, for the first page: one place to look at."""

    title: str
    text: object
    action: str
    url: str


def title_of(row: DriftRow) -> str:
    """Salesforce removed Region."""
    return f"{row.drift.connection.name} {_what(row)}"


def note_of(row: DriftRow) -> Note:
    """One change with all that can be said of it."""
    return Note(
        title_of(row), " ".join(filter(None, [_detail(row), _ends(row)])), clock(row.drift.found_at), row.mappings
    )


def cards(rows: Sequence[DriftRow]) -> list[Card]:
    """One for each object of each connection, the newest first."""
    groups: dict[tuple[int, str], list[DriftRow]] = {}
    for row in rows:
        groups.setdefault((row.drift.connection_id, row.drift.object_name), []).append(row)
    return [_card(group) for group in groups.values()]


def _card(group: list[DriftRow]) -> Card:
    first = group[0]
    touched = {mapping.pk for row in group for mapping in row.mappings}
    url = reverse("connection-detail", args=[first.drift.connection_id])
    action, where = ("Look", f"{url}#fields")
    if len(touched) == 1:
        action, where = "Open the mapping", reverse("mapping-detail", args=[touched.pop()])
    if len(group) == 1:
        note = note_of(first)
        return Card(note.title, format_html("{} Seen {}", note.text, note.seen), action, where)
    title = f"{first.drift.connection.name} changed {count(len(group))} fields of {first.object_label.lower()} that mappings use"
    said = [_what(row) for row in group[:MOST_NAMED]]
    more = f" and {count(len(group) - MOST_NAMED)} more" if len(group) > MOST_NAMED else ""
    return Card(title, f"It {', '.join(said)}{more}", action, where)


def _what(row: DriftRow) -> str:
    drift = row.drift
    words = NEVER_THERE if drift.kind == DriftKind.REMOVED and drift.before is None else DRIFTS[drift.kind]
    return words.format(label=drift.label)


def _detail(row: DriftRow) -> str:
    """One sentence about what is different, where that is not said yet."""
    detail = row.drift.detail
    if not detail:
        return ""
    return f"Gone: {detail}." if row.drift.kind == DriftKind.CHOICES else f"It {detail}."


def _ends(row: DriftRow) -> str:
    """Contacts to leads writes it: the next job would send nobody."""
    sentences = []
    for reads in (True, False):
        names = [mapping.name for mapping in row.mappings if mapping.reads is reads]
        end = ENDS.get((DriftKind(row.drift.kind), reads))
        if names and end:
            sentences.append(f"{_join(names)} {_verb(row, reads, len(names))}: {end.format(many=row.many)}.")
    return " ".join(sentences)


def _verb(row: DriftRow, reads: bool, number: int) -> str:
    if row.drift.kind == DriftKind.REQUIRED:
        return "does not fill it" if number == 1 else "do not fill it"
    verb = "read" if reads else "write"
    return f"{verb}{'s' if number == 1 else ''} it"


def _join(names: Sequence[str]) -> str:
    """Three names at most."""
    shown = [f"“{name}”" for name in names[:MOST_NAMED]]
    if len(names) > MOST_NAMED:
        shown.append(f"{count(len(names) - MOST_NAMED)} more")
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
