"""Examples: outputs a person marked as right. Every later draft must still produce them, or a person says why not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from integrations.enums import Kind
from integrations.exceptions import RefusedTransitionError
from integrations.mappings.errors import MappingBrokenError
from integrations.mappings.rehearsal import differing_fields
from integrations.models import Mapping, MappingDraft, MappingExample, MappingSample
from integrations.models.blobs import pack, unpack
from integrations.orchestrator.events import append
from integrations.orchestrator.trials import Outcome, run_code
from integrations.types import FlatRecord

MOST = 200
_MOVED = "This has changed meanwhile. Look at it again."


@dataclass(frozen=True, slots=True)
class BrokenExample:
    """An example that code no longer produces. `expected` is None when the record is to be left out; `fields` differ."""

    example: MappingExample
    expected: FlatRecord | None
    got: Outcome
    fields: tuple[str, ...]


def mark_right(mapping_id: int, sample_id: int, revision: int, actor: str) -> MappingExample:
    """What the draft makes of this sample now is right. Refused when it would be held, or when the draft has changed."""
    draft = MappingDraft.objects.select_related("mapping").filter(mapping=mapping_id, revision=revision).first()
    sample = MappingSample.objects.filter(mapping=mapping_id, pk=sample_id).first()
    if draft is None or sample is None:
        raise RefusedTransitionError(_MOVED)
    return _keep_output(draft, unpack(sample.record), actor)


def keep_example(mapping: Mapping, record: FlatRecord, expected: FlatRecord | None, actor: str) -> MappingExample:
    """Add an example, or change the one there is for this record."""
    source_id = str(record.get("id", ""))[:120]
    with transaction.atomic():
        Mapping.objects.select_for_update().get(pk=mapping.pk)
        same = MappingExample.objects.filter(mapping=mapping, source_id=source_id).first()
        if same is None and MappingExample.objects.filter(mapping=mapping).count() >= MOST:
            raise RefusedTransitionError(f"{MOST} examples are enough. Remove one first.")
        example = same or MappingExample(mapping=mapping, source_id=source_id)
        example.record, example.expected, example.marked_by = pack(record), pack(expected), actor
        example.label = label_of(record)
        example.save()
        kind = Kind.MAPPING_EXAMPLE_CHANGED if same else Kind.MAPPING_EXAMPLE_ADDED
        append(mapping.stream, kind, {"example": example.pk}, actor)
    return example


def accept_output(mapping_id: int, example_id: int, revision: int, actor: str) -> MappingExample:
    """What the draft makes of an example's record now is right from now on. Refused as `mark_right` is."""
    draft = MappingDraft.objects.select_related("mapping").filter(mapping=mapping_id, revision=revision).first()
    example = MappingExample.objects.filter(mapping=mapping_id, pk=example_id).first()
    if draft is None or example is None:
        raise RefusedTransitionError(_MOVED)
    return _keep_output(draft, unpack(example.record), actor)


def remove_example(mapping_id: int, example_id: int, actor: str) -> None:
    """No longer hold drafts against it."""
    with transaction.atomic():
        example = MappingExample.objects.select_related("mapping").filter(mapping=mapping_id, pk=example_id).first()
        if example is not None:
            append(example.mapping.stream, Kind.MAPPING_EXAMPLE_REMOVED, {"example": example.pk}, actor)
            example.delete()


def broken_examples(mapping: Mapping, code: str) -> list[BrokenExample]:
    """The examples this code does not produce. MappingBrokenError when it does not run at all."""
    examples = list(MappingExample.objects.filter(mapping=mapping))
    return held_against(examples, run_code(code, [unpack(one.record) for one in examples], lambda output: []))


def held_against(examples: Sequence[MappingExample], got: Sequence[Outcome]) -> list[BrokenExample]:
    """The examples that were not produced; `got` has what was, one for each."""
    compared = (_compare(example, outcome) for example, outcome in zip(examples, got, strict=True))
    return [broken for broken in compared if broken is not None]


def accept_outputs(broken: Iterable[BrokenExample], actor: str) -> None:
    """What the new code makes of these examples is right from now on; one it cannot map is no example any more."""
    for one in broken:
        if one.got.fate == "held":
            remove_example(one.example.mapping_id, one.example.pk, actor)
        else:
            keep_example(one.example.mapping, unpack(one.example.record), output_of(one.got), actor)


def output_of(outcome: Outcome) -> FlatRecord | None:
    """The output as an example keeps it."""
    return None if outcome.fate == "left_out" else outcome.output


def label_of(record: FlatRecord) -> str:
    """Who this is, for a list: the first value that looks like an address, or the id."""
    texts = (value for value in record.values() if isinstance(value, str))
    return next((text for text in texts if "@" in text and " " not in text), str(record.get("id", "")))[:200]


def _keep_output(draft: MappingDraft, record: FlatRecord, actor: str) -> MappingExample:
    try:
        outcome = run_code(draft.code, [record], lambda output: [])[0]
    except MappingBrokenError as problem:
        raise RefusedTransitionError(problem.message) from problem
    if outcome.fate == "held":
        raise RefusedTransitionError("The mapping does not work for this one yet.")
    return keep_example(draft.mapping, record, output_of(outcome), actor)


def _compare(example: MappingExample, outcome: Outcome) -> BrokenExample | None:
    expected: FlatRecord | None = unpack(example.expected)
    if outcome.fate != "held" and expected == output_of(outcome):
        return None
    return BrokenExample(example, expected, outcome, tuple(differing_fields(expected or {}, outcome.output)))
