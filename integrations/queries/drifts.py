"""Fields over there that changed under a mapping, for pages: what happened, and which mappings it touches."""

from collections.abc import Iterable
from dataclasses import dataclass

from integrations.adapters.registry import capabilities
from integrations.models import Mapping, SchemaDrift

MOST = 200


@dataclass(frozen=True, slots=True)
class Touched:
    """A mapping that uses the field; `reads` it, or else writes it."""

    pk: int
    name: str
    reads: bool


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One change of one field that is not over. `object_label` and `many`: what its object and its records are called."""

    drift: SchemaDrift
    object_label: str
    many: str
    mappings: tuple[Touched, ...]


def open_drifts(*, connection: int | None = None, mapping: int | None = None) -> tuple[DriftRow, ...]:
    """What is not over, newest first, in two queries; in one when there is nothing. Of one connection or mapping only, if
    asked."""
    rows = SchemaDrift.objects.filter(resolved_at__isnull=True).select_related("connection")
    rows = rows.defer("connection__secrets", "connection__token").order_by("-pk")
    if connection is not None:
        rows = rows.filter(connection=connection)
    found = [row for row in rows[:MOST] if mapping is None or mapping in row.mappings]
    mappings = _mappings(pk for row in found for pk in row.mappings)
    return tuple(_row(row, mappings) for row in found)


def _mappings(wanted: Iterable[int]) -> dict[int, Mapping]:
    keys = set(wanted)
    used = Mapping.objects.filter(pk__in=keys).select_related("published").defer("published__code", "published__rules")
    return {one.pk: one for one in used} if keys else {}


def _row(row: SchemaDrift, mappings: dict[int, Mapping]) -> DriftRow:
    declared = capabilities(row.connection.platform)
    kind = next((one for one in declared.objects if one.name == row.object_name.partition(":")[0]), None)
    touched = [mappings[pk] for pk in row.mappings if pk in mappings]
    touched.sort(key=lambda mapping: mapping.name)
    return DriftRow(
        row,
        kind.label if kind else row.object_name,
        kind.noun[1] if kind else "records",
        tuple(Touched(mapping.pk, mapping.name, _reads(mapping, row)) for mapping in touched),
    )


def _reads(mapping: Mapping, row: SchemaDrift) -> bool:
    """A mapping between two of a kind reads the fields it is known to read."""
    place = (row.connection.platform, row.object_name)
    is_source = place == (mapping.source_platform, mapping.source_object)
    if is_source and place == (mapping.destination_platform, mapping.destination_object):
        return mapping.published is not None and row.field in mapping.published.source_fields
    return is_source
