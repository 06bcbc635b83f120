"""Connections, limits, activity, the first start, and the doors that stay shut: in a browser."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.e2e.browsing import Come, Person, expect, look_closely
from tests.e2e.panels import SLOW, Panel

OWNER, SECRET = "ada@example.org", "correct horse battery"


def connect_salesforce(person: Person, name: str, secret: str, panel: Panel) -> Page:
    """Fill in the form of a new Salesforce connection and save it."""
    page = person.go("/connections/")
    page.get_by_role("link", name="Add a connection").click()
    page.get_by_role("link", name="Salesforce").click()
    told = panel.control("GET", "credentials")["salesforce"]
    page.get_by_label("Name").fill(name)
    page.get_by_label("Consumer key").fill(told["client_id"])
    page.get_by_label("Consumer secret").fill(secret)
    page.get_by_label("My Domain address").fill(told["base_url"])
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text(f"{name} is saved.")
    return page


def test_a_connection_is_tested_and_every_line_is_ticked(panel: Panel, come: Come) -> None:
    person = come(panel)
    page = person.go("/connections/")
    expect(page.locator(".system")).to_have_count(2)
    page.get_by_role("button", name="Test HubSpot").click()
    expect(page.locator("#toasts")).to_contain_text("HubSpot works.")
    lines = page.locator("#connection-test .rows li")
    expect(lines).not_to_have_count(0)
    expect(page.locator("#connection-test .mark.s-ok")).to_have_count(lines.count())
    assert look_closely(person, "connection-tested") == []


def test_a_connection_with_a_wrong_secret_says_what_to_do_and_its_secret_is_never_shown(
    panel: Panel, come: Come
) -> None:
    person = come(panel)
    page = connect_salesforce(person, "Second Salesforce", "Not-The-Secret-4711", panel)
    page.locator("#connection-test").get_by_role("button", name=re.compile("Test")).click()
    failed = page.locator("#connection-test .rows li", has=page.locator(".mark.s-failed")).first
    expect(failed).to_contain_text("Sign in")
    expect(failed).to_contain_text(re.compile("secret", re.IGNORECASE))
    expect(page.locator("#connection-test .pill")).to_have_text("Sign-in needed")
    assert look_closely(person, "connection-refused") == []

    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Consumer key")).not_to_have_value("")
    assert "Not-The-Secret-4711" not in page.content()
    page.get_by_text("Replace").click()
    expect(page.get_by_label("New consumer secret")).to_have_value("")
    assert look_closely(person, "connection-edit") == []
    page.get_by_label("New consumer secret").fill(panel.control("GET", "credentials")["salesforce"]["client_secret"])
    page.get_by_role("button", name="Save").click()
    page.locator("#connection-test").get_by_role("button", name=re.compile("Test")).click()
    expect(page.locator("#connection-test .pill")).to_have_text("Connected")

    page.get_by_label("Name of the connection").fill("Something else")
    page.get_by_role("button", name="Delete this connection").click()
    with person.accepting(422):
        person.answer("Delete it")
        expect(page.locator("main")).to_contain_text("Type “Second Salesforce” to delete it.")
    page.get_by_label("Name of the connection").fill("Second Salesforce")
    page.get_by_role("button", name="Delete this connection").click()
    person.answer("Delete it")
    expect(page.locator("#toasts")).to_contain_text("Second Salesforce is deleted.")
    expect(page.locator(".system")).to_have_count(2)


def test_a_form_with_mistakes_says_which_and_keeps_the_rest(panel: Panel, come: Come) -> None:
    person = come(panel)
    page = person.go("/connections/add/salesforce/")
    page.get_by_label("Name").fill("Half a connection")
    page.get_by_label("Consumer secret").fill("typed once")
    page.locator("form[method=post][autocomplete=off]").evaluate("form => form.noValidate = true")
    with person.accepting(422):
        page.get_by_role("button", name="Save").click()
        expect(page.locator("main [role=alert]")).to_contain_text("Not saved yet.")
    expect(page.get_by_label("Name")).to_have_value("Half a connection")
    expect(page.get_by_label("Consumer secret")).to_have_value("")
    assert look_closely(person, "connection-mistakes") == []


def test_limits_say_what_is_left_and_who_used_it(panel: Panel, come: Come) -> None:
    person = come(panel)
    panel.wait_until_finished()
    page = person.go("/limits/")
    for name in ("HubSpot", "Salesforce"):
        card = page.get_by_role("region", name=name, exact=True)
        expect(card).to_contain_text(re.compile(r"[\d,]+ of [\d,]+ calls"))
        expect(card).to_contain_text("Contacts")


def test_activity_is_filtered_without_leaving_the_page_and_by_its_address(panel: Panel, come: Come) -> None:
    person = come(panel)
    page = person.go("/activity/")
    everything = page.locator(".timeline li").count()
    page.get_by_label("About").select_option("connection")
    expect(page).to_have_url(re.compile("about=connection"))
    lines = page.locator(".timeline li")
    expect(lines).not_to_have_count(everything)
    expect(lines.filter(has_not_text="Connection")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("About")).to_have_value("connection")
    page.get_by_label("By").select_option("viewer@syncpanel.example")
    expect(page.locator("#activity")).to_contain_text("Nothing matches")
    assert look_closely(person, "activity-nothing") == []
    page.get_by_role("link", name="Show everything").click()
    expect(page.locator(".timeline li")).to_have_count(everything)


def test_guessing_passwords_is_locked_out(panel: Panel, come: Come) -> None:
    person = come(panel, signed_in=False)
    page = person.go("/sign-in/")
    for _ in range(7):
        person.sign_in("guessed@example.org", "wrong")
        expect(page.locator("[role=alert]").first).to_be_visible()
    assert look_closely(person, "sign-in-wrong") == []
    with person.accepting(429):
        person.sign_in("guessed@example.org", "wrong")
        expect(page.get_by_role("heading", level=1)).to_have_text("Too many tries")
    assert look_closely(person, "locked-out") == []
    page.get_by_role("link", name="Back to sign in").click()
    person.sign_in()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dana")


def test_a_session_that_ends_during_live_updates_leads_to_the_sign_in_page_and_back(panel: Panel, come: Come) -> None:
    panel.begin_anew(2_000, latency_ms=2 * SLOW)
    person = come(panel)
    page = person.go("/syncs/1/")
    person.press("Start now")
    page.wait_for_url("**/jobs/*/")
    here = urlsplit(page.url).path
    other = person.another_page()
    other.go("/syncs/").get_by_role("button", name="Sign out").first.click()
    other.page.wait_for_url("**/sign-in/")
    page.bring_to_front()
    page.wait_for_url("**/sign-in/?next=*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.locator("#job-live")).to_have_count(0)
    person.sign_in()
    page.wait_for_url(f"**{here}")
    expect(page.locator("#job-live")).to_be_visible()
    panel.hurry()
    panel.wait_until_finished()


def test_a_viewer_sees_everything_and_changes_nothing(panel: Panel, come: Come) -> None:
    person = come(panel, signed_in=False)
    page = person.go("/")
    person.sign_in("viewer@syncpanel.example", "demo-syncpanel")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Vera")
    for path in ("/syncs/1/", "/jobs/1/", "/connections/1/", "/failures/"):
        expect(person.go(path).locator("main form[method=post]")).to_have_count(0)
    with person.accepting(403):
        person.go("/connections/add/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert look_closely(person, "forbidden") == []


def test_a_new_installation_is_set_up_by_whoever_holds_the_link(empty_panel: Panel, come: Come) -> None:
    person = come(empty_panel, signed_in=False)
    with person.accepting(403):
        page = person.go("/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Welcome to Syncpanel")
        expect(page.locator("main")).to_contain_text("one-time link")
        assert look_closely(person, "welcome-no-link") == []
        person.go("/welcome/?token=wrong")
        expect(page.locator("[role=alert]").first).to_contain_text("not the right one")
    link = re.search(r"http://\S+/welcome/\?token=\S+", empty_panel.instance.log.read_text())
    assert link, "the start prints the link"
    person.go(link[0])
    assert look_closely(person, "welcome") == []
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("E-mail").fill(OWNER)
    page.get_by_label("Password", exact=True).fill(SECRET)
    page.get_by_label("Password again", exact=True).fill("another one")
    with person.accepting(422):
        page.get_by_role("button", name="Create my account").click()
        expect(page.locator(".err")).to_contain_text("The two passwords differ.")
    assert SECRET not in page.content()
    page.get_by_label("Password", exact=True).fill(SECRET)
    page.get_by_label("Password again", exact=True).fill(SECRET)
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Ada")

    problems = []
    for path in ("/welcome/next/", "/", "/syncs/", "/jobs/", "/failures/", "/connections/", "/limits/", "/activity/"):
        person.go(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        problems += look_closely(person, f"empty{path.replace('/', '-')}".rstrip("-"))
    assert problems == []
    with person.accepting(404):
        person.go("/sandbox/")
    stranger = come(empty_panel, signed_in=False)
    stranger.go(link[0])
    expect(stranger.page.get_by_role("heading", level=1)).to_have_text("Sign in")
