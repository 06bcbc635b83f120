"""A suggested draft without a model: fields paired by what they are called and hold, and code made from the pairs."""

from typing import Any

from integrations.adapters.registry import capabilities
from integrations.enums import RuleOrigin
from integrations.exceptions import RefusedTransitionError
from integrations.mappings.matching import Level, ask_questions, draft_code, match_fields, summarise
from integrations.models import Mapping, MappingDraft, MappingSample, MappingTask
from integrations.models.blobs import unpack
from integrations.orchestrator.drafts import save_draft
from integrations.orchestrator.samples import keep_samples
from integrations.orchestrator.trials import schemas_of


def suggest_draft(mapping_id: int, revision: int, actor: str) -> MappingDraft:
    """Put the suggestion into the draft of this revision. Refused until both sides' fields were read."""
    mapping = Mapping.objects.select_related("source_connection", "destination_connection").get(pk=mapping_id)
    source, destination = schemas_of(mapping)
    if source is None or destination is None:
        raise RefusedTransitionError("The fields were not read yet. Fetch people to try it on first.")
    samples = [unpack(sample.record) for sample in MappingSample.objects.filter(mapping=mapping)]
    matches = match_fields(source, destination, samples)
    names = (capabilities(mapping.source_platform).label, capabilities(mapping.destination_platform).label)
    origin = RuleOrigin.MATCHER
    return save_draft(
        mapping_id,
        revision,
        actor=actor,
        code=draft_code(matches, source, destination),
        rules=[
            {"field": note.field, "text": note.text, "by": origin.value}
            for note in summarise(matches, source, destination)
            if note.level in {Level.HIGH, Level.MEDIUM}
        ],
        questions=[
            {"field": "", "text": question, "answer": ""}
            for question in ask_questions(matches, source, destination, names)
        ],
        origin=origin,
    )


def keep_people(task: MappingTask, result: dict[str, Any]) -> None:
    """Keep the people a task fetched. A new mapping, whose fields are known only now, starts from the suggestion."""
    keep_samples(task, result)
    draft = MappingDraft.objects.select_for_update().filter(mapping=task.mapping_id, code="", based_on=None).first()
    if draft is not None:
        suggest_draft(task.mapping_id, draft.revision, task.actor)
