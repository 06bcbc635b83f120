"""What the platforms' objects look like, as last described: kept, so that pages and jobs need no call to know."""

import hashlib
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from integrations.adapters.base import Adapter
from integrations.enums import FieldType, Kind
from integrations.models import Connection, SchemaSnapshot
from integrations.orchestrator.events import append
from integrations.types import FieldSchema, ObjectSchema

FRESH_FOR = timedelta(hours=1)


def described(
    connection: Connection, object_name: str, adapter: Adapter, *, fresh_for: timedelta = FRESH_FOR
) -> ObjectSchema:
    """The object's fields: the snapshot while it is fresh, else asked of the platform and kept."""
    snapshot = SchemaSnapshot.objects.filter(connection=connection, object_name=object_name).first()
    if snapshot and snapshot.fetched_at > timezone.now() - fresh_for:
        return load(snapshot.schema)
    schema = adapter.describe(object_name)
    keep(connection, schema, snapshot)
    return schema


def known(connection: Connection, object_name: str) -> ObjectSchema | None:
    """The snapshot, however old, without any call; None when the object was never described."""
    snapshot = SchemaSnapshot.objects.filter(connection=connection, object_name=object_name).first()
    return load(snapshot.schema) if snapshot else None


def keep(connection: Connection, schema: ObjectSchema, before: SchemaSnapshot | None = None) -> None:
    """Store a description; an event tells when fields came, went or changed."""
    plain = dump(schema)
    digest = hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()
    with transaction.atomic():
        SchemaSnapshot.objects.update_or_create(
            connection=connection,
            object_name=schema.name,
            defaults={"schema": plain, "digest": digest, "fetched_at": timezone.now()},
        )
        if before and before.digest != digest:
            append(connection.stream, Kind.CONNECTION_SCHEMA_CHANGED, _changes(load(before.schema), schema))


def dump(schema: ObjectSchema) -> dict[str, Any]:
    """A schema as plain JSON."""
    plain: dict[str, Any] = orjson.loads(orjson.dumps(asdict(schema)))
    return plain


def load(plain: dict[str, Any]) -> ObjectSchema:
    """The schema of what `dump` made."""
    fields = tuple(
        FieldSchema(
            **{
                **f,
                "type": FieldType(f["type"]),
                "choices": tuple(f["choices"]),
                "choice_labels": tuple(f["choice_labels"]),
            }
        )
        for f in plain["fields"]
    )
    return ObjectSchema(plain["name"], plain["label"], fields)


def _changes(old: ObjectSchema, new: ObjectSchema) -> dict[str, Any]:
    before = {f.name: f for f in old.fields}
    after = {f.name: f for f in new.fields}
    return {
        "object": new.name,
        "added": sorted(after.keys() - before.keys())[:50],
        "removed": sorted(before.keys() - after.keys())[:50],
        "changed": sorted(n for n in after.keys() & before.keys() if after[n] != before[n])[:50],
    }
