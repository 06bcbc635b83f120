"""Everything but liveness works in a browser that runs no scripts."""

import re

from playwright.sync_api import Page

from tests.e2e.browsing import Come, Person, expect, wait_until
from tests.e2e.panels import SLOW, Panel

CONTACTS = 1_000


def reload_until(page: Page, selector: str, text: str) -> None:
    """A person without scripts presses reload."""

    def says() -> bool:
        page.reload()
        return text in " ".join(page.locator(selector).all_inner_texts())

    wait_until(says)


def start_without_scripts(panel: Panel, person: Person) -> Page:
    page = person.go("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dana")
    page.locator("main").get_by_role("link", name="Contacts").first.click()
    person.press("Start now")
    page.wait_for_url("**/jobs/*/")
    return page


def test_a_job_is_started_paused_resumed_and_cancelled_without_scripts(panel: Panel, come: Come) -> None:
    panel.begin_anew(CONTACTS, salesforce_ms=2 * SLOW)
    person = come(panel, javascript=False)
    page = start_without_scripts(panel, person)
    person.press("Pause")
    expect(page.locator("#toasts")).to_contain_text("pause", ignore_case=True)
    reload_until(page, ".resume", "Paused at")
    person.press("Resume from")
    expect(page.locator(".runhead")).not_to_contain_text("Paused")
    person.press("Cancel job")
    expect(page.locator("#toasts")).to_contain_text("Cancelled.")
    reload_until(page, ".runhead .pill", "Cancelled")


def test_people_are_fixed_one_by_one_and_together_without_scripts(panel: Panel, come: Come) -> None:
    panel.begin_anew(CONTACTS)
    panel.spoil(range(20, 25), lastname="")
    person = come(panel, javascript=False)
    page = start_without_scripts(panel, person)
    reload_until(page, ".resume", "to fix")
    leads = panel.leads()["stored"]
    page.get_by_role("link", name=re.compile("^Fix these")).first.click()
    page.get_by_role("complementary", name="Reasons").get_by_role("link", name=re.compile("Last Name")).click()
    page.locator("[data-record] a").nth(1).click()
    name = page.locator("#d-name").inner_text()
    page.get_by_label("Last Name in Salesforce").fill("x" * 100)
    with person.accepting(422):
        page.get_by_role("button", name="Fix and retry").click()
        expect(page.locator(".field .err")).to_contain_text("Last Name is longer than Salesforce accepts")
    page.get_by_label("Last Name in Salesforce").fill("Okafor")
    page.get_by_role("button", name="Fix and retry").click()
    expect(page.locator("#toasts")).to_contain_text(f"{name} is on the way to Salesforce.")
    expect(page.locator("[data-record]")).to_have_count(4)

    for row in page.locator("[data-row]").all():
        row.check()
    page.get_by_text("Set Last Name").click()
    page.get_by_label("Last Name for all selected").fill("Unknown")
    page.get_by_role("button", name="Set and retry").click()
    expect(page.locator("#toasts")).to_contain_text("4 corrected and on the way.")
    panel.wait_until_finished()
    assert panel.leads()["stored"] == leads + 5


def test_switches_filters_and_settings_work_without_scripts(panel: Panel, come: Come) -> None:
    person = come(panel, javascript=False)
    page = person.go("/sandbox/")
    page.get_by_role("switch", name="Salesforce is slow").click()
    expect(page.get_by_role("switch", name="Salesforce is slow")).to_have_attribute("aria-checked", "true")
    page.get_by_role("button", name="Everything back to normal").click()
    expect(page.get_by_role("switch", name="Salesforce is slow")).to_have_attribute("aria-checked", "false")
    page = person.go("/activity/")
    page.get_by_label("About").select_option("connection")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("about=connection"))
    page = person.go("/jobs/")
    page.get_by_label("Status").select_option("cancelled")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("status=cancelled"))
    page = person.go("/connections/1/edit/")
    page.get_by_label("Leave for other tools, in %").fill("10")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("10 % of the limits")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Leave for other tools, in %").fill("0")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Test now").click()
    expect(page.locator("#connection-test .pill")).to_have_text("Connected")
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/sign-in/")
