"""The mapping editor in a browser, without a model: from a suggestion, by hand, by two people, from a correction."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.e2e.browsing import DESKTOP, PHONE, Come, Person, expect, look_closely, show
from tests.e2e.mapping_pages import (
    code_of,
    look_at,
    make_mapping,
    pane,
    publish,
    rule_of,
    save_code,
    show_code,
    type_code,
    wait_for_trial,
)
from tests.e2e.panels import Panel

CONTACTS = 300
MAPPING = "/mappings/1/"
TOLD_APART = 'clean_name(record.get("lastname"))'
SHOUTED = f'({TOLD_APART} or "").upper()'
CORRECTED = "Acme and Sons"
EDITOR = "erik@syncpanel.example"
NEW_EDITOR = f"""
from syncpanel.management.commands.seed_demo import add_person
add_person("{EDITOR}", "Erik", "Editor", "Editor")
"""


@pytest.fixture(scope="module")
def worked(panel: Panel) -> int:
    """The number of a finished job with the demo's mapping, some of whose people could not be sent."""
    panel.begin_anew(CONTACTS)
    panel.spoil(range(20, 24), company="")
    assert panel.instance.manage("run_sync", "Contacts", "--wait").returncode == 3
    assert panel.instance.manage("shell", "-c", NEW_EDITOR).returncode == 0
    return int(panel.job())


@pytest.fixture
def untouched(panel: Panel, worked: int) -> Iterator[None]:
    """The demo's mapping begins and ends without a draft, without examples, and with its first version."""
    yield
    for table in ("mappingdraft", "mappingexample"):
        panel.write(f"DELETE FROM integrations_{table} WHERE mapping_id = 1")


def sign_in(come: Come, panel: Panel, email: str) -> Person:
    person = come(panel, signed_in=False)
    person.go("/")
    person.sign_in(email, "demo-syncpanel")
    expect(person.page.get_by_role("heading", level=1)).to_be_visible()
    return person


def test_a_mapping_goes_from_a_suggestion_over_a_hand_edit_to_versions_and_back(panel: Panel, come: Come) -> None:
    panel.begin_anew(CONTACTS)
    person = come(panel)
    page = make_mapping(person, "People", "HubSpot: Contacts", "Salesforce: Leads")
    expect(pane(page, "Say what you want")).to_contain_text("This is a suggestion.")
    people = wait_for_trial(page)
    expect(people.locator(".t-sum")).to_contain_text("of 20 fine")
    expect(rule_of(page, "Last Name")).to_contain_text("“Last Name” comes from “Last Name”.")

    suggested = code_of(page)
    mended = edit_by_hand(page, suggested)
    try_on_people(person)
    mark_as_right(page)
    publish(page, "Nobody without a name comes from there.")
    expect(page.locator(".ed-head")).to_contain_text("Published: version 1")

    break_the_example(person, mended.replace(SHOUTED, TOLD_APART))
    expect(page.locator(".ed-head")).to_contain_text("Published: version 2")
    compare_and_go_back(person)
    page.goto(page.url.removesuffix("versions/"))
    assert code_of(page) == mended


def edit_by_hand(page: Page, suggested: str) -> str:
    """First with a mistake, then right; the code as it is then."""
    type_code(page, suggested.replace("return {", "return {{"))
    page.get_by_role("button", name="Save and test").click()
    expect(page.locator("#ed-findings li").first).to_contain_text(re.compile(r"Line \d+: .*not valid Python"))
    expect(page.locator(".cm-lintRange-error")).not_to_have_count(0)
    expect(pane(page, "Try it on real people")).to_contain_text("The code does not run.")
    expect(page.locator("#ed-foot")).not_to_contain_text("Approve and publish")
    mended = suggested.replace(TOLD_APART, SHOUTED)
    type_code(page, mended)
    page.get_by_role("button", name="Save and test").click()
    expect(page.locator("#ed-findings li")).to_have_count(0)
    expect(rule_of(page, "Last Name")).to_contain_text("Edited by hand")
    expect(rule_of(page, "City")).not_to_contain_text("Edited by hand")
    wait_for_trial(page)
    return mended


def try_on_people(person: Person) -> None:
    """Somebody in particular, somebody made up with a problem, and not the one who was left out."""
    page = person.page
    people = look_at(page, "All")
    first = people.locator(".case").first.inner_text()
    people.locator(".case").first.get_by_role("button", name="Leave out").click()
    expect(people.locator(".t-sum")).to_contain_text("of 19 fine")
    look_at(page, "All")
    expect(people.locator(".case")).to_have_count(19)
    number = re.search(r"HubSpot ID\s+(\d+)", first)
    assert number
    people.get_by_label("Ids of people to add").fill(f"{number[1]}, 404404")
    people.get_by_role("button", name="Add").click()
    expect(people.locator(".t-sum")).to_contain_text("of 20 fine")
    look_at(page, "All")
    expect(people.locator(".case", has_text="picked")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("404404")
    people.get_by_role("link", name="Make somebody up").click()
    page.get_by_label("First Name").fill("Nobody")
    page.get_by_label("Company Name").fill("Acme")
    page.get_by_role("button", name="Try it on this one").click()
    made_up = wait_for_trial(page).locator(".case", has_text="made up")
    expect(made_up).to_contain_text("Nobody")
    expect(made_up.locator("tr.bad").first).to_contain_text("Last Name")
    expect(made_up.locator(".why")).to_contain_text("Last Name is empty, but Salesforce needs it.")
    expect(page.locator("#ed-foot")).to_contain_text("1 of 21 people need a look.")
    assert look_closely(person, "mapping-tried") == []


def mark_as_right(page: Page) -> None:
    """What becomes of the first one without a problem is kept."""
    case = look_at(page, "All").locator(".case", has=page.get_by_role("button", name="This is right")).first
    name = case.get_attribute("aria-label") or ""
    case.get_by_role("button", name="This is right").click()
    expect(page.locator("#toasts")).to_contain_text("Kept as an example.")
    wait_for_trial(page)
    namesakes = look_at(page, "All").get_by_role("article", name=name)
    expect(namesakes.filter(has_text="example")).to_have_count(1)
    expect(page.locator("#ed-foot")).to_contain_text("1 example still right")


def break_the_example(person: Person, code: str) -> None:
    """Publishing waits until the new result is accepted."""
    page = person.page
    save_code(page, code)
    wait_for_trial(page)
    expect(page.locator("#ed-foot")).to_contain_text("1 example no longer produced")
    show_code(page, "Changes")
    expect(page.locator(".diff .add mark, .diff .del mark").first).to_be_visible()
    expect(pane(page, "Check the code")).to_contain_text("Draft compared with version 1")
    wait_for_trial(page)
    expect(look_at(page, "Changed").locator("tr.chg").first).to_contain_text("Last Name")
    assert look_closely(person, "mapping-changes") == []
    page.locator("#ed-foot").get_by_role("link", name="Approve and publish").click()
    page.get_by_label("Why may it be published").fill("Shouting was not wanted.")
    page.get_by_role("button", name="Approve and publish").click()
    expect(page.locator("main")).to_contain_text(
        "1 example is no longer produced. Accept the change, or mend the code."
    )
    expect(page.get_by_label("Why may it be published")).to_have_value("Shouting was not wanted.")
    assert look_closely(person, "mapping-publish") == []
    page.get_by_label("The new result is right.").check()
    page.get_by_role("button", name="Approve and publish").click()
    expect(page.locator("#toasts")).to_contain_text("Version 2 is published.")


def compare_and_go_back(person: Person) -> None:
    """Both versions side by side, then the older one again."""
    page = person.page
    page.get_by_role("link", name="Versions").click()
    expect(page.locator("main")).to_contain_text("Shouting was not wanted.")
    expect(page.get_by_role("region", name="Code changes").locator("tr.del")).to_contain_text("upper()")
    page.get_by_role("button", name="Go back to 1").click()
    person.answer("Go back to 1")
    expect(page.locator("#toasts")).to_contain_text("Version 1 is used again, from the next job on.")
    expect(page.locator(".ed-head")).to_contain_text("Published: version 1")
    page.get_by_role("link", name="Versions").click()
    expect(page.locator("tr", has_text="Published")).to_contain_text("Version 1")


@pytest.mark.usefixtures("untouched")
def test_a_rehearsal_tells_what_would_change_over_a_whole_job_and_sends_nothing(
    panel: Panel, come: Come, worked: int
) -> None:
    person = come(panel)
    page = person.go(MAPPING)
    wait_for_trial(page)
    writes = panel.leads()["writes"]
    code = code_of(page)
    save_code(page, code.replace('"FirstName": clean_name(record.get("firstname"))', '"FirstName": "Ms"'))
    wait_for_trial(page)
    page.get_by_role("link", name="What would change?").click()
    page.get_by_label("Over the records of").select_option(str(worked))
    page.get_by_role("button", name="Rehearse").click()
    found = page.locator("section", has=page.locator("#h-found"))
    expect(found).to_contain_text(re.compile(rf"Of {CONTACTS} records, \d+ stay the same\."))
    expect(found).to_contain_text("First Name")
    expect(page.locator("tr.chg").first).to_contain_text("Ms")
    assert look_closely(person, "mapping-rehearsed") == []
    assert panel.leads()["writes"] == writes
    page = person.go(MAPPING)
    page.get_by_role("button", name="Discard draft").click()
    person.answer("Discard the draft")
    expect(page.locator("#toasts")).to_contain_text("The draft is discarded.")
    assert code_of(page) == code


@pytest.mark.usefixtures("untouched")
def test_the_second_of_two_people_is_told_and_nothing_is_overwritten(panel: Panel, come: Come) -> None:
    ada, erik = come(panel), sign_in(come, panel, EDITOR)
    ada.go(f"{MAPPING}?view=edit")
    page = erik.go(f"{MAPPING}?view=edit")
    wait_for_trial(ada.page)
    wait_for_trial(page)
    before = ada.page.locator("textarea[name=code]").input_value()
    hers, his = (f"# {who}\n{before}" for who in ("hers", "his"))
    type_code(ada.page, hers)
    ada.page.get_by_role("button", name="Save and test").click()
    expect(ada.page.locator("#toasts")).to_contain_text("Saved.")
    type_code(page, his)
    with erik.accepting(422):
        page.get_by_role("button", name="Save and test").click()
        expect(page.locator("[role=alert]").first).to_contain_text("Nothing was overwritten.")
    expect(page.locator("[role=alert]").first).to_contain_text("demo")
    expect(page.locator("textarea[name=code]")).to_have_value(hers)
    expect(page.locator("#typed")).to_have_value(his)
    wait_for_trial(page)
    assert look_closely(erik, "mapping-stale") == []
    show_code(page, "Whole draft")
    show_code(page, "Edit")
    type_code(page, his)
    page.get_by_role("button", name="Save and test").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(page.locator("textarea[name=code]")).to_have_value(his)
    expect(page.locator("#ed-foot")).to_contain_text("Ask for a check")
    expect(page.locator("#ed-foot")).not_to_contain_text("Approve and publish")


@pytest.mark.usefixtures("untouched")
def test_a_correction_from_the_fix_it_list_becomes_a_rule(panel: Panel, come: Come, worked: int) -> None:
    person = come(panel)
    page = person.go(f"/failures/?job={worked}")
    drawer = page.locator("#drawer")
    name = page.locator("#d-name").inner_text()
    drawer.get_by_role("button", name="Make it a rule").click()
    expect(page.get_by_label("The rule to write")).to_have_value(re.compile("Company is missing. In that case,"))
    people = wait_for_trial(page)
    case = people.get_by_role("article", name=name).filter(has_text="picked")
    expect(case).to_contain_text("picked")
    expect(case.locator("tr.bad")).to_contain_text("Company")
    code = code_of(page)
    save_code(page, code.replace('clean_text(record.get("company"))', 'clean_text(record.get("company")) or "Unknown"'))
    wait_for_trial(page)
    case = look_at(page, "All").get_by_role("article", name=name).filter(has_text="picked")
    expect(case).to_contain_text("Unknown")
    expect(page.locator("#ed-foot")).to_contain_text("Approve and publish")


@pytest.mark.usefixtures("untouched")
def test_a_value_that_was_corrected_becomes_a_rule_and_an_example(panel: Panel, come: Come, worked: int) -> None:
    person = come(panel)
    page = person.go(f"/failures/?job={worked}")
    drawer = page.locator("#drawer")
    record = drawer.get_attribute("data-shown")
    drawer.get_by_label(re.compile("^Company")).first.fill(CORRECTED)
    drawer.get_by_role("button", name="Fix and retry").click()
    expect(page.locator("#toasts")).to_contain_text("on the way to Salesforce")
    panel.wait_until_finished()
    page = person.go(f"/failures/{record}/")
    page.locator("#drawer").get_by_role("button", name="Make it a rule").click()
    expect(page.get_by_label("The rule to write")).to_have_value(f"When Company is empty, send “{CORRECTED}”.")
    expect(wait_for_trial(page)).to_contain_text("1 example, 1 broken")
    save_code(page, code_of(page).replace('"Company": company', f'"Company": company or "{CORRECTED}"'))
    expect(wait_for_trial(page).locator(".t-sum")).to_contain_text("1 example")
    expect(page.locator(".t-sum")).not_to_contain_text("broken")
    page.get_by_role("link", name="1 example").click()
    expect(page.get_by_role("article", name=re.compile("^Example"))).to_contain_text("Still right")
    expect(page.locator("#ed-foot")).to_contain_text("1 example still right")


@pytest.mark.usefixtures("untouched")
def test_on_a_phone_the_three_parts_are_tabs(panel: Panel, come: Come) -> None:
    person = come(panel, size=PHONE)
    page = person.go(MAPPING)
    tabs = page.get_by_role("navigation", name="Part of the mapping")
    problems = page.locator(".t-sum .n-badge").first
    expect(problems).to_have_text(re.compile(r"[1-9]"))
    expect(tabs.get_by_role("link", name="Test")).to_have_text(re.compile(rf"Test {problems.inner_text()} need a look"))
    for tab, name in (("Code", "Check the code"), ("Test", "Try it on real people")):
        tabs.get_by_role("link", name=tab).click()
        expect(pane(page, name)).to_be_visible()
        expect(pane(page, "Say what you want")).not_to_be_visible()
    show(page, DESKTOP, "light")
    for name in ("Say what you want", "Check the code", "Try it on real people"):
        expect(pane(page, name)).to_be_visible()
