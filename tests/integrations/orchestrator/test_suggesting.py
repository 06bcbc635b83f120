"""A new mapping starts from what its fields suggest; any draft can start again from there."""

import pytest

from integrations.enums import Kind, MappingTaskStatus, RuleOrigin
from integrations.exceptions import RefusedTransitionError, StaleDraftError
from integrations.models import Event, MappingDraft, MappingTask, Sync
from integrations.orchestrator.drafts import create_mapping, open_draft, save_draft
from integrations.orchestrator.publishing import check_readiness
from integrations.orchestrator.samples import fetch_samples
from integrations.orchestrator.suggesting import suggest_draft
from integrations.tasks import work_for_editor
from tests.factories import make_mapping


def test_a_new_mapping_starts_from_a_suggestion_that_works_on_real_people(sync: Sync) -> None:
    mapping = create_mapping("New", sync.source, "contacts", sync.destination, "Lead", actor="ann")
    task = MappingTask.objects.get()
    work_for_editor(task.pk)
    task.refresh_from_db()
    assert (task.status, task.reason) == (MappingTaskStatus.DONE, "")
    draft = MappingDraft.objects.get(mapping=mapping)
    assert (draft.origin, draft.revision) == (RuleOrigin.MATCHER, 2)
    assert {"Email", "LastName", "Company"} <= {rule["field"] for rule in draft.rules}
    ready = check_readiness(mapping, draft)
    assert ready.problems == ()
    assert len(ready.tried.trials) == 20
    assert ready.tried.held <= 4
    assert Event.objects.get(stream=mapping.stream, kind=Kind.MAPPING_DRAFTED).data["by"] == "matcher"


def test_people_fetched_again_leave_a_draft_alone(sync: Sync) -> None:
    mapping = create_mapping("New", sync.source, "contacts", sync.destination, "Lead", actor="ann")
    save_draft(mapping.pk, 1, actor="ann", code="mine = 1")
    work_for_editor(MappingTask.objects.get().pk)
    work_for_editor(fetch_samples(mapping.pk, "ann").pk)
    assert MappingDraft.objects.get(mapping=mapping).code == "mine = 1"


def test_a_draft_that_moved_on_is_not_replaced_by_the_suggestion(sync: Sync) -> None:
    mapping = create_mapping("New", sync.source, "contacts", sync.destination, "Lead", actor="ann")
    work_for_editor(MappingTask.objects.get().pk)
    with pytest.raises(StaleDraftError):
        suggest_draft(mapping.pk, 1, "ben")
    assert suggest_draft(mapping.pk, 2, "ben").revision == 2


@pytest.mark.django_db
def test_nothing_is_suggested_before_the_fields_were_read() -> None:
    mapping = make_mapping()
    draft = open_draft(mapping.pk, "ann")
    with pytest.raises(RefusedTransitionError, match="not read yet"):
        suggest_draft(mapping.pk, draft.revision, "ann")
