"""The columns of a report as fields, with Google's own names for them."""

from collections.abc import Iterator, Mapping
from typing import Any

from integrations.adapters.google_analytics.presets import DATE, Preset
from integrations.adapters.google_analytics.rows import NOTE
from integrations.enums import FieldType
from integrations.types import FieldSchema, ObjectSchema

TYPES: Mapping[str, FieldType] = {"TYPE_INTEGER": FieldType.INTEGER}
"""All others are numbers with a fraction: money, rates, seconds, metres."""

Column = Mapping[str, Any]


def build_schema(preset: Preset, found: Mapping[str, Any]) -> ObjectSchema:
    """The dimensions of the report, those of its metrics that go with them in this property, and our note."""
    dimensions = _read_columns(found.get("dimensionCompatibilities"), "dimensionMetadata")
    metrics = _read_columns(found.get("metricCompatibilities"), "metricMetadata")
    fields = [
        *(_dimension(name, dimensions.get(name, {})) for name in preset.dimensions),
        *(_metric(name, metrics[name]) for name in preset.metrics if name in metrics),
        FieldSchema(
            NOTE,
            "Google's remarks on the numbers",
            FieldType.STRING,
            writable=False,
            description="Whether they are sampled, or small ones withheld. Usually empty.",
        ),
    ]
    return ObjectSchema(preset.object_name, preset.label, tuple(fields))


def _read_columns(rows: object, inner: str) -> dict[str, Column]:
    return {str(column["apiName"]): column for column in _iterate(rows, inner) if not column.get("blockedReasons")}


def _iterate(rows: object, inner: str) -> Iterator[Column]:
    for row in rows if isinstance(rows, list) else []:
        column = row.get(inner) if isinstance(row, dict) else None
        if isinstance(column, dict) and column.get("apiName"):
            yield column


def _dimension(name: str, column: Column) -> FieldSchema:
    kind = FieldType.DATE if name == DATE else FieldType.STRING
    return FieldSchema(name, _label(name, column), kind, writable=False, description=_describe(column))


def _metric(name: str, column: Column) -> FieldSchema:
    kind = TYPES.get(str(column.get("type")), FieldType.NUMBER)
    return FieldSchema(name, _label(name, column), kind, writable=False, description=_describe(column))


def _label(name: str, column: Column) -> str:
    return str(column.get("uiName") or name)


def _describe(column: Column) -> str:
    return str(column.get("description") or "")
