"""The wizard, step by step: what is chosen is kept, what is missing is said, and the last step turns it on."""

import re

import pytest
from django.test import Client

from integrations import demo
from integrations.enums import Departed, ReadMode
from integrations.enums import FieldType as T
from integrations.models import MappingTask, Sync, SyncDraft, SyncJob
from integrations.orchestrator.schemas import keep
from integrations.orchestrator.sync_drafts import choices_of, keep_choices, start_draft
from integrations.types import FieldSchema, ObjectSchema
from tests.factories import make_connection, make_mapping, make_sync

LEAD = ObjectSchema(
    "Lead",
    "Lead",
    (
        FieldSchema("Id", "Record ID", T.STRING, writable=False, is_key=True),
        FieldSchema("HubSpot_Email__c", "HubSpot Email", T.EMAIL, is_key=True),
        FieldSchema("Company", "Company", T.STRING, required=True),
        FieldSchema("Rating", "Rating", T.STRING),
    ),
)
CONTACT = ObjectSchema(
    "contacts",
    "Contacts",
    (FieldSchema("email", "E-mail", T.EMAIL), FieldSchema("country", "Country", T.STRING)),
)
WHEN = {"starts": "hand", "write_mode": "upsert", "empty_values": "keep", "departed": "nothing", "priority": "5"}
CODE = 'def map_record(record):\n    return {"HubSpot_Email__c": record["email"], "Company": "Acme"}\n'


@pytest.fixture
def ends(db) -> tuple[str, str]:
    hubspot, salesforce = make_connection("hubspot", name="HubSpot"), make_connection("salesforce", name="Salesforce")
    keep(hubspot, CONTACT)
    keep(salesforce, LEAD)
    return f"{hubspot.pk}:contacts", f"{salesforce.pk}:Lead"


@pytest.fixture
def editor(signed_in) -> Client:
    return signed_in("Editor")


@pytest.fixture
def draft(editor, ends) -> SyncDraft:
    editor.post("/syncs/new/")
    made = SyncDraft.objects.get()
    editor.post(f"/syncs/new/{made.pk}/ends/", {"source": ends[0], "destination": ends[1]})
    return made


def step(draft: SyncDraft, name: str) -> str:
    return f"/syncs/new/{draft.pk}/{name}/"


def chosen(draft: SyncDraft) -> dict:
    return SyncDraft.objects.get(pk=draft.pk).choices


def test_starting_leads_to_the_first_step(editor, ends):
    answer = editor.post("/syncs/new/")
    assert answer["Location"] == step(SyncDraft.objects.get(), "ends")
    assert "From where, to where?" in editor.get(answer["Location"]).content.decode()


def test_a_complete_step_is_kept_and_leads_to_the_next(editor, draft, ends):
    answer = editor.post(step(draft, "ends"), {"source": ends[0], "destination": ends[1], "name": "People"})
    assert answer["Location"] == step(draft, "people")
    assert chosen(draft) == {"source": ends[0], "destination": ends[1], "two_ways": False, "name": "People"}


def test_a_step_that_is_not_complete_says_why_and_keeps_what_is_right(editor, draft, ends):
    answer = editor.post(step(draft, "ends"), {"source": ends[0], "destination": "", "name": "People"})
    assert answer.status_code == 422 and "This field is required" in answer.content.decode()
    assert chosen(draft)["name"] == "People"


def test_both_ends_may_not_be_the_same(editor, draft, ends):
    answer = editor.post(step(draft, "ends"), {"source": ends[1], "destination": ends[1]})
    assert answer.status_code == 422 and "Choose another end" in answer.content.decode()


def test_later_steps_wait_for_the_ends(editor, ends):
    made = start_draft(SyncDraft.objects.create(made_by="x").made_by)
    SyncDraft.objects.update(made_by=editor.get("/").wsgi_request.user.get_username())
    assert editor.get(step(made, "when"))["Location"] == step(made, "ends")


def test_conditions_become_part_of_the_sentence(editor, draft):
    editor.post(
        step(draft, "people"),
        {"read_mode": "full", "field_0": "country", "operator_0": "is", "value_0": "Spain"},
    )
    assert chosen(draft)["conditions"] == [{"field": "country", "operator": "is", "value": "Spain"}]
    page = editor.get(step(draft, "people")).content.decode()
    assert "all contacts of HubSpot whose country is Spain go to Salesforce leads" in page
    assert 'name="field_1"' in page and 'name="field_2"' not in page


def test_a_condition_without_its_value_is_not_enough(editor, draft):
    answer = editor.post(step(draft, "people"), {"read_mode": "full", "field_0": "country", "operator_0": "is"})
    assert answer.status_code == 422 and "Say which value" in answer.content.decode()
    whole = editor.post(step(draft, "people"), {"read_mode": "full", "field_0": "country", "operator_0": "is_empty"})
    assert whole.status_code == 302


def test_a_condition_whose_field_is_emptied_is_dropped(editor, draft):
    keep_choices(draft.pk, {"conditions": [{"field": "country", "operator": "is", "value": "Spain"}]})
    editor.post(step(draft, "people"), {"read_mode": "full", "field_0": "", "operator_0": "is", "value_0": "Spain"})
    assert chosen(draft)["conditions"] == []


def test_a_change_is_kept_at_once_and_only_the_sentence_comes_back(editor, draft):
    answer = editor.post(
        step(draft, "when"),
        {"starts": "interval", "every_minutes": "30", "write_mode": "upsert", "autosave": "1"},
        headers={"HX-Request": "true"},
    )
    page = answer.content.decode()
    assert "Every 30 minutes" in page and 'hx-swap-oob="true"' in page and "<html" not in page
    assert chosen(draft)["every_minutes"] == 30


def test_the_mapping_proposes_the_key_it_fills(editor, draft):
    mapping = make_mapping(CODE)
    keep_choices(draft.pk, {"mapping": mapping.pk})
    page = editor.get(step(draft, "fields")).content.decode()
    assert '<option value="HubSpot_Email__c" selected>' in page
    assert "Version 1 is published" in page


def test_fields_that_only_together_tell_are_kept_together(editor, draft):
    mapping = make_mapping(CODE)
    posted = {"mapping": mapping.pk, "destination_key": "HubSpot_Email__c"}
    editor.post(step(draft, "fields"), posted)
    kept = chosen(draft)
    assert (kept["mapping"], kept["destination_key"], kept["match_fields"]) == (mapping.pk, "HubSpot_Email__c", [])


def test_a_new_mapping_is_made_from_the_fields_and_belongs_to_the_draft(editor, draft):
    answer = editor.post(f"/syncs/new/{draft.pk}/mapping/")
    assert answer["Location"] == f"/mappings/{chosen(draft)['mapping']}/"
    assert MappingTask.objects.count() == 1


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        ({"starts": "cron", "cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"}, "At 09:00 on weekdays"),
        ({"starts": "interval", "every_minutes": "60"}, "Every hour"),
        ({"starts": "hand"}, "Whenever it is started"),
    ],
)
def test_when_it_starts_is_told_in_words(editor, draft, posted, words):
    base = {"write_mode": "upsert", "empty_values": "keep", "departed": "nothing"}
    assert editor.post(step(draft, "when"), {**base, **posted})["Location"] == step(draft, "try")
    assert words in editor.get(step(draft, "when")).content.decode()


def test_the_next_five_times_are_told_in_their_own_zone(editor, draft):
    keep_choices(draft.pk, {"starts": "cron", "cron": "0 9 * * *", "time_zone": "Asia/Tokyo"})
    page = editor.get(step(draft, "when")).content.decode()
    assert page.count("<time datetime=") >= 5 and page.count(" 09:00</time>") == 5


def test_times_that_do_not_exist_are_said_before_it_is_turned_on(editor, draft):
    keep_choices(draft.pk, {"mapping": make_mapping(CODE).pk, "starts": "cron", "cron": "0 0 30 2 *"})
    page = editor.get(step(draft, "try")).content.decode()
    assert "These times do not exist" in page and "disabled" in page
    editor.post(f"/syncs/new/{draft.pk}/on/")
    assert not Sync.objects.exists()


def ready(draft: SyncDraft, **choices) -> SyncDraft:
    return keep_choices(draft.pk, {"mapping": make_mapping(CODE).pk, "destination_key": "HubSpot_Email__c", **choices})


def test_turning_on_makes_the_sync_with_all_that_was_chosen(editor, draft):
    ready(draft, name="People", departed="clear", departed_field="Rating", starts="interval", every_minutes=30)
    answer = editor.post(f"/syncs/new/{draft.pk}/on/")
    sync = Sync.objects.get()
    assert answer["Location"] == f"/syncs/{sync.pk}/"
    assert (sync.name, sync.departed, sync.departed_field) == ("People", Departed.CLEAR, "Rating")
    assert (sync.every_minutes, sync.read_mode, sync.is_enabled) == (30, ReadMode.INCREMENTAL, True)
    assert sync.next_due_at is not None and not SyncJob.objects.exists()


def test_turn_on_and_run_now_starts_a_job(editor, draft):
    ready(draft)
    answer = editor.post(f"/syncs/new/{draft.pk}/on/", {"run": "1"})
    assert answer["Location"] == f"/jobs/{SyncJob.objects.get().pk}/"


def test_a_draft_is_turned_on_once(editor, draft):
    ready(draft)
    editor.post(f"/syncs/new/{draft.pk}/on/")
    assert editor.post(f"/syncs/new/{draft.pk}/on/").status_code == 404
    assert Sync.objects.count() == 1


def test_nobody_sees_or_finishes_the_draft_of_another(signed_in, draft):
    other = signed_in("Editor")
    for path in ("ends/", "count/", "preview/"):
        assert other.get(f"/syncs/new/{draft.pk}/{path}").status_code == 404
    for path in ("on/", "discard/", "mapping/"):
        assert other.post(f"/syncs/new/{draft.pk}/{path}").status_code == 404


def test_unfinished_ones_are_listed_and_can_be_discarded(editor, draft):
    assert "go to Salesforce leads" in editor.get("/syncs/new/").content.decode()
    editor.post(f"/syncs/new/{draft.pk}/discard/")
    assert "Nothing is waiting to be finished" in editor.get("/syncs/new/").content.decode()


def test_a_sync_can_be_copied_into_a_draft(editor, ends):
    sync = make_sync(name="Contacts", every_minutes=60)
    answer = editor.post(f"/syncs/{sync.pk}/copy/")
    copied = SyncDraft.objects.get()
    assert answer["Location"] == step(copied, "ends")
    assert (copied.choices["name"], copied.choices["every_minutes"]) == ("Contacts (copy)", 60)


@pytest.mark.parametrize(
    "path", ["/syncs/new/", "/syncs/new/{pk}/ends/", "/syncs/new/{pk}/count/", "/syncs/new/{pk}/preview/"]
)
def test_looking_at_the_wizard_needs_the_right(signed_in, draft, path):
    assert signed_in("Fixer").get(path.format(pk=draft.pk)).status_code == 403


@pytest.mark.parametrize("path", ["on/", "discard/", "mapping/"])
def test_a_change_of_a_draft_refuses_get_and_needs_the_right(editor, signed_in, draft, path):
    assert editor.get(f"/syncs/new/{draft.pk}/{path}").status_code == 405
    assert signed_in("Fixer").post(f"/syncs/new/{draft.pk}/{path}").status_code == 403
    assert Client().post(f"/syncs/new/{draft.pk}/{path}")["Location"].startswith("/sign-in/")


def test_an_unknown_step_is_not_there(editor, draft):
    assert editor.get(step(draft, "nonsense")).status_code == 404


@pytest.fixture
def real(editor, running_sandbox) -> SyncDraft:
    """A draft between two simulated systems."""
    hubspot, salesforce = demo.connect(running_sandbox.credentials(), tier=demo.UNLIMITED, timeout=5)
    mapping = demo.map_contacts(hubspot, salesforce)
    editor.post("/syncs/new/")
    draft = SyncDraft.objects.get()
    choices = {"source": f"{hubspot.pk}:contacts", "destination": f"{salesforce.pk}:Lead", "mapping": mapping.pk}
    return keep_choices(draft.pk, choices)


def test_people_are_counted_at_the_source(editor, real):
    assert "450 people match." in editor.get(f"/syncs/new/{real.pk}/count/").content.decode()
    keep_choices(real.pk, {"conditions": [{"field": "firstname", "operator": "contains", "value": "a"}]})
    said = editor.get(f"/syncs/new/{real.pk}/count/", headers={"HX-Request": "true"}).content.decode()
    about = re.search(r"About (\d+) of 450 people match, going by the first 400\.", said)
    assert about and 0 < int(about[1]) < 450
    assert "<html" not in said


def test_ten_people_are_shown_as_they_would_go_out_and_nothing_is_sent(editor, real):
    page = editor.get(f"/syncs/new/{real.pk}/preview/", headers={"HX-Request": "true"}).content.decode()
    assert page.count("<article") == 10 and "Fine" in page
    assert not SyncJob.objects.exists()


def test_a_source_that_is_away_is_a_sentence(editor, draft):
    ready(draft)
    for part in ("count", "preview"):
        answer = editor.get(f"/syncs/new/{draft.pk}/{part}/", headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert "Cannot be counted" in answer.content.decode() or "could not be fetched" in answer.content.decode()


LEAD_BACK = 'def map_record(record):\n    return {"email": record["HubSpot_Email__c"], "country": record["Rating"]}\n'


@pytest.fixture
def both_ways(draft) -> SyncDraft:
    back = make_mapping(
        LEAD_BACK,
        source_platform="salesforce",
        source_object="Lead",
        destination_platform="hubspot",
        destination_object="contacts",
    )
    return keep_choices(draft.pk, {"two_ways": True, "mapping": make_mapping(CODE).pk, "mapping_back": back.pk})


def fields_posted(draft, **more):
    choices = chosen(draft)
    return {
        "mapping": choices["mapping"],
        "mapping_back": choices["mapping_back"],
        "destination_key": "HubSpot_Email__c",
        "key_back": "email",
        "wins": "left",
        **more,
    }


def test_the_pairs_of_a_two_way_sync_are_looked_at_before_the_next_step(editor, both_ways):
    assert editor.post(step(both_ways, "fields"), fields_posted(both_ways))["Location"] == step(both_ways, "fields")
    assert "pairs" not in chosen(both_ways)
    page = editor.get(step(both_ways, "fields")).content.decode()
    assert 'name="way_0"' in page
    answer = editor.post(step(both_ways, "fields"), fields_posted(both_ways, way_0="both", wins_0="right"))
    assert answer["Location"] == step(both_ways, "when")
    pair = {"left": "email", "right": "HubSpot_Email__c", "way": "both", "wins": "right"}
    assert (chosen(both_ways)["pairs"], chosen(both_ways)["wins"]) == ([pair], "left")


def test_who_goes_back_is_not_held_up_by_pairs(editor, both_ways):
    answer = editor.post(step(both_ways, "fields"), fields_posted(both_ways, to="people"))
    assert answer["Location"] == step(both_ways, "people")


def test_events_may_start_it_beside_the_timetable(editor, draft):
    page = editor.get(step(draft, "when")).content.decode()
    assert "Also within seconds, when HubSpot tells of a change" in page
    posted = {**WHEN, "starts": "interval", "every_minutes": "60", "on_webhook": "on"}
    editor.post(step(draft, "when"), posted)
    assert chosen(draft)["on_webhook"] is True
    assert "Every hour, and within seconds of a change, " in editor.get(step(draft, "when")).content.decode()
    editor.post(step(draft, "when"), {**WHEN, "on_webhook": "on"})
    assert "Within seconds of a change, contacts changed in HubSpot" in editor.get(step(draft, "when")).content.decode()


def test_what_comes_by_events_only_is_always_started_by_them(editor, ends):
    segment = make_connection("segment", name="Segment")
    mapping = make_mapping(CODE, source_platform="segment", source_object="users")
    editor.post("/syncs/new/")
    draft = SyncDraft.objects.get()
    editor.post(step(draft, "ends"), {"source": f"{segment.pk}:users", "destination": ends[1]})
    page = editor.get(step(draft, "when")).content.decode()
    assert "Whenever Segment sends something" in page
    assert 'name="on_webhook"' not in page and "Every so many minutes" not in page
    editor.post(step(draft, "when"), WHEN)
    keep_choices(draft.pk, {"mapping": mapping.pk, "destination_key": "HubSpot_Email__c"})
    editor.post(f"/syncs/new/{draft.pk}/on/")
    assert Sync.objects.get().on_webhook
    assert choices_of(Sync.objects.get())["on_webhook"] is True
