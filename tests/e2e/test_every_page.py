"""Every page, with much on it: no barrier, nothing wider than the screen, and not one complaint of the browser."""

import re

import pytest
from django.urls import resolve

from syncpanel.urls import urlpatterns
from tests.e2e.browsing import Come, Person, expect, look_closely
from tests.e2e.panels import Panel
from tests.integrations.supervisor.instances import wait_until

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
    "fix-it": "/failures/",
    "fix-it-reason": "/failures/?reason=required_missing:LastName",
    "fix-it-out": "/failures/?status=retrying",
    "fix-it-aside": "/failures/?status=dismissed",
    "fix-it-fixed": "/failures/?status=fixed",
    "fix-it-one": "/failures/1/",
    "jobs": "/jobs/",
    "jobs-none": "/jobs/?status=cancelled",
    "job": "/jobs/2/",
    "job-everything": "/jobs/2/?events=all",
    "job-events": "/jobs/2/events/",
    "job-batches": "/jobs/2/batches/",
    "job-batch": "/jobs/2/batches/1/",
    "limits": "/limits/",
    "sandbox": "/sandbox/",
    "syncs": "/syncs/",
    "syncs-none": "/syncs/?q=zzz",
    "sync": "/syncs/1/",
    "welcome-next": "/welcome/next/",
}
FOR_STRANGERS = {"sign-in": "/sign-in/", "welcome": "/welcome/"}
NO_PAGES = {"healthz", "metrics", "job-live", "overview-live", "logout"}
ACTIONS = re.compile(
    r"-(bulk|calm|cancel|delete|disable|dismiss|enable|fix|pause|release|restart|restore|resume|retry|start|switch|test"
    r"|undo|withdraw)$"
)


def test_every_address_of_the_panel_is_looked_at() -> None:
    names = {pattern.name for pattern in urlpatterns}
    pages = {name for name in names if name and not ACTIONS.search(name)} - NO_PAGES
    assert pages == {resolve(path.split("?")[0]).url_name for path in (*PAGES.values(), *FOR_STRANGERS.values())}


def fill(panel: Panel, person: Person) -> None:
    """A finished job with people to fix, one of them set aside, one fixed."""
    panel.begin_anew(CONTACTS)
    panel.spoil(range(20, 60), lastname="")
    panel.spoil(range(70, 90), email="nobody(at)nowhere, who has a very long address indeed@" + "x" * 60)
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
    wait_until(lambda: panel.job("failures_retrying") == 0 and panel.job("stage") == "finished")


def test_no_page_has_a_barrier_or_is_wider_than_a_phone(panel: Panel, come: Come) -> None:
    person = come(panel)
    fill(panel, person)
    problems = []
    for name, path in PAGES.items():
        page = person.go(path)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        problems += look_closely(person, name)
    assert problems == []


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
    assert problems == []


def test_what_the_browser_complains_about_is_heard(panel: Panel, come: Come) -> None:
    person = come(panel, signed_in=False)
    page = person.go("/sign-in/")
    page.evaluate("document.querySelector('h1').setAttribute('style', 'color: red')")
    page.evaluate("setTimeout(() => { throw new Error('thrown on purpose'); })")
    page.evaluate("fetch('/nothing/here/')")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=/static/gone.png>')")
    expected = ["CSP, event: style-src-attr", "csp-violation", "thrown on purpose", "404", "gone.png"]
    try:
        wait_until(lambda: page.title() and all(any(p in one for one in person.complaints) for p in expected), 10)
        assert [found for found in look_closely(person) if "image-alt" in found], "axe finds the picture without words"
    finally:
        person.complaints.clear()


@pytest.mark.parametrize("path", ["/", "/jobs/2/"])
def test_a_page_of_the_panel_forbids_scripts_and_styles_of_its_own(panel: Panel, come: Come, path: str) -> None:
    person = come(panel, signed_in=False)
    answer = person.page.goto(path)
    policy = answer.headers["content-security-policy"] if answer else ""
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
