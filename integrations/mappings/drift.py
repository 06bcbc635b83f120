"""Compares an object's fields with what published mappings do with them. Pure.

What is gone, cannot be written, or must be filled now is seen from the fields as they are. That a field is of another kind, or
has lost choices, is seen from how it was: whoever publishes after that has seen it, so only older versions are touched.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from integrations.enums import DriftKind, FieldType
from integrations.mappings.field_uses import FieldUse
from integrations.types import FieldSchema, ObjectSchema

MOST_CHOICES = 3
TEXT, NUMBER = "text", "a number"
LOOKS: Mapping[FieldType, str] = {
    **dict.fromkeys((FieldType.STRING, FieldType.TEXT, FieldType.PHONE, FieldType.URL, FieldType.REFERENCE), TEXT),
    **dict.fromkeys((FieldType.EMAIL, FieldType.CHOICE), TEXT),
    **dict.fromkeys((FieldType.INTEGER, FieldType.NUMBER), NUMBER),
    FieldType.BOOLEAN: "yes or no",
    FieldType.DATE: "a date",
    FieldType.DATETIME: "a date with a time",
    FieldType.MULTI_CHOICE: "several choices",
    FieldType.OTHER: "something else",
}
"""What a value of each kind of field looks like."""
NARROW: Mapping[FieldType, str] = {
    FieldType.EMAIL: "an address",
    FieldType.CHOICE: "a choice",
    FieldType.INTEGER: "a whole number",
}
"""Kinds that do not take everything that looks like them."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a field beforehand: how it was, and since when this change of it has been open, if it has."""

    before: FieldSchema | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """One change of one field, with the mappings it touches. `detail` says what of it is different."""

    field: str
    kind: DriftKind
    label: str
    mappings: tuple[int, ...]
    detail: str = ""
    before: FieldSchema | None = None


Recall = Callable[[str, DriftKind], Known]


def find_drifts(uses: Sequence[FieldUse], schema: ObjectSchema, recall: Recall) -> list[Drift]:
    """Everything in these fields that a mapping is not made for. `recall` tells what was known of one. Where an object takes
    fields it does not list, none is missed."""
    fields = {field.name: field for field in schema.fields}
    used = {name for use in uses for name in use.reads | use.writes}
    names = sorted(used | {field.name for field in schema.fields if field.required})
    if schema.extra_fields:
        names = [name for name in names if name in fields]
    return [drift for name in names for drift in _find(name, uses, fields.get(name), recall)]


def _find(name: str, uses: Sequence[FieldUse], field: FieldSchema | None, recall: Recall) -> Iterator[Drift]:
    """A field that is not there has no other trouble."""
    known = {kind: recall(name, kind) for kind in DriftKind}
    if field is None:
        yield from _drift(_needing(name, uses), name, DriftKind.REMOVED, known)
        return
    yield from _drift(_refused(field, uses), name, DriftKind.READ_ONLY, known, field)
    other = known[DriftKind.TYPE]
    yield from _drift(_mistaken(field, other, uses), name, DriftKind.TYPE, known, field, _word_type(field, other))
    old = known[DriftKind.CHOICES]
    gone = find_gone(field, old.before)
    missed = [use for use in _older(uses, old) if _chosen(name, gone, use)]
    lost = {choice for use in missed for choice in _chosen(name, gone, use)}
    yield from _drift(missed, name, DriftKind.CHOICES, known, field, _word_choices(lost, old.before))
    yield from _drift(_unfilled(field, known[DriftKind.REQUIRED], uses), name, DriftKind.REQUIRED, known, field)


def _drift(
    touched: Iterable[FieldUse],
    name: str,
    kind: DriftKind,
    known: Mapping[DriftKind, Known],
    field: FieldSchema | None = None,
    detail: str = "",
) -> Iterator[Drift]:
    mappings = tuple(sorted({use.mapping for use in touched}))
    before = known[kind].before
    shown = field or before
    if mappings:
        yield Drift(name, kind, shown.label if shown else name, mappings, detail, before)


def _needing(name: str, uses: Iterable[FieldUse]) -> Iterator[FieldUse]:
    """The id is no field; a field of another object ("Account.Name") is not among those that are read."""
    for use in uses:
        is_read = name in use.reads and name != "id" and "." not in name
        if is_read or name in use.writes:
            yield use


def _refused(field: FieldSchema, uses: Iterable[FieldUse]) -> Iterator[FieldUse]:
    for use in uses:
        if not field.writable and field.name in use.writes and field.name not in use.keys:
            yield use


def _older(uses: Iterable[FieldUse], known: Known) -> Iterator[FieldUse]:
    """Those that were published before anybody could know."""
    return (use for use in uses if known.since is None or use.published_at <= known.since)


def _mistaken(field: FieldSchema, known: Known, uses: Iterable[FieldUse]) -> Iterator[FieldUse]:
    before = known.before
    if before is None or before.type == field.type:
        return
    looks_other = LOOKS[before.type] != LOOKS[field.type]
    takes_less = looks_other or field.type in NARROW
    for use in _older(uses, known):
        if (field.name in use.reads and looks_other) or (field.name in use.writes and takes_less):
            yield use


def find_gone(field: FieldSchema, before: FieldSchema | None) -> frozenset[str]:
    """The choices it had and does not take any more."""
    if before is None or not (field.restricted and field.choices and before.type == field.type):
        return frozenset()
    return frozenset(before.choices) - frozenset(field.choices)


def _chosen(name: str, gone: frozenset[str], use: FieldUse) -> frozenset[str]:
    """The choices that are gone which it may write: where it writes none by name, any."""
    if name not in use.writes or use.written is None:
        return frozenset()
    fixed = use.written.values.get(name)
    return gone & fixed if fixed else gone


def _unfilled(field: FieldSchema, known: Known, uses: Iterable[FieldUse]) -> Iterator[FieldUse]:
    """Only what was not required before: a mapping that never filled it was published with that known."""
    was_free = known.since is not None or known.before is None or not known.before.required
    for use in uses if field.required and field.writable and was_free else ():
        is_filled = field.name in use.writes or field.name in use.keys
        if use.adds and use.written is not None and use.written.is_complete and not is_filled:
            yield use


def _word_type(field: FieldSchema, known: Known) -> str:
    if known.before is None:
        return ""
    return f"was {_word(known.before.type)}, is {_word(field.type)} now"


def _word(kind: FieldType) -> str:
    return NARROW.get(kind, LOOKS[kind])


def _word_choices(gone: Iterable[str], before: FieldSchema | None) -> str:
    if before is None:
        return ""
    labels = dict(zip(before.choices, before.choice_labels or before.choices, strict=False))
    names = [f"“{labels.get(choice, choice)}”" for choice in before.choices if choice in set(gone)]
    more = f" and {len(names) - MOST_CHOICES} more" if len(names) > MOST_CHOICES else ""
    return f"{', '.join(names[:MOST_CHOICES])}{more}"
