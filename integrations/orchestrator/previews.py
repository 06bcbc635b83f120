"""Before a sync is turned on: how many people it would include, and what would become of ten of them. Nothing is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from integrations.adapters.base import Adapter
from integrations.adapters.deadline import finish_within
from integrations.adapters.registry import capabilities
from integrations.enums import EmptyValues
from integrations.mappings.conditions import compile_conditions, read_conditions
from integrations.mappings.validation import compile_validator
from integrations.mappings.variety import choose_different
from integrations.models import Connection, MappingVersion
from integrations.orchestrator.connection_turns import only_a_few
from integrations.orchestrator.connections import open_adapter
from integrations.orchestrator.first_pages import first_records
from integrations.orchestrator.schemas import described, known
from integrations.orchestrator.stages.validating import without_empty
from integrations.orchestrator.syncs import SyncPlan
from integrations.orchestrator.trials import Outcome, run_code
from integrations.types import Condition, FlatRecord, ObjectSchema, Window

COUNT_SECONDS = 6.0
TRY_SECONDS = 14.0
PEOPLE = 10
SAMPLE = 1_000


@dataclass(frozen=True, slots=True)
class Counted:
    """How many are included. `is_exact` False: worked out from a sample of so many. `total`: how many there are at all."""

    included: int | None
    total: int | None
    is_exact: bool = True
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """One person: as received, and what the sync would make of him."""

    received: FlatRecord
    outcome: Outcome


def count_people(source: Connection, object_name: str, plain: Sequence[Mapping[str, str]]) -> Counted:
    """Asks the source, for a few seconds at most. Errors as of any call."""
    conditions = read_conditions(plain)
    everybody = Window(None, timezone.now())
    with only_a_few(), finish_within(COUNT_SECONDS), open_adapter(source) as adapter:
        total = adapter.count(object_name, everybody)
        if not conditions:
            return Counted(total, total)
        exact = adapter.count(object_name, Window(None, everybody.until, conditions))
        return Counted(exact, total) if exact is not None else _estimate(adapter, object_name, conditions, total)


def _estimate(adapter: Adapter, object_name: str, conditions: tuple[Condition, ...], total: int | None) -> Counted:
    """The share of the first ones there are, of all there are."""
    fields = [condition.field for condition in conditions]
    records, _ = first_records(adapter, object_name, Window(None, timezone.now()), fields, SAMPLE)
    is_included = compile_conditions(conditions)
    included = sum(is_included is None or is_included(record) for record in records)
    if total is None or not records:
        return Counted(None, total, is_exact=False, sample=len(records))
    if len(records) >= total:
        return Counted(included, total)
    return Counted(round(total * included / len(records)), total, is_exact=False, sample=len(records))


def try_people(plan: SyncPlan, version: MappingVersion) -> list[Preview]:
    """Ten people who are included and differ, through this version of the mapping and the checks of the destination."""
    is_included = compile_conditions(read_conditions(plan.conditions))
    with only_a_few(), finish_within(TRY_SECONDS):
        with open_adapter(plan.source) as adapter:
            fields = (
                [*version.source_fields, *(one["field"] for one in plan.conditions)] if version.source_fields else []
            )
            everybody, names = Window(None, timezone.now()), list(dict.fromkeys(fields))
            records, _ = first_records(adapter, plan.source_object, everybody, names, PEOPLE * 4, is_included)
        with open_adapter(plan.destination) as adapter:
            schema = described(plan.destination, plan.destination_object, adapter)
    chosen = choose_different(records, PEOPLE)
    label = capabilities(plan.destination.platform).label
    validate = compile_validator(schema, plan.destination_key, plan.write_mode, platform_label=label)
    outcomes = run_code(version.code, chosen, validate) if chosen else []
    return [Preview(record, _as_sent(plan, one)) for record, one in zip(chosen, outcomes, strict=True)]


def _as_sent(plan: SyncPlan, outcome: Outcome) -> Outcome:
    if plan.empty_values != EmptyValues.KEEP:
        return outcome
    return Outcome(
        outcome.fate,
        without_empty(outcome.output, plan.destination_key),
        outcome.reason,
        outcome.technical,
        outcome.problems,
    )


def fields_of(connection: Connection, object_name: str) -> ObjectSchema:
    """The object's fields: as last described, else asked of the platform now, for a few seconds at most."""
    schema = known(connection, object_name)
    if schema is not None:
        return schema
    with only_a_few(), finish_within(COUNT_SECONDS), open_adapter(connection) as adapter:
        return described(connection, object_name, adapter)
