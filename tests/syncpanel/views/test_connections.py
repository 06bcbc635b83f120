"""Connections: what is shown, what is saved, what is never shown."""

import pytest
from django.utils import timezone

from integrations.enums import ConnectionState, DriftKind, Kind
from integrations.models import Connection, Event, SchemaDrift, SchemaReading
from integrations.orchestrator.connection_turns import only_test_of
from integrations.orchestrator.connections import save_connection
from tests.factories import make_connection, make_mapping, make_sync

SECRET = "pat-na1-very-secret"
SECRETS = {"token": {"access_token": SECRET}}


@pytest.fixture
def connection(db) -> Connection:
    return save_connection(
        None,
        name="Portal",
        platform="hubspot",
        method="token",
        settings={"base_url": "http://127.0.0.1:9", "timeout": "7"},
        secrets={"access_token": SECRET},
        actor="dana@example.com",
    )


def form(**change: str) -> dict[str, str]:
    values = {"name": "Portal", "base_url": "http://127.0.0.1:9", "api_version": "v3", "access_token": ""}
    return {**values, "tier": "", "reserve_percent": "0", "share_samples": "yes", **change}


def test_the_list_costs_the_same_for_one_and_for_fifty(signed_in, connection, django_assert_max_num_queries):
    client = signed_in("Admin")

    def queries() -> int:
        with django_assert_max_num_queries(40) as counted:
            assert client.get("/connections/").status_code == 200
        return len(counted)

    make_sync(source=connection)
    one = queries()
    for _ in range(49):
        make_sync(source=connection, destination=make_connection("salesforce"))
    assert queries() == one


def test_the_list_goes_on_after_fifty(signed_in, db):
    for number in range(51):
        make_connection(name=f"Portal {number:02}")
    client = signed_in()
    first = client.get("/connections/").content.decode()
    assert "Portal 49" in first
    assert "Portal 50" not in first
    assert "Portal 50" in client.get("/connections/?after=Portal 49").content.decode()


@pytest.mark.parametrize("path", ["/connections/", "/connections/{pk}/", "/connections/{pk}/edit/", "/activity/"])
def test_a_saved_secret_is_in_no_page(signed_in, connection, path):
    page = signed_in("Admin").get(path.format(pk=connection.pk)).content.decode()
    assert "Portal" in page
    assert SECRET not in page
    assert SECRET[-6:] not in page


def test_a_typed_secret_does_not_come_back_with_a_mistake_elsewhere(signed_in, connection):
    answer = signed_in("Admin").post(f"/connections/{connection.pk}/edit/", form(name="", access_token="pat-new"))
    assert answer.status_code == 422
    assert "pat-new" not in answer.content.decode()


def test_an_empty_secret_keeps_the_saved_one(signed_in, connection):
    answer = signed_in("Admin").post(
        f"/connections/{connection.pk}/edit/", form(name="Main portal", reserve_percent="10")
    )
    assert answer["Location"] == f"/connections/{connection.pk}/"
    connection.refresh_from_db()
    assert (connection.name, connection.secrets["access_token"], connection.reserve_percent) == (
        "Main portal",
        SECRET,
        10,
    )


def test_a_setting_no_form_asks_for_stays(signed_in, connection):
    signed_in("Admin").post(f"/connections/{connection.pk}/edit/", form())
    connection.refresh_from_db()
    assert connection.settings["timeout"] == "7"


def test_a_new_address_asks_for_the_secret_again(signed_in, connection):
    client, path = signed_in("Admin"), f"/connections/{connection.pk}/edit/"
    answer = client.post(path, form(base_url="https://elsewhere.example"))
    assert answer.status_code == 422
    assert "Type this again" in answer.content.decode()
    assert client.post(path, form(base_url="https://elsewhere.example", access_token="new")).status_code == 302


def test_a_new_address_does_not_ask_for_secrets_that_the_form_has_no_field_for(signed_in, connection):
    connection.secrets = {**connection.secrets, "webhook_secret": "signs"}
    connection.save()
    client, path = signed_in("Admin"), f"/connections/{connection.pk}/edit/"
    assert client.post(path, form(base_url="https://elsewhere.example")).status_code == 422
    assert client.post(path, form(base_url="https://elsewhere.example", access_token="new")).status_code == 302
    connection.refresh_from_db()
    assert connection.secrets == {"access_token": "new", "webhook_secret": "signs"}


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://api.example", "Start it with https://"),
        ("https://user:pw@api.example", "Leave out the user name"),
        ("https://api.example/#x", "End it before"),
        ("https://169.254.169.254", "a private network"),
        ("nonsense", "Type the whole address"),
    ],
)
def test_an_address_that_leads_inside_or_is_none_is_not_saved(signed_in, connection, address, says):
    values = form(base_url=address, access_token="new")
    answer = signed_in("Admin").post(f"/connections/{connection.pk}/edit/", values)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    connection.refresh_from_db()
    assert connection.settings["base_url"] == "http://127.0.0.1:9"


def test_another_way_to_sign_in_asks_for_its_own_secrets(signed_in, connection):
    answer = signed_in("Admin").post(f"/connections/{connection.pk}/edit/?method=oauth", form(client_id="one"))
    assert answer.status_code == 422
    assert "Client secret" in answer.content.decode()


def test_a_name_is_taken_once(signed_in, connection):
    answer = signed_in("Admin").post("/connections/add/hubspot/", form(access_token="x"))
    assert answer.status_code == 422
    assert "has this name" in answer.content.decode()


def test_adding_saves_encrypted_and_writes_an_event_without_secrets(signed_in, db, django_db_blocker):
    answer = signed_in("Admin").post("/connections/add/hubspot/", form(name="New", access_token=SECRET))
    added = Connection.objects.get(name="New")
    assert answer["Location"] == f"/connections/{added.pk}/"
    assert added.secrets == {"access_token": SECRET}
    event = Event.objects.get(stream=added.stream)
    assert event.kind == Kind.CONNECTION_CREATED
    assert SECRET not in str(event.data)


def test_a_platform_there_is_not_is_not_found(signed_in):
    assert signed_in("Admin").get("/connections/add/nonesuch/").status_code == 404


def test_the_test_says_line_by_line_what_works(signed_in, db, running_sandbox):
    told = running_sandbox.credentials()["hubspot"]
    settings, secrets = {"base_url": told["base_url"]}, {"access_token": told["access_token"]}
    row = save_connection(
        None, name="Portal", platform="hubspot", method="token", settings=settings, secrets=secrets, actor=""
    )
    page = signed_in("Fixer").post(f"/connections/{row.pk}/test/", follow=True).content.decode()
    assert "Portal works." in page
    assert page.count('aria-label="Works"') == 4


def test_a_test_that_fails_says_how_to_mend_it(signed_in, connection):
    page = signed_in("Fixer").post(f"/connections/{connection.pk}/test/", follow=True).content.decode()
    assert page.count('aria-label="Does not work"') == 1
    assert page.count('aria-label="Not tried"') == 3
    assert SECRET not in page
    connection.refresh_from_db()
    assert connection.state == ConnectionState.TROUBLE


@pytest.mark.parametrize(("role", "is_told"), [("Viewer", False), ("Fixer", False), ("Editor", False), ("Admin", True)])
def test_technical_words_are_for_those_who_can_mend_the_connection(signed_in, connection, role, is_told):
    line = {"label": "Sign in", "ok": False, "fix": "Sign in again.", "technical": "portal 4711 at eu1.example"}
    Connection.objects.filter(pk=connection.pk).update(last_check={"lines": [line]})
    page = signed_in(role).get(f"/connections/{connection.pk}/").content.decode()
    assert "Sign in again." in page
    assert ("portal 4711" in page) is is_told


def test_what_a_platform_does_not_tell_is_neither_said_to_work_nor_to_fail(signed_in, connection):
    line = {"label": "Events arrive", "ok": True, "fix": "It does not tell us. Look there.", "is_sure": False}
    Connection.objects.filter(pk=connection.pk).update(last_check={"lines": [line]})
    page = signed_in("Viewer").get(f"/connections/{connection.pk}/").content.decode()
    assert 'aria-label="Nobody knows"' in page and "Look there." in page
    assert 'aria-label="Works"' not in page and 'aria-label="Does not work"' not in page


def test_a_platform_with_two_sides_asks_for_each_only_where_it_is_wanted(signed_in, db, running_sandbox):
    """The form of a connection that only sends has no property, and the test looks at the one side."""
    told = running_sandbox.credentials()["google_analytics"]
    client, typed = signed_in("Admin"), {"name": "Site", "reserve_percent": "0", "share_samples": "yes"}
    page = client.get("/connections/add/google_analytics/?method=events").content.decode()
    assert 'name="measurement_id"' in page and 'name="property_id"' not in page
    values = {name: told[name] for name in ("base_url", "measurement_id", "api_secret")}
    client.post("/connections/add/google_analytics/?method=events", {**typed, **values})
    row = Connection.objects.get(name="Site")
    page = client.post(f"/connections/{row.pk}/test/", follow=True).content.decode()
    assert page.count('aria-label="Works"') == 3 and page.count('aria-label="Nobody knows"') == 1
    row.refresh_from_db()
    assert (row.method, row.state, row.account) == ("events", ConnectionState.OK, f"Stream {told['measurement_id']}")
    assert told["api_secret"] not in page
    changed = {**typed, **values, "api_secret": "", "parameters": "crm_stage"}
    assert client.post(f"/connections/{row.pk}/edit/", changed).status_code == 302, "nothing goes elsewhere by that"
    moved = client.post(f"/connections/{row.pk}/edit/", {**changed, "measurement_id": "G-OTHER123"})
    assert moved.status_code == 422 and "Type this again" in moved.content.decode()


def test_a_second_press_while_a_test_runs_says_so(signed_in, connection):
    client = signed_in("Fixer")
    with only_test_of(connection):
        page = client.post(f"/connections/{connection.pk}/test/", follow=True).content.decode()
    assert "A test of Portal is running." in page
    assert "Not tested yet" in page


def test_a_test_asked_by_htmx_answers_with_the_part_and_a_toast(signed_in, db, running_sandbox):
    told = running_sandbox.credentials()["hubspot"]
    settings, secrets = {"base_url": told["base_url"]}, {"access_token": told["access_token"]}
    row = save_connection(
        None, name="Portal", platform="hubspot", method="token", settings=settings, secrets=secrets, actor=""
    )
    answer = signed_in("Fixer").post(f"/connections/{row.pk}/test/", follow=True, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.startswith('<section class="card flush" id="connection-test"')
    assert 'hx-swap-oob="beforeend:#toasts"' in page
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize("typed", ["", "portal", "Porta"])
def test_deleting_wants_the_name_typed(signed_in, connection, typed):
    answer = signed_in("Admin").post(f"/connections/{connection.pk}/delete/", {"name": typed})
    assert answer.status_code == 422
    assert Connection.objects.filter(pk=connection.pk).exists()


def test_a_used_connection_is_not_deleted(signed_in, connection):
    sync = make_sync(source=connection, name="Newsletter audience")
    answer = signed_in("Admin").post(f"/connections/{connection.pk}/delete/", {"name": "Portal"})
    assert answer.status_code == 422
    assert sync.name in answer.content.decode()
    assert Connection.objects.filter(pk=connection.pk).exists()


def test_deleting_an_unused_connection_leaves_its_story(signed_in, connection):
    client = signed_in("Admin")
    assert client.post(f"/connections/{connection.pk}/delete/", {"name": "Portal"})["Location"] == "/connections/"
    assert not Connection.objects.exists()
    page = client.get("/activity/").content.decode()
    assert "was deleted" in page
    assert f"/connections/{connection.pk}/" not in page


def test_a_connection_there_is_not_is_not_found(signed_in):
    assert signed_in("Admin").get("/connections/999/").status_code == 404


@pytest.mark.parametrize(("answer", "shared"), [("yes", True), ("no", False)])
def test_a_person_says_whether_samples_may_go_to_the_model(signed_in, connection, answer, shared):
    signed_in("Admin").post(f"/connections/{connection.pk}/edit/", form(share_samples=answer))
    connection.refresh_from_db()
    assert connection.share_samples is shared


@pytest.fixture
def drift(connection) -> SchemaDrift:
    mapping = make_mapping()
    make_sync(source=connection, mapping=mapping)
    return SchemaDrift.objects.create(
        connection=connection,
        object_name="contacts",
        field="region",
        label="Region <b>",
        kind=DriftKind.REMOVED,
        before={"name": "region"},
        mappings=[mapping.pk],
        found_at=timezone.now(),
    )


def test_a_field_that_changed_is_told_with_what_comes_of_it_and_the_mapping(signed_in, connection, drift):
    page = signed_in().get(f"/connections/{connection.pk}/").content.decode()
    assert "Portal removed Region &lt;b&gt;." in page
    assert "reads it: the next job would stop." in page
    assert f'href="/mappings/{drift.mappings[0]}/"' in page
    assert "Read the fields again" not in page, "a viewer may not"
    drift.resolved_at = timezone.now()
    drift.save()
    assert "Fields that changed" not in signed_in().get(f"/connections/{connection.pk}/").content.decode()


def test_the_page_costs_the_same_for_one_changed_field_and_for_thirty(
    signed_in, connection, drift, django_assert_max_num_queries
):
    client = signed_in("Fixer")

    def count_queries() -> int:
        with django_assert_max_num_queries(20) as counted:
            client.get(f"/connections/{connection.pk}/")
        return len(counted)

    before = count_queries()
    for number in range(30):
        drift.pk, drift.field, drift.mappings = None, f"f{number}", [make_mapping().pk]
        drift.save(force_insert=True)
    assert count_queries() == before


def test_who_may_can_have_the_fields_read_at_once(signed_in, connection, drift):
    client = signed_in("Fixer")
    assert "Read the fields again" in client.get(f"/connections/{connection.pk}/").content.decode()
    answer = client.post(f"/connections/{connection.pk}/read/", follow=True)
    assert "The fields of Portal are read anew." in answer.content.decode()
    reading = SchemaReading.objects.get()
    assert (reading.connection, reading.object_name) == (connection, "contacts")
    assert reading.due_at <= timezone.now()
    assert client.post("/connections/999/read/").status_code == 404


def test_the_overview_and_the_mapping_tell_of_it_too(signed_in, connection, drift):
    client = signed_in("Editor")
    page = client.get("/").content.decode()
    assert "Portal removed Region &lt;b&gt;" in page
    assert "Open the mapping" in page
    page = client.get(f"/mappings/{drift.mappings[0]}/").content.decode()
    assert "reads it: the next job would stop." in page
    assert "removed Region" not in client.get(f"/mappings/{make_mapping().pk}/").content.decode()
