"""Possible duplicates in a browser: what jobs notice is compared side by side, decided in each way, and never asked again."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.browsing import PHONE, Come, Person, expect, look_closely, show, wait_until
from tests.e2e.panels import Panel

CONTACTS = 200
TWICE, TWICE_OF = 30, 31
SECOND, SECOND_OF = 40, 41
ALIKE, NAMESAKE = 50, 60
PRESS_L_AT_ONCE = """document.body.addEventListener("htmx:afterSwap", () => setTimeout(() =>
  document.dispatchEvent(new KeyboardEvent("keydown", {key: "l"}))), {once: true})"""


def run(panel: Panel) -> int:
    """One job to its end; its number."""
    panel.instance.manage("run_sync", "Contacts", "--wait")
    return int(panel.job())


def lead_of(panel: Panel, email: str) -> dict[str, Any] | None:
    leads = panel.control("GET", f"salesforce/Lead/records?after=0&limit={2 * CONTACTS}")["records"]
    return next((lead for lead in leads if (lead.get("HubSpot_Email__c") or "") == email.lower()), None)


def person_at(panel: Panel, place: int) -> dict[str, Any]:
    return panel.contacts(range(place, place + 1))[0]


def estrange(panel: Panel, place: int, email: str) -> None:
    """Somebody over there knows this contact by another address, and we never sent him."""
    contact = person_at(panel, place)
    lead = lead_of(panel, contact["email"])
    assert lead
    body = {"ids": [lead["Id"]], "properties": {"HubSpot_Email__c": email, "HubSpot_ID__c": email}}
    panel.control("POST", "salesforce/Lead/touch", body)
    panel.write("DELETE FROM integrations_recordlink WHERE source_id = ?", str(contact["id"]))


def verdicts(panel: Panel) -> dict[str, int]:
    return dict(panel.read("SELECT verdict, count(*) FROM integrations_duplicate GROUP BY verdict"))


@pytest.fixture(scope="module")
def alike(panel: Panel) -> Iterator[Panel]:
    """One of each kind, met by two jobs."""
    panel.begin_anew(CONTACTS)
    panel.write("DELETE FROM integrations_duplicate")
    panel.double(TWICE, TWICE_OF)
    panel.double(SECOND, SECOND_OF, "hs_additional_emails")
    run(panel)
    estrange(panel, ALIKE, "elsewhere@example.org")
    estrange(panel, NAMESAKE, "a.namesake@example.org")
    panel.write("UPDATE integrations_sync SET match_fields = ? WHERE name = 'Contacts'", '["LastName+FirstName"]')
    run(panel)
    yield panel
    panel.write("UPDATE integrations_sync SET match_fields = ?", "[]")
    panel.write("DELETE FROM integrations_duplicate")


def open_pair(page: Page, name: str) -> Page:
    """The pair of this contact, in the list."""
    page.locator("[data-record] .pname", has_text=name).first.click()
    page.wait_for_url("**record=*")
    expect(page.locator("#d-name")).to_contain_text(name)
    return page


def name_at(panel: Panel, place: int) -> str:
    contact = person_at(panel, place)
    return f"{contact['firstname']} {contact['lastname']}".strip()


def answer(page: Page, name: str, said: str) -> None:
    page.locator("#drawer").get_by_role("button", name=name).click()
    expect(page.locator("#toasts")).to_contain_text(said)


def test_without_scripts_a_pair_is_put_off_and_taken_back(alike: Panel, come: Come) -> None:
    page = come(alike, javascript=False).go("/duplicates/?kind=other_key")
    page.locator("#drawer").get_by_role("button", name="Later").click()
    expect(page.locator("main")).to_contain_text("Nothing of this kind is left.")
    page.locator(".glist").get_by_role("link", name="Decide later").click()
    page.locator("#drawer").get_by_role("button", name="Back to the list").click()
    expect(page.locator("#toasts")).to_contain_text("is to be decided again.")
    assert verdicts(alike) == {"open": 4}


def test_each_is_compared_and_decided_and_never_asked_about_again(alike: Panel, come: Come) -> None:
    person = come(alike)
    page = person.go("/")
    page.get_by_role("link", name=re.compile("4 possible duplicates to decide")).click()
    page.wait_for_url("**/duplicates/")
    assert page.locator("[data-record]").count() == 4
    assert look_closely(person, "duplicates") == []

    keep_one_of_two(alike, page)
    answer_two_in_a_row(alike, page)
    one_person_there(alike, person)
    two_people_there(alike, person)

    assert verdicts(alike) == {"same": 2, "different": 1, "later": 1}
    run(alike)
    assert verdicts(alike) == {"same": 2, "different": 1, "later": 1}, "nobody is asked again"
    assert alike.job("sent") == 1, "the one that was kept takes the other's place"
    expect(person.go("/duplicates/").locator("main")).to_contain_text("Nothing to decide.")
    page = person.go("/activity/?about=sync")
    expect(page.locator("main")).to_contain_text("a possible duplicate decided: two people")


def keep_one_of_two(panel: Panel, page: Page) -> None:
    """With the keyboard; once taken back with "Undo"."""
    open_pair(page, name_at(panel, TWICE))
    drawer = page.locator("#drawer")
    expect(drawer.locator(".sides thead")).to_contain_text("HubSpot · left out")
    expect(drawer.locator(".sides .differs", has_text="Email")).to_contain_text(person_at(panel, TWICE)["email"])
    page.keyboard.press("2")
    expect(page.locator("#toasts")).to_contain_text("one person.")
    expect(page.locator("[data-record]")).to_have_count(3)
    expect(drawer, "the next one comes up by itself").to_contain_text("Second address of somebody else")
    expect(drawer.locator(".sides")).to_contain_text("has both addresses")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("[data-record]")).to_have_count(4)
    expect(page.locator("#nav-to-decide")).to_contain_text("4")


def answer_two_in_a_row(panel: Panel, page: Page) -> None:
    """The next one in the very moment it comes up: the answer is its own, not another one to the one before."""
    page.evaluate(PRESS_L_AT_ONCE)
    answer(page, "Same person, keep right", "one person.")
    expect(page.locator("[data-record]")).to_have_count(2)
    expect(page.locator("#nav-to-decide")).to_contain_text("2")
    answered = "SELECT kind, verdict FROM integrations_duplicate WHERE verdict <> 'open' ORDER BY id"
    assert panel.read(answered) == [("same_key", "same"), ("other_key", "later")]


def one_person_there(panel: Panel, person: Person) -> None:
    """From the Fix-it list, where the one who is held waits."""
    before, contact = panel.leads()["stored"], person_at(panel, ALIKE)
    page = person.go("/failures/?q=" + contact["email"])
    page.get_by_role("link", name="Compare the two and decide").click()
    expect(page.locator("#drawer .sides")).to_contain_text("elsewhere@example.org")
    assert look_closely(person, "duplicate-there") == []
    answer(page, "Same person", "one person.")
    wait_until(lambda: lead_of(panel, contact["email"]))
    assert lead_of(panel, "elsewhere@example.org") is None
    assert panel.leads()["stored"] == before


def two_people_there(panel: Panel, person: Person) -> None:
    """On a phone."""
    before, contact = panel.leads()["stored"], person_at(panel, NAMESAKE)
    page = person.page
    show(page, PHONE, "dark")
    person.go("/duplicates/")
    page.locator("[data-record] .pname").first.click()
    page.wait_for_url("**record=*")
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("button", name="Two people")).to_be_in_viewport()
    answer(page, "Two people", "two people.")
    wait_until(lambda: lead_of(panel, contact["email"]))
    assert lead_of(panel, "a.namesake@example.org")
    assert panel.leads()["stored"] == before + 1
    panel.wait_until_finished()
