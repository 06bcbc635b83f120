"""What people do on the pages of the mapping editor, whoever wrote the code."""

import re

from playwright.sync_api import Locator, Page

from tests.e2e.browsing import Person, expect

ARRIVED = re.compile(r"\d+ of \d+ fine")


def make_mapping(person: Person, name: str, source: str, destination: str, instructions: str = "") -> Page:
    """Fill in the form of a new mapping; its editor is shown, while a worker fetches people to try it on."""
    page = person.go("/mappings/")
    page.get_by_role("link", name="New mapping").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("From", exact=True).select_option(label=source)
    page.get_by_label("To", exact=True).select_option(label=destination)
    page.get_by_label("What should it do?").fill(instructions)
    page.get_by_role("button", name="Make the mapping").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    return page


def pane(page: Page, name: str) -> Locator:
    """One of the three: "Say what you want", "Check the code", "Try it on real people"."""
    return page.get_by_role("region", name=name, exact=True)


def wait_for_trial(page: Page) -> Locator:
    """The draft has been tried; the pane with the people."""
    people = pane(page, "Try it on real people")
    expect(people.locator(".t-sum")).to_contain_text(ARRIVED)
    return people


def show_code(page: Page, view: str) -> Page:
    """One of the three ways to look at the code: Changes, Whole draft, Edit."""
    page.get_by_role("navigation", name="Show which code").get_by_role("link", name=view).click()
    expect(page.get_by_role("navigation", name="Show which code").locator("[aria-current]")).to_have_text(view)
    return page


def type_code(page: Page, code: str) -> None:
    """In the code editor, in place of all that is there."""
    typed = page.locator(".cm-content")
    typed.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    expect(page.locator("textarea[name=code]")).to_have_value(code)


def save_code(page: Page, code: str) -> None:
    """Edit the code by hand and save it."""
    show_code(page, "Edit")
    type_code(page, code)
    page.get_by_role("button", name="Save and test").click()


def code_of(page: Page) -> str:
    """The draft's code, as the page for editing it has it."""
    show_code(page, "Edit")
    return page.locator("textarea[name=code]").input_value()


def look_at(page: Page, which: str) -> Locator:
    """Those of the people who are asked for: Problems, Changed, All."""
    people = pane(page, "Try it on real people")
    chosen = people.get_by_role("navigation", name="Show which people").get_by_role("link", name=re.compile(which))
    if (
        chosen.get_attribute("aria-current") != "true"
    ):  # else it would be put in its own place, with what was typed in it
        chosen.click()
        expect(chosen).to_have_attribute("aria-current", "true")
    return people


def rule_of(page: Page, field: str) -> Locator:
    """The card that says what happens to a field."""
    return page.locator("li.rule", has=page.get_by_text(field, exact=True))


def publish(page: Page, note: str = "") -> None:
    """Press the button; where something speaks against it, say why all the same."""
    page.locator("#ed-foot").get_by_text("Approve and publish").click()
    if note:
        page.get_by_label(re.compile("Why may it be published|What is new")).fill(note)
        page.get_by_role("button", name="Approve and publish").click()
    expect(page.locator("#toasts")).to_contain_text("is published. You can go back any time.")
