"""Fields over there that changed under a published mapping: noticed, kept as one open row each, resolved when it is over."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q

from integrations.adapters.registry import capabilities
from integrations.enums import DriftKind, Kind, SyncMode
from integrations.mappings.drift import Drift, Known, find_drifts
from integrations.mappings.field_uses import FieldUse, find_written
from integrations.models import Connection, Mapping, SchemaDrift, Sync
from integrations.orchestrator.events import append
from integrations.orchestrator.plain_schemas import dump_field, load_field
from integrations.types import ObjectSchema

Place = tuple[int, str]
"""A connection's id and the name of one of its objects."""
LONGEST_NAME, LONGEST_LABEL, LONGEST_DETAIL = 120, 200, 300
SIDES = ("source", "destination")


def note_drift(connection: Connection, schema: ObjectSchema, old: ObjectSchema, now: datetime) -> None:
    """Compare these fields with what published mappings use. Joins the caller's transaction, which holds the snapshot's row.
    `old`: the fields as they were last, or the same where nothing was known."""
    rows = _open_rows(connection.pk, schema.name)
    uses = list(uses_of(connection.pk, schema.name))
    if not rows and not uses:
        return
    were = {field.name: field for field in old.fields}

    def recall(name: str, kind: DriftKind) -> Known:
        row = rows.get((name[:LONGEST_NAME], kind))
        if row is None:
            return Known(were.get(name))
        return Known(load_field(row.before) if row.before else None, row.found_at)

    found = {(drift.field[:LONGEST_NAME], drift.kind): drift for drift in find_drifts(uses, schema, recall)}
    for key, row in rows.items():
        if key not in found:
            _resolve(connection, row, now)
        else:
            _tell_again(row, found[key])
    for key in sorted(found.keys() - rows.keys()):
        _open(connection, schema.name, found[key], now)


def resolve_unused(place: Place, now: datetime) -> None:
    """Nobody uses this object any more, so nobody reads its fields."""
    for row in _open_rows(*place).values():
        _resolve(row.connection, row, now)


def places_in_use() -> set[Place]:
    """What a sync that is switched on, or a mapping, reads or writes."""
    places: set[Place] = set()
    for side in SIDES:
        places.update(Sync.objects.filter(is_enabled=True).values_list(f"{side}_id", f"{side}_object"))
        mappings = Mapping.objects.filter(**{f"{side}_connection__isnull": False})
        places.update(mappings.values_list(f"{side}_connection_id", f"{side}_object"))
    return places


def places_of(mapping_id: int) -> list[tuple[Connection, str]]:
    """What this mapping reads or writes, or what of it changed under it."""
    places: set[Place] = set()
    for side in SIDES:
        syncs = Sync.objects.filter(mapping=mapping_id, is_enabled=True)
        places.update(syncs.values_list(f"{side}_id", f"{side}_object"))
        own = Mapping.objects.filter(pk=mapping_id, **{f"{side}_connection__isnull": False})
        places.update(own.values_list(f"{side}_connection_id", f"{side}_object"))
    rows = SchemaDrift.objects.filter(resolved_at__isnull=True).only("connection_id", "object_name", "mappings")
    places.update((row.connection_id, row.object_name) for row in rows if mapping_id in row.mappings)
    connections = Connection.objects.only("pk", "platform").in_bulk({pk for pk, _ in places})
    return [(connections[pk], name) for pk, name in sorted(places)]


def uses_of(connection_id: int, object_name: str) -> Iterator[FieldUse]:
    """What published versions do with this object: for the syncs that are switched on, and for mappings that none uses."""
    syncs = Sync.objects.filter(_at(connection_id, object_name), is_enabled=True, mapping__published__isnull=False)
    covered = set()
    for sync in syncs.select_related("mapping__published"):
        covered.add(sync.mapping_id)
        ends = [(getattr(sync, f"{side}_id"), getattr(sync, f"{side}_object")) for side in SIDES]
        keys = frozenset({sync.destination_key})
        conditions = {str(one.get("field")) for one in sync.conditions}
        adds = sync.write_mode != SyncMode.UPDATE
        yield from _use(sync.mapping, ends, (connection_id, object_name), keys, adds, conditions)
    own = Mapping.objects.filter(_at(connection_id, object_name, "_connection"), published__isnull=False)
    for mapping in own.exclude(pk__in=covered).select_related("published"):
        ends = [(getattr(mapping, f"{side}_connection_id"), getattr(mapping, f"{side}_object")) for side in SIDES]
        yield from _use(mapping, ends, (connection_id, object_name), _usual_keys(mapping), True, ())


def _at(connection_id: int, object_name: str, suffix: str = "") -> Q:
    sides = (Q(**{f"{side}{suffix}": connection_id, f"{side}_object": object_name}) for side in SIDES)
    return next(sides) | next(sides)


def _use(
    mapping: Mapping, ends: list[Place], place: Place, keys: frozenset[str], adds: bool, conditions: Iterable[str]
) -> Iterator[FieldUse]:
    version = mapping.published
    if version is None:
        return
    if ends[0] == place:
        reads = frozenset({*version.source_fields, *conditions})
        yield FieldUse(mapping.pk, version.created_at, reads=reads)
    if ends[1] == place:
        yield FieldUse(mapping.pk, version.created_at, written=find_written(version.code), keys=keys, adds=adds)


def _usual_keys(mapping: Mapping) -> frozenset[str]:
    try:
        return frozenset({capabilities(mapping.destination_platform).object(mapping.destination_object).default_key})
    except KeyError:  # an object that its platform's adapter does not know any more
        return frozenset()


def _open_rows(connection_id: int, object_name: str) -> dict[tuple[str, str], SchemaDrift]:
    rows = SchemaDrift.objects.filter(connection=connection_id, object_name=object_name, resolved_at__isnull=True)
    rows = rows.select_related("connection").defer("connection__secrets", "connection__token")
    return {(row.field, row.kind): row for row in rows}


def _open(connection: Connection, object_name: str, drift: Drift, now: datetime) -> None:
    row = SchemaDrift.objects.create(
        connection=connection,
        object_name=object_name,
        field=drift.field[:LONGEST_NAME],
        kind=drift.kind,
        before=dump_field(drift.before) if drift.before else None,
        found_at=now,
        **_told(drift),
    )
    append(connection.stream, Kind.CONNECTION_DRIFT_FOUND, _event(row))


def _tell_again(row: SchemaDrift, drift: Drift) -> None:
    told = _told(drift)
    if any(getattr(row, name) != value for name, value in told.items()):
        SchemaDrift.objects.filter(pk=row.pk).update(**told)


def _resolve(connection: Connection, row: SchemaDrift, now: datetime) -> None:
    SchemaDrift.objects.filter(pk=row.pk).update(resolved_at=now)
    append(connection.stream, Kind.CONNECTION_DRIFT_RESOLVED, _event(row))


def _told(drift: Drift) -> dict[str, Any]:
    label, detail = drift.label[:LONGEST_LABEL], drift.detail[:LONGEST_DETAIL]
    return {"label": label, "detail": detail, "mappings": list(drift.mappings)}


def _event(row: SchemaDrift) -> dict[str, Any]:
    return {
        "object": row.object_name,
        "field": row.field,
        "label": row.label,
        "change": row.kind,
        "mappings": row.mappings,
    }
