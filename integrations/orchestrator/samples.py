"""People to try a mapping on: fetched live from the source, chosen to differ, picked by id, or made up."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from integrations.adapters.base import Adapter
from integrations.enums import MappingTaskKind
from integrations.exceptions import ConfigurationError, RefusedTransitionError
from integrations.mappings.variety import choose_different
from integrations.models import Connection, Mapping, MappingSample, MappingTask
from integrations.models.blobs import pack
from integrations.orchestrator.connections import open_adapter
from integrations.orchestrator.mapping_tasks import TaskHold, start_task
from integrations.orchestrator.schemas import described
from integrations.types import FlatRecord, ObjectSchema, Window

COUNT = 20
MOST = 100
_RECENT = timedelta(days=30)
_LOOKED_AT = 80
"""How many fields are asked for when choosing who differs; the chosen ones are then read whole."""


def fetch_samples(mapping_id: int, actor: str, *, ids: Sequence[str] = (), count: int = COUNT) -> MappingTask:
    """Ask a worker for people: these, or `count` of its own choice in place of those it chose before."""
    if len(ids) > MOST:
        raise RefusedTransitionError(f"At most {MOST} people at a time.")
    return start_task(mapping_id, MappingTaskKind.SAMPLE, {"ids": list(ids), "count": min(count, MOST)}, actor)


def run_sampling(hold: TaskHold) -> dict[str, Any]:
    """Read both sides' fields, then people; {"records": […], "missing": [ids that do not exist], "picked": bool}."""
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
        records = read_whole(adapter, mapping, ids) if ids else _choose(adapter, mapping, schema, hold.task.request)
    found = {str(record["id"]) for record in records}
    return {"records": records, "missing": [one for one in ids if one not in found], "picked": bool(ids)}


def keep_samples(task: MappingTask, result: dict[str, Any]) -> None:
    """Put people into the mapping's samples: those chosen by us replace those we chose before."""
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


def _choose(adapter: Adapter, mapping: Mapping, schema: ObjectSchema, request: dict[str, Any]) -> list[FlatRecord]:
    """From the first ones there are and those that changed lately, the ones that differ most from each other."""
    fields = _telling_fields(mapping, schema)
    now = timezone.now()
    pages = [adapter.fetch_records(mapping.source_object, {}, Window(None, now), fields)]
    if len(pages[0].records) > COUNT and pages[0].next_cursor is not None:
        pages.append(adapter.fetch_records(mapping.source_object, {}, Window(now - _RECENT, now), fields))
    candidates = {str(record["id"]): record for page in pages for record in page.records}
    chosen = choose_different(list(candidates.values()), int(request.get("count") or COUNT))
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
