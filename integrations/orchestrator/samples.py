"""People to try a mapping on: fetched live from the source, chosen to differ, picked by id, or made up."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from integrations.adapters.base import Adapter
from integrations.adapters.registry import capabilities
from integrations.enums import MappingTaskKind
from integrations.exceptions import ConfigurationError, RefusedTransitionError
from integrations.mappings.variety import choose_different
from integrations.models import Connection, Mapping, MappingSample, MappingTask
from integrations.models.blobs import pack
from integrations.orchestrator.arrivals import came_in
from integrations.orchestrator.connections import open_adapter
from integrations.orchestrator.first_pages import first_records
from integrations.orchestrator.mapping_tasks import TaskHold, start_task
from integrations.orchestrator.object_lists import find_object
from integrations.orchestrator.schemas import described
from integrations.types import FlatRecord, ObjectSchema, Window

COUNT = 20
MOST = 100
NOBODY = "nobody_found"
"""Why a task that is done tells a reason: some or all of the people were not there."""
_RECENT = timedelta(days=30)
_TO_CHOOSE_FROM = 4
"""So many times as many as are chosen."""
_LOOKED_AT = 80
"""How many fields are asked for when choosing who differs; the chosen ones are then read whole."""


def fetch_samples(mapping_id: int, actor: str, *, ids: Sequence[str] = (), count: int = COUNT) -> MappingTask:
    """Ask a worker for people: these, or `count` of its own choice in place of those it chose before."""
    if len(ids) > MOST:
        raise RefusedTransitionError(f"At most {MOST} people at a time.")
    return start_task(mapping_id, MappingTaskKind.SAMPLE, {"ids": list(ids), "count": min(count, MOST)}, actor)


def run_sampling(hold: TaskHold) -> dict[str, Any]:
    """Read both sides' fields, then people; {"records": […], "missing": [ids that do not exist], "picked": bool}. Of what is
    stored "records" is empty: see `keep_samples`."""
    mapping = hold.task.mapping
    source, destination = _connection(mapping, "source"), _connection(mapping, "destination")
    hold.tell("Reading the fields", 0, 3)
    with open_adapter(destination) as adapter:
        described(destination, mapping.destination_object, adapter, fresh_for=timedelta())
    with open_adapter(source) as adapter:
        hold.tell("Reading the fields", 1, 3)
        schema = described(source, mapping.source_object, adapter, fresh_for=timedelta())
        hold.tell("Fetching people", 2, 3)
        ids = [str(one) for one in hold.task.request.get("ids") or []]
        if ids:
            records = read_whole(adapter, mapping, ids)
        elif _comes_by_webhook_only(source, mapping):
            records = choose_different(came_in(source, mapping.source_object), _count(hold.task))
        else:
            records = _choose(adapter, mapping, schema, _count(hold.task))
    found = {str(record["id"]) for record in records}
    return {"records": records, "missing": [one for one in ids if one not in found], "picked": bool(ids)}


def keep_samples(task: MappingTask, result: dict[str, Any]) -> None:
    """Put people into the mapping's samples: those chosen by us replace those we chose before. Who was not there is told.

    They are kept there alone, where they are forgotten in their time.
    """
    told: dict[str, Any] = {"result": pack({**result, "records": []})}
    if result["missing"] or not result["records"]:
        told |= {"reason_code": NOBODY, "reason": _not_there(task, result["missing"])}
    MappingTask.objects.filter(pk=task.pk).update(**told)
    if result["picked"]:
        add_picked(task.mapping_id, result["records"])
        return
    same = MappingSample.objects.filter(mapping=task.mapping_id)
    same.filter(is_picked=False, is_made_up=False).delete()
    kept = set(same.values_list("source_id", flat=True))
    _add(task.mapping_id, [record for record in result["records"] if str(record["id"]) not in kept])


def add_picked(mapping_id: int, records: Sequence[FlatRecord]) -> None:
    """These stay when other people are fetched; one who is there already is replaced. Joins the caller's transaction."""
    same = MappingSample.objects.filter(mapping=mapping_id)
    same.filter(source_id__in=[str(record["id"])[:120] for record in records]).delete()
    _add(mapping_id, records, is_picked=True)


def add_made_up(mapping_id: int, record: FlatRecord) -> MappingSample:
    """A person who does not exist, to see what would become of him."""
    with transaction.atomic():
        Mapping.objects.select_for_update().get(pk=mapping_id)
        number = MappingSample.objects.filter(mapping=mapping_id, is_made_up=True).count() + 1
        while MappingSample.objects.filter(mapping=mapping_id, source_id=f"made up {number}").exists():
            number += 1
        return _add(mapping_id, [{**record, "id": f"made up {number}"}], is_made_up=True)[0]


def remove_sample(mapping_id: int, sample_id: int) -> None:
    """Leave one person out of the trials."""
    MappingSample.objects.filter(mapping=mapping_id, pk=sample_id).delete()


def read_whole(adapter: Adapter, mapping: Mapping, ids: Sequence[str]) -> list[FlatRecord]:
    """These records with all their fields, in the order asked for; unknown ones are left out."""
    found = {str(record["id"]): record for record in adapter.read_records(mapping.source_object, ids, ())}
    return [found[one] for one in ids if one in found]


def _not_there(task: MappingTask, missing: Sequence[str]) -> str:
    mapping = task.mapping
    label = capabilities(mapping.source_platform).label
    if not missing:
        return f"{label} has nobody to try it on yet. You can make somebody up."
    named, more = ", ".join(one[:40] for one in missing[:5]), len(missing) - 5
    which = f"{named} and {more} more" if more > 0 else named
    return f"{label} has nobody with {'this id' if len(missing) == 1 else 'these ids'}: {which}."


def _count(task: MappingTask) -> int:
    return int(task.request.get("count") or COUNT)


def _comes_by_webhook_only(connection: Connection, mapping: Mapping) -> bool:
    found = find_object(connection, mapping.source_object)
    return found is not None and found.comes_by_webhook_only


def _choose(adapter: Adapter, mapping: Mapping, schema: ObjectSchema, count: int) -> list[FlatRecord]:
    """From the first ones there are and those that changed lately, the ones that differ most from each other."""
    fields = _telling_fields(mapping, schema)
    now, wanted = timezone.now(), count * _TO_CHOOSE_FROM
    found, goes_on = first_records(adapter, mapping.source_object, Window(None, now), fields, wanted)
    if goes_on:
        found += first_records(adapter, mapping.source_object, Window(now - _RECENT, now), fields, wanted)[0]
    candidates = {str(record["id"]): record for record in found}
    chosen = choose_different(list(candidates.values()), count)
    return read_whole(adapter, mapping, [str(record["id"]) for record in chosen])


def _telling_fields(mapping: Mapping, schema: ObjectSchema) -> list[str]:
    """Those the published version reads first, then the others as the platform lists them."""
    read: list[str] = mapping.published.source_fields if mapping.published else []
    there = [field.name for field in schema.fields if field.readable and field.name != "id"]
    return list(dict.fromkeys([*(name for name in read if name in there), *there]))[:_LOOKED_AT]


def _connection(mapping: Mapping, side: str) -> Connection:
    connection: Connection | None = getattr(mapping, f"{side}_connection")
    if connection is None:
        raise ConfigurationError(f"The mapping “{mapping.name}” has no {side} connection to look at. Choose one.")
    return connection


def _add(mapping_id: int, records: Sequence[FlatRecord], **flags: bool) -> list[MappingSample]:
    last = MappingSample.objects.filter(mapping=mapping_id).aggregate(last=Max("position"))["last"] or 0
    now = timezone.now()
    return MappingSample.objects.bulk_create(
        MappingSample(
            mapping_id=mapping_id,
            position=last + offset,
            source_id=str(record["id"])[:120],
            record=pack(record),
            fetched_at=now,
            **flags,
        )
        for offset, record in enumerate(records, start=1)
    )
