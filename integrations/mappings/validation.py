"""Checks mapped records against the destination's fields, so that what cannot be accepted is held with a reason.

Runs for every record of every job: all that can be known beforehand is worked out once, in `compile_validator`, and a
field that is fine costs one look-up and one call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from integrations import reasons
from integrations.enums import SyncMode
from integrations.mappings.field_checks import make_check
from integrations.types import FieldSchema, FlatRecord, ObjectSchema


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a record from being sent. `title` names its group, `message` is a sentence without values."""

    code: str
    field: str
    message: str
    title: str


Validator = Callable[[FlatRecord], list[Problem]]
"""What is wrong with a mapped record, what is missing first; an empty list when it may be sent."""

_Check = Callable[[Any], Problem | None]
_MAY_CREATE = frozenset({SyncMode.UPSERT, SyncMode.CREATE})


def compile_validator(schema: ObjectSchema, key: str, mode: str, *, platform_label: str = "") -> Validator:
    """A function that validates records for this object. `key` may be empty: then no field tells who a record is. Of fields that
    an object takes although it does not know them nothing can be said."""
    fields = {field.name: field for field in schema.fields}
    checks = {
        field.name: _compile_check(field, platform_label)
        for field in schema.fields
        if field.writable or field.name == key
    }
    needed = _find_needed(schema, key, SyncMode(mode), platform_label)
    never_empty = _find_never_empty(schema, key, SyncMode(mode), platform_label)

    def validate(record: FlatRecord) -> list[Problem]:
        problems = [problem for name, problem in needed if _is_empty(record.get(name))]
        for name, value in record.items():
            check = checks.get(name)
            if check is None and schema.extra_fields and name not in fields:
                continue
            if check is None:
                problems.append(_refuse_field(name, fields.get(name), platform_label))
            elif value is None or value == "":
                if name in never_empty:
                    problems.append(never_empty[name])
            elif (problem := check(value)) is not None:
                problems.append(problem)
        return problems

    return validate


def _is_empty(value: Any) -> bool:
    return value is None or (type(value) is str and not value.strip())


def _find_needed(schema: ObjectSchema, key: str, mode: SyncMode, platform_label: str) -> list[tuple[str, Problem]]:
    """The fields every record must fill: the key first, then what the platform requires of a new one."""
    needed = []
    if key:
        needed.append((key, _word("missing_key", key, _label(schema.field(key), key), platform_label)))
    if mode in _MAY_CREATE:
        required = [field for field in schema.fields if field.required and field.writable and field.name != key]
        needed += [(f.name, _word("required_missing", f.name, f.label, platform_label)) for f in required]
    return needed


def _find_never_empty(schema: ObjectSchema, key: str, mode: SyncMode, platform_label: str) -> dict[str, Problem]:
    """An update may leave a required field out, but not empty it."""
    if mode in _MAY_CREATE:
        return {}
    required = [field for field in schema.fields if field.required and field.writable and field.name != key]
    return {f.name: _word("required_missing", f.name, f.label, platform_label) for f in required}


def _compile_check(field: FieldSchema, platform_label: str) -> _Check:
    words = {}

    def word(code: str, detail: str) -> Problem:
        if (code, detail) not in words:
            words[code, detail] = _word(code, field.name, field.label, platform_label, detail)
        return words[code, detail]

    find = make_check(field)

    def check(value: Any) -> Problem | None:
        found = find(value)
        return None if found is None else word(*found)

    return check


def _refuse_field(name: str, field: FieldSchema | None, platform_label: str) -> Problem:
    code = "unknown_field" if field is None else "not_writable"
    return _word(code, name, _label(field, name), platform_label)


def _label(field: FieldSchema | None, name: str) -> str:
    return field.label if field else name


def _word(code: str, name: str, label: str, platform_label: str, detail: str = "") -> Problem:
    return Problem(
        code,
        name,
        reasons.sentence(code, label or name, platform_label, detail),
        reasons.title(code, label or name, platform_label),
    )
