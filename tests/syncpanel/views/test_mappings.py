"""The mapping editor: what is shown, what is asked of the engine, and who may ask."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.enums import MappingTaskKind, MappingTaskStatus
from integrations.models import Mapping, MappingDraft, MappingExample, MappingSample, MappingTask
from integrations.orchestrator.drafts import open_draft
from integrations.orchestrator.examples import keep_example
from integrations.orchestrator.mapping_tasks import start_task
from tests.factories import make_connection, make_mapping, make_sync
from tests.syncpanel.views.mapped import PLAIN, UPPER, SignIn, drafted, text

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
