"""Asking the model: what it is given, and what becomes of what it wrote."""

import pytest

from integrations.enums import MappingTaskKind, MappingTaskStatus, RuleOrigin
from integrations.exceptions import RefusedTransitionError, StaleDraftError
from integrations.models import Mapping, MappingDraft, MappingTask
from integrations.models.blobs import pack
from integrations.orchestrator.drafts import MOST_INSTRUCTIONS, MOVED_ON, open_draft, save_draft, take_written
from integrations.orchestrator.mapping_tasks import cancel_task
from integrations.orchestrator.writings import MOST_CHANGE, ask_model, use_waiting
from tests.factories import make_mapping

pytestmark = pytest.mark.django_db
WRITTEN = {"code": "def map_record(record):\n    return {}\n", "rules": [], "questions": []}
QUESTIONS = [{"field": "Rating", "text": "Which?", "answer": ""}, {"field": "City", "text": "Where?", "answer": "Rome"}]


@pytest.fixture
def mapping() -> Mapping:
    mapping = make_mapping()
    draft = open_draft(mapping.pk, "ann")
    save_draft(mapping.pk, draft.revision, actor="ann", instructions="Map it.", questions=QUESTIONS)
    return mapping


def test_the_model_is_given_the_instructions_the_wish_and_the_answers(mapping: Mapping) -> None:
    task = ask_model(mapping.pk, 2, change=" Phones too. ", answers={0: "Hot"}, actor="ann")
    assert task.kind == MappingTaskKind.WRITE
    assert task.request == {
        "base_revision": 3,
        "instructions": "Map it.",
        "change": "Phones too.",
        "answers": [{"question": "Which?", "answer": "Hot"}, {"question": "Where?", "answer": "Rome"}],
    }
    assert MappingDraft.objects.get().questions[0]["answer"] == "Hot"


def test_nothing_to_say_is_refused(mapping: Mapping) -> None:
    save_draft(mapping.pk, 2, actor="ann", instructions=" ")
    with pytest.raises(RefusedTransitionError, match="Say first"):
        ask_model(mapping.pk, 3, actor="ann")


def test_a_wish_that_is_too_long_is_refused(mapping: Mapping) -> None:
    with pytest.raises(RefusedTransitionError, match="too long"):
        ask_model(mapping.pk, 2, change="x" * (MOST_CHANGE + 1), actor="ann")


def test_the_model_is_not_asked_about_a_draft_that_moved_on(mapping: Mapping) -> None:
    with pytest.raises(StaleDraftError):
        ask_model(mapping.pk, 1, actor="ann")
    assert not MappingTask.objects.exists()


def test_what_was_written_over_a_draft_that_moved_on_waits_and_can_be_used_once(mapping: Mapping) -> None:
    task = ask_model(mapping.pk, 2, change="Phones.", actor="ann")
    save_draft(mapping.pk, 2, actor="ben", code="mine = 1")
    MappingTask.objects.filter(pk=task.pk).update(status=MappingTaskStatus.DONE, result=pack(WRITTEN))
    take_written(task, WRITTEN)
    task.refresh_from_db()
    assert task.reason_code == MOVED_ON
    assert "ben changed this draft" in task.reason
    draft = use_waiting(task.pk, 3, "ann")
    assert (draft.code, draft.origin) == (WRITTEN["code"], RuleOrigin.MODEL)
    with pytest.raises(RefusedTransitionError, match="used or replaced"):
        use_waiting(task.pk, 4, "ann")


def test_one_writing_at_a_time(mapping: Mapping) -> None:
    task = ask_model(mapping.pk, 2, actor="ann")
    with pytest.raises(RefusedTransitionError, match="being written"):
        ask_model(mapping.pk, 2, actor="ben")
    cancel_task(task.pk)
    ask_model(mapping.pk, 2, actor="ben")


def test_what_was_asked_and_answered_is_part_of_the_instructions_once_it_is_written(mapping: Mapping) -> None:
    task = ask_model(mapping.pk, 2, change=" Phones too. ", answers={0: "Hot"}, actor="ann")
    take_written(task, WRITTEN)
    draft = MappingDraft.objects.get()
    assert draft.instructions == "Map it.\n\nPhones too.\n\nWhich? Hot\nWhere? Rome"
    assert draft.questions == []


def test_instructions_that_would_get_too_long_are_refused_before_anybody_is_asked(mapping: Mapping) -> None:
    draft = save_draft(mapping.pk, 2, actor="ann", instructions="x" * (MOST_INSTRUCTIONS - 10))
    with pytest.raises(RefusedTransitionError, match="Shorten them first"):
        ask_model(mapping.pk, draft.revision, change="Phones too, please.", actor="ann")
    assert not MappingTask.objects.exists()
