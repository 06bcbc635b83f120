"""What is wished for a mapping: other names, changes by the model, answers to its questions, rules from the Fix-it list."""

from typing import Any

import pytest

from integrations.models import Mapping, MappingDraft, MappingTask
from integrations.orchestrator.drafts import save_draft
from tests.factories import make_failure, make_job, make_sync
from tests.syncpanel.views.mapped import SignIn, drafted, text


def test_fields_are_listed_with_samples_and_searched(mapping: Mapping, signed_in: SignIn) -> None:
    client = signed_in("Viewer")
    page = text(client.get(f"/mappings/{mapping.pk}/fields/"))
    assert "Full name" in page
    assert "Doe &lt;1&gt;, Doe &lt;2&gt;" in page
    assert "No field matches “nothing”" in text(client.get(f"/mappings/{mapping.pk}/fields/?q=nothing"))


def test_a_mapping_takes_another_name(mapping: Mapping, signed_in: SignIn) -> None:
    client = signed_in("Editor")
    client.post(f"/mappings/{mapping.pk}/rename/", {"name": "Fresh"})
    client.post(f"/mappings/{mapping.pk}/rename/", {"name": " "})
    mapping.refresh_from_db()
    assert mapping.name == "Fresh"


def test_a_draft_is_discarded(mapping: Mapping, signed_in: SignIn) -> None:
    draft = drafted(mapping)
    signed_in("Editor").post(f"/mappings/{mapping.pk}/discard/", {"revision": draft.revision})
    assert not MappingDraft.objects.exists()


def test_the_draft_opened_after_a_discarded_one_counts_as_changed_only_once_it_is(
    mapping: Mapping, signed_in: SignIn
) -> None:
    client = signed_in("Editor")
    client.post(f"/mappings/{mapping.pk}/discard/", {"revision": drafted(mapping).revision})
    client.get(f"/mappings/{mapping.pk}/")
    assert MappingDraft.objects.exists()
    assert "s-draft" not in text(client.get("/mappings/"))
    drafted(mapping)
    assert "s-draft" in text(client.get("/mappings/"))
    assert "Discard draft" in text(client.get(f"/mappings/{mapping.pk}/"))


@pytest.fixture
def model(settings: Any) -> None:
    """A model is configured; nothing is asked of it here."""
    settings.MODEL_NAME, settings.MODEL_BASE_URL, settings.MODEL_API_KEY = "test-model", "http://127.0.0.1:9/v1", ""


def test_without_a_model_the_page_says_what_one_can_do(mapping: Mapping, signed_in: SignIn) -> None:
    page = text(signed_in("Editor").get(f"/mappings/{mapping.pk}/"))
    assert "No language model is connected." in page
    assert f'action="/mappings/{mapping.pk}/write/"' not in page


def test_without_a_model_questions_are_answered_all_the_same(mapping: Mapping, signed_in: SignIn) -> None:
    draft, client = drafted(mapping), signed_in("Editor")
    asked = [
        {"field": "Company", "text": "Which goes where?", "answer": ""},
        {"field": "", "text": "Why?", "answer": ""},
    ]
    draft = save_draft(mapping.pk, draft.revision, actor="", questions=asked)
    page = text(client.get(f"/mappings/{mapping.pk}/"))
    assert "The code does not change by itself." in page
    client.post(f"/mappings/{mapping.pk}/answers/", {"revision": draft.revision, "answer-0": "All to Hot"})
    page = text(client.get(f"/mappings/{mapping.pk}/"))
    assert "<dd>All to Hot" in page
    assert page.index("Why?") < page.index("Which goes where?"), "open ones first"
    client.post(f"/mappings/{mapping.pk}/answers/", {"revision": draft.revision + 1, "answer-0": ""})
    assert MappingDraft.objects.get().questions[0]["answer"] == ""


@pytest.mark.usefixtures("model")
def test_a_change_is_asked_for_with_the_answers_to_questions(mapping: Mapping, signed_in: SignIn) -> None:
    draft, client = drafted(mapping), signed_in("Editor")
    asked = [{"field": "Rating", "text": "Which goes where?", "answer": ""}]
    draft = save_draft(mapping.pk, draft.revision, actor="", questions=asked, instructions="Map it.")
    page = text(client.get(f"/mappings/{mapping.pk}/"))
    assert "test-model at 127.0.0.1:9 is asked." in page
    assert "Which goes where?" in page
    posted = {"revision": draft.revision, "change": "Phones too.", "answer-0": "All to Hot"}
    client.post(f"/mappings/{mapping.pk}/write/", posted)
    request = MappingTask.objects.get().request
    assert (request["change"], request["answers"][0]["answer"]) == ("Phones too.", "All to Hot")


def test_a_rule_made_on_the_fix_it_list_is_filled_in_once(mapping: Mapping, signed_in: SignIn) -> None:
    row = make_failure(make_job(make_sync(mapping=mapping)), corrections={"sent": {"Company": "None"}})
    client = signed_in("Editor")
    answer = client.post("/mappings/rule/", {"ids": [row.pk]})
    assert answer["Location"] == f"/mappings/{mapping.pk}/"
    wish = "When Company is empty, send “None”."
    assert wish in text(client.get(answer["Location"]))
    assert wish not in text(client.get(answer["Location"]))


@pytest.mark.parametrize(("role", "status"), [("Fixer", 403), ("Editor", 302)])
def test_making_a_rule_needs_the_right(db: None, signed_in: SignIn, role: str, status: int) -> None:
    assert signed_in(role).post("/mappings/rule/", {"ids": ["1"]}).status_code == status
