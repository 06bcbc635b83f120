"""Fields and objects as plain JSON, and back."""

from dataclasses import asdict
from typing import Any

import orjson

from integrations.enums import FieldType
from integrations.types import FieldSchema, ObjectSchema


def dump(schema: ObjectSchema) -> dict[str, Any]:
    """A schema as plain JSON. One that takes the fields it has and no others looks as it always did."""
    plain = _plain(schema)
    if not schema.extra_fields:
        del plain["extra_fields"]
    return plain


def dump_field(field: FieldSchema) -> dict[str, Any]:
    """A field as plain JSON."""
    return _plain(field)


def load(plain: dict[str, Any]) -> ObjectSchema:
    """The schema of what `dump` made."""
    fields = tuple(load_field(field) for field in plain["fields"])
    return ObjectSchema(plain["name"], plain["label"], fields, plain.get("extra_fields", False))


def load_field(plain: dict[str, Any]) -> FieldSchema:
    """The field of what `dump_field` made."""
    lists = {name: tuple(plain[name]) for name in ("choices", "choice_labels")}
    return FieldSchema(**{**plain, **lists, "type": FieldType(plain["type"])})


def _plain(value: ObjectSchema | FieldSchema) -> dict[str, Any]:
    plain: dict[str, Any] = orjson.loads(orjson.dumps(asdict(value)))
    return plain
