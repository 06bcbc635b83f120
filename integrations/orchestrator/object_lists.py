"""What of a connection's account can be synced: what its platform declares, and what only the account itself knows."""

from dataclasses import asdict
from typing import Any, cast

from integrations.adapters.base import Adapter, ListingAdapter
from integrations.adapters.registry import capabilities
from integrations.enums import SyncMode
from integrations.models import Connection
from integrations.types import ObjectCapability


def objects_of(connection: Connection) -> tuple[ObjectCapability, ...]:
    """As last seen, without a call."""
    if connection.objects_seen:
        return tuple(_load(plain) for plain in connection.objects_seen)
    return tuple(one for one in capabilities(connection.platform).objects if not one.stands_for_many)


def find_object(connection: Connection, name: str) -> ObjectCapability | None:
    """The object of that name, as the account has it; None if there is none."""
    seen = next((one for one in objects_of(connection) if one.name == name), None)
    if seen is not None:
        return seen
    try:
        return capabilities(connection.platform).object(name)
    except KeyError:
        return None


def see_objects(connection: Connection, adapter: Adapter) -> None:
    """Ask the account and keep the answer. Raises as any call; a platform whose list is fixed is not asked."""
    if not hasattr(adapter, "list_objects"):
        return
    seen = cast(ListingAdapter, adapter).list_objects()
    connection.objects_seen = [_dump(one) for one in seen]
    Connection.objects.filter(pk=connection.pk).update(objects_seen=connection.objects_seen)


def _dump(one: ObjectCapability) -> dict[str, Any]:
    plain = asdict(one)
    return {**plain, "noun": list(one.noun), "modes": [mode.value for mode in one.modes]}


def _load(plain: dict[str, Any]) -> ObjectCapability:
    modes = tuple(SyncMode(mode) for mode in plain["modes"])
    known = {name: value for name, value in plain.items() if name in ObjectCapability.__dataclass_fields__}
    return ObjectCapability(**{**known, "noun": tuple(plain["noun"]), "modes": modes})
