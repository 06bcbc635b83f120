"""The story of the demo, as a person sees it: sign in, watch, pause, break, resume; cancel; two at once; a hanging platform."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from tests.e2e.browsing import Come, Person, expect, look_closely, mark, submit_at, wait_until, was_loaded_again
from tests.e2e.panels import EMAIL, SLOW, Panel

OpenTab = Callable[[Person], Person]
CONTACTS = 3_000
REVOKED = "Salesforce stops accepting our sign-in"
HANGS = "HubSpot hangs"
PLACE = re.compile(r"[Bb]atch ([\d,]+) of ([\d,]+)")


def start(person: Person) -> Page:
    """Start the demo's sync by hand; the page of its job is shown."""
    page = person.go("/syncs/")
    page.locator("main").get_by_role("link", name="Contacts").first.click()
    person.press("Start now")
    page.wait_for_url("**/jobs/*/")
    return page


def step(page: Page) -> str:
    """Where the job is, as the step that is marked as the present one says it."""
    return page.locator("main [aria-current=step]").inner_text()


def number_in(text: str) -> int:
    """ "Batch 118 of 235" → 118; 0 when no batch is named."""
    found = PLACE.search(text)
    return int(found[1].replace(",", "")) if found else 0


def collect(look: Callable[[], str], enough: Callable[[list[str]], object]) -> list[str]:
    """What is seen one after the other, until it is enough."""
    seen: list[str] = []

    def has_seen_enough() -> object:
        if (shown := look()) and (not seen or seen[-1] != shown):
            seen.append(shown)
        return enough(seen)

    wait_until(has_seen_enough)
    return seen


def watch_batches(page: Page, beyond: int = 0, more: int = 2) -> int:
    """Wait until so many batches behind `beyond` were seen to be under way; the number of the last."""
    seen = collect(lambda: step(page), lambda seen: len({n for n in map(number_in, seen) if n > beyond}) >= more)
    return number_in(seen[-1])


def fact(page: Page, name: str) -> str:
    """One of the figures beside the progress."""
    return page.locator(".facts > div", has=page.get_by_text(name, exact=True)).inner_text()


def percent(page: Page) -> int:
    """How much of the step is done, as the bar tells those who do not see it."""
    return round(float(page.get_by_role("progressbar", name="Progress").get_attribute("aria-valuenow") or 0))


def switch(tab: Person, label: str) -> None:
    """On the page with the switches."""
    tab.page.bring_to_front()
    knob = tab.page.get_by_role("switch", name=label)
    before = knob.get_attribute("aria-checked")
    knob.click()
    expect(knob).to_have_attribute("aria-checked", "false" if before == "true" else "true")


@pytest.fixture
def sandbox_tab() -> OpenTab:
    """Opens the page with the switches beside the page a person is on."""

    def open_tab(person: Person) -> Person:
        tab = person.another_page()
        tab.go("/sandbox/")
        return tab

    return open_tab


def test_a_job_is_watched_paused_broken_and_resumed_and_everybody_arrives_once(
    panel: Panel, come: Come, sandbox_tab: OpenTab
) -> None:
    panel.begin_anew(CONTACTS, latency_ms=SLOW / 2, salesforce_ms=SLOW)
    person = come(panel, signed_in=False)
    page = person.go("/")
    expect(page.get_by_label("E-mail")).to_have_value(EMAIL)
    person.sign_in()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dana")
    expect(page.locator("main").get_by_role("region", name="Syncs")).to_contain_text("Contacts")

    start(person)
    mark(page)
    fetched = collect(lambda: step(page), lambda seen: len({one for one in seen if re.search(r"\d", one)}) >= 2)
    assert all("Fetching" in one for one in fetched), "the number fetched grows"
    assert re.search(r"\d a second", fact(page, "Speed"))
    assert 0 < percent(page) < 100
    panel.pace(salesforce_ms=SLOW)
    watch_batches(page)
    done = percent(page)
    wait_until(lambda: percent(page) > done)
    wait_until(lambda: re.search(r"\d a second", fact(page, "Speed")) and re.search("min", fact(page, "Time left")))

    person.press("Pause")
    card = page.locator(".resume")
    expect(card).to_contain_text(re.compile(r"Paused at batch \d+ of \d+\."))
    expect(page.locator(".runhead")).to_contain_text("Paused")
    paused_at = number_in(card.inner_text())
    assert look_closely(person, "job-paused") == []
    person.press("Resume from batch")
    assert watch_batches(page, paused_at, more=1) > paused_at
    assert look_closely(person, "job-live") == []

    sandbox = sandbox_tab(person)
    switch(sandbox, REVOKED)
    assert look_closely(sandbox, "sandbox-broken") == []
    page.bring_to_front()
    expect(card).to_contain_text(re.compile(r"Stopped at batch \d+ of \d+\. Nothing is lost\."))
    expect(card).to_contain_text("Salesforce stopped accepting our sign-in")
    stopped_at = number_in(card.inner_text())
    assert stopped_at >= paused_at
    resume = card.get_by_role("button", name=f"Resume from batch {stopped_at}")
    expect(resume).to_have_class(re.compile("main big"))
    expect(page.locator("#alarm")).to_contain_text("Stopped at batch")
    assert look_closely(person, "job-stopped") == []
    overview = person.another_page()
    overview.go("/")
    assert look_closely(overview, "overview-stopped") == []

    switch(sandbox, REVOKED)
    page.bring_to_front()
    assert not was_loaded_again(page), "all of this came without leaving the page"
    resume.click()
    assert watch_batches(page, more=1) >= stopped_at, "it goes on from the checkpoint"
    panel.hurry()
    expect(card).to_contain_text(re.compile(r"people sent in \d+"))
    leads, (fetched_all, twice, held, refused) = (
        panel.leads(),
        panel.read("SELECT fetched, duplicate, invalid, rejected FROM integrations_syncjob WHERE id = ?", panel.job())[
            0
        ],
    )
    assert fetched_all == CONTACTS
    assert leads["stored"] == leads["keys_written_once"] == CONTACTS - twice - held - refused
    assert leads["keys_written_more"] == 0
    odd = panel.control("GET", "hubspot/contacts/oddities")
    odd.pop("sharing_one_lastmodifieddate")
    assert leads["stored"] == CONTACTS - sum(odd.values())


def test_an_answer_whose_button_is_gone_by_then_takes_the_place_of_what_it_is_about(panel: Panel, come: Come) -> None:
    panel.begin_anew(CONTACTS, salesforce_ms=SLOW)
    person = come(panel)
    page = start(person)
    watch_batches(page, more=1)

    def as_if_the_page_had_changed_meanwhile(route: Route) -> None:
        page.evaluate("document.querySelector('form[action$=\"/pause/\"]').remove()")
        route.continue_()

    page.route("**/pause/", as_if_the_page_had_changed_meanwhile)
    person.press("Pause")
    expect(page.locator(".runhead").first).to_contain_text("Paused")
    assert page.locator("#job-live").count() == 1
    panel.hurry()
    person.press("Resume from batch")
    panel.wait_until_finished()


def test_nothing_is_sent_after_a_cancellation_is_acknowledged(panel: Panel, come: Come) -> None:
    panel.begin_anew(CONTACTS, salesforce_ms=SLOW)
    person = come(panel)
    page = start(person)
    watch_batches(page)
    person.press("Cancel job")
    question = page.locator("#confirm")
    expect(question).to_contain_text("Cancel this job?")
    expect(question).to_contain_text("stay in Salesforce")
    assert look_closely(person, "job-cancel-question") == []
    person.answer("Keep it")
    expect(question).not_to_be_visible()
    person.press("Cancel job")
    person.answer("Cancel the job")
    expect(page.locator(".runhead .pill")).to_have_text("Cancelled")
    held = panel.leads()
    panel.hurry()
    went = panel.control("GET", "requests")["total"]
    expect(page.locator(".runhead")).not_to_contain_text("Finishing the batch")
    assert 0 < held["stored"] < CONTACTS
    sent = panel.job("sent")
    assert held["stored"] == panel.job("created") + panel.job("updated")
    page.reload()
    assert panel.leads() == held
    assert panel.job("sent") == sent
    assert panel.control("GET", "requests")["total"] == went
    assert look_closely(person, "job-cancelled") == []


def test_a_job_with_unusual_numbers_waits_for_a_person_to_release_it(panel: Panel, come: Come) -> None:
    panel.begin_anew(300)
    person = come(panel)
    with panel.guarded(creates=100, updates=100):
        page = start(person)
        card = page.locator(".resume")
        expect(card).to_contain_text("Held before sending: the numbers are unusual.")
        expect(card).to_contain_text(re.compile(r"\d+ would be (added|changed); at most 100 are usual\."))
        assert look_closely(person, "job-held") == []
        assert panel.leads()["stored"] == 0
        person.press("Release and send")
        expect(card).to_contain_text("sent in")
    assert panel.leads()["stored"] == panel.job("created") + panel.job("updated") > 0


def test_who_has_not_changed_is_not_sent_until_everyone_is_changed_at_the_source(panel: Panel, come: Come) -> None:
    panel.begin_anew(200)
    person = come(panel)
    card = start(person).locator(".resume")
    expect(card).to_contain_text("people sent in")
    arrived = panel.job("created")
    start(person)
    expect(card).to_contain_text("Nothing had to be sent")
    page = person.go("/sandbox/")
    person.press("Change everyone in HubSpot")
    expect(page.locator("#toasts")).to_contain_text("200 contacts have a new job title.")
    start(person)
    expect(card).to_contain_text("people sent in")
    assert panel.job("updated") == arrived == panel.leads()["stored"]


def test_of_two_who_press_resume_at_once_one_resumes_and_the_other_is_told(panel: Panel, come: Come) -> None:
    panel.begin_anew(CONTACTS, salesforce_ms=SLOW)
    dana, other = come(panel), come(panel)
    page = start(dana)
    dana.press("Pause")
    expect(page.locator(".resume")).to_contain_text("Paused at")
    other.go(page.url)
    for person in (dana, other):  # nobody's page learns what the other has done
        person.page.get_by_role("button", name="Pause live updates").click()
    at = time.time() * 1000 + 1500
    for person in (dana, other):
        submit_at(person.page, ".resume form", at)
    told = re.compile("is running already|at the same moment")
    wait_until(lambda: [p for p in (dana, other) if told.search(p.page.locator("#notices").inner_text())])
    friendly = [person for person in (dana, other) if told.search(person.page.locator("#notices").inner_text())]
    assert len(friendly) == 1
    resumed = panel.read(
        "SELECT COUNT(*) FROM integrations_event WHERE kind = 'job.resumed' AND stream = ?", f"job:{panel.job()}"
    )
    assert resumed == [(1,)]
    assert look_closely(friendly[0], "job-told") == []
    panel.hurry()
    panel.wait_until_finished()


def test_a_job_waits_while_hubspot_hangs_and_recovers_by_itself(panel: Panel, come: Come, sandbox_tab: OpenTab) -> None:
    panel.begin_anew(CONTACTS, latency_ms=SLOW / 2)
    person = come(panel)
    sandbox = sandbox_tab(person)
    with panel.giving_up_after(6):
        page = start(person)
        page.bring_to_front()
        collect(lambda: step(page), lambda seen: "Fetching" in seen[-1] and re.search(r"\d{3}", seen[-1]))
        switch(sandbox, HANGS)
        page.bring_to_front()
        card = page.locator(".resume")
        expect(card).to_contain_text("Waiting for HubSpot.")
        expect(card).to_contain_text(re.compile(r"Tries again at .*\d"))
        expect(card).to_contain_text("Nothing is lost")
        expect(card.get_by_role("button", name="Try now")).to_be_visible()
        assert look_closely(person, "job-waiting") == []
        switch(sandbox, HANGS)
        panel.hurry()
        page.bring_to_front()
        expect(card).to_contain_text("sent in")
    assert panel.leads()["keys_written_more"] == 0
    assert panel.job("fetched") == CONTACTS
