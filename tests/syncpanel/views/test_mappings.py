"""The mapping editor: what is shown, what is asked of the engine, and who may ask."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.enums import FieldType, MappingTaskKind, MappingTaskStatus
from integrations.models import Mapping, MappingDraft, MappingExample, MappingSample, MappingTask
from integrations.models.blobs import pack
from integrations.orchestrator.drafts import open_draft, save_draft
from integrations.orchestrator.examples import keep_example
from integrations.orchestrator.mapping_tasks import start_task
from integrations.orchestrator.schemas import keep
from integrations.types import FieldSchema, ObjectSchema
from tests.factories import make_connection, make_failure, make_job, make_mapping, make_sync

SignIn = Callable[..., Client]
PLAIN = 'def map_record(record):\n    return {"LastName": record["name"], "Company": record["company"]}\n'
UPPER = PLAIN.replace('record["name"]', 'record["name"].upper()')
LEAD = ObjectSchema(
    "Lead",
    "Lead",
    (
        FieldSchema("LastName", "Last name", FieldType.STRING, required=True),
        FieldSchema("Company", "Company", FieldType.STRING, required=True),
        FieldSchema("HubSpot_Email__c", "Key", FieldType.STRING),
    ),
)
CONTACT = ObjectSchema(
    "contacts",
    "Contact",
    (FieldSchema("name", "Full name", FieldType.STRING), FieldSchema("company", "Company", FieldType.STRING)),
)

PAGES = [
    "/mappings/",
    "/mappings/add/",
    "/mappings/help/",
    "/mappings/{pk}/",
    "/mappings/{pk}/?view=edit",
    "/mappings/{pk}/?tried=1",
    "/mappings/{pk}/exchanges/",
    "/mappings/{pk}/fields/",
    "/mappings/{pk}/people/made-up/",
    "/mappings/{pk}/publish/",
    "/mappings/{pk}/rehearsal/",
    "/mappings/{pk}/trials/",
    "/mappings/{pk}/versions/",
]
CHANGES = [
    "/mappings/{pk}/answers/",
    "/mappings/{pk}/discard/",
    "/mappings/{pk}/examples/1/accept/",
    "/mappings/{pk}/examples/1/remove/",
    "/mappings/{pk}/people/",
    "/mappings/{pk}/people/1/remove/",
    "/mappings/{pk}/people/1/right/",
    "/mappings/{pk}/rehearse/",
    "/mappings/{pk}/rename/",
    "/mappings/{pk}/review/",
    "/mappings/{pk}/save/",
    "/mappings/{pk}/suggest/",
    "/mappings/{pk}/tasks/1/cancel/",
    "/mappings/{pk}/tasks/1/use/",
    "/mappings/{pk}/write/",
]


@pytest.fixture
def mapping(db: None) -> Mapping:
    """Version 1 keeps names as they are; one person to try on, one without a company."""
    source, destination = make_connection("hubspot"), make_connection("salesforce")
    keep(source, CONTACT)
    keep(destination, LEAD)
    mapping = make_mapping(PLAIN, source_connection=source, destination_connection=destination)
    for number, company in ((1, "Acme"), (2, "")):
        MappingSample.objects.create(
            mapping=mapping,
            position=number,
            source_id=str(number),
            record=pack({"id": str(number), "name": f"Doe <{number}>", "company": company}),
            fetched_at=timezone.now(),
        )
    return mapping


def drafted(mapping: Mapping, code: str = UPPER, actor: str = "ann@example.com") -> MappingDraft:
    draft = open_draft(mapping.pk, actor)
    return save_draft(mapping.pk, draft.revision, actor=actor, code=code)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_sign_in(mapping: Mapping, make_user: Any, path: str) -> None:
    make_user()
    assert Client().get(path.format(pk=mapping.pk))["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_shown_without_inline_script_or_style(mapping: Mapping, signed_in: SignIn, path: str) -> None:
    drafted(mapping)
    answer = signed_in("Admin").get(path.format(pk=mapping.pk))
    assert answer.status_code == 200
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|hx-on", answer.content.decode())


@pytest.mark.parametrize("path", [*CHANGES, "/mappings/{pk}/versions/1/restore/"])
def test_a_change_refuses_get_and_needs_sign_in_and_the_right(mapping: Mapping, signed_in: SignIn, path: str) -> None:
    path = path.format(pk=mapping.pk)
    assert signed_in("Admin").get(path).status_code == 405
    assert Client().post(path)["Location"].startswith("/sign-in/")
    assert signed_in("Fixer").post(path).status_code == 403


@pytest.mark.parametrize("path", ["/mappings/{pk}/publish/", "/mappings/{pk}/versions/1/restore/"])
def test_publishing_is_a_right_of_its_own(mapping: Mapping, signed_in: SignIn, path: str) -> None:
    assert signed_in("Editor").post(path.format(pk=mapping.pk)).status_code == 403


@pytest.mark.parametrize("path", PAGES[3:])
def test_a_mapping_that_does_not_exist_is_not_found(signed_in: SignIn, path: str) -> None:
    assert signed_in("Admin").get(path.format(pk=99)).status_code == 404


def test_a_viewer_reads_and_opens_no_draft(mapping: Mapping, signed_in: SignIn) -> None:
    page = text(signed_in("Viewer").get(f"/mappings/{mapping.pk}/?tried=1&show=all"))
    assert "Doe &lt;1&gt;" in page
    assert "Save and test" not in page
    assert not MappingDraft.objects.exists()


def test_the_list_shows_who_waits_for_a_second_person_first(mapping: Mapping, signed_in: SignIn) -> None:
    other = make_mapping()
    Mapping.objects.filter(pk=mapping.pk).update(name="Zebra")
    draft = drafted(mapping)
    client = signed_in("Editor")
    client.post(f"/mappings/{mapping.pk}/review/", {"revision": draft.revision})
    page = text(client.get("/mappings/"))
    assert page.index("Zebra") < page.index(other.name)
    assert "Waits to be checked" in page


def test_the_list_costs_the_same_for_one_and_for_fifty(
    mapping: Mapping, signed_in: SignIn, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = signed_in("Viewer")
    client.get("/mappings/")
    with django_assert_max_num_queries(12) as one:
        client.get("/mappings/")
    for _ in range(49):
        make_sync(mapping=drafted(make_mapping()).mapping)
    with django_assert_num_queries(len(one)):
        client.get("/mappings/")


def test_a_new_mapping_is_made_from_two_connections(signed_in: SignIn) -> None:
    source, destination = make_connection("hubspot"), make_connection("salesforce")
    wanted = {"name": "People", "source": f"{source.pk}:contacts", "destination": f"{destination.pk}:Lead"}
    answer = signed_in("Editor").post("/mappings/add/", {**wanted, "instructions": "Map it."})
    mapping = Mapping.objects.get()
    assert answer["Location"] == f"/mappings/{mapping.pk}/"
    assert (mapping.source_connection, mapping.destination_connection) == (source, destination)
    assert mapping.draft.instructions == "Map it."


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"source": "9999:contacts"}, {"destination": "1:nothing"}, {"instructions": "x" * 20_001}],
    ids=["no name", "no such connection", "no such object", "too long"],
)
def test_a_new_mapping_that_makes_no_sense_is_refused(signed_in: SignIn, change: dict[str, str]) -> None:
    source, destination = make_connection("hubspot"), make_connection("salesforce")
    wanted = {"name": "People", "source": f"{source.pk}:contacts", "destination": f"{destination.pk}:Lead"}
    assert signed_in("Editor").post("/mappings/add/", wanted | change).status_code == 422
    assert not Mapping.objects.exists()


def test_saving_code_makes_a_revision_and_comes_back_to_the_same_view(mapping: Mapping, signed_in: SignIn) -> None:
    draft = open_draft(mapping.pk, "")
    answer = signed_in("Editor").post(
        f"/mappings/{mapping.pk}/save/?view=edit", {"revision": draft.revision, "code": UPPER.replace("\n", "\r\n")}
    )
    assert answer["Location"] == f"/mappings/{mapping.pk}/?view=edit"
    draft.refresh_from_db()
    assert (draft.code, draft.revision) == (UPPER, 2)


def test_who_saves_after_somebody_else_is_told_and_keeps_what_he_typed(mapping: Mapping, signed_in: SignIn) -> None:
    drafted(mapping, actor="ben@example.com")
    answer = signed_in("Editor").post(f"/mappings/{mapping.pk}/save/", {"revision": 1, "code": "mine = 1"})
    page = text(answer)
    assert answer.status_code == 422
    assert "ben@example.com changed this draft meanwhile" in page
    assert "mine = 1" in page
    assert MappingDraft.objects.get().code == UPPER


def test_the_safety_check_is_told_line_by_line(mapping: Mapping, signed_in: SignIn) -> None:
    drafted(mapping, "import os\n" + PLAIN)
    page = text(signed_in("Editor").get(f"/mappings/{mapping.pk}/?view=edit"))
    assert "Line 1: A mapping cannot import os" in page
    assert "data-marks=" in page


def test_the_changes_are_marked_word_by_word(mapping: Mapping, signed_in: SignIn) -> None:
    drafted(mapping)
    page = text(signed_in("Editor").get(f"/mappings/{mapping.pk}/"))
    assert "1 line added" in page
    assert "<mark>" in page


def test_the_trials_tell_who_needs_a_look_and_what_changed(mapping: Mapping, signed_in: SignIn) -> None:
    drafted(mapping)
    page = text(signed_in("Editor").get(f"/mappings/{mapping.pk}/trials/", headers={"HX-Request": "true"}))
    assert "1 of 2 fine" in page
    assert "Company is empty, but Salesforce needs it." in page
    assert '<span class="vh">before: </span>Doe &lt;2&gt;' in page
    assert 'id="ed-foot" hx-swap-oob="true"' in page


def test_a_right_output_becomes_an_example_and_can_be_removed(mapping: Mapping, signed_in: SignIn) -> None:
    draft, client = drafted(mapping), signed_in("Editor")
    sample = MappingSample.objects.get(source_id="1")
    client.post(f"/mappings/{mapping.pk}/people/{sample.pk}/right/", {"revision": draft.revision})
    example = MappingExample.objects.get()
    client.post(f"/mappings/{mapping.pk}/examples/{example.pk}/remove/")
    assert not MappingExample.objects.exists()


def test_examples_are_listed_with_what_is_expected_and_what_comes_out(mapping: Mapping, signed_in: SignIn) -> None:
    broken = keep_example(mapping, {"id": "7", "name": "Doe", "company": "A"}, {"LastName": "Doe", "Company": "A"}, "")
    keep_example(mapping, {"id": "1", "name": "Roe", "company": "B"}, {"LastName": "ROE", "Company": "B"}, "ann")
    draft, client = drafted(mapping), signed_in("Editor")
    path = f"/mappings/{mapping.pk}/trials/?show="
    page = text(client.get(f"{path}examples"))
    assert "2 examples, 1 broken" in page
    assert page.index("No longer produced") < page.index("Still right")
    assert "<td>Doe</td>" in page
    assert "DOE</b>" in page
    assert ">example</span>" in text(client.get(f"{path}all")), "the person it was made from is marked"
    client.post(f"/mappings/{mapping.pk}/examples/{broken.pk}/accept/", {"revision": draft.revision - 1})
    assert "1 broken" in text(client.get(f"{path}examples")), "of a draft nobody has seen nothing is accepted"
    client.post(f"/mappings/{mapping.pk}/examples/{broken.pk}/accept/", {"revision": draft.revision})
    assert "broken" not in text(client.get(f"{path}examples"))


def test_publishing_with_warnings_asks_for_a_sentence(mapping: Mapping, signed_in: SignIn) -> None:
    draft, client = drafted(mapping), signed_in("Admin")
    page = text(client.post(f"/mappings/{mapping.pk}/publish/", {"revision": draft.revision}))
    assert "Say in a sentence why" in page
    answer = client.post(f"/mappings/{mapping.pk}/publish/", {"revision": draft.revision, "note": "Known."})
    assert answer["Location"] == f"/mappings/{mapping.pk}/"
    mapping.refresh_from_db()
    assert mapping.published is not None
    assert (mapping.published.number, mapping.published.note) == (2, "Known.")


def test_publishing_with_a_broken_example_asks_to_accept_it(mapping: Mapping, signed_in: SignIn) -> None:
    example = keep_example(mapping, {"id": "7", "name": "Doe", "company": "A"}, {"LastName": "Doe"}, "")
    draft, client = drafted(mapping), signed_in("Admin")
    page = text(client.get(f"/mappings/{mapping.pk}/publish/"))
    assert "1 example no longer produced" in page
    posted = {"revision": draft.revision, "note": "Known.", "accepted": [example.pk]}
    assert client.post(f"/mappings/{mapping.pk}/publish/", posted).status_code == 302


def test_a_second_person_is_asked_for_when_the_setting_says_so(
    mapping: Mapping, signed_in: SignIn, make_user: Any, settings: Any
) -> None:
    settings.MAPPING_NEEDS_SECOND_PERSON = True
    user = make_user("Admin")
    client = Client()
    client.force_login(user)
    draft = drafted(mapping, actor=user.username)
    assert "A second person publishes it." in text(client.get(f"/mappings/{mapping.pk}/?tried=1"))
    client.post(f"/mappings/{mapping.pk}/publish/", {"revision": draft.revision, "note": "x"})
    assert MappingDraft.objects.exists()


def test_one_can_go_back_to_an_older_version(mapping: Mapping, signed_in: SignIn) -> None:
    draft, client = drafted(mapping), signed_in("Admin")
    client.post(f"/mappings/{mapping.pk}/publish/", {"revision": draft.revision, "note": "Known."})
    assert "Go back to 1" in text(client.get(f"/mappings/{mapping.pk}/versions/"))
    client.post(f"/mappings/{mapping.pk}/versions/1/restore/")
    mapping.refresh_from_db()
    assert mapping.published is not None
    assert mapping.published.number == 1


def test_people_are_fetched_by_id_or_anew(mapping: Mapping, signed_in: SignIn) -> None:
    signed_in("Editor").post(f"/mappings/{mapping.pk}/people/", {"ids": "12, 13"})
    assert MappingTask.objects.get().request["ids"] == ["12", "13"]


def test_somebody_is_made_up_from_what_the_mapping_reads(mapping: Mapping, signed_in: SignIn) -> None:
    client = signed_in("Editor")
    assert "Full name" in text(client.get(f"/mappings/{mapping.pk}/people/made-up/"))
    client.post(f"/mappings/{mapping.pk}/people/made-up/", {"f_name": "Nobody", "f_company": "None"})
    assert "Nobody" in text(client.get(f"/mappings/{mapping.pk}/trials/?show=all"))


def test_work_under_way_is_shown_polled_and_can_be_stopped(mapping: Mapping, signed_in: SignIn) -> None:
    client = signed_in("Editor")
    task = start_task(mapping.pk, MappingTaskKind.SAMPLE, {}, "")
    page = text(client.get(f"/mappings/{mapping.pk}/"))
    assert "Waits for a worker." in page
    asked = re.search(r'hx-get="(/mappings/\d+/live/\?v=[^"]+)"', page)
    assert asked
    assert client.get(asked.group(1), headers={"HX-Request": "true"}).status_code == 204
    client.post(f"/mappings/{mapping.pk}/tasks/{task.pk}/cancel/")
    assert MappingTask.objects.get().status == MappingTaskStatus.CANCELLED
    assert client.get(asked.group(1), headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_what_did_not_work_is_told(mapping: Mapping, signed_in: SignIn) -> None:
    task = start_task(mapping.pk, MappingTaskKind.SAMPLE, {}, "")
    values = {"status": MappingTaskStatus.FAILED, "reason": "HubSpot does not answer.", "finished_at": timezone.now()}
    MappingTask.objects.filter(pk=task.pk).update(**values)
    assert "HubSpot does not answer." in text(signed_in("Editor").get(f"/mappings/{mapping.pk}/"))


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
