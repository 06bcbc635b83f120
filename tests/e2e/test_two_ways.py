"""Two systems kept equal: both sides are edited, a person decides on the Fix-it list, and both have the same within seconds."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browsing import Come, expect, look_closely, wait_until
from tests.e2e.panels import Panel

CONTACTS = 60
CHANGED = "City was changed on both sides"
BACK = '''
from integrations import demo
from integrations.models import Mapping, MappingVersion, Sync, TwoWay
CODE = """def map_record(record):
    if not record["HubSpot_Email__c"]:
        return None
    return {"email": record["HubSpot_Email__c"], "city": record["City"]}
"""
there = Sync.objects.get(name="Contacts")
mapping = Mapping.objects.create(name="Leads to contacts", source_platform="salesforce", source_object="Lead",
    destination_platform="hubspot", destination_object="contacts")
mapping.published = MappingVersion.objects.create(mapping=mapping, number=1, code=CODE,
    source_fields=["HubSpot_Email__c", "City"])
mapping.save(update_fields=["published"])
back = Sync.objects.create(name="Contacts back", source=there.destination, source_object="Lead",
    destination=there.source, destination_object="contacts", destination_key="email", mapping=mapping)
pairs = [{"left": "city", "right": "City", "way": "both", "wins": ""}]
TwoWay.objects.create(rightward=there, leftward=back, pairs=pairs, wins="ask")
'''


class Sides:
    """What the two simulated systems hold."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel

    def records(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.panel.control("GET", f"{path}/records?after=0&limit=1000")["records"]
        return found

    def people(self, number: int) -> list[tuple[str, str]]:
        """(contact, lead) of some who are known on both sides."""
        rows = self.panel.read("SELECT left_id, right_id FROM integrations_agreement ORDER BY left_id LIMIT ?", number)
        return [(left, right) for left, right in rows]

    def cities(self, person: tuple[str, str]) -> tuple[str, str]:
        contact, lead = person
        left = next(one for one in self.records("hubspot/contacts") if str(one["id"]) == contact)
        right = next(one for one in self.records("salesforce/Lead") if one["Id"] == lead)
        return left["city"], right["City"]

    def change(self, person: tuple[str, str], left: str = "", right: str = "") -> None:
        contact, lead = person
        if left:
            body = {"ids": [contact], "properties": {"city": left}}
            self.panel.control("POST", "hubspot/contacts/touch", body)
        if right:
            self.panel.control("POST", "salesforce/Lead/touch", {"ids": [lead], "properties": {"City": right}})

    def run(self) -> None:
        """Both directions once."""
        for name in ("Contacts", "Contacts back"):
            assert self.panel.instance.manage("run_sync", name, "--wait").returncode in (0, 3)

    @property
    def writes(self) -> tuple[int, int]:
        paths = ("hubspot/contacts", "salesforce/Lead")
        left, right = (self.panel.control("GET", f"{path}/summary")["writes"] for path in paths)
        return left, right


@pytest.fixture(scope="module")
def equal(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Sides]:
    """A panel of its own whose two systems are kept equal, and are."""
    panel = Panel(tmp_path_factory.mktemp("both"), DEMO="1", WORKERS="1")
    pace = ("--latency-ms", "0", "--salesforce-latency-ms", "0")
    try:
        panel.start("demo", "--one-sync", "--contacts", str(CONTACTS), *pace)
        panel.wait_until_finished()
        assert panel.instance.manage("shell", "-c", BACK).returncode == 0
        sides = Sides(panel)
        sides.run()
        sides.run()
        yield sides
    finally:
        panel.stop()


def open_conflicts(page: Page) -> Page:
    page.goto("/failures/")
    page.get_by_role("complementary", name="Reasons").get_by_role("link", name=re.compile(CHANGED)).click()
    expect(page.locator("#h-group")).to_have_text(CHANGED)
    return page


def test_what_is_changed_on_one_side_arrives_and_its_echo_is_no_change(equal: Sides) -> None:
    (person,) = equal.people(1)
    equal.change(person, left="Lyon")
    equal.run()
    assert equal.cities(person) == ("Lyon", "Lyon")
    before = equal.writes
    equal.run()
    equal.run()
    assert equal.writes == before


def test_both_sides_are_edited_and_a_person_decides(equal: Sides, come: Come) -> None:
    (person,) = equal.people(1)
    equal.change(person, left="Ghent", right="Oslo")
    equal.run()
    assert equal.cities(person) == ("Ghent", "Oslo"), "nothing is overwritten"
    somebody = come(equal.panel)
    page = open_conflicts(somebody.page)
    decide = page.locator("#drawer .decide")
    for words in ("HubSpot", "Ghent", "Salesforce", "Oslo", "Both last had: Lyon"):
        expect(decide).to_contain_text(words)
    assert look_closely(somebody, "fix-it-conflict") == []
    decide.get_by_role("button", name="Salesforce's is right").click()
    expect(page.locator("#toasts")).to_contain_text("HubSpot gets it within seconds.")
    wait_until(lambda: equal.cities(person) == ("Oslo", "Oslo"))
    before = equal.writes
    equal.run()
    assert equal.writes == before, "what was written is not written again, nor sent back"
    page.goto("/failures/")
    expect(page.locator("main")).not_to_contain_text(CHANGED)


def test_many_are_decided_at_once_without_scripts(equal: Sides, come: Come) -> None:
    people = equal.people(3)[1:]
    for person in people:
        equal.change(person, left="Ghent", right="Oslo")
    equal.run()
    page = open_conflicts(come(equal.panel, javascript=False).page)
    for box in page.locator("[data-row]").all():
        box.check()
    page.get_by_role("button", name="HubSpot's is right for all of these").click()
    expect(page.locator("main")).to_contain_text("All caught up.")
    wait_until(lambda: [equal.cities(person) for person in people] == [("Ghent", "Ghent")] * 2)


def test_both_directions_are_one_row_and_say_how_the_other_is(equal: Sides, come: Come) -> None:
    somebody = come(equal.panel)
    page = somebody.go("/syncs/")
    row = page.locator(".syncs-t tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("HubSpot ↔ Salesforce")
    assert look_closely(somebody, "syncs-both-ways") == []
    row.get_by_role("link", name="the way back").click()
    expect(page.locator(".lede")).to_contain_text("are kept equal, in both directions.")
    expect(page.locator(".partner")).to_contain_text(re.compile(r"The way there:\s*Contacts"))
    page.get_by_role("link", name="Settings", exact=True).first.click()
    expect(page.locator("#h-both")).to_be_visible()
    assert look_closely(somebody, "sync-settings-both-ways") == []
