"""A real Chromium and a running panel, shared by all tests here. Both end with the last of them: no other test meets
Playwright's event loop, and no other test shares the machine with an idle panel."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.browsing import ARGUMENTS, CHROMIUM, PATIENCE, Come, Person
from tests.e2e.panels import Panel


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, headless. In CI one is required."""
    if not CHROMIUM.exists():
        reason = (
            "The browser tests need apt install chromium-headless-shell, or the path of another Chromium in CHROMIUM."
        )
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def panel(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Panel]:
    """The demo, running, with a small portal whose first job the demo itself has started."""
    panel = Panel(tmp_path_factory.mktemp("demo"), DEMO="1", WORKERS="1")
    try:
        panel.start("demo", "--one-sync", "--contacts", "500", "--latency-ms", "0", "--salesforce-latency-ms", "0")
        panel.take_small_steps()
        yield panel
    finally:
        panel.stop()


@pytest.fixture(scope="module")
def empty_panel(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Panel]:
    """A new installation: nobody can sign in yet, nothing is set up."""
    panel = Panel(tmp_path_factory.mktemp("new"), WORKERS="1")
    try:
        panel.start("up")
        yield panel
    finally:
        panel.stop()


@pytest.fixture
def come(browser: Browser) -> Iterator[Come]:
    """People with a browser of their own. Each must leave without a complaint: policy, errors, failed requests."""
    people: list[Person] = []

    def come_to(panel: Panel, *, signed_in: bool = True, **how: Any) -> Person:
        person = Person(browser, panel.url, **how)
        people.append(person)
        if signed_in:
            panel.let_in(person)
        return person

    yield come_to
    complaints = [complaint for person in people for complaint in person.leave()]
    assert not complaints, "\n".join(complaints)
