"""A draft tried on the mapping's samples, beside the published version: what came in, what would go out, what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from integrations.adapters.registry import capabilities
from integrations.enums import SyncMode
from integrations.mappings.errors import MappingBrokenError
from integrations.mappings.outcomes import Limits, MappedBatch
from integrations.mappings.rehearsal import Fate, differing_fields
from integrations.mappings.runner import MappingRunner
from integrations.mappings.validation import Problem, Validator, compile_validator
from integrations.models import Mapping, MappingDraft, MappingSample, Sync
from integrations.models.blobs import unpack
from integrations.orchestrator.schemas import known
from integrations.types import FlatRecord, ObjectSchema

QUICK = Limits(batch_seconds=1.0, trips_in_a_row=8, trips=12, trip_seconds=3.0)
"""Somebody waits for a trial: code that does not finish is given up after about four seconds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one version makes of one record. `reason` says why it is left out or held; `technical` may quote values."""

    fate: Fate
    output: FlatRecord
    reason: str = ""
    technical: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def is_fine(self) -> bool:
        """False when it would end on the Fix-it list."""
        return self.fate != "held"


@dataclass(frozen=True, slots=True)
class Trial:
    """One sample with what the draft makes of it, and what the published version makes of it if there is one."""

    sample: MappingSample
    received: FlatRecord
    outcome: Outcome
    before: Outcome | None = None
    changed: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Tried:
    """All trials of a draft; `broken` is why the code runs on nobody at all. `others` = what it makes of other records
    that were to be tried as well, as the mapping alone sees them: not held against the destination's fields.
    """

    trials: tuple[Trial, ...]
    broken: str = ""
    others: tuple[Outcome, ...] = ()

    @property
    def held(self) -> int:
        """How many would end on the Fix-it list."""
        return sum(not trial.outcome.is_fine for trial in self.trials)


def try_draft(mapping: Mapping, draft: MappingDraft, others: Sequence[FlatRecord] = ()) -> Tried:
    """Run the draft on all samples, and on these other records, once now. Takes a moment, sends nothing."""
    samples = list(MappingSample.objects.filter(mapping=mapping))
    records = [unpack(sample.record) for sample in samples]
    validate = validator_of(mapping)
    try:
        batch = _map(draft.code, [*records, *others])
    except MappingBrokenError as problem:
        return Tried((), problem.message)
    after = [_outcome(batch, index, validate) for index in range(len(records))]
    version = mapping.published
    before = _run_published(version.code, records, validate) if version else [None] * len(records)
    rows = zip(samples, records, after, before, strict=True)
    return Tried(
        tuple(Trial(*row, changed=_changes(row[3], row[2])) for row in rows),
        others=tuple(_outcome(batch, index, _anything) for index in range(len(records), len(batch.outputs))),
    )


def run_code(code: str, records: Sequence[FlatRecord], validate: Validator) -> list[Outcome]:
    """What this code makes of each record. MappingBrokenError when it does not run at all."""
    batch = _map(code, records)
    return [_outcome(batch, index, validate) for index in range(len(batch.outputs))]


def validator_of(mapping: Mapping) -> Validator:
    """The checks of the destination as last described; lets everything pass while its fields are not known."""
    schema = schemas_of(mapping)[1]
    if schema is None:
        return _anything
    key, mode = key_and_mode(mapping)
    label = capabilities(mapping.destination_platform).label
    return compile_validator(schema, key, mode, platform_label=label)


def schemas_of(mapping: Mapping) -> tuple[ObjectSchema | None, ObjectSchema | None]:
    """Source and destination object as last described at the mapping's connections; no call is made."""
    source, destination = mapping.source_connection, mapping.destination_connection
    return (
        known(source, mapping.source_object) if source else None,
        known(destination, mapping.destination_object) if destination else None,
    )


def key_and_mode(mapping: Mapping) -> tuple[str, str]:
    """The destination's key and the way of writing of a sync that uses the mapping, else the platform's usual ones."""
    sync = Sync.objects.filter(mapping=mapping).order_by("pk").only("destination_key", "write_mode").first()
    if sync is not None:
        return sync.destination_key, sync.write_mode
    return capabilities(mapping.destination_platform).object(mapping.destination_object).default_key, SyncMode.UPSERT


def _run_published(code: str, records: Sequence[FlatRecord], validate: Validator) -> Sequence[Outcome | None]:
    try:
        return run_code(code, records, validate)
    except MappingBrokenError:
        return [None] * len(records)  # it ran when it was published; the comparison is what is missing, not the trial


def _map(code: str, records: Sequence[FlatRecord]) -> MappedBatch:
    if not records:
        return MappedBatch()
    with MappingRunner(code, processes=1, limits=QUICK) as runner:
        return runner.map_batch(orjson.dumps(records))


def _anything(record: FlatRecord) -> list[Problem]:
    """Lets every record pass."""
    return []


def _outcome(batch: MappedBatch, index: int, validate: Validator) -> Outcome:
    failure, output = batch.failed.get(index), batch.outputs[index]
    if failure is not None:
        return Outcome("held", {}, failure.message, failure.technical)
    if output is None:
        return Outcome("left_out", {}, batch.left_out.get(index) or "")
    problems = tuple(validate(output))
    return Outcome("held" if problems else "sent", output, problems[0].message if problems else "", "", problems)


def _changes(before: Outcome | None, after: Outcome) -> tuple[str, ...]:
    return () if before is None else tuple(differing_fields(before.output, after.output))
