"""The wizard in a browser: five steps from nothing to a sync that runs, both ways too, and one that is left and found again."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browsing import PHONE, Come, Person, expect, look_closely, wait_until
from tests.e2e.panels import Panel

CONTACTS = 600
NINE = "0 9 * * 1-5"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Panel]:
    """The whole demo, with connections to all five platforms whose objects are known, and nobody who changes anything."""
    panel = Panel(tmp_path_factory.mktemp("whole"), DEMO="1", WORKERS="1")
    try:
        panel.start("demo", "--contacts", str(CONTACTS), "--latency-ms", "0", "--salesforce-latency-ms", "0")
        panel.control("POST", "settings", {"life": 0.0})
        wait_until(lambda: panel.read("SELECT COUNT(*) FROM integrations_connection WHERE state = 'ok'") == [(5,)])
        yield panel
    finally:
        panel.stop()


def begin(person: Person) -> Page:
    """A new sync, at its first step."""
    page = person.go("/syncs/")
    page.locator("main").get_by_role("link", name="New sync").click()
    person.press("Start")
    expect(page.locator("#h-step")).to_have_text("From where, to where?")
    return page


def choose_ends(page: Page, source: str, destination: str, name: str) -> None:
    page.get_by_label("From", exact=True).select_option(label=source)
    page.get_by_label("To", exact=True).select_option(label=destination)
    page.get_by_label("Name").fill(name)


def next_step(page: Page, heading: str) -> None:
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#h-step")).to_have_text(heading)


def sentence(page: Page) -> str:
    return " ".join(page.locator("#sentence").inner_text().split())


def options(page: Page, label: str) -> list[str]:
    return page.get_by_label(label, exact=True).locator("option").all_inner_texts()


def test_a_sync_is_built_in_five_steps_tried_with_ten_people_and_turned_on(whole: Panel, come: Come) -> None:
    person = come(whole)
    page = begin(person)
    assert look_closely(person, "wizard-1") == []
    sources, destinations = options(page, "From"), options(page, "To")
    assert {"Mailchimp: Newsletter", "Mailchimp: Product news", "Google Analytics: Audience: Asked for a demo"} <= set(
        sources
    )
    assert {"HubSpot: Subscriptions", "Segment: Users"} <= set(sources)
    assert "Segment: Groups" in destinations, "it is written, and cannot be read"
    assert not {"Segment: Groups", "Mailchimp: Audience members", "Google Analytics: Reports"} & set(sources)
    choose_ends(page, "HubSpot: Contacts", "Salesforce: Leads", "People of Germany")

    next_step(page, "Who is included?")
    count = page.locator("#count")
    expect(count).to_contain_text(f"{CONTACTS} people match.")
    page.get_by_label("Field of condition 1").select_option(label="Country/Region")
    page.get_by_label("Comparison of condition 1").select_option(label="is")
    page.get_by_label("Value of condition 1").fill("Germany")
    page.get_by_label("Value of condition 1").press("Tab")
    expect(page.locator("#sentence")).to_contain_text("whose country/region is Germany go to Salesforce leads")
    expect(count).to_have_text(re.compile(rf"\s*\d+ of {CONTACTS} people match\.\s*"))
    assert look_closely(person, "wizard-2") == []

    next_step(page, "What becomes of each field?")
    page.locator("#id_mapping").select_option(label="Contacts to leads")
    page.get_by_label("Who is who is told by").select_option(label="HubSpot Email")
    assert look_closely(person, "wizard-3") == []

    next_step(page, "When?")
    page.get_by_label("At certain times").check()
    page.get_by_label(re.compile("^Times")).fill(NINE)
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    expect(page.locator("#slots time")).to_have_count(5)
    expect(page.locator("#sentence")).to_contain_text("At 09:00 on weekdays")
    page.get_by_label(re.compile("^People added")).fill("5000")
    assert look_closely(person, "wizard-4") == []

    next_step(page, "Ten people, as they would go out")
    expect(page.locator("#preview article")).to_have_count(10)
    assert look_closely(person, "wizard-5") == []
    before = whole.leads()["writes"]
    person.press("Turn on")
    expect(page.locator("h1")).to_have_text("People of Germany")
    expect(page.locator("main")).to_contain_text("At 09:00 on weekdays")
    rows = "SELECT cron, time_zone, is_enabled, next_due_at IS NOT NULL, guards FROM integrations_sync WHERE name = ?"
    assert whole.read(rows, "People of Germany") == [(NINE, "Europe/Berlin", 1, 1, '{"creates": 5000}')]
    assert whole.leads()["writes"] == before, "nothing is sent before its time"


def test_two_systems_are_kept_equal(whole: Panel, come: Come) -> None:
    whole.write("UPDATE integrations_sync SET is_enabled = 0 WHERE name LIKE 'Companies%'")
    person = come(whole)
    page = begin(person)
    choose_ends(page, "HubSpot: Companies", "Salesforce: Accounts", "Both alike")
    page.get_by_label("Keep both equal").check()
    next_step(page, "Who is included?")
    next_step(page, "What becomes of each field?")
    page.locator("#id_mapping").select_option(label="Companies to accounts")
    page.get_by_label("Mapping for the way back").select_option(label="Accounts to companies")
    page.get_by_label("Who is who is told by").select_option(label="Company Key")
    page.get_by_label("Who is who on the way back").select_option(label="Salesforce Account ID")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#h-pairs")).to_have_text("Which way does each field go?")
    assert look_closely(person, "wizard-pairs") == []
    page.get_by_label("If both sides changed the same field").select_option(label="HubSpot wins")
    page.get_by_label("Way of phone and Phone").select_option(label="↔")
    page.get_by_label("Who wins phone and Phone").select_option(label="Ask me")
    next_step(page, "When?")
    page.get_by_label("Every so many minutes").check()
    page.get_by_label("Minutes between two starts").fill("30")
    next_step(page, "Ten people, as they would go out")
    person.press("Turn on")
    expect(page.locator("h1")).to_have_text("Both alike")
    (pairs, wins), *more = whole.read(
        "SELECT t.pairs, t.wins FROM integrations_twoway t JOIN integrations_sync s ON s.id = t.rightward_id "
        "WHERE s.name = 'Both alike' AND s.is_enabled"
    )
    assert (wins, more) == ("left", [])
    assert '"left": "phone", "right": "Phone", "way": "both", "wins": "ask"' in pairs


def test_one_that_was_left_on_a_phone_goes_on_where_it_stopped(whole: Panel, come: Come) -> None:
    person = come(whole, size=PHONE)
    page = begin(person)
    choose_ends(page, "Mailchimp: Newsletter", "HubSpot: Contacts", "Half done")
    next_step(page, "Who is included?")
    page.get_by_label("Field of condition 1").select_option(label="Status")
    page.get_by_label("Value of condition 1").fill("unsubscribed")
    page.get_by_label("Value of condition 1").press("Tab")
    expect(page.locator("#sentence")).to_contain_text(
        "people of “Newsletter” changed in Mailchimp whose status is Unsubscribed"
    )
    page.get_by_role("link", name="Later").click()
    page.close()

    page = (again := person.another_page()).go("/syncs/new/")
    page.get_by_role("link", name=re.compile("whose status is Unsubscribed")).click()
    expect(page.locator("#h-step")).to_have_text("What becomes of each field?")
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Value of condition 1")).to_have_value("unsubscribed")
    page.get_by_role("navigation", name="Steps").get_by_role("link", name="From and to").click()
    expect(page.get_by_label("Name")).to_have_value("Half done")
    assert look_closely(again, "wizard-phone") == []
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto("/syncs/new/")
    mine = page.get_by_role("listitem").filter(has_text="whose status is Unsubscribed")
    mine.get_by_role("button", name="Discard").click()
    again.answer("Discard it")
    expect(mine).to_have_count(0)


def test_a_step_that_lacks_something_is_not_left(whole: Panel, come: Come) -> None:
    person = come(whole)
    page = begin(person)
    page.get_by_label("From", exact=True).select_option(label="Segment: Users")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_label("To", exact=True)).to_be_focused()
    expect(page.locator("#h-step")).to_have_text("From where, to where?")
    page.get_by_label("To", exact=True).select_option(label="HubSpot: Contacts")
    next_step(page, "Who is included?")
    page.get_by_label("Field of condition 1").select_option(label="Email")
    with person.accepting(422):
        page.get_by_role("button", name="Next").click()
        expect(page.locator("#step")).to_contain_text("Say which value, or choose “is empty”.")
    assert look_closely(person, "wizard-missing") == []
