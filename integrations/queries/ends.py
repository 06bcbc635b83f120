"""The two ends of a sync as pages show them: connection, platform, and what one record is called there."""

from dataclasses import dataclass

from integrations.adapters.registry import capabilities
from integrations.models import Connection, Sync

SIDES = ("source", "destination")


@dataclass(frozen=True, slots=True)
class End:
    """One side of a sync. `one` and `many` name its records ("person", "people")."""

    connection_id: int
    connection: str
    platform: str
    label: str
    letter: str
    hue: str
    object_name: str
    object_label: str
    one: str
    many: str


def encrypted(*prefixes: str) -> tuple[str, ...]:
    """The encrypted columns of connections joined as `prefix__…`, to defer: no page needs them, and they cost time."""
    return tuple(
        f"{prefix}{side}__{column}" for prefix in prefixes for side in SIDES for column in ("secrets", "token")
    )


def end_of(connection: Connection, object_name: str) -> End:
    """The side of a sync that reads or writes this object of this connection."""
    declared = capabilities(connection.platform)
    kind = next((o for o in declared.objects if o.name == object_name), None)
    one, many = kind.noun if kind else ("record", "records")
    return End(
        connection_id=connection.pk,
        connection=connection.name,
        platform=connection.platform,
        label=declared.label,
        letter=declared.letter,
        hue=declared.hue,
        object_name=object_name,
        object_label=kind.label if kind else object_name,
        one=one,
        many=many,
    )


def source_of(sync: Sync) -> End:
    """Where the sync reads."""
    return end_of(sync.source, sync.source_object)


def destination_of(sync: Sync) -> End:
    """Where the sync writes."""
    return end_of(sync.destination, sync.destination_object)
