"""What keeps a sync's settings from working, setting by setting, before anything runs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from integrations.enums import Departed, ReadMode, SyncMode
from integrations.exceptions import ConfigurationError
from integrations.mappings.conditions import compile_conditions, read_conditions
from integrations.models.sync import TOGETHER
from integrations.orchestrator.object_lists import find_object
from integrations.orchestrator.schemas import known
from integrations.types import ObjectCapability, ObjectSchema

if TYPE_CHECKING:
    from integrations.orchestrator.syncs import SyncPlan

Problems = Iterator[tuple[str, str]]


def find_problems(plan: "SyncPlan") -> dict[str, str]:
    """Setting → sentence; empty when it can work, as far as anybody can tell without a call."""
    source = find_object(plan.source, plan.source_object)
    destination = find_object(plan.destination, plan.destination_object)
    if source is None or destination is None:
        side = "source_object" if source is None else "destination_object"
        return {side: "This system does not have that."}
    found = [
        *_ends(plan, source, destination),
        *_writing(plan, destination),
        *_people(plan, destination),
        *_leaving(plan, destination),
    ]
    return dict(reversed(found))


def _ends(plan: "SyncPlan", source: ObjectCapability, destination: ObjectCapability) -> Problems:
    if not plan.name.strip():
        yield "name", "Give it a name."
    if not (source.can_read or source.comes_by_webhook_only):
        yield "source_object", f"{plan.source.name} does not give out {source.label.lower()}."
    if not destination.can_write:
        yield "destination_object", f"{plan.destination.name} takes no {destination.label.lower()} from outside."
    if (plan.source.pk, plan.source_object) == (plan.destination.pk, plan.destination_object):
        yield "destination", "From and to are the same."
    ends = (plan.source.platform, plan.source_object, plan.destination.platform, plan.destination_object)
    mapping = plan.mapping
    if ends != (
        mapping.source_platform,
        mapping.source_object,
        mapping.destination_platform,
        mapping.destination_object,
    ):
        yield "mapping", f"“{mapping.name}” is a mapping between other things."
    if plan.read_mode == ReadMode.INCREMENTAL and not source.supports_incremental:
        yield "read_mode", f"{plan.source.name} cannot say what changed. Everyone is read every time."


def _writing(plan: "SyncPlan", destination: ObjectCapability) -> Problems:
    if plan.write_mode not in destination.modes:
        yield "write_mode", f"{plan.destination.name} cannot do that with {destination.label.lower()}."
    if plan.batch_size is not None and plan.batch_size < 1:
        yield "batch_size", "At least one at a time."
    schema = known(plan.destination, plan.destination_object)
    if not plan.destination_key and plan.write_mode != SyncMode.CREATE:
        yield "destination_key", "Say which field tells who is who."
    elif plan.destination_key and schema is not None and not _may_be_key(schema, plan.destination_key, destination):
        yield "destination_key", f"{plan.destination.name} cannot tell people apart by that field."


def _may_be_key(schema: ObjectSchema, name: str, destination: ObjectCapability) -> bool:
    field = schema.field(name)
    return name == destination.default_key or (field is not None and field.is_key)


def _people(plan: "SyncPlan", destination: ObjectCapability) -> Problems:
    try:
        compile_conditions(read_conditions(plan.conditions))
    except ConfigurationError as problem:
        yield "conditions", problem.message
    except (KeyError, ValueError):
        yield "conditions", "One of the conditions is not complete."
    schema = known(plan.source, plan.source_object)
    for condition in plan.conditions if schema else ():
        if schema and not schema.extra_fields and schema.field(condition.get("field", "")) is None:
            yield "conditions", f"{plan.source.name} has no field called {condition.get('field') or 'that'}."
    yield from _matching(plan, destination)


def _matching(plan: "SyncPlan", destination: ObjectCapability) -> Problems:
    if plan.match_fields and not destination.can_find:
        yield "match_fields", f"{plan.destination.name} cannot be searched for {destination.noun[1]}."
    schema = known(plan.destination, plan.destination_object)
    names = [name for match in plan.match_fields for name in match.split(TOGETHER)]
    for name in names if schema else ():
        if schema and schema.field(name) is None:
            yield "match_fields", f"{plan.destination.name} has no field called {name or 'that'}."
    asked = {match.split(TOGETHER)[0] for match in plan.match_fields}
    if destination.finds_by and not asked <= set(destination.finds_by):
        names = [field.label if (field := schema and schema.field(one)) else one for one in destination.finds_by]
        yield "match_fields", f"{plan.destination.name} can only be searched by {' or '.join(names)}."


def _leaving(plan: "SyncPlan", destination: ObjectCapability) -> Problems:
    if plan.departed == Departed.ARCHIVE and not destination.can_archive:
        yield "departed", f"{plan.destination.name} has no archive for {destination.label.lower()}."
    if plan.departed != Departed.CLEAR:
        return
    if not destination.id_field:
        yield "departed", f"{plan.destination.name} cannot change somebody who is known by nothing but an id."
    schema = known(plan.destination, plan.destination_object)
    field = schema.field(plan.departed_field) if schema else None
    if not plan.departed_field:
        yield "departed_field", "Say which field is to be emptied."
    elif schema is not None and (field is None or not field.writable or field.required):
        yield "departed_field", f"{plan.destination.name} does not let us empty that field."
    elif plan.departed_field == plan.destination_key:
        yield "departed_field", "That field tells who is who: it cannot be emptied."
