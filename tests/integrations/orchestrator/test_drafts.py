"""Drafts of mappings: shared, fenced by their revision, every step an event."""

import pytest

from integrations.enums import Kind, MappingTaskKind, RuleOrigin
from integrations.exceptions import RefusedTransitionError, StaleDraftError
from integrations.models import Event, Mapping, MappingDraft, MappingTask, MappingVersion
from integrations.orchestrator.drafts import (
    MOST_CODE,
    MOST_INSTRUCTIONS,
    MOVED_ON,
    ask_for_review,
    create_mapping,
    discard_draft,
    open_draft,
    rename_mapping,
    save_draft,
    take_written,
    use_written,
)
from integrations.orchestrator.mapping_tasks import start_task
from tests.factories import IDENTITY, make_connection, make_mapping

pytestmark = pytest.mark.django_db
WRITTEN = {"code": "def map_record(record):\n    return {}\n", "rules": [{"field": "Email", "text": "Lower case."}]}


def make_new(name: str = "People") -> Mapping:
    source, destination = make_connection("hubspot"), make_connection("salesforce")
    return create_mapping(name, source, "contacts", destination, "Lead", actor="ann", instructions="Map it.")


def kinds(mapping: Mapping) -> list[str]:
    return list(Event.objects.filter(stream=mapping.stream).order_by("version").values_list("kind", flat=True))


def test_a_new_mapping_has_a_draft_and_asks_for_its_fields_and_people() -> None:
    mapping = make_new()
    assert mapping.draft.instructions == "Map it."
    assert MappingTask.objects.get().kind == MappingTaskKind.SAMPLE
    assert kinds(mapping) == [Kind.MAPPING_CREATED]


def test_a_name_is_used_once() -> None:
    make_new()
    with pytest.raises(RefusedTransitionError, match="called “People” already"):
        make_new()
    assert Mapping.objects.count() == 1


@pytest.mark.parametrize(("source_object", "destination_object"), [("nothing", "Lead"), ("contacts", "nothing")])
def test_an_object_the_platform_does_not_have_is_refused(source_object: str, destination_object: str) -> None:
    source, destination = make_connection("hubspot"), make_connection("salesforce")
    with pytest.raises(RefusedTransitionError, match="has no “nothing”"):
        create_mapping("People", source, source_object, destination, destination_object, actor="ann")


def test_an_object_that_only_the_account_has_is_taken_and_its_kind_alone_is_not() -> None:
    source, destination = make_connection("hubspot"), make_connection("salesforce")
    mapping = create_mapping("Own", source, "object:2-556", destination, "object:Subscription__c", actor="ann")
    assert (mapping.source_object, mapping.destination_object) == ("object:2-556", "object:Subscription__c")
    with pytest.raises(RefusedTransitionError, match="has no “object”"):
        create_mapping("Kind", source, "object", destination, "Lead", actor="ann")


def test_a_draft_begins_as_a_copy_of_what_is_published() -> None:
    mapping = make_mapping()
    draft = open_draft(mapping.pk, "ann")
    assert (draft.code, draft.based_on, draft.editors) == (IDENTITY, mapping.published, [])
    assert open_draft(mapping.pk, "ben").pk == draft.pk


def test_a_change_makes_the_next_revision_and_names_its_editors_in_order() -> None:
    draft = open_draft(make_mapping().pk, "ann")
    draft = save_draft(draft.mapping_id, draft.revision, actor="ann", code="a = 1")
    draft = save_draft(draft.mapping_id, draft.revision, actor="ben", instructions="More.")
    draft = save_draft(draft.mapping_id, draft.revision, actor="ann", instructions="Still more.")
    assert (draft.revision, draft.editors, draft.updated_by) == (4, ["ann", "ben"], "ann")
    assert kinds(draft.mapping).count(Kind.MAPPING_DRAFTED) == 3


def test_who_saw_an_older_revision_overwrites_nothing_and_is_told_who_was_quicker() -> None:
    draft = open_draft(make_mapping().pk, "ann")
    save_draft(draft.mapping_id, 1, actor="ben", code="b = 1")
    with pytest.raises(StaleDraftError, match="ben changed this draft") as stale:
        save_draft(draft.mapping_id, 1, actor="ann", code="a = 1")
    assert stale.value.by == "ben"
    assert MappingDraft.objects.get().code == "b = 1"


def test_saving_what_is_there_already_changes_nothing() -> None:
    draft = open_draft(make_mapping().pk, "ann")
    assert save_draft(draft.mapping_id, 1, actor="ann", code=IDENTITY).revision == 1


def test_code_changed_by_hand_marks_its_rules() -> None:
    draft = open_draft(make_mapping().pk, "ann")
    MappingDraft.objects.update(rules=[{"field": "Email", "text": "Lower case.", "by": "model"}], origin="model")
    draft = save_draft(draft.mapping_id, 1, actor="ann", code="a = 1")
    assert draft.rules[0]["by"] == draft.origin == RuleOrigin.HAND


TWO = 'def map_record(record):\n    return {"Email": clean_email(record.get("email")), "Title": record.get("title")}\n'
OTHER_TITLE = TWO.replace('record.get("title")', 'clean_text(record.get("title"))')


def by_field(draft: MappingDraft) -> dict[str, str]:
    return {rule["field"]: rule["by"] for rule in draft.rules}


def test_only_rules_whose_code_was_changed_are_marked_also_after_code_that_is_not_valid() -> None:
    draft = open_draft(make_mapping().pk, "ann")
    rules = [{"field": name, "text": "As it is.", "by": "model"} for name in ("Email", "Title")]
    draft = save_draft(draft.mapping_id, 1, actor="ann", code=TWO, rules=rules, origin=RuleOrigin.MODEL)
    draft = save_draft(draft.mapping_id, 2, actor="ann", code=OTHER_TITLE + "(")
    assert by_field(draft) == {"Email": "model", "Title": "model"}
    draft = save_draft(draft.mapping_id, 3, actor="ann", code=OTHER_TITLE)
    assert by_field(draft) == {"Email": "model", "Title": RuleOrigin.HAND}


def test_rules_of_a_version_published_long_ago_are_marked_alike() -> None:
    mapping = make_mapping(TWO)
    MappingVersion.objects.create(mapping=mapping, number=2, code=TWO, rules=[{"field": "Title", "text": "As it is."}])
    mapping.published = mapping.versions.get(number=2)
    mapping.save()
    draft = save_draft(mapping.pk, open_draft(mapping.pk, "ann").revision, actor="ann", code=f"{TWO}# more\n")
    assert "by" not in draft.rules[0]
    assert save_draft(mapping.pk, draft.revision, actor="ann", code=OTHER_TITLE).rules[0]["by"] == RuleOrigin.HAND


@pytest.mark.parametrize(
    "values", [{"instructions": "x" * (MOST_INSTRUCTIONS + 1)}, {"code": "x" * (MOST_CODE + 1)}], ids=["words", "code"]
)
def test_what_is_too_long_is_refused(values: dict[str, str]) -> None:
    draft = open_draft(make_mapping().pk, "ann")
    with pytest.raises(RefusedTransitionError, match="too long"):
        save_draft(draft.mapping_id, 1, actor="ann", **values)


def make_writing(mapping: Mapping, **request: object) -> MappingTask:
    asked = {"base_revision": 1, "instructions": "Map it.", "change": "Phones too.", "answers": []} | request
    return start_task(mapping.pk, MappingTaskKind.WRITE, asked, "ann")


def test_what_the_model_wrote_becomes_the_draft_with_the_change_in_its_instructions() -> None:
    mapping = make_new()
    take_written(make_writing(mapping), {**WRITTEN, "questions": []})
    draft = MappingDraft.objects.get()
    assert (draft.code, draft.origin, draft.revision) == (WRITTEN["code"], RuleOrigin.MODEL, 2)
    assert draft.instructions == "Map it.\n\nPhones too."
    assert draft.editors == ["ann"]


def test_what_the_model_wrote_waits_when_somebody_changed_the_draft_meanwhile() -> None:
    mapping = make_new()
    task = make_writing(mapping)
    save_draft(mapping.pk, 1, actor="ben", code="mine = 1")
    take_written(task, {**WRITTEN, "questions": []})
    assert MappingDraft.objects.get().code == "mine = 1"
    assert use_written(task, {**WRITTEN, "questions": []}, 2, "ben").code == WRITTEN["code"]


def test_who_asked_for_what_the_model_wrote_is_one_of_its_editors_whoever_takes_it() -> None:
    mapping = make_new()
    draft = use_written(make_writing(mapping), {**WRITTEN, "questions": []}, 1, "ben")
    assert (draft.editors, draft.updated_by) == (["ann", "ben"], "ben")


def test_asking_for_a_check_ends_with_the_next_change() -> None:
    draft = open_draft(make_mapping().pk, "ann")
    assert ask_for_review(draft.mapping_id, 1, "ann").review_asked_by == "ann"
    draft = save_draft(draft.mapping_id, 1, actor="ann", code="a = 1")
    assert (draft.review_asked_by, draft.review_asked_at) == ("", None)


def test_nothing_cannot_be_checked() -> None:
    with pytest.raises(RefusedTransitionError, match="no code"):
        ask_for_review(make_new().pk, 1, "ann")


def test_a_discarded_draft_is_gone_and_what_is_published_stays() -> None:
    mapping = make_mapping()
    open_draft(mapping.pk, "ann")
    discard_draft(mapping.pk, 1, "ann")
    assert not MappingDraft.objects.exists()
    with pytest.raises(StaleDraftError, match="discarded meanwhile"):
        save_draft(mapping.pk, 1, actor="ben", code="b = 1")
    assert kinds(mapping)[-1] == Kind.MAPPING_DISCARDED


def test_the_next_draft_goes_on_counting_where_a_discarded_one_ended() -> None:
    mapping = make_mapping()
    seen = save_draft(mapping.pk, open_draft(mapping.pk, "ann").revision, actor="ann", code="a = 1")
    discard_draft(mapping.pk, seen.revision, "ann")
    opened = open_draft(mapping.pk, "ben")
    assert opened.revision == seen.revision + 1
    with pytest.raises(StaleDraftError):
        save_draft(mapping.pk, seen.revision, actor="ann", code="a = 2")
    save_draft(mapping.pk, opened.revision, actor="ben", code="b = 1")
    assert MappingDraft.objects.get().code == "b = 1"


def test_what_the_model_wrote_for_a_discarded_draft_waits() -> None:
    mapping = make_mapping()
    task = make_writing(mapping, base_revision=open_draft(mapping.pk, "ann").revision)
    discard_draft(mapping.pk, 1, "ann")
    open_draft(mapping.pk, "ben")
    take_written(task, {**WRITTEN, "questions": []})
    assert MappingDraft.objects.get().code == IDENTITY
    assert MappingTask.objects.get().reason_code == MOVED_ON


def test_a_mapping_takes_a_free_name() -> None:
    mapping, other = make_mapping(), make_mapping()
    rename_mapping(mapping.pk, "Fresh", "ann")
    with pytest.raises(RefusedTransitionError, match="already"):
        rename_mapping(other.pk, "Fresh", "ann")
    assert kinds(mapping) == [Kind.MAPPING_CHANGED]
