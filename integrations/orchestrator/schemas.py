"""What the platforms' objects look like, as last described: kept, so that pages and jobs need no call to know.

Whatever is stored here is compared with what published mappings use, in the same transaction: no change goes by unseen.
"""

import hashlib
from datetime import timedelta
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from integrations.adapters.base import Adapter
from integrations.enums import Kind
from integrations.exceptions import TransientError
from integrations.models import Connection, SchemaSnapshot
from integrations.orchestrator.drift import note_drift, places_of
from integrations.orchestrator.events import append
from integrations.orchestrator.plain_schemas import dump, load
from integrations.types import ObjectSchema

FRESH_FOR = timedelta(hours=1)


def described(
    connection: Connection, object_name: str, adapter: Adapter, *, fresh_for: timedelta = FRESH_FOR
) -> ObjectSchema:
    """The object's fields: the snapshot while it is fresh, else asked of the platform and kept."""
    snapshot = SchemaSnapshot.objects.filter(connection=connection, object_name=object_name).first()
    if snapshot and snapshot.fetched_at > timezone.now() - fresh_for:
        return load(snapshot.schema)
    schema = describe(adapter, object_name, load(snapshot.schema) if snapshot else None)
    keep(connection, schema)
    return schema


def describe(adapter: Adapter, object_name: str, before: ObjectSchema | None) -> ObjectSchema:
    """Ask the platform. TransientError when it names no field at all where there were some: that is trouble, no change."""
    schema = adapter.describe(object_name)
    if before is not None and before.fields and not schema.fields:
        label = adapter.capabilities.label
        raise TransientError(f"{label} did not say which fields there are. We ask again.", code="no_fields")
    return schema


def known(connection: Connection, object_name: str) -> ObjectSchema | None:
    """The snapshot, however old, without any call; None when the object was never described."""
    snapshot = SchemaSnapshot.objects.filter(connection=connection, object_name=object_name).first()
    return load(snapshot.schema) if snapshot else None


def keep(connection: Connection, schema: ObjectSchema) -> None:
    """Store a description; events tell when fields came, went or changed, and what of it touches a mapping."""
    plain, now = dump(schema), timezone.now()
    digest = hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()
    with transaction.atomic():
        rows = SchemaSnapshot.objects.select_for_update().filter(connection=connection, object_name=schema.name)
        before = rows.first()
        SchemaSnapshot.objects.update_or_create(
            connection=connection,
            object_name=schema.name,
            defaults={"schema": plain, "digest": digest, "fetched_at": now},
        )
        old = load(before.schema) if before else None
        if old is not None and before is not None and before.digest != digest:
            append(connection.stream, Kind.CONNECTION_SCHEMA_CHANGED, _changes(old, schema))
        note_drift(connection, schema, old or schema, now)


def compare_again(mapping_id: int) -> None:
    """Another version of the mapping is published: hold the fields it uses, as last described, against it."""
    for connection, object_name in places_of(mapping_id):
        with transaction.atomic():
            rows = SchemaSnapshot.objects.select_for_update().filter(connection=connection, object_name=object_name)
            snapshot = rows.first()
            if snapshot is not None:
                schema = load(snapshot.schema)
                note_drift(connection, schema, schema, timezone.now())


def _changes(old: ObjectSchema, new: ObjectSchema) -> dict[str, Any]:
    before = {f.name: f for f in old.fields}
    after = {f.name: f for f in new.fields}
    return {
        "object": new.name,
        "added": sorted(after.keys() - before.keys())[:50],
        "removed": sorted(before.keys() - after.keys())[:50],
        "changed": sorted(n for n in after.keys() & before.keys() if after[n] != before[n])[:50],
    }
