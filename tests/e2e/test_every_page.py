"""Every page, with much on it: no barrier, nothing wider than the screen, and not one complaint of the browser."""

import inspect
import re
from collections.abc import Callable

import pytest
from django.urls import resolve

from syncpanel.urls import urlpatterns
from tests.e2e.browsing import PHONE, Come, Person, barriers, expect, look_closely, show, wait_until
from tests.e2e.panels import Panel
from tests.e2e.test_incoming_events import call, make_address

CONTACTS = 500
PAGES = {
    "overview": "/",
    "activity": "/activity/",
    "activity-of-jobs": "/activity/?about=job",
    "connections": "/connections/",
    "connection": "/connections/2/",
    "connection-add": "/connections/add/",
    "connection-hubspot": "/connections/add/hubspot/?method=oauth",
    "connection-salesforce": "/connections/add/salesforce/",
    "connection-change": "/connections/2/edit/",
    "duplicates": "/duplicates/",
    "duplicates-later": "/duplicates/?verdict=later",
    "duplicates-none": "/duplicates/?q=zzz",
    "duplicate": "/duplicates/1/",
    "connection-incoming": "/connections/1/incoming/",
    "fix-it": "/failures/",
    "fix-it-reason": "/failures/?reason=required_missing:LastName",
    "fix-it-out": "/failures/?status=retrying",
    "fix-it-aside": "/failures/?status=dismissed",
    "fix-it-fixed": "/failures/?status=fixed",
    "fix-it-one": "/failures/1/",
    "incoming": "/incoming/",
    "incoming-of-one": "/incoming/?source=1",
    "incoming-aside": "/incoming/?status=set_aside",
    "incoming-one": "/incoming/1/",
    "jobs": "/jobs/",
    "jobs-none": "/jobs/?status=cancelled",
    "job": "/jobs/1/",
    "job-everything": "/jobs/1/?events=all",
    "job-events": "/jobs/1/events/",
    "job-batches": "/jobs/1/batches/",
    "job-batch": "/jobs/1/batches/1/",
    "limits": "/limits/",
    "mappings": "/mappings/",
    "mapping": "/mappings/1/",
    "mapping-add": "/mappings/add/",
    "mapping-edit": "/mappings/1/?view=edit",
    "mapping-exchanges": "/mappings/1/exchanges/",
    "mapping-fields": "/mappings/1/fields/",
    "mapping-help": "/mappings/help/",
    "mapping-rehearsal": "/mappings/1/rehearsal/",
    "mapping-trials": "/mappings/1/trials/",
    "mapping-versions": "/mappings/1/versions/",
    "mapping-made-up": "/mappings/1/people/made-up/",
    "mapping-publish": "/mappings/1/publish/",
    "sandbox": "/sandbox/",
    "syncs": "/syncs/",
    "syncs-none": "/syncs/?q=zzz",
    "sync": "/syncs/1/",
    "sync-people": "/syncs/1/people/",
    "sync-settings": "/syncs/1/settings/",
    "sync-changes": "/syncs/1/changes/",
    "sync-change-people": "/syncs/1/change/people/",
    "sync-change-fields": "/syncs/1/change/fields/",
    "sync-change-when": "/syncs/1/change/when/",
    "sync-new": "/syncs/new/",
    "sync-new-ends": "/syncs/new/1/ends/",
    "sync-new-people": "/syncs/new/1/people/",
    "sync-new-count": "/syncs/new/1/count/",
    "sync-new-fields": "/syncs/new/1/fields/",
    "sync-new-when": "/syncs/new/1/when/",
    "sync-new-try": "/syncs/new/1/try/",
    "sync-new-preview": "/syncs/new/1/preview/",
    "welcome-next": "/welcome/next/",
}
FOR_STRANGERS = {"sign-in": "/sign-in/", "welcome": "/welcome/"}
NO_PAGES = {"healthz", "metrics", "job-live", "overview-live", "mapping-live", "sync-live", "logout"}


def test_every_address_of_the_panel_is_looked_at() -> None:
    pages = {pattern.name for pattern in urlpatterns if not takes_only_posts(pattern.callback)} - NO_PAGES
    assert pages == {resolve(path.split("?")[0]).url_name for path in (*PAGES.values(), *FOR_STRANGERS.values())}


def takes_only_posts(view: Callable[..., object]) -> bool:
    """As `require_POST`, the outermost decorator of every action, has it."""
    return inspect.getclosurevars(view).nonlocals.get("request_method_list") == ["POST"]


def fill(panel: Panel, person: Person) -> None:
    """A finished job with people to fix, one of them set aside, one fixed."""
    panel.begin_anew(CONTACTS)
    panel.spoil(range(20, 60), lastname="")
    panel.spoil(range(70, 90), email="nobody(at)nowhere, who has a very long address indeed@" + "x" * 60)
    panel.write("DELETE FROM integrations_duplicate")
    panel.double(110, 111)
    panel.double(112, 113)
    panel.spoil(range(95, 97), company="", firstname="Wolfeschlegelsteinhausenbergerdorff" * 2)
    page = person.go("/syncs/1/")
    person.press("Start now")
    page.get_by_role("link", name="Fix these 62").first.click()
    drawer = page.locator("#drawer")
    drawer.get_by_role("button", name="Set aside").click()
    expect(page.locator("#toasts")).to_contain_text("is set aside.")
    page.get_by_role("complementary", name="Reasons").get_by_role("link", name=re.compile("Last Name")).click()
    drawer.get_by_label("Last Name in Salesforce").fill("Okafor")
    drawer.get_by_role("button", name="Fix and retry").click()
    expect(page.locator("#toasts")).to_contain_text("on the way to Salesforce")
    panel.wait_until_finished()
    for body in ('[{"subscriptionType": "contact.creation", "objectId": 1000101, "eventId": 1}]', "this is no JSON"):
        assert call(make_address(person), body) == 200
    wait_until(lambda: not panel.read("SELECT 1 FROM integrations_webhookdelivery WHERE status = 'waiting'"))
    begin_another(person)
    disturb(panel)


def begin_another(person: Person) -> None:
    """A new sync like the one there is, not turned on yet."""
    page = person.go("/syncs/")
    page.get_by_role("button", name="More about").first.click()
    page.get_by_role("button", name="Duplicate").first.click()
    expect(page).to_have_url(re.compile("/syncs/new/1/ends/$"))


def disturb(panel: Panel) -> None:
    """Fields over there change, the night comes, and a sync does not start."""
    panel.control("POST", "salesforce/Lead/fields", {"name": "Title", "remove": True})
    panel.control("POST", "salesforce/Lead/fields", {"name": "Country", "set": {"read_only": True}})
    panel.write("UPDATE integrations_schemareading SET due_at = '2026-01-01 03:00:00', enqueued_at = NULL")
    wait_until(lambda: len(panel.read("SELECT 1 FROM integrations_schemadrift WHERE resolved_at IS NULL")) == 2)
    panel.write("UPDATE integrations_sync SET missed_at = '2026-01-01 09:00:00'")


def test_no_page_has_a_barrier_or_is_wider_than_a_phone(panel: Panel, come: Come) -> None:
    person = come(panel)
    fill(panel, person)
    problems = []
    for name, path in PAGES.items():
        pair = panel.read("SELECT max(id) FROM integrations_duplicate")[0][0]
        page = person.go(
            path.replace("/jobs/1/", f"/jobs/{panel.job()}/").replace("/duplicates/1/", f"/duplicates/{pair}/")
        )
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        problems += look_closely(person, name)
    assert problems == [], "\n".join(problems)


def test_no_page_for_strangers_and_no_refusal_has_a_barrier(panel: Panel, come: Come) -> None:
    person = come(panel, signed_in=False)
    problems = []
    for name, path in FOR_STRANGERS.items():
        person.go(path)
        problems += look_closely(person, name)
    person.go("/sign-in/")
    with person.accepting(403):
        person.context.clear_cookies()
        person.sign_in()
        expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        problems += look_closely(person, "form-expired")
    person.go("/")
    person.sign_in()
    for status, name, path in (
        (404, "not-found", "/jobs/999/"),
        (404, "no-such-page", "/nothing/here/"),
        (400, "bad-request", "/failures/?q=%00"),
    ):
        with person.accepting(status):
            person.go(path)
            expect(person.page.get_by_role("heading", level=1)).to_be_visible()
            problems += look_closely(person, name)
    assert problems == [], "\n".join(problems)


@pytest.mark.parametrize("path", ["/syncs/", "/failures/", "/sign-in/"])
def test_a_page_with_room_to_spare_does_not_scroll(panel: Panel, come: Come, path: str) -> None:
    page = come(panel, signed_in=path != "/sign-in/").go(path)
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0


def test_help_opens_and_closes_and_has_no_barrier(panel: Panel, come: Come) -> None:
    person = come(panel)
    page = person.go("/syncs/")
    page.get_by_role("button", name="Help").click()
    expect(page.locator("#help")).to_be_visible()
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#help")).not_to_be_visible()


def test_on_a_phone_the_rest_of_the_navigation_and_the_search_are_one_touch_away(panel: Panel, come: Come) -> None:
    person = come(panel, size=PHONE)
    page = person.go("/")
    page.get_by_role("button", name="More").click()
    more = page.locator("#more")
    expect(more.get_by_role("link", name="Connections")).to_be_in_viewport()
    expect(more.get_by_role("button", name="Sign out")).to_be_in_viewport()
    for scheme in ("light", "dark"):
        show(page, PHONE, scheme)
        assert barriers(page) == []
    more.get_by_role("link", name="Limits").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Limits")
    search = page.get_by_label("Find a person on the Fix-it list")
    search.focus()
    assert barriers(page) == []
    search.fill("zzzz")
    search.press("Enter")
    expect(page.locator("main")).to_contain_text("No one matches “zzzz”.")


def test_a_person_chooses_light_or_dark_and_it_stays(panel: Panel, come: Come) -> None:
    person = come(panel)
    page = person.go("/limits/")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert barriers(page) == []
    person.go("/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    show(page, PHONE, "dark")
    assert barriers(page) == []


def test_what_the_browser_complains_about_is_heard(panel: Panel, come: Come) -> None:
    person = come(panel, signed_in=False)
    page = person.go("/sign-in/")
    page.evaluate("document.querySelector('h1').setAttribute('style', 'color: red')")
    page.evaluate("setTimeout(() => { throw new Error('thrown on purpose'); })")
    page.evaluate("fetch('/nothing/here/')")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=/static/gone.png>')")
    expected = ["CSP, event: style-src-attr", "csp-violation", "thrown on purpose", "404", "gone.png"]
    try:
        wait_until(lambda: page.title() and all(any(p in one for one in person.complaints) for p in expected))
        assert [found for found in look_closely(person) if "image-alt" in found], "axe finds the picture without words"
    finally:
        person.complaints.clear()


@pytest.mark.parametrize("path", ["/", "/jobs/1/"])
def test_a_page_of_the_panel_forbids_scripts_and_styles_of_its_own(panel: Panel, come: Come, path: str) -> None:
    person = come(panel, signed_in=False)
    answer = person.page.goto(path)
    policy = answer.headers["content-security-policy"] if answer else ""
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
