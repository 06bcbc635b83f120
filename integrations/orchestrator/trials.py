"""A draft tried on the mapping's samples, beside the published version: what came in, what would go out, what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from integrations.adapters.registry import capabilities
from integrations.enums import SyncMode
from integrations.mappings.errors import MappingBrokenError
from integrations.mappings.outcomes import MappedBatch
from integrations.mappings.rehearsal import Fate, differing_fields
from integrations.mappings.runner import MappingRunner
from integrations.mappings.validation import Problem, Validator, compile_validator
from integrations.models import Mapping, MappingDraft, MappingSample, Sync
from integrations.models.blobs import unpack
from integrations.orchestrator.schemas import known
from integrations.types import FlatRecord, ObjectSchema


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
    """All trials of a draft; `broken` is why the code runs on nobody at all."""

    trials: tuple[Trial, ...]
    broken: str = ""

    @property
    def held(self) -> int:
        """How many would end on the Fix-it list."""
        return sum(not trial.outcome.is_fine for trial in self.trials)


def try_draft(mapping: Mapping, draft: MappingDraft) -> Tried:
    """Run the draft on all samples, once now. Takes a moment, sends nothing."""
    samples = list(MappingSample.objects.filter(mapping=mapping))
    records = [unpack(sample.record) for sample in samples]
    validate = validator_of(mapping)
    try:
        after = run_code(draft.code, records, validate)
    except MappingBrokenError as problem:
        return Tried((), problem.message)
    version = mapping.published
    before = _run_published(version.code, records, validate) if version else [None] * len(records)
    rows = zip(samples, records, after, before, strict=True)
    return Tried(tuple(Trial(*row, changed=_changes(row[3], row[2])) for row in rows))


def run_code(code: str, records: Sequence[FlatRecord], validate: Validator) -> list[Outcome]:
    """What this code makes of each record. MappingBrokenError when it does not run at all."""
    if not records:
        return []
    with MappingRunner(code, processes=1) as runner:
        batch = runner.map_batch(orjson.dumps(records))
    return [_outcome(batch, index, output, validate) for index, output in enumerate(batch.outputs)]


def validator_of(mapping: Mapping) -> Validator:
    """The checks of the destination as last described; lets everything pass while its fields are not known."""
    schema = schemas_of(mapping)[1]
    if schema is None:
        return lambda record: []
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


def _outcome(batch: MappedBatch, index: int, output: FlatRecord | None, validate: Validator) -> Outcome:
    failure = batch.failed.get(index)
    if failure is not None:
        return Outcome("held", {}, failure.message, failure.technical)
    if output is None:
        return Outcome("left_out", {}, batch.left_out.get(index) or "")
    problems = tuple(validate(output))
    return Outcome("held" if problems else "sent", output, problems[0].message if problems else "", "", problems)


def _changes(before: Outcome | None, after: Outcome) -> tuple[str, ...]:
    return () if before is None else tuple(differing_fields(before.output, after.output))
