"""The mapping editor in a browser, with a language model: it writes, is stopped, asks, changes; a second person publishes."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.e2e.browsing import Come, Person, expect, look_closely, wait_until
from tests.e2e.mapping_pages import code_of, make_mapping, pane, rule_of, show_code, wait_for_trial
from tests.e2e.panels import PASSWORD, Panel
from tests.integrations.assistant.editor import GOOD, RULES
from tests.model_server import ModelServer, answer, refuse

CONTACTS = 100
KEY = "sk-of-the-browser-tests"
SECOND = "priya@syncpanel.example"
NEW_ADMIN = f"""
from syncpanel.management.commands.seed_demo import add_person
add_person("{SECOND}", "Priya", "Patel", "Admin")
"""
WISH = "Contacts become leads. Customers are hot."
QUESTION = "What is the rating of an evangelist?"
CHANGE = "If there is no company, send “Private person”."
BROKEN = GOOD.replace('"Email": email', '"Mail": email')
ANSWERED = GOOD.replace('"customer": "Hot"}', '"customer": "Hot", "evangelist": "Warm"}')
CHANGED = ANSWERED.replace('clean_text(record.get("company"))', 'clean_text(record.get("company")) or "Private person"')


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    """An endpoint that says what a test scripted."""
    with ModelServer() as server:
        server.set(key=KEY, name="scripted-1")
        yield server


@pytest.fixture(scope="module")
def asking_panel(tmp_path_factory: pytest.TempPathFactory, browser: Browser, model: ModelServer) -> Iterator[Panel]:
    """The demo with a model connected, where nobody publishes what he wrote himself."""
    connected = {"MODEL_NAME": "scripted-1", "MODEL_BASE_URL": model.base_url, "MODEL_API_KEY": KEY}
    folder = tmp_path_factory.mktemp("asking")
    panel = Panel(folder, DEMO="1", WORKERS="1", MAPPING_NEEDS_SECOND_PERSON="1", **connected)
    try:
        panel.start(
            "demo", "--one-sync", "--contacts", str(CONTACTS), "--latency-ms", "0", "--salesforce-latency-ms", "0"
        )
        assert panel.instance.manage("shell", "-c", NEW_ADMIN).returncode == 0
        yield panel
    finally:
        model.release()
        panel.stop()


def progress(page: Page) -> Locator:
    """What a worker is doing for the mapping, or what it could not."""
    return page.locator("#ed-tasks")


def write(page: Page, change: str = "") -> None:
    """Send what was typed to the model."""
    page.get_by_label("Ask for a change").fill(change)
    page.get_by_role("button", name="Write the code again").click()


def wait_until_written(page: Page, model: ModelServer, revised: str) -> None:
    """The model was asked, and the page shows the new draft by itself; it has been tried."""
    wait_until(lambda: model.left() == 0)
    expect(page.locator("#ed-tasks button")).to_have_count(0)
    wait_for_trial(page)
    show_code(page, "Edit")
    expect(page.locator("textarea[name=code]")).to_have_value(revised)


def test_the_model_writes_and_a_second_person_publishes(asking_panel: Panel, come: Come, model: ModelServer) -> None:
    person = come(asking_panel)
    page = make_mapping(person, "People", "HubSpot: Contacts", "Salesforce: Leads", WISH)
    wait_for_trial(page)
    expect(pane(page, "Say what you want")).to_contain_text("scripted-1 at 127.0.0.1")
    stop_while_it_writes(person, model)
    hear_what_went_wrong(page, model)

    model.script(answer(BROKEN, RULES), answer(GOOD, RULES, {"Rating": QUESTION}))
    write(page)
    wait_until_written(page, model, GOOD)
    expect(rule_of(page, "Rating")).to_contain_text(RULES["Rating"])
    assert look_closely(person, "mapping-written") == []
    see_what_was_sent(asking_panel, person, model)

    model.script(answer(ANSWERED, RULES))
    page.get_by_label(QUESTION).fill("Warm")
    page.get_by_role("button", name="Write the code with these answers").click()
    wait_until_written(page, model, ANSWERED)
    assert '"answer": "Warm"' in said(model), "the answer was told"
    page.locator("summary", has_text="Instructions in your words").click()
    expect(page.get_by_label("Instructions in your words")).to_have_value(f"{WISH}\n\n{QUESTION} Warm")
    here = page.url
    publish_as_second(asking_panel, come, person, 1)

    model.script(answer(CHANGED, RULES | {"Company": "The company's name, or “Private person”."}))
    page.goto(here)
    wait_for_trial(page)
    write(page, CHANGE)
    wait_until_written(page, model, CHANGED)
    assert CHANGE in said(model)
    show_code(page, "Changes")
    expect(page.locator(".diff tr.add")).to_have_count(1)
    expect(page.locator(".diff tr.add mark", has_text="Private person")).to_be_visible()
    expect(page.locator(".rule.changed")).to_have_count(1)
    expect(rule_of(page, "Company")).to_contain_text("Changed")
    publish_as_second(asking_panel, come, person, 2)


def said(model: ModelServer) -> str:
    """Everything that was said in the last call."""
    return "\n".join(message["content"] for message in model.requests()[-1]["body"]["messages"])


def stop_while_it_writes(person: Person, model: ModelServer) -> None:
    """The model is at it, also after a reload, until it is stopped; then all is as before."""
    page = person.page
    before = code_of(page)
    model.script(answer(GOOD, RULES, piece=20, hold_after=200))
    write(page)
    expect(progress(page)).to_contain_text(re.compile(r"Asking the model \(\d+ characters so far\)"))
    assert look_closely(person, "mapping-writing") == []
    page.reload()
    expect(progress(page)).to_contain_text("Asking the model")
    progress(page).get_by_role("button", name="Stop").click()
    expect(page.locator("#toasts")).to_contain_text("Stopped. The draft is as it was.")
    wait_until(lambda: model.hung_up() == 1)
    wait_for_trial(page)
    assert code_of(page) == before


def hear_what_went_wrong(page: Page, model: ModelServer) -> None:
    """A refused key is told in words, without the key."""
    model.script(refuse(401, f"Incorrect API key provided: {KEY}.", "invalid_api_key"))
    write(page)
    expect(progress(page)).to_contain_text("Writing the code did not work.")
    expect(progress(page)).to_contain_text("does not accept the key")
    assert KEY not in page.content()


def see_what_was_sent(panel: Panel, person: Person, model: ModelServer) -> None:
    """The page has every word of the calls, and no value of anybody."""
    page = person.page
    page.get_by_role("link", name="What is sent").click()
    newest = page.locator(".exchange").first
    newest.get_by_text("What was sent").click()
    messages = model.requests()[-1]["body"]["messages"]
    assert [part.inner_text() for part in newest.locator("details").first.locator("pre").all()] == [
        message["content"] for message in messages
    ]
    expect(page.locator(".exchange")).to_have_count(4)
    sent = "\n".join(message["content"] for message in messages)
    assert "***@" in sent, "masked samples were sent"
    records = panel.control("GET", f"hubspot/contacts/records?after=0&limit={CONTACTS}")["records"]
    addresses = set(re.findall(r"[\w.+-]+@[\w.-]+", json.dumps(records)))
    assert len(addresses) > CONTACTS / 2
    assert [address for address in addresses if address.lower() in sent.lower()] == []
    page.go_back()
    wait_for_trial(page)


def publish_as_second(panel: Panel, come: Come, person: Person, number: int) -> None:
    """Who wrote it asks for a check; somebody else finds it on top of the list, and publishes it."""
    page = person.page
    wait_for_trial(page)
    expect(page.locator("#ed-foot")).to_contain_text("A second person publishes it.")
    page.locator("#ed-foot").get_by_role("button", name="Ask for a check").click()
    expect(page.locator("#toasts")).to_contain_text("It waits on top of the list")
    second = come(panel, signed_in=False)
    second.go("/")
    second.sign_in(SECOND, PASSWORD)
    theirs = second.go("/mappings/")
    first = theirs.locator("tbody tr").first
    expect(first).to_contain_text("Waits to be checked")
    first.get_by_role("link").first.click()
    wait_for_trial(theirs)
    theirs.locator("#ed-foot").get_by_text("Approve and publish").click()
    note = theirs.get_by_label("Why may it be published")
    expect(theirs.locator("#toasts").get_by_text("is published.").or_(note)).to_be_visible()
    if note.count():
        note.fill("Looked at with Dana.")
        theirs.get_by_role("button", name="Approve and publish").click()
    expect(theirs.locator("#toasts")).to_contain_text(f"Version {number} is published.")
    expect(theirs.locator(".ed-head")).to_contain_text(f"Published: version {number}")
