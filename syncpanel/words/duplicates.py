"""Two records that may be one person, in words: what speaks for it, both side by side, and what each answer leads to."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.urls import reverse

from integrations.enums import DuplicateKind, DuplicateVerdict, FieldType
from integrations.models import Duplicate
from integrations.queries.duplicates import DuplicateDetail
from integrations.types import ObjectSchema
from syncpanel.templatetags.words import count, nouns
from syncpanel.words.people import short
from syncpanel.words.record import label_of, shown

KINDS: dict[str, tuple[str, str]] = {
    DuplicateKind.SAME_KEY: (
        "Same address twice",
        "Two records of one system have the same address, perhaps written in two ways. Only one of them can be sent.",
    ),
    DuplicateKind.OTHER_KEY: (
        "Second address of somebody else",
        "One has the address of the other as a second address. Both are sent, as two people.",
    ),
    DuplicateKind.OTHER_SYSTEM: (
        "Same person, other address",
        "The other system has somebody alike under another address. Nothing is sent until you decide.",
    ),
    DuplicateKind.TAKEN: (
        "Belongs to somebody else already",
        "The one that is alike over there stands for somebody else so far. Nothing is sent until you decide.",
    ),
}
"""What a group of one kind is called, and what it is about."""
VERDICTS: dict[str, str] = {
    DuplicateVerdict.LATER: "Decide later",
    DuplicateVerdict.SAME: "One person",
    DuplicateVerdict.DIFFERENT: "Two people",
}
"""The other lists."""
ONCE = "You are not asked again."


class Row(NamedTuple):
    """A field with its value on both sides. None = there is no such field on that side."""

    label: str
    one: str | None
    other: str | None
    differs: bool


class Choice(NamedTuple):
    """An answer: what the button says, what it leads to, what is posted, and the key that presses it."""

    label: str
    note: str
    verdict: str
    keeps: str
    key: str
    css: str = ""


class Head(NamedTuple):
    """A column: where the record is and what it is, its id, and its address on the platform's own pages."""

    place: str
    role: str
    id: str
    url: str


class Need(NamedTuple):
    """For the first page: how many wait, what most of them are, and where to look."""

    title: str
    note: str
    action: str
    url: str


def need(kinds: Mapping[str, int]) -> Need | None:
    """Nothing when nothing is to be decided."""
    total = sum(kinds.values())
    if not total:
        return None
    most = sorted(kinds.items(), key=lambda one: (-one[1], one[0]))
    note = " · ".join(f"{KINDS[kind][0]}: {count(number)}" for kind, number in most)
    return Need(
        f"{nouns(total, 'possible duplicate,possible duplicates')} to decide",
        note,
        "Compare",
        reverse("duplicate-list"),
    )


def name_of(row: Duplicate) -> str:
    """Ann Lee, or whatever else is known of the first of the two."""
    return row.label or row.email or f"Record {row.source_id}"


def reason(detail: DuplicateDetail, destination: ObjectSchema | None) -> str:
    """What speaks for one person: one sentence."""
    kind = detail.row.kind
    if kind == DuplicateKind.SAME_KEY:
        return f"Both have the same {key_word(detail, destination)}."
    if kind == DuplicateKind.OTHER_KEY:
        return "The first has the address of the other as a second address."
    why = f"{detail.row.why[:1].upper()}{detail.row.why[1:]}, but another {key_word(detail, destination)}."
    if kind == DuplicateKind.OTHER_SYSTEM:
        return why
    owner = f"The one in {detail.destination.label} stands for {detail.source.one} {detail.row.other_id} so far."
    return owner if detail.row.why == "same key" else f"{why} {owner}"


def key_word(detail: DuplicateDetail, destination: ObjectSchema | None) -> str:
    """What tells people apart at the destination: the address, or what its field is called."""
    field = destination.field(detail.row.sync.destination_key) if destination else None
    return field.label if field and field.type != FieldType.EMAIL else "address"


def heads(detail: DuplicateDetail) -> tuple[Head, Head]:
    """The two columns."""
    source, there, row = detail.source.label, detail.destination.label, detail.row
    here = {
        DuplicateKind.SAME_KEY: ("is sent", "left out"),
        DuplicateKind.OTHER_KEY: ("has both addresses", "has one of them"),
    }
    if detail.is_here:
        left, right = here.get(DuplicateKind(row.kind), ("", ""))
        return Head(source, left, row.source_id, detail.one_page), Head(source, right, row.other_id, detail.other_page)
    held = "held back" if detail.is_undecided else ""
    return Head(source, held, row.source_id, detail.one_page), Head(there, "", row.destination_id, detail.other_page)


def rows(detail: DuplicateDetail, source: ObjectSchema | None, destination: ObjectSchema | None) -> list[Row]:
    """Both records field by field, without what both leave empty; what differs first. Of somebody over there the left side is
    what we would send."""
    schema = source if detail.is_here else destination
    names = [name for name in dict.fromkeys([*detail.one, *detail.other]) if name != "id"]
    found = [_row(label_of(schema, name), detail.one, detail.other, name) for name in names]
    filled = [row for row in found if row.one or row.other]
    return sorted(filled, key=lambda row: not row.differs)


def _row(label: str, one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> Row:
    left, right = _value(one, name), _value(other, name)
    return Row(label, left, right, (left or "") != (right or ""))


def _value(record: Mapping[str, Any], name: str) -> str | None:
    """None where the record was not read, or has no such field."""
    return shown(record[name]) if name in record else None


def choices(detail: DuplicateDetail) -> Sequence[Choice]:
    """The answers, the likeliest first; none when it is decided."""
    if not detail.is_undecided:
        return ()
    later = Choice("Later", "Nothing changes until you decide.", DuplicateVerdict.LATER, "", "l", "ghost")
    same, two = DuplicateVerdict.SAME, DuplicateVerdict.DIFFERENT
    row, one_note, two_note = detail.row, *_notes(detail)
    different = Choice("Two people", f"{two_note} {ONCE}", two, "", "d")
    if not row.other_id:
        return (Choice("Same person", one_note, same, "", "1", "main"), different, later)
    left, right = ("Same person, keep left", "Same person, keep right")
    if row.destination_id:
        left, right = ("Same person, send this one", f"Same person, stay with {row.other_id}")
    return (
        Choice(left, one_note, same, row.source_id, "1", "main"),
        Choice(right, "", same, row.other_id, "2"),
        different,
        later,
    )


def _notes(detail: DuplicateDetail) -> tuple[str, str]:
    """What comes of "Same person", and of "Two people"."""
    there, source, kind = detail.destination.label, detail.source, detail.row.kind
    kept = "Only the one you keep is sent from now on; the other is left out."
    if kind == DuplicateKind.SAME_KEY:
        return kept, f"All stays as it is: {there} takes one of an address, so the left one is sent."
    if kind == DuplicateKind.OTHER_KEY:
        return f"{kept} What {there} has of it stays there.", "Both are sent, as now."
    if kind == DuplicateKind.OTHER_SYSTEM:
        return f"The one in {there} is updated and gets this address.", f"Added to {there} as somebody new."
    if detail.row.why == "same key":
        return kept, f"This one is left out: its address is somebody else's in {there}."
    return f"{kept} It has the one in {there}.", f"This {source.one} is added to {there} as somebody new."


def verdict_of(detail: DuplicateDetail) -> str:
    """What was decided, by whom; the time follows. Empty when nothing was."""
    row = detail.row
    if row.verdict == DuplicateVerdict.OPEN:
        return ""
    said = VERDICTS[row.verdict]
    if row.verdict == DuplicateVerdict.SAME and row.other_id:
        said = f"{said}: {row.keeps} goes on, the other is left out"
    elif row.verdict == DuplicateVerdict.SAME:
        said = f"{said}: {row.destination_id} in {detail.destination.label}"
    return f"{said}. {short(row.decided_by) or 'Somebody'} said so" if row.decided_at else said
