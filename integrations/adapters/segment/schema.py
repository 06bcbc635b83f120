"""The fields of an object: those Segment gives a meaning to, those the space knows, and any other.

https://docs.segmentapis.com/tag/Spaces: the list says where a trait comes from, not what kind of values it has; those are
guessed by samples.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.adapters.segment.fields import kind_of
from integrations.adapters.segment.names import GROUPS, USERS
from integrations.enums import FieldType
from integrations.types import FieldSchema, ObjectSchema

COLLECTIONS: Mapping[str, str] = {USERS: "users", GROUPS: "accounts"}
"""Whose traits a space knows."""

OWN_ORIGIN = "CUSTOM"
ORIGINS: Mapping[str, str] = {
    "COMPUTED": "Segment computes it.",
    "AUDIENCE": "Segment keeps this audience.",
    "SQL": "Segment reads it from a warehouse.",
}
FEWEST_SAMPLES = 2
"""One value says nothing of the others."""

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*")
_GUESSES = (
    (re.compile(r"true|false"), FieldType.BOOLEAN),
    (_NUMBER, FieldType.NUMBER),
    (_DATE, FieldType.DATE),
    (_MOMENT, FieldType.DATETIME),
)


def build_schema(object_name: str, found: Iterable[Mapping[str, Any]]) -> ObjectSchema:
    """The object; traits that the space lists stand behind those every space has."""
    kind = kind_of(object_name)
    fields = {field.name: field for field in kind.fields}
    in_parts = {name.partition(".")[0] for name in fields if "." in name}
    for row in found:
        name = str(row.get("trait") or "").strip()
        if name and name not in fields and name not in in_parts:
            fields[name] = _build_field(name, row)
    return ObjectSchema(kind.name, kind.label, tuple(fields.values()), extra_fields=True)


def _build_field(name: str, row: Mapping[str, Any]) -> FieldSchema:
    """What Segment makes by itself nobody else may write."""
    origin = str(row.get("type") or OWN_ORIGIN)
    samples = row.get("samples")
    return FieldSchema(
        name,
        name,
        guess_type(samples if isinstance(samples, list) else ()),
        writable=origin == OWN_ORIGIN,
        description=ORIGINS.get(origin, ""),
    )


def _write(sample: object) -> str:
    return str(sample).lower() if isinstance(sample, bool) else str(sample).strip().strip('"')


def guess_type(samples: Sequence[object]) -> FieldType:
    """What all samples are; anything goes when they do not tell."""
    texts = [_write(sample) for sample in samples if sample not in (None, "")]
    if len(texts) < FEWEST_SAMPLES:
        return FieldType.OTHER
    for pattern, guess in _GUESSES:
        if all(pattern.fullmatch(text) for text in texts):
            return guess
    return FieldType.STRING
