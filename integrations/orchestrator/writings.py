"""Asking the model to write a mapping's code: what is asked, and what becomes of what it wrote."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from integrations.enums import MappingTaskKind, MappingTaskStatus
from integrations.exceptions import RefusedTransitionError
from integrations.models import MappingDraft, MappingTask
from integrations.models.blobs import unpack
from integrations.orchestrator.drafts import (
    MOST_INSTRUCTIONS,
    MOVED_ON,
    lock_draft,
    use_written,
    with_wishes,
    write_draft,
)
from integrations.orchestrator.mapping_tasks import start_task

MOST_CHANGE = 5_000


def ask_model(
    mapping_id: int, revision: int, *, change: str = "", answers: Mapping[int, str] | None = None, actor: str
) -> MappingTask:
    """Have the code written from the draft's instructions, with one more wish, and answers to its questions by place.

    The answers are kept with the draft at once: they are not lost when the model is.
    """
    change = change.strip()
    if len(change) > MOST_CHANGE:
        raise RefusedTransitionError(f"This is too long: at most {MOST_CHANGE:,} characters at a time.")
    with transaction.atomic():
        draft = lock_draft(mapping_id, revision)
        draft = _keep_answers(draft, answers or {}, actor)
        if not draft.instructions.strip() and not change and not any((answers or {}).values()):
            raise RefusedTransitionError("Say first what the mapping should do.")
        request = {
            "base_revision": draft.revision,
            "instructions": draft.instructions,
            "change": change,
            "answers": [
                {"question": question["text"], "answer": question["answer"]}
                for question in draft.questions
                if question.get("answer")
            ],
        }
        if len(with_wishes(draft.instructions, request)) > MOST_INSTRUCTIONS:
            raise RefusedTransitionError(
                f"With this the instructions are longer than {MOST_INSTRUCTIONS:,} characters. Shorten them first."
            )
        return start_task(mapping_id, MappingTaskKind.WRITE, request, actor)


def answer_questions(mapping_id: int, revision: int, answers: Mapping[int, str], actor: str) -> MappingDraft:
    """Keep answers to the draft's questions, by place, without asking the model; an empty one opens its question again."""
    with transaction.atomic():
        return _keep_answers(lock_draft(mapping_id, revision), answers, actor)


def use_waiting(task_id: int, revision: int, actor: str) -> MappingDraft:
    """Put what the model wrote into the draft after all, over what somebody changed meanwhile."""
    with transaction.atomic():
        waiting = MappingTask.objects.select_for_update().filter(pk=task_id, kind=MappingTaskKind.WRITE)
        task = waiting.filter(status=MappingTaskStatus.DONE, reason_code=MOVED_ON).first()
        if task is None:
            raise RefusedTransitionError("This was used or replaced already.")
        draft = use_written(task, unpack(task.result), revision, actor)
        waiting.update(reason_code="", reason="")
    return draft


def _keep_answers(draft: MappingDraft, answers: Mapping[int, str], actor: str) -> MappingDraft:
    questions: Sequence[dict[str, Any]] = draft.questions
    answered = [
        {**question, "answer": (answers.get(place, question.get("answer") or "")).strip()[:1_000]}
        for place, question in enumerate(questions)
    ]
    if answered != list(questions):
        write_draft(draft, {"questions": answered}, actor)
    return draft
