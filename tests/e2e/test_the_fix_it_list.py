"""The Fix-it list in a browser: groups, one person, corrections, many at once, keys."""

import re

import pytest
from playwright.sync_api import Page

from tests.e2e.browsing import PHONE, Come, Person, expect, look_closely
from tests.e2e.panels import Panel

CONTACTS = 300
NAMELESS, UNREACHABLE, HOMELESS = range(20, 32), range(50, 53), range(80, 86)
COMPANY = "Company is missing"
LAST_NAME = "Last Name is missing"
EMAIL = "Email address is not valid"


@pytest.fixture(scope="module")
def spoilt(panel: Panel) -> int:
    """The number of a finished job of few people, of whom some could not be sent. What a test fixes stays fixed."""
    panel.begin_anew(CONTACTS)
    panel.spoil(NAMELESS, lastname="")
    panel.spoil(UNREACHABLE, email="nobody(at)nowhere")
    panel.spoil(HOMELESS, company="")
    assert panel.instance.manage("run_sync", "Contacts", "--wait").returncode == 3
    return int(panel.job())


def open_list(person: Person, job: int) -> Page:
    """The Fix-it list of a job, reached from its page."""
    page = person.go(f"/jobs/{job}/")
    page.get_by_role("link", name=re.compile("^Fix these")).first.click()
    page.wait_for_url(f"**/failures/?job={job}")
    return page


def group(page: Page, title: str) -> Page:
    """Open the list of one reason."""
    page.get_by_role("complementary", name="Reasons").get_by_role("link", name=re.compile(title)).click()
    expect(page.locator("#h-group")).to_have_text(title)
    return page


def rows(page: Page) -> int:
    return page.locator("[data-record]").count()


def shown(page: Page) -> str:
    return page.locator("#d-name").inner_text()


def count_of(page: Page, title: str) -> int:
    found = page.get_by_role("complementary", name="Reasons").get_by_role("link", name=re.compile(title))
    return int(found.locator(".n-badge").inner_text()) if found.count() else 0


def open_records(panel: Panel) -> int:
    return int(panel.job("failures_open"))


def test_one_person_is_corrected_and_sent_alone_in_the_same_job(panel: Panel, spoilt: int, come: Come) -> None:
    person = come(panel)
    page = open_list(person, spoilt)
    counts = [count_of(page, title) for title in (LAST_NAME, EMAIL, COMPANY)]
    assert [len(NAMELESS), len(UNREACHABLE), len(HOMELESS)] == counts, "grouped by reason"
    group(page, EMAIL)
    assert rows(page) == 3
    name, leads = shown(page), panel.leads()
    drawer = page.locator("#drawer")
    expect(drawer.locator(".cmp")).to_contain_text("From HubSpot")
    expect(drawer.locator(".cmp")).to_contain_text("To Salesforce")
    expect(drawer.locator(".cmp tr.bad")).to_contain_text("nobody(at)nowhere")
    assert look_closely(person, "fix-it-drawer") == []

    email, key = (
        drawer.get_by_label("Email in Salesforce", exact=True),
        drawer.get_by_label("HubSpot Email in Salesforce"),
    )
    email.fill("still nothing")
    key.fill("somebody.new@example.org")
    with person.accepting(422):
        drawer.get_by_role("button", name="Fix and retry").click()
        expect(drawer.locator(".field .err")).to_have_text("Email does not look like an e-mail address.")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_value("still nothing")
    expect(key).to_have_value("somebody.new@example.org")
    assert look_closely(person, "fix-it-refused") == []
    assert rows(page) == 3

    email.fill("somebody.new@example.org")
    drawer.get_by_role("button", name="Fix and retry").click()
    expect(page.locator("#toasts")).to_contain_text("on the way to Salesforce")
    expect(page.locator("#toasts")).to_contain_text(name)
    expect(page.locator("[data-record]")).to_have_count(2)
    assert shown(page) != name
    panel.wait_until_finished()
    after = panel.leads()
    assert panel.job() == spoilt, "in the same job"
    assert after["stored"] == leads["stored"] + 1
    assert after["writes"] == leads["writes"] + 1, "only this one was sent"
    records = panel.control("GET", f"salesforce/Lead/records?after=0&limit={CONTACTS}")["records"]
    assert "somebody.new@example.org" in str(records)


def test_a_person_is_set_aside(panel: Panel, spoilt: int, come: Come) -> None:
    person = come(panel)
    page = group(open_list(person, spoilt), COMPANY)
    name, writes, before = shown(page), panel.leads()["writes"], rows(page)
    page.locator("#drawer").get_by_role("button", name="Set aside").click()
    expect(page.locator("#toasts")).to_contain_text(f"{name} is set aside.")
    expect(page.locator("[data-record]")).to_have_count(before - 1)
    assert count_of(page, COMPANY) == before - 1
    page.get_by_role("complementary", name="Reasons").get_by_role("link", name="Set aside").click()
    expect(page.locator("main")).to_contain_text(name)
    assert panel.leads()["writes"] == writes


def test_several_are_set_aside_at_once_and_brought_back(panel: Panel, spoilt: int, come: Come) -> None:
    person = come(panel)
    page = group(open_list(person, spoilt), COMPANY)
    writes, before = panel.leads()["writes"], rows(page)
    for box in page.locator("[data-row]").all()[:2]:
        box.check()
    bulk = page.locator("#bulk")
    expect(bulk).to_contain_text("2 selected")
    bulk.get_by_role("button", name="Set aside").click()
    expect(page.locator("#toasts")).to_contain_text("2 set aside.")
    expect(page.locator("[data-record]")).to_have_count(before - 2)
    assert look_closely(person, "fix-it-undo") == []
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("[data-record]")).to_have_count(before)
    assert panel.leads()["writes"] == writes


def test_everybody_with_one_reason_gets_a_value_and_goes_out(panel: Panel, spoilt: int, come: Come) -> None:
    person = come(panel)
    page = group(open_list(person, spoilt), LAST_NAME)
    leads, waiting, here = panel.leads()["stored"], open_records(panel), rows(page)
    bulk = page.locator("#bulk")
    expect(bulk).not_to_be_visible()
    page.get_by_label("Select everyone on this page").check()
    expect(bulk).to_contain_text(f"{here} selected")
    bulk.get_by_text("Set Last Name").click()
    bulk.get_by_label("Last Name for all selected").fill("Unknown")
    assert look_closely(person, "fix-it-bulk") == []
    bulk.get_by_role("button", name="Set and retry").click()
    expect(page.locator("#toasts")).to_contain_text(f"{here} corrected and on the way.")
    panel.wait_until_finished()
    assert panel.leads()["stored"] == leads + here
    assert open_records(panel) == waiting - here


def test_everybody_of_a_list_is_retried_as_they_are_and_stays_when_still_refused(
    panel: Panel, spoilt: int, come: Come
) -> None:
    person = come(panel)
    page = group(open_list(person, spoilt), EMAIL)
    page.locator("[data-row]").first.check()
    waiting, here = open_records(panel), rows(page)
    page.get_by_label(re.compile(f"all {here} of this list")).check()
    page.locator("#bulk").get_by_role("button", name="Retry", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text(f"{here} on the way again.")
    panel.wait_until_finished()
    assert open_records(panel) == waiting


def test_keys_walk_through_the_list_and_close_the_drawer(panel: Panel, spoilt: int, come: Come) -> None:
    person = come(panel)
    page = group(open_list(person, spoilt), EMAIL)
    first = shown(page)
    page.keyboard.press("j")
    expect(page.locator("#d-name")).not_to_have_text(first)
    assert "record=" in page.url, "the address can be shared"
    selected = page.locator('[data-record][aria-selected="true"]')
    expect(selected).to_have_count(1)
    expect(selected).to_contain_text(shown(page))
    page.keyboard.press("k")
    expect(page.locator("#d-name")).to_have_text(first)
    field = page.locator("#drawer").get_by_label("Email in Salesforce", exact=True)
    field.fill("jk")
    field.press("j")
    expect(field).to_have_value("jkj")
    expect(page.locator("#d-name")).to_have_text(first)


def test_on_a_phone_a_person_opens_over_the_list_and_escape_leads_back(panel: Panel, spoilt: int, come: Come) -> None:
    person = come(panel, size=PHONE)
    page = group(open_list(person, spoilt), EMAIL)
    drawer = page.locator("#drawer")
    expect(drawer).not_to_be_visible()
    page.locator("[data-record] a").nth(1).click()
    expect(drawer).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(drawer).not_to_be_visible()
    expect(page.locator("[data-record]").first).to_be_in_viewport()


def test_a_search_finds_one_person_and_says_so_when_it_finds_nobody(panel: Panel, spoilt: int, come: Come) -> None:
    person = come(panel)
    page = open_list(person, spoilt)
    name = page.locator("[data-record] .pname").first.inner_text()
    search = page.get_by_label("Search by name or e-mail")
    search.fill(name)
    search.press("Enter")
    expect(page.locator("[data-record]").first).to_contain_text(name)
    search = page.get_by_label("Search by name or e-mail")
    search.fill("zzzz")
    search.press("Enter")
    expect(page.locator("main")).to_contain_text("No one matches “zzzz”.")
    assert look_closely(person, "fix-it-nobody") == []
