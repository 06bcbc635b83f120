"""The mapping editor for clumsy and for hostile people: nothing typed is lost, nothing odd is an error of ours."""

from typing import Any

import pytest
from django.utils import timezone

from integrations.enums import MappingTaskKind, MappingTaskStatus
from integrations.models import Mapping, MappingExample, MappingTask
from integrations.models.blobs import pack
from integrations.orchestrator.drafts import open_draft, save_draft, take_written
from integrations.orchestrator.mapping_tasks import start_task
from integrations.orchestrator.publishing import publish_draft
from integrations.orchestrator.samples import NOBODY
from tests.factories import make_connection
from tests.syncpanel.views.mapped import PLAIN, UPPER, SignIn, drafted, text


def test_a_refused_publishing_keeps_the_note_and_what_was_accepted(mapping: Mapping, signed_in: SignIn) -> None:
    draft = drafted(mapping)
    kept = MappingExample.objects.create(
        mapping=mapping, source_id="1", record=pack({"id": "1", "name": "x", "company": "y"}), expected=pack({"a": 1})
    )
    MappingExample.objects.create(mapping=mapping, source_id="2", record=kept.record, expected=kept.expected)
    answer = signed_in("Admin").post(
        f"/mappings/{mapping.pk}/publish/",
        {"revision": draft.revision, "note": "Because <I> say so.", "accepted": [kept.pk]},
    )
    page = text(answer)
    assert "1 example is no longer produced." in page
    assert 'value="Because &lt;I&gt; say so."' in page
    assert f'value="{kept.pk}" checked' in page
    assert page.count(" checked") == 1


@pytest.mark.parametrize("number", ["²", "9" * 30, "9" * 5_000, "-1", "x", ""])
def test_numbers_that_are_none_are_no_error(mapping: Mapping, signed_in: SignIn, number: str) -> None:
    draft = drafted(mapping)
    client = signed_in("Admin")
    posted = {"revision": draft.revision, "note": "Why not.", "accepted": [number]}
    assert client.post(f"/mappings/{mapping.pk}/publish/", posted).status_code in {200, 302}
    assert client.post("/mappings/rule/", {"ids": [number]}).status_code == 302
    assert client.post(f"/mappings/{mapping.pk}/rehearse/", {"job": number}).status_code == 302
    assert client.post(f"/mappings/{mapping.pk}/save/", {"revision": number, "code": "x = 1"}).status_code in {302, 422}
    assert client.get(f"/mappings/{mapping.pk}/versions/?old={number}&new={number}").status_code == 200


def test_after_somebody_else_was_quicker_every_link_leads_back_to_the_editor(
    mapping: Mapping, signed_in: SignIn
) -> None:
    drafted(mapping, actor="ben@example.com")
    answer = signed_in("Editor").post(f"/mappings/{mapping.pk}/save/?view=edit", {"revision": 1, "code": "mine = 1"})
    assert answer.status_code == 422
    assert 'href="?' not in text(answer), "a relative link would lead to the address that only takes posts"


def test_people_who_were_not_there_are_told_until_others_are_fetched(mapping: Mapping, signed_in: SignIn) -> None:
    open_draft(mapping.pk, "")
    told = {"status": MappingTaskStatus.DONE, "reason_code": NOBODY, "reason": "HubSpot has nobody with this id: 7."}
    now = timezone.now()
    MappingTask.objects.create(mapping=mapping, kind=MappingTaskKind.SAMPLE, created_at=now, finished_at=now, **told)
    client = signed_in("Editor")
    assert "HubSpot has nobody with this id: 7." in text(client.get(f"/mappings/{mapping.pk}/"))
    MappingTask.objects.create(
        mapping=mapping, kind=MappingTaskKind.SAMPLE, created_at=now, finished_at=now, status=MappingTaskStatus.DONE
    )
    assert "nobody with this id" not in text(client.get(f"/mappings/{mapping.pk}/"))


def test_a_new_mapping_offers_what_the_account_has_and_no_kind_of_objects(signed_in: SignIn) -> None:
    plain = {"name": "object:2-1", "label": "Pets", "noun": ["pet", "pets"], "can_read": True, "modes": ["upsert"]}
    make_connection("hubspot", name="Hub", objects_seen=[plain])
    make_connection("salesforce", name="Force")
    make_connection("segment", name="Seg")
    page = text(signed_in("Editor").get("/mappings/add/"))
    source, destination = page.split('name="destination"')
    assert "Hub: Pets" in source
    assert "Force: Leads" in destination
    assert "Seg: Users" in source, "what comes by webhook can be mapped too"
    assert "Other objects" not in page, "a name that stands for many is no object"


def test_the_name_can_be_changed_on_the_page(mapping: Mapping, signed_in: SignIn) -> None:
    page = text(signed_in("Editor").get(f"/mappings/{mapping.pk}/"))
    assert f'action="/mappings/{mapping.pk}/rename/"' in page
    assert f'action="/mappings/{mapping.pk}/rename/"' not in text(signed_in("Viewer").get(f"/mappings/{mapping.pk}/"))


WISH = "If there is no <phone>, use the company's."
SHOWN = "If there is no &lt;phone&gt;, use the company&#x27;s.</textarea>"


@pytest.fixture
def connected(settings: Any) -> None:
    settings.MODEL_NAME, settings.MODEL_BASE_URL = "some-model", "http://127.0.0.1:9/v1"


@pytest.mark.usefixtures("connected")
def test_a_wish_that_came_to_nothing_is_in_its_box_again_until_the_draft_is_another(
    mapping: Mapping, signed_in: SignIn
) -> None:
    draft, client = drafted(mapping), signed_in("Editor")
    client.post(f"/mappings/{mapping.pk}/write/", {"revision": draft.revision, "change": WISH})
    assert SHOWN not in text(client.get(f"/mappings/{mapping.pk}/")), "it is under way"
    MappingTask.objects.update(status=MappingTaskStatus.FAILED, reason="The model took too long.")
    assert SHOWN in text(client.get(f"/mappings/{mapping.pk}/"))
    assert SHOWN in text(client.get(f"/mappings/{mapping.pk}/")), "and again"
    save_draft(mapping.pk, draft.revision, actor="ann", code="x = 1")
    assert SHOWN not in text(client.get(f"/mappings/{mapping.pk}/"))


@pytest.mark.usefixtures("connected")
def test_a_wish_that_was_refused_is_in_its_box_again(mapping: Mapping, signed_in: SignIn) -> None:
    draft, client = drafted(mapping), signed_in("Editor")
    save_draft(mapping.pk, draft.revision, actor="ann", instructions="x" * 20_000)
    posted = {"revision": draft.revision + 1, "change": WISH}
    page = text(client.post(f"/mappings/{mapping.pk}/write/", posted, follow=True))
    assert "Shorten them first." in page
    assert SHOWN in page


def test_a_wish_for_a_draft_that_moved_on_is_shown_with_the_answers(mapping: Mapping, signed_in: SignIn) -> None:
    drafted(mapping, actor="ben@example.com")
    posted = {"revision": 1, "answers": "", "answer-0": "Hot", "note": "Why not."}
    page = text(signed_in("Admin").post(f"/mappings/{mapping.pk}/answers/", posted))
    assert "Hot" in page.split('id="typed"')[1]
    page = text(signed_in("Admin").post(f"/mappings/{mapping.pk}/publish/", posted))
    assert "Why not." in page.split('id="typed"')[1]


@pytest.mark.usefixtures("connected")
def test_what_the_model_changed_unasked_and_could_not_mend_is_said_while_the_draft_is_its(
    mapping: Mapping, signed_in: SignIn
) -> None:
    draft, client = drafted(mapping), signed_in("Editor")
    task = start_task(mapping.pk, MappingTaskKind.WRITE, {"base_revision": draft.revision, "change": "x"}, "ann")
    written = {"code": PLAIN, "rules": [], "questions": []}
    written |= {"unexpected_changes": ["Company", "LastName"], "problem": "The model took too long."}
    MappingTask.objects.filter(pk=task.pk).update(
        status=MappingTaskStatus.DONE, finished_at=timezone.now(), result=pack(written)
    )
    take_written(task, written)
    page = text(client.get(f"/mappings/{mapping.pk}/"))
    assert "It also changes Company and Last name, as far as we can tell without being asked to." in page
    assert "Not all that the checks found could be mended. The model took too long." in page
    save_draft(mapping.pk, draft.revision + 1, actor="ann", code=UPPER)
    assert "It also changes" not in text(client.get(f"/mappings/{mapping.pk}/"))


def test_who_types_while_the_draft_is_published_keeps_what_he_typed(mapping: Mapping, signed_in: SignIn) -> None:
    draft = drafted(mapping)
    publish_draft(mapping.pk, draft.revision, actor="ben", note="Good.")
    answer = signed_in("Editor").post(f"/mappings/{mapping.pk}/save/", {"revision": draft.revision, "code": "mine = 1"})
    assert answer.status_code == 422
    page = text(answer)
    assert "was published or discarded meanwhile. Nothing was overwritten." in page
    assert "mine = 1" in page.split('id="typed"')[1]
