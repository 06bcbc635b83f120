"""The two ends of a sync as pages show them: connection, platform, and what one record is called there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from integrations.adapters.registry import capabilities
from integrations.models import Connection, Sync
from integrations.types import Capabilities, name_things

SIDES = ("source", "destination")
ADDRESS = "base_url"


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

    @property
    def things(self) -> str:
        """All its records, in the middle of a sentence."""
        return name_things(self.object_name, self.object_label, self.many)


def encrypted(*prefixes: str) -> tuple[str, ...]:
    """The encrypted columns of connections joined as `prefix__…`, to defer: no page needs them, and they cost time."""
    return tuple(
        f"{prefix}{side}__{column}" for prefix in prefixes for side in SIDES for column in ("secrets", "token")
    )


def end_of(connection: Connection, object_name: str) -> End:
    """The side of a sync that reads or writes this object of this connection."""
    declared = capabilities(connection.platform)
    object_label, (one, many) = name_object(declared, object_name, connection.objects_seen)
    return End(
        connection_id=connection.pk,
        connection=connection.name,
        platform=connection.platform,
        label=declared.label,
        letter=declared.letter,
        hue=declared.hue,
        object_name=object_name,
        object_label=object_label,
        one=one,
        many=many,
    )


def source_of(sync: Sync) -> End:
    """Where the sync reads."""
    return end_of(sync.source, sync.source_object)


def destination_of(sync: Sync) -> End:
    """Where the sync writes."""
    return end_of(sync.destination, sync.destination_object)


def record_page(connection: Connection, object_name: str, record_id: str) -> str:
    """Where the platform shows this record to people; empty when that is not known, or is no encrypted address."""
    declared = capabilities(connection.platform)
    try:
        page = declared.object(object_name).page_at
    except KeyError:
        return ""
    usual = next((one.default for one in declared.settings if one.name == ADDRESS), "")
    address = str(connection.settings.get(ADDRESS) or usual).rstrip("/")
    is_elsewhere = bool(usual) and address != usual  # a test system, whose pages we do not know
    if not record_id or is_elsewhere or ("{account}" in page and not connection.account_id):
        return ""
    names = {"address": address, "account": quote(connection.account_id, safe=""), "id": quote(record_id, safe="")}
    url = page.format_map(names)
    return url if url.startswith("https://") else ""


def name_object(
    declared: Capabilities, object_name: str, seen: Sequence[Mapping[str, Any]] = ()
) -> tuple[str, tuple[str, str]]:
    """What the object is called, and one and many of its records: as the account calls them, else as its kind is called."""
    for plain in seen:
        if plain["name"] == object_name:
            one, many = plain["noun"]
            return plain["label"], (one, many)
    try:
        kind = declared.object(object_name)
    except KeyError:
        return object_name, ("record", "records")
    return kind.label, kind.noun
