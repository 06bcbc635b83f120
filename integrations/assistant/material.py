"""What the model is asked about: both sides' fields, what a person wants, the draft in hand, and people to try it on."""

from collections.abc import Mapping as Plain
from dataclasses import dataclass
from typing import Any

from integrations import reasons
from integrations.adapters.registry import capabilities
from integrations.enums import SyncMode
from integrations.exceptions import ConfigurationError
from integrations.models import Connection, Mapping, MappingDraft, MappingExample, MappingSample, MappingTask, Sync
from integrations.models.blobs import unpack
from integrations.orchestrator.connections import open_adapter
from integrations.orchestrator.drafts import MOST_INSTRUCTIONS
from integrations.orchestrator.schemas import described
from integrations.types import FlatRecord, ObjectSchema

MOST_EXAMPLES = 50


@dataclass(frozen=True, slots=True)
class End:
    """One side of the mapping. `many`: what its records are called ("people")."""

    platform: str
    label: str
    many: str
    schema: ObjectSchema


@dataclass(frozen=True, slots=True)
class Failure:
    """Somebody from the Fix-it list: as received, why he was held, and what a person made of it. Parts may be empty.

    `problem` is worded from the reason's code: a platform's own words may quote a value.
    """

    received: FlatRecord
    field: str = ""
    problem: str = ""
    corrected: FlatRecord | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """Everything for one writing. Records are as they are: only `prompt.py` shows them to the model, masked, and only if
    `may_share`. `examples` = (received, expected), expected None when the record is to be left out."""

    source: End
    destination: End
    key: str
    mode: SyncMode
    instructions: str
    change: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    failures: tuple[Failure, ...] = ()
    code: str = ""
    rules: tuple[Plain[str, str], ...] = ()
    samples: tuple[FlatRecord, ...] = ()
    examples: tuple[tuple[FlatRecord, FlatRecord | None], ...] = ()
    may_share: bool = False


def gather(task: MappingTask) -> Material:
    """The material for a task of the kind WRITE; asks a platform for its fields when they were never read.

    `task.request` = {"base_revision", "instructions", "change", "answers": [{"question", "answer"}, …],
    "failures": [{"sample": record, "code": of `reasons`, "field": name, "correction": mapped record}, …]}, all but the
    first optional.
    """
    mapping, request = task.mapping, task.request
    source, destination = _connection(mapping, "source"), _connection(mapping, "destination")
    draft = MappingDraft.objects.filter(mapping=mapping).first() or MappingDraft()
    sync = Sync.objects.filter(mapping=mapping).order_by("pk").first()
    usual_key = capabilities(mapping.destination_platform).object(mapping.destination_object).default_key
    return Material(
        source=_end(source, mapping.source_object),
        destination=_end(destination, mapping.destination_object),
        key=sync.destination_key if sync else usual_key,
        mode=SyncMode(sync.write_mode) if sync else SyncMode.UPSERT,
        instructions=_bounded(request.get("instructions") or draft.instructions),
        change=_bounded(request.get("change")),
        answers=tuple((str(one["question"]), str(one["answer"])) for one in request.get("answers") or ()),
        failures=tuple(_failure(mapping, told) for told in request.get("failures") or ()),
        code=draft.code,
        rules=tuple(draft.rules),
        samples=tuple(unpack(sample.record) for sample in MappingSample.objects.filter(mapping=mapping)),
        examples=_examples(mapping),
        may_share=source.share_samples,
    )


def _end(connection: Connection, object_name: str) -> End:
    declared = capabilities(connection.platform)
    kind = declared.object(object_name)
    with open_adapter(connection) as adapter:
        schema = described(connection, object_name, adapter)
    return End(declared.label, kind.label, kind.noun[1], schema)


def _connection(mapping: Mapping, side: str) -> Connection:
    connection: Connection | None = getattr(mapping, f"{side}_connection")
    if connection is None:
        raise ConfigurationError(f"The mapping “{mapping.name}” has no {side} connection to look at. Choose one.")
    return connection


def _examples(mapping: Mapping) -> tuple[tuple[FlatRecord, FlatRecord | None], ...]:
    newest = MappingExample.objects.filter(mapping=mapping).order_by("-id")[:MOST_EXAMPLES]
    return tuple((unpack(example.record), unpack(example.expected)) for example in newest)


def _failure(mapping: Mapping, told: Plain[str, Any]) -> Failure:
    label, field = capabilities(mapping.destination_platform).label, str(told.get("field") or "")
    problem = reasons.sentence(str(told.get("code") or ""), field, label)
    return Failure(dict(told.get("sample") or {}), field, problem, told.get("correction"))


def _bounded(text: Any) -> str:
    """Refused rather than cut: what was left out might have been the point."""
    said = str(text or "").strip()
    if len(said) > MOST_INSTRUCTIONS:
        raise ConfigurationError(f"The instructions are too long: at most {MOST_INSTRUCTIONS:,} characters.")
    return said
