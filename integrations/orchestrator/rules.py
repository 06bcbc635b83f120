"""From a correction to a rule: failed records and what a person made of them become a wish and examples for the mapping."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from integrations.exceptions import RefusedTransitionError
from integrations.models import FailedRecord
from integrations.models.blobs import unpack
from integrations.orchestrator.examples import keep_example
from integrations.orchestrator.samples import add_picked
from integrations.orchestrator.schemas import known
from integrations.types import ObjectSchema

MOST = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """Which mapping is meant, and the change to ask for, in words a person can go on writing. It may quote values."""

    mapping_id: int
    wish: str


def propose_rule(failed_ids: Sequence[int], actor: str) -> Rule:
    """Hand failed records of one sync to its mapping: they become people to try it on, corrected ones also examples."""
    rows = list(
        FailedRecord.objects.select_related("sync__mapping", "sync__source", "sync__destination")
        .defer("sync__source__secrets", "sync__source__token", "sync__destination__secrets", "sync__destination__token")
        .filter(pk__in=list(failed_ids)[:MOST], received__isnull=False)
        .order_by("pk")
    )
    if not rows:
        raise RefusedTransitionError("What these people had in their fields is no longer kept.")
    first = rows[0]
    rows = [row for row in rows if row.sync_id == first.sync_id]
    with transaction.atomic():
        add_picked(first.sync.mapping_id, [_received(row) for row in rows])
        for row in rows:
            if _is_example(row):
                expected = {**unpack(row.mapped), **row.corrections["sent"]}
                keep_example(first.sync.mapping, _received(row), expected, actor)
    return Rule(first.sync.mapping_id, "\n".join(dict.fromkeys(wish for row in rows for wish in _wishes(row))))


def _received(row: FailedRecord) -> dict[str, Any]:
    return {**unpack(row.received), "id": row.source_id}


def _is_example(row: FailedRecord) -> bool:
    """Only a value that was corrected on its way out tells what should go out; one that came in wrong does not."""
    return bool(row.mapped and row.corrections.get("sent") and not row.corrections.get("received"))


def _wishes(row: FailedRecord) -> Iterator[str]:
    sync = row.sync
    received, mapped = _received(row), unpack(row.mapped) or {}
    source, destination = known(sync.source, sync.source_object), known(sync.destination, sync.destination_object)
    for name, value in row.corrections.get("sent", {}).items():
        yield _wish(_label(destination, name), mapped.get(name), value, "send")
    for name, value in row.corrections.get("received", {}).items():
        yield _wish(_label(source, name), received.get(name), value, "take it as")
    if not row.corrections:
        yield f"{row.title}. In that case, "


def _wish(label: str, before: Any, after: Any, verb: str) -> str:
    when = f"is “{before}”" if before not in (None, "") else "is empty"
    return f"When {label} {when}, {verb} {'nothing' if after in (None, '') else f'“{after}”'}."


def _label(schema: ObjectSchema | None, name: str) -> str:
    field = schema.field(name) if schema else None
    return field.label if field else name
