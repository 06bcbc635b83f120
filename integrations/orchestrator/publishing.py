"""Publishing a draft as the next version, and going back to an older one. Versions never change; each step is an event."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max

from integrations.enums import Kind
from integrations.exceptions import RefusedTransitionError
from integrations.mappings.checks import check_code, source_fields
from integrations.mappings.findings import Finding, Severity
from integrations.mappings.review import review_code
from integrations.models import Mapping, MappingDraft, MappingExample, MappingVersion
from integrations.models.blobs import unpack
from integrations.orchestrator.drafts import drop_draft, lock_draft
from integrations.orchestrator.events import append
from integrations.orchestrator.examples import BrokenExample, accept_outputs, held_against
from integrations.orchestrator.schemas import compare_again
from integrations.orchestrator.trials import Tried, key_and_mode, schemas_of, try_draft
from integrations.types import ObjectSchema


@dataclass(frozen=True, slots=True)
class Readiness:
    """What stands between a draft and publishing it.

    `problems` must go first. `broken` examples block until their change is accepted. `warnings` want a sentence why.
    """

    findings: tuple[Finding, ...]
    tried: Tried
    problems: tuple[str, ...]
    broken: tuple[BrokenExample, ...]
    warnings: tuple[str, ...]


def check_readiness(mapping: Mapping, draft: MappingDraft) -> Readiness:
    """Check the code, try it on the samples and hold it against the examples. Takes a moment, changes nothing."""
    if not draft.code.strip():
        return Readiness((), Tried(()), ("There is no code yet.",), (), ())
    findings = review_draft(mapping, draft)
    if any(finding.severity == Severity.ERROR for finding in findings):
        return Readiness(findings, Tried(()), ("The code does not pass the checks.",), (), ())
    examples = list(MappingExample.objects.filter(mapping=mapping))
    tried = try_draft(mapping, draft, [unpack(example.record) for example in examples])
    if tried.broken:
        return Readiness(findings, tried, (tried.broken,), (), ())
    broken = tuple(held_against(examples, tried.others))
    return Readiness(findings, tried, (), broken, tuple(_warnings(draft, tried, len(findings))))


def review_draft(mapping: Mapping, draft: MappingDraft) -> tuple[Finding, ...]:
    """Everything that can be said about the code without running it on a record, by line."""
    source, destination = schemas_of(mapping)
    if source is None or destination is None:
        return tuple(check_code(draft.code))
    key, mode = key_and_mode(mapping)
    return _reviewed(draft.code, source, destination, key, mode)


@lru_cache(maxsize=32)
def _reviewed(code: str, source: ObjectSchema, destination: ObjectSchema, key: str, mode: str) -> tuple[Finding, ...]:
    """The checks look at nothing but what they are given: the same again is known already."""
    return review_code(code, source, destination, key=key, mode=mode).findings


def needs_other_person(draft: MappingDraft, actor: str) -> bool:
    """True when this person changed the draft and the setting asks for a second one."""
    return bool(settings.MAPPING_NEEDS_SECOND_PERSON) and actor in draft.editors


def publish_draft(
    mapping_id: int, revision: int, *, actor: str, note: str = "", accepted: Collection[int] = ()
) -> MappingVersion:
    """The draft of this revision becomes the next version, which jobs use from their next start on.

    `accepted` = examples whose change is right. Refused with a sentence while anything speaks against it.
    """
    with transaction.atomic():
        draft = lock_draft(mapping_id, revision)
    if needs_other_person(draft, actor):
        raise RefusedTransitionError("A second person must publish this: you changed the draft yourself.")
    # Outside the transaction: a trial takes a moment, and a draft that changes meanwhile is refused below.
    ready = check_readiness(draft.mapping, draft)
    _refuse_unless_ready(ready, note, accepted)
    with transaction.atomic():
        draft = lock_draft(mapping_id, revision)
        version = _add_version(draft, actor, note)
        accept_outputs((one for one in ready.broken if one.example.pk in accepted), actor)
        drop_draft(draft)
        _switch(mapping_id, version, actor, Kind.MAPPING_PUBLISHED, note)
    return version


def restore_version(mapping_id: int, number: int, *, actor: str, note: str = "") -> MappingVersion:
    """Go back to an older version; jobs use it from their next start on. A draft that somebody has changed stays."""
    with transaction.atomic():
        version = MappingVersion.objects.filter(mapping=mapping_id, number=number).first()
        if version is None:
            raise RefusedTransitionError(f"There is no version {number}.")
        _switch(mapping_id, version, actor, Kind.MAPPING_RESTORED, note)
        draft = MappingDraft.objects.filter(mapping=mapping_id, based_on__isnull=False).select_related("mapping")
        untouched = draft.select_for_update(of=("self",)).filter(revision=F("mapping__last_revision") + 1).first()
        if untouched is not None:
            drop_draft(untouched)
    return version


def _refuse_unless_ready(ready: Readiness, note: str, accepted: Collection[int]) -> None:
    if ready.problems:
        raise RefusedTransitionError(ready.problems[0])
    open_ones = [one for one in ready.broken if one.example.pk not in accepted]
    if open_ones:
        count = len(open_ones)
        what = "1 example is" if count == 1 else f"{count} examples are"
        raise RefusedTransitionError(f"{what} no longer produced. Accept the change, or mend the code.")
    if ready.warnings and not note.strip():
        raise RefusedTransitionError("Say in a sentence why this may be published as it is.")


def _warnings(draft: MappingDraft, tried: Tried, remarks: int) -> list[str]:
    warnings = []
    if remarks:
        warnings.append("1 remark on the code." if remarks == 1 else f"{remarks} remarks on the code.")
    if not tried.trials:
        warnings.append("It was not tried on anybody yet.")
    elif tried.held:
        warnings.append(f"{tried.held} of {len(tried.trials)} people need a look.")
    unanswered = sum(not question.get("answer") for question in draft.questions)
    if unanswered:
        warnings.append("1 question is open." if unanswered == 1 else f"{unanswered} questions are open.")
    return warnings


def _add_version(draft: MappingDraft, actor: str, note: str) -> MappingVersion:
    newest = MappingVersion.objects.filter(mapping=draft.mapping).aggregate(newest=Max("number"))["newest"] or 0
    read = source_fields(draft.code)
    return MappingVersion.objects.create(
        mapping=draft.mapping,
        number=newest + 1,
        instructions=draft.instructions,
        code=draft.code,
        rules=draft.rules,
        source_fields=sorted(read - {"id"}) if read is not None else [],
        author=draft.editors[-1] if draft.editors else actor,
        note=note.strip()[:500],
    )


def _switch(mapping_id: int, version: MappingVersion, actor: str, kind: Kind, note: str) -> None:
    mapping = Mapping.objects.select_for_update(of=("self",)).select_related("published").get(pk=mapping_id)
    before = mapping.published
    if before is not None and before.pk == version.pk:
        raise RefusedTransitionError(f"Version {version.number} is published already.")
    mapping.published = version
    mapping.save(update_fields=["published"])
    if before is not None:
        append(mapping.stream, Kind.MAPPING_RETIRED, {"number": before.number}, actor)
    append(mapping.stream, kind, {"number": version.number, "reason": note.strip()[:200]}, actor)
    compare_again(mapping_id)
