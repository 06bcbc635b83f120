"""Checks mapping code against the fields of both sides: what it reads must be there, what it writes must be wanted."""

import ast
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from integrations import reasons
from integrations.enums import FieldType, SyncMode
from integrations.mappings.field_checks import make_check
from integrations.mappings.fields_read import Reads
from integrations.mappings.fields_written import Write, Writes
from integrations.mappings.findings import Finding, Severity, at
from integrations.mappings.loops import Constants
from integrations.types import FieldSchema, ObjectSchema

_MAY_CREATE = frozenset({SyncMode.UPSERT, SyncMode.CREATE})
_CHOOSING = frozenset({"choose", "choose_each", "pick"})


def check_reads(reads: Reads, source: ObjectSchema) -> Iterator[Finding]:
    """Every field that is read exists in the source. "id" always does."""
    for place in reads.places:
        field = source.field(place.field)
        message, severity = "", Severity.ERROR
        if field is None and place.field != "id":
            message, severity = _word_unknown(place.field, source)
        elif field is not None and not field.readable:
            message = f"{field.label} cannot be read from {source.label}."
        if message:
            yield Finding(place.line, message, severity, place.column, place.field)


def check_writes(
    writes: Writes, constants: Constants, destination: ObjectSchema, *, key: str, mode: SyncMode
) -> Iterator[Finding]:
    """Every field that is written exists and may be written, and every one that must be filled is, on some path."""
    for write in writes.places:
        field = destination.field(write.field)
        if field is None:
            message, severity = _word_unknown(write.field, destination)
            if message:
                yield at(write.where, message, severity=severity, field=write.field)
        elif not field.writable and field.name != key:
            yield at(write.where, f"{field.label} in {destination.label} cannot be written.", field=write.field)
        else:
            yield from _check_constants(write, field, constants)
    for field in _needed(destination, key, mode):
        yield from _check_filled(field, writes, destination, is_key=field.name == key)


def _needed(destination: ObjectSchema, key: str, mode: SyncMode) -> list[FieldSchema]:
    required = [f for f in destination.fields if f.required and f.writable and f.name != key and mode in _MAY_CREATE]
    own = destination.field(key)
    return [own, *required] if own else required


def _check_filled(field: FieldSchema, writes: Writes, destination: ObjectSchema, *, is_key: bool) -> Iterator[Finding]:
    places = [write for write in writes.places if write.field == field.name]
    if not places and writes.is_complete:
        why = "tells who a record is" if is_key else f"is required in {destination.label}"
        yield Finding(0, f"{field.label} {why}, but the mapping never fills it.", field=field.name)
    elif places and writes.is_complete and all(_is_nothing(write.value) for write in places):
        yield at(places[0].where, f"{field.label} must be filled, but is always empty here.", field=field.name)


def _is_nothing(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value in (None, "")


def _check_constants(write: Write, field: FieldSchema, constants: Constants) -> Iterator[Finding]:
    """Fixed values must be ones that the field accepts; one among several is only a warning."""
    check = make_check(field)
    for node, is_only in fixed_values(write.value, write, constants):
        value = node.value
        found = None if value in (None, "") or field.type == FieldType.OTHER else check(value)
        if found is not None:
            message = f"{reasons.sentence(found[0], field.label, 'It', found[1])} This is {_quote(value)}."
            if found[0] == "not_in_list":
                message = (
                    f"{field.label} does not offer the choice {_quote(value)}.{_suggest(str(value), field.choices)}"
                )
            severity = Severity.ERROR if is_only else Severity.WARNING
            yield at(node, message, severity=severity, field=field.name)


def fixed_values(node: ast.expr, write: Write, constants: Constants) -> Iterator[tuple[ast.Constant, bool]]:
    """The fixed values this expression can give, and whether it gives nothing else."""
    match node:
        case ast.Constant():
            yield node, True
        case ast.Name(id=name) if isinstance(write.bindings.get(name), ast.Constant):
            yield from fixed_values(write.bindings[name], write, constants)
        case ast.IfExp(body=one, orelse=other):
            parts = [one, other]
            yield from ((value, False) for part in parts for value, _ in fixed_values(part, write, constants))
        case ast.BoolOp(values=parts):
            yield from ((value, False) for part in parts for value, _ in fixed_values(part, write, constants))
        case ast.Call(func=ast.Name(id=called), args=[_, allowed, *rest]) if called in _CHOOSING:
            yield from _choices(allowed, rest, constants)


def _choices(allowed: ast.expr, rest: list[ast.expr], constants: Constants) -> Iterator[tuple[ast.Constant, bool]]:
    table = constants.get(allowed.id) if isinstance(allowed, ast.Name) else allowed
    values: list[ast.expr] = [*rest]
    if isinstance(table, ast.Dict):
        values += table.values
    elif isinstance(table, ast.List | ast.Tuple | ast.Set):
        values += table.elts
    yield from ((value, False) for value in values if isinstance(value, ast.Constant))


def _word_unknown(name: str, schema: ObjectSchema) -> tuple[str, Severity]:
    """Where any field may be, only one that looks like a slip is worth a word; empty otherwise."""
    letters = "" if name.isascii() else " One of its letters only looks like a plain one."
    meant = _suggest(name, [field.name for field in schema.fields])
    if not schema.extra_fields:
        return f"{schema.label} has no field called {name}.{letters}{meant}", Severity.ERROR
    return (f"{schema.label} has no field called {name} yet.{letters}{meant}" if meant else ""), Severity.WARNING


def _suggest(name: str, known: Any) -> str:
    by_lower = {one.lower(): one for one in known}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.75)
    return f" Did you mean {by_lower[close[0]]}?" if close else ""


def _quote(value: Any) -> str:
    return f"“{str(value)[:60]}”"
