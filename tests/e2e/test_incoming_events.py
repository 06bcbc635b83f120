"""A platform calls: its event shows up by itself, what it caused can be followed, it can be sent again, strangers are refused,
silence is noticed, and another address makes the old one useless."""

import hashlib
import http.client
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.e2e.browsing import PHONE, Come, Person, expect, look_closely, show, wait_until
from tests.e2e.panels import Panel

CONTACTS = 60
SECRET = "what the app signs with"
ADDRESS = "UPDATE integrations_webhookaddress SET "


def call(url: str, body: str, secret: str = "") -> int:
    """One call at an address, as an app of HubSpot signs it; the status it is answered with."""
    signature = hashlib.sha256(f"{secret}{body}".encode()).hexdigest()
    parts = urlsplit(url)
    line = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    headers = {"Content-Type": "application/json"} | ({"X-HubSpot-Signature": signature} if secret else {})
    line.request("POST", parts.path, body.encode(), headers)
    return line.getresponse().status


def make_address(person: Person) -> str:
    """The address of HubSpot, made where there is none yet."""
    page = person.go("/connections/1/incoming/")
    if page.get_by_role("button", name="Make an address").count():
        person.press("Make an address")
    return page.get_by_label("Address for incoming events").input_value()


@pytest.fixture
def address(panel: Panel, come: Come) -> Iterator[str]:
    """HubSpot calls it, signed, and the sync of the demo listens."""
    person = come(panel)
    panel.begin_anew(CONTACTS)
    url = make_address(person)
    person.page.get_by_label("Client secret of the app").fill(SECRET)
    person.press("Save")
    expect(person.page.locator("#toasts")).to_contain_text("Saved.")
    page = person.go("/syncs/1/change/when/")
    page.get_by_label("Also within seconds, when HubSpot tells of a change").check()
    person.press("Change it")
    expect(page.locator("main")).to_contain_text("ithin seconds when HubSpot tells of a change")
    wait_until(lambda: call(url, "[]", "a guess") == 401)  # what is saved counts a second or two later
    panel.control("POST", "hubspot/webhooks", {"url": url, "secret": SECRET})
    yield url
    panel.control("DELETE", "webhooks")
    panel.write("UPDATE integrations_sync SET on_webhook = 0")


def touch(panel: Panel, places: range) -> None:
    """Some contacts change at HubSpot."""
    panel.spoil(places, city="Leeds")


def newest_job(panel: Panel) -> int:
    return int(panel.job())


def test_an_event_comes_in_and_what_it_caused_can_be_followed(panel: Panel, come: Come, address: str) -> None:
    person = come(panel)
    before, leads = newest_job(panel), panel.leads()["stored"]
    page = person.go("/incoming/?source=1")
    known = page.locator("[data-record]").count()
    touch(panel, range(3))
    expect(page.locator("[data-record]")).to_have_count(known + 1)
    row = page.locator("[data-record]").first
    expect(row).to_contain_text("Contact changed: city")
    expect(row).to_contain_text("and 2 more changes")
    expect(row).to_contain_text("Finished")
    assert newest_job(panel) > before
    assert panel.leads()["stored"] == leads + 3
    row.get_by_role("link", name="Contact changed: city").click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("The signature is right")
    expect(drawer.locator("pre")).to_contain_text('"subscriptionType": "contact.propertyChange"')
    assert look_closely(person, "incoming-drawer") == []

    drawer.get_by_role("link", name=f"job {newest_job(panel)}").click()
    expect(page.locator("main")).to_contain_text("HubSpot told us that 3 people changed.")
    assert look_closely(person, "job-of-events") == []
    page.get_by_role("link", name="See them in the list").click()
    expect(page.locator("[data-record]")).to_have_count(1)

    writes, job = panel.leads()["writes"], newest_job(panel)
    page.locator("#drawer").get_by_role("button", name="Send again").click()
    expect(page.locator("#toasts")).to_contain_text("Sent again.")
    wait_until(lambda: newest_job(panel) > job)
    panel.wait_until_finished()
    expect(person.go("/incoming/?source=1").locator("#drawer")).to_contain_text("Sent again 1 time.")
    assert panel.leads()["writes"] == writes, "nobody was sent twice"


def test_a_stranger_is_refused_and_counted(panel: Panel, come: Come, address: str) -> None:
    person = come(panel)
    page = person.go("/incoming/?source=1")
    stored = page.locator("[data-record]").count()
    wait_until(lambda: call(address, "[]", "a guess") == 401)
    expect(page.locator("#sources")).to_contain_text(re.compile(r"calls? refused in the last 24 hours"))
    assert call(address.replace("/hooks/", "/hooks/x"), "[]") == 404
    page.reload()
    expect(page.locator("main")).to_contain_text("signature")
    expect(page.locator("[data-record]")).to_have_count(stored)


def test_what_nobody_can_read_is_sent_again_with_others(panel: Panel, come: Come, address: str) -> None:
    person = come(panel)
    for _ in range(2):
        assert call(address, "this is no JSON", SECRET) == 200
    wait_until(lambda: len(panel.read("SELECT 1 FROM integrations_webhookdelivery WHERE status = 'set_aside'")) >= 2)
    page = person.go("/incoming/?status=set_aside")
    page.get_by_label("Select every event on this page").check()
    expect(page.locator("#bulk")).to_contain_text("selected")
    assert look_closely(person, "incoming-bulk") == []
    page.locator("#bulk").get_by_role("button", name="Send again").click()
    expect(page.locator("#toasts")).to_contain_text("read again in a moment")
    again = "SELECT 1 FROM integrations_webhookdelivery WHERE status = 'set_aside' AND sent_again = 1"
    wait_until(lambda: len(panel.read(again)) >= 2)


def fall_silent(panel: Panel) -> None:
    """As if HubSpot had called every four minutes, and not for three hours."""
    past = "strftime('%Y-%m-%d %H:%M:%f', 'now', '{} hours')"
    panel.write(
        f"{ADDRESS} usual_gap = 240, last_received_at = {past.format(-3)}, quiet_after = {past.format(-1)}, "
        f"gaps_known_at = {past.format(0)}, expected_until = NULL"
    )


def test_silence_is_noticed_and_can_be_expected(panel: Panel, come: Come, address: str) -> None:
    person = come(panel)
    page = person.go("/")
    expect(page.locator("#attention")).not_to_contain_text("gone quiet")
    fall_silent(panel)
    need = page.locator(".needrow").filter(has_text="HubSpot has gone quiet")
    expect(need).to_contain_text("It usually sends every 4 minutes; nothing for 3 hours")
    need.get_by_role("link", name="Look").click()
    expect(page.locator(".l-head .note")).to_contain_text("nothing for 3 hours")
    assert look_closely(person, "incoming-quiet") == []
    page.get_by_role("button", name="a week").click()
    expect(page.locator("#toasts")).to_contain_text("Nobody is told for now")
    expect(person.go("/").locator("#attention")).not_to_contain_text("gone quiet")
    person.go("/incoming/?source=1")
    person.press("Tell me again")
    expect(person.go("/").locator("#attention")).to_contain_text("gone quiet")
    touch(panel, range(5, 6))
    expect(page.locator("#attention")).not_to_contain_text("gone quiet")


def test_another_address_makes_the_old_one_useless(panel: Panel, come: Come, address: str) -> None:
    person = come(panel)
    page = person.go("/connections/1/incoming/")
    assert look_closely(person, "connection-incoming") == []
    page.get_by_role("button", name="Make another address").click()
    person.answer("Make another")
    expect(page.locator("#toasts")).to_contain_text("There is a new address.")
    new = page.get_by_label("Address for incoming events").input_value()
    assert new != address
    wait_until(lambda: call(address, "[]", SECRET) == 404)
    assert call(new, "[]", SECRET) == 200


def test_the_address_is_copied(panel: Panel, come: Come, address: str) -> None:
    person = come(panel)
    person.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page: Page = person.go("/incoming/?source=1")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address


def test_on_a_phone_an_event_opens_over_the_list(panel: Panel, come: Come, address: str) -> None:
    person = come(panel)
    assert call(address, "[]", SECRET) == 200
    show(person.page, PHONE, "dark")
    page = person.go("/incoming/?source=1")
    page.locator("[data-record] a").first.click()
    expect(page.locator("#drawer")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).not_to_be_visible()
