"""Trying, marking as right, publishing, going back: what runs is what was published, and nothing broken is published."""

from typing import Any

import pytest
from django.utils import timezone

from integrations.enums import FieldType, Kind, MappingTaskKind, RuleOrigin
from integrations.exceptions import RefusedTransitionError, StaleDraftError
from integrations.models import Event, Mapping, MappingDraft, MappingExample, MappingSample
from integrations.models.blobs import pack, unpack
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.drafts import discard_draft, open_draft, save_draft, use_written
from integrations.orchestrator.examples import MOST, broken_examples, keep_example, mark_right, remove_example
from integrations.orchestrator.mapping_tasks import start_task
from integrations.orchestrator.publishing import check_readiness, publish_draft, restore_version
from integrations.orchestrator.schemas import keep
from integrations.orchestrator.trials import try_draft
from integrations.types import FieldSchema, ObjectSchema
from tests.factories import make_connection, make_mapping, make_sync

pytestmark = pytest.mark.django_db

UPPER = 'def map_record(record):\n    return {"LastName": record["name"].upper(), "Company": record["company"]}\n'
PLAIN = UPPER.replace(".upper()", "")
SKIPS = UPPER.replace("    return", '    if record["id"] == "1":\n        skip("no")\n    return')
LEAD = ObjectSchema(
    "Lead",
    "Lead",
    (
        FieldSchema("LastName", "Last name", FieldType.STRING, required=True, max_length=20),
        FieldSchema("Company", "Company", FieldType.STRING, required=True),
        FieldSchema("HubSpot_Email__c", "Key", FieldType.STRING),
    ),
)


@pytest.fixture
def mapping() -> Mapping:
    """Version 1 keeps names as they are; two people to try on, the second without a company."""
    destination = make_connection("salesforce")
    keep(destination, LEAD)
    mapping = make_mapping(PLAIN, destination_connection=destination)
    for number, company in ((1, "Acme"), (2, "")):
        MappingSample.objects.create(
            mapping=mapping,
            position=number,
            source_id=str(number),
            record=pack({"id": str(number), "name": f"doe {number}", "company": company}),
            fetched_at=timezone.now(),
        )
    return mapping


def draft_of(mapping: Mapping, code: str = UPPER, actor: str = "ann") -> MappingDraft:
    draft = open_draft(mapping.pk, actor)
    return save_draft(mapping.pk, draft.revision, actor=actor, code=code)


def kinds(mapping: Mapping) -> list[str]:
    return list(Event.objects.filter(stream=mapping.stream).order_by("version").values_list("kind", flat=True))


def test_a_trial_shows_what_came_in_what_goes_out_and_what_is_wrong(mapping: Mapping) -> None:
    tried = try_draft(mapping, draft_of(mapping))
    first, second = tried.trials
    assert first.received["name"] == "doe 1"
    assert first.outcome.output == {"LastName": "DOE 1", "Company": "Acme"}
    assert first.changed == ("LastName",)
    assert first.before is not None
    assert first.before.output["LastName"] == "doe 1"
    assert (second.outcome.fate, tried.held) == ("held", 1)
    assert [problem.field for problem in second.outcome.problems] == ["Company"]


def test_code_that_does_not_load_is_tried_on_nobody(mapping: Mapping) -> None:
    tried = try_draft(mapping, draft_of(mapping, "x = 1 / 0\ndef map_record(record):\n    return {}\n"))
    assert tried.trials == ()
    assert "cannot be loaded" in tried.broken


def test_a_draft_that_raises_for_one_is_tried_on_the_others(mapping: Mapping) -> None:
    code = UPPER.replace('record["name"]', '{"1": record["name"]}[record["id"]]')
    first, second = try_draft(mapping, draft_of(mapping, code)).trials
    assert first.outcome.is_fine
    assert "stops with an error" in second.outcome.reason
    assert second.outcome.technical


def sample(mapping: Mapping, number: int = 1) -> int:
    return MappingSample.objects.get(mapping=mapping, source_id=str(number)).pk


def test_an_output_marked_as_right_is_held_against_later_code(mapping: Mapping) -> None:
    draft = draft_of(mapping)
    example = mark_right(mapping.pk, sample(mapping), draft.revision, "ann")
    assert unpack(example.expected) == {"LastName": "DOE 1", "Company": "Acme"}
    assert broken_examples(mapping, UPPER) == []
    (broken,) = broken_examples(mapping, PLAIN)
    assert broken.fields == ("LastName",)


def test_being_left_out_can_be_right_too(mapping: Mapping) -> None:
    mark_right(mapping.pk, sample(mapping), draft_of(mapping, SKIPS).revision, "ann")
    assert broken_examples(mapping, SKIPS) == []
    assert len(broken_examples(mapping, UPPER)) == 1


def test_marking_the_same_person_again_changes_the_example(mapping: Mapping) -> None:
    mark_right(mapping.pk, sample(mapping), draft_of(mapping).revision, "ann")
    mark_right(mapping.pk, sample(mapping), draft_of(mapping, PLAIN).revision, "ben")
    assert MappingExample.objects.get().marked_by == "ben"
    assert kinds(mapping)[-1] == Kind.MAPPING_EXAMPLE_CHANGED


def test_what_changed_meanwhile_is_not_marked(mapping: Mapping) -> None:
    draft = draft_of(mapping)
    draft_of(mapping, PLAIN)
    with pytest.raises(RefusedTransitionError, match="changed meanwhile"):
        mark_right(mapping.pk, sample(mapping), draft.revision, "ann")


def test_what_does_not_work_cannot_be_right(mapping: Mapping) -> None:
    draft = draft_of(mapping, UPPER.replace('record["name"]', 'record["nothing"]'))
    with pytest.raises(RefusedTransitionError, match="does not work"):
        mark_right(mapping.pk, sample(mapping), draft.revision, "ann")


def test_examples_have_a_limit(mapping: Mapping) -> None:
    MappingExample.objects.bulk_create(
        MappingExample(mapping=mapping, source_id=f"x{n}", record=b"", expected=b"") for n in range(MOST)
    )
    with pytest.raises(RefusedTransitionError, match="enough"):
        keep_example(mapping, {"id": "1"}, {}, "ann")


def test_an_example_can_be_removed(mapping: Mapping) -> None:
    example = keep_example(mapping, {"id": "1"}, {}, "ann")
    remove_example(mapping.pk, example.pk, "ann")
    assert not MappingExample.objects.exists()
    assert kinds(mapping)[-1] == Kind.MAPPING_EXAMPLE_REMOVED


def publish(mapping: Mapping, draft: MappingDraft, **more: Any) -> Any:
    return publish_draft(mapping.pk, draft.revision, **{"actor": "ann", "note": "Checked."} | more)


def test_a_published_draft_is_the_next_version_and_the_draft_is_gone(mapping: Mapping) -> None:
    version = publish(mapping, draft_of(mapping))
    mapping.refresh_from_db()
    assert (mapping.published, version.number, version.code, version.note) == (version, 2, UPPER, "Checked.")
    assert version.source_fields == ["company", "name"]
    assert not MappingDraft.objects.exists()
    assert kinds(mapping)[-2:] == [Kind.MAPPING_RETIRED, Kind.MAPPING_PUBLISHED]


def test_a_job_keeps_the_version_it_started_with(mapping: Mapping) -> None:
    sync = make_sync(mapping=mapping)
    job = start_job(sync.pk)
    publish(mapping, draft_of(mapping))
    job.refresh_from_db()
    assert job.mapping_version.number == 1
    assert start_job(make_sync(mapping=mapping).pk).mapping_version.number == 2


def test_warnings_want_a_sentence_why(mapping: Mapping) -> None:
    draft = draft_of(mapping)
    assert check_readiness(mapping, draft).warnings == ("1 of 2 people need a look.",)
    with pytest.raises(RefusedTransitionError, match="in a sentence why"):
        publish(mapping, draft, note="  ")


def test_open_questions_and_no_trials_are_warnings(mapping: Mapping) -> None:
    MappingSample.objects.all().delete()
    draft = draft_of(mapping)
    asked = [{"field": "Rating", "text": "Which?", "answer": ""}, {"field": "X", "text": "Y?", "answer": "Z"}]
    draft = save_draft(mapping.pk, draft.revision, actor="ann", questions=asked)
    assert check_readiness(mapping, draft).warnings == ("It was not tried on anybody yet.", "1 question is open.")


def test_broken_examples_block_until_they_are_accepted(mapping: Mapping) -> None:
    mark_right(mapping.pk, sample(mapping), draft_of(mapping).revision, "ann")
    draft = draft_of(mapping, PLAIN.replace('record["name"]', 'record["name"] + "!"'))
    with pytest.raises(RefusedTransitionError, match="1 example is no longer produced"):
        publish(mapping, draft)
    example = MappingExample.objects.get()
    publish(mapping, draft, accepted={example.pk})
    example.refresh_from_db()
    assert unpack(example.expected)["LastName"] == "doe 1!"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", "no code yet"),
        ("import os\ndef map_record(record):\n    return {}\n", "does not pass"),
        ("x = 1 / 0\ndef map_record(record):\n    return {}\n", "cannot be loaded"),
    ],
    ids=["empty", "unsafe", "does not load"],
)
def test_what_cannot_run_is_not_published(mapping: Mapping, code: str, told: str) -> None:
    draft = draft_of(mapping, code)
    with pytest.raises(RefusedTransitionError, match=told):
        publish(mapping, draft)
    mapping.refresh_from_db()
    assert mapping.published is not None
    assert mapping.published.number == 1


def test_a_draft_somebody_changed_meanwhile_is_not_published(mapping: Mapping) -> None:
    draft = draft_of(mapping)
    draft_of(mapping, PLAIN.replace("name", "company"), actor="ben")
    with pytest.raises(StaleDraftError, match="ben"):
        publish(mapping, draft)


@pytest.mark.parametrize("ending", ["discarded", "published"])
def test_a_click_on_a_draft_that_is_gone_never_publishes_the_next_one(mapping: Mapping, ending: str) -> None:
    seen = draft_of(mapping)
    if ending == "discarded":
        discard_draft(mapping.pk, seen.revision, "ann")
    else:
        publish(mapping, seen)
    draft_of(mapping, SKIPS)
    with pytest.raises(StaleDraftError):
        publish(mapping, seen, actor="ben")


def test_a_second_person_publishes_when_the_setting_asks_for_it(mapping: Mapping, settings: Any) -> None:
    settings.MAPPING_NEEDS_SECOND_PERSON = True
    draft = draft_of(mapping, actor="ann")
    with pytest.raises(RefusedTransitionError, match="second person"):
        publish(mapping, draft, actor="ann")
    assert publish(mapping, draft, actor="ben").author == "ann"


def test_who_asked_the_model_does_not_publish_what_another_took_over(mapping: Mapping, settings: Any) -> None:
    settings.MAPPING_NEEDS_SECOND_PERSON = True
    task = start_task(mapping.pk, MappingTaskKind.WRITE, {"change": "Louder."}, "ann")
    written = {"code": UPPER, "rules": [], "questions": []}
    draft = use_written(task, written, open_draft(mapping.pk, "ben").revision, "ben")
    with pytest.raises(RefusedTransitionError, match="second person"):
        publish(mapping, draft, actor="ann")
    assert publish(mapping, draft, actor="eve").author == "ben"


def test_going_back_is_one_step_and_new_versions_go_on_counting(mapping: Mapping) -> None:
    publish(mapping, draft_of(mapping))
    restore_version(mapping.pk, 1, actor="ann", note="Names shouted.")
    mapping.refresh_from_db()
    assert mapping.published is not None
    assert mapping.published.number == 1
    assert kinds(mapping)[-2:] == [Kind.MAPPING_RETIRED, Kind.MAPPING_RESTORED]
    assert publish(mapping, draft_of(mapping)).number == 3


def test_going_back_takes_along_a_draft_that_nobody_has_changed_and_no_other(mapping: Mapping) -> None:
    publish(mapping, draft_of(mapping))
    before = open_draft(mapping.pk, "ben")
    restore_version(mapping.pk, 1, actor="ann")
    opened = open_draft(mapping.pk, "ben")
    assert opened.code == PLAIN, "what is published now, not what was opened before"
    assert opened.revision == before.revision + 1
    draft_of(mapping, SKIPS)
    restore_version(mapping.pk, 2, actor="ann")
    assert open_draft(mapping.pk, "ben").code == SKIPS


@pytest.mark.parametrize("number", [1, 9], ids=["the published one", "one that does not exist"])
def test_what_one_cannot_go_back_to_is_refused(mapping: Mapping, number: int) -> None:
    with pytest.raises(RefusedTransitionError):
        restore_version(mapping.pk, number, actor="ann")


def test_what_the_model_wrote_keeps_its_rules_with_the_version(mapping: Mapping) -> None:
    rules = [{"field": "LastName", "text": "Shouted.", "by": RuleOrigin.MODEL.value}]
    draft = draft_of(mapping)
    draft = save_draft(mapping.pk, draft.revision, actor="ann", rules=rules)
    kept = publish(mapping, draft).rules
    assert [{**rule, "print": ""} for rule in kept] == [{**rule, "print": ""} for rule in rules]
