"""The demo's switches, against a running sandbox."""

import httpx
import pytest

from integrations.sandbox.client import SandboxClient
from integrations.sandbox.switches import switches
from tests.factories import make_sync

NAMES = [switch.name for switch in switches()]


@pytest.fixture
def demo(settings, running_sandbox):
    settings.DEMO, settings.SANDBOX_URL = True, running_sandbox.url
    client = SandboxClient(running_sandbox.url)
    yield client
    client.turn_all_off()


@pytest.mark.parametrize(
    "path", ["/sandbox/", "/sandbox/change/", "/sandbox/normal/", "/sandbox/switches/salesforce-slow/"]
)
def test_outside_the_demo_there_is_no_sandbox(signed_in, settings, path):
    settings.DEMO = False
    client = signed_in("Admin")
    assert (client.get if path == "/sandbox/" else client.post)(path).status_code == 404
    assert "Sandbox" not in client.get("/activity/").content.decode()


@pytest.mark.parametrize("name", NAMES)
def test_a_switch_turns_its_fault_on_and_off(signed_in, demo, name):
    client = signed_in("Fixer")
    client.post(f"/sandbox/switches/{name}/", {"on": "1"})
    client.post(f"/sandbox/switches/{name}/", {"on": "1"})
    assert demo.switched_on() == {name}
    assert 'aria-checked="true"' in client.get("/sandbox/").content.decode()
    client.post(f"/sandbox/switches/{name}/", {"on": "0"})
    assert demo.switched_on() == set()


def test_everything_back_to_normal(signed_in, demo):
    client = signed_in("Fixer")
    for name in NAMES:
        client.post(f"/sandbox/switches/{name}/", {"on": "1"})
    assert demo.switched_on() == set(NAMES)
    assert "back to normal" in client.post("/sandbox/normal/", follow=True).content.decode()
    assert demo.switched_on() == set()


def test_everybody_changes_at_the_source_so_that_a_job_has_all_to_send(signed_in, demo, running_sandbox):
    told = signed_in("Fixer").post("/sandbox/change/", follow=True).content.decode()
    contacts = httpx.get(f"{running_sandbox.url}/_control/hubspot/contacts/records?after=0&limit=450").json()["records"]
    titles = {contact["jobtitle"] for contact in contacts}
    assert len(titles) == 1
    assert titles.pop().startswith("Changed at ")
    assert "450 contacts have a new job title." in told
    assert "Change everyone" not in signed_in("Viewer").get("/sandbox/").content.decode()


def test_it_shows_what_the_destination_holds(signed_in, demo):
    make_sync()
    page = signed_in().get("/sandbox/").content.decode()
    assert "Salesforce leads" in page
    assert "What is over there" in page


def test_a_viewer_sees_the_switches_and_cannot_press_them(signed_in, demo):
    assert signed_in().get("/sandbox/").content.decode().count("disabled") >= len(NAMES)


def test_a_switch_there_is_not_is_not_found(signed_in, demo):
    assert signed_in("Fixer").post("/sandbox/switches/nonesuch/", {"on": "1"}).status_code == 404


def test_a_poll_gets_nothing_while_nothing_changed(signed_in, demo):
    client = signed_in()
    version = client.get("/sandbox/").context["version"]
    assert client.get(f"/sandbox/?v={version}", headers={"HX-Request": "true"}).status_code == 204
    demo.turn_on(switches()[0])
    assert client.get(f"/sandbox/?v={version}", headers={"HX-Request": "true"}).status_code == 200


def test_a_sandbox_that_is_away_is_said_and_survived(signed_in, settings):
    settings.DEMO, settings.SANDBOX_URL = True, "http://127.0.0.1:9"
    client = signed_in("Fixer")
    assert "does not answer" in client.get("/sandbox/").content.decode()
    assert "does not answer" in client.post("/sandbox/normal/", follow=True).content.decode()
    assert "does not answer" in client.post("/sandbox/change/", follow=True).content.decode()
