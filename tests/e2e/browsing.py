"""A person with a browser: what they do, and everything the browser complains about meanwhile."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, expect

from tests.integrations.supervisor import instances

SHELL, WHOLE = Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")
CHROMIUM = Path(os.environ.get("CHROMIUM") or (SHELL if SHELL.exists() else WHOLE))
"""The shell is Chromium without a window, which takes a quarter of the processor time."""
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE, NARROW = (1440, 900), (390, 844), (320, 720)
AXE = Axe().axe_script
LOOKS = ((DESKTOP, "light"), (PHONE, "dark"))
"""Both screens, both palettes: which colours there are does not depend on the screen."""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "selectors": False}
NOISE = ("[DOM]", "Autofocus processing was blocked")
"""Advice of the browser's own, about nothing that is wrong; and what it says when a test types sooner than a page is done."""
LISTEN = """
addEventListener("securitypolicyviolation", e => report("CSP, event", `${e.effectiveDirective} ${e.blockedURI} ${e.sample}`));
new ReportingObserver(found => found.forEach(one => report(one.type, JSON.stringify(one.body))), {buffered: true}).observe();
"""
PATIENCE = 90_000
"""Milliseconds until a test gives up on something. Nothing waits as long; a busy machine may need it."""


def wait_until(condition: Callable[[], object]) -> object:
    """Ask again until the condition holds; its value."""
    return instances.wait_until(condition, PATIENCE / 1000)


class Person:
    """One browser context of its own, as one person with one device has it. Nothing it complains about gets lost."""

    def __init__(self, browser: Browser, url: str, *, javascript: bool = True, size: tuple[int, int] = DESKTOP) -> None:
        self.url = url
        self.complaints: list[str] = []
        self._accepted: set[int] = set()
        self.context: BrowserContext = browser.new_context(
            base_url=url,
            java_script_enabled=javascript,
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.expose_binding("report", lambda _source, kind, text: self._complain(kind, text))
        self.context.add_init_script(LISTEN)
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda problem: self._complain("error", str(problem.error)))
        self.context.on("requestfailed", self._see_failure)
        self.context.on("response", self._see_answer)
        self.page: Page = self.context.new_page()

    def _complain(self, kind: str, text: str) -> None:
        self.complaints.append(f"{self.page.url}: {kind}: {text}")

    def _hear(self, message: ConsoleMessage) -> None:
        answered = message.text.startswith("Failed to load resource")  # `_see_answer` has seen it
        if not answered and not message.text.startswith(NOISE):
            self._complain(f"console.{message.type}", message.text)

    def _see_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # asked for by a page that was left meanwhile
            self._complain("request failed", f"{request.url} {request.failure}")

    def _see_answer(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._accepted:
            self._complain("answer", f"{response.status} {response.url}")

    @contextmanager
    def accepting(self, *statuses: int) -> Iterator[None]:
        """Inside the block these answers are what is wanted."""
        self._accepted.update(statuses)
        yield
        self.page.evaluate("1")  # lets the events of the last answer arrive
        self._accepted.clear()

    def go(self, path: str) -> Page:
        """Open a page of the panel."""
        self.page.goto(path)
        return self.page

    def sign_in(self, email: str = "", password: str = "") -> Page:
        """At the sign-in page; the demo's is filled in already."""
        if email:
            self.page.get_by_label("E-mail").fill(email)
            self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        return self.page

    def cookie(self, name: str) -> str:
        """Its value; empty when the browser has none of that name."""
        return next((one["value"] for one in self.context.cookies() if one["name"] == name), "")

    def press(self, name: str) -> None:
        """The button of this name in the main part of the page."""
        self.page.locator("main").get_by_role("button", name=name).first.click()

    def answer(self, name: str) -> None:
        """A button of the question that is asked."""
        self.page.locator("#confirm").get_by_role("button", name=name, exact=True).click()

    def another_page(self) -> "Person":
        """The same person opens one more tab."""
        tab = object.__new__(Person)
        tab.__dict__.update(self.__dict__)
        tab.page = self.context.new_page()
        return tab

    def leave(self) -> list[str]:
        """Closes the browser; what it complained about all the while."""
        self.context.close()
        return self.complaints


Come = Callable[..., Person]
"""The fixture `come`: somebody comes to a panel, signed in unless told otherwise, with the browser described."""


def look_closely(person: Person, name: str = "") -> list[str]:
    """What is wrong with the page as it is shown now: axe on a light desktop and a dark phone; anything wider than the screen."""
    page = person.page
    problems: list[str] = []
    for size, scheme in LOOKS:
        show(page, size, scheme)
        problems += [f"{page.url} {size[0]} {scheme}: {found}" for found in barriers(page)]
    for size in (PHONE, NARROW):
        show(page, size, "light")
        problems += [f"{page.url} {size[0]}: too wide: {found}" for found in too_wide(page)]
        problems += [f"{page.url} {size[0]}: words do not fit: {found}" for found in cramped(page)]
    take_pictures(page, name)
    show(page, DESKTOP, "light")
    return problems


def show(page: Page, size: tuple[int, int], scheme: str) -> None:
    """The same page on another screen."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")


def barriers(page: Page) -> list[str]:
    """What axe finds: rule, element and why."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("options => axe.run(document, options).then(told => told.violations)", RULES)
    return [
        f"{rule['id']}: {node['html'][:200]}: {' '.join(node.get('failureSummary', '').split())[:300]}"
        for rule in found
        for node in rule["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """The elements that make the page scroll sideways."""
    found: list[str] = page.evaluate(
        """() => {
            const wide = document.documentElement.clientWidth, root = document.documentElement;
            if (root.scrollWidth <= wide && document.body.scrollWidth <= wide) return [];
            return [`${root.scrollWidth} px`, ...[...document.querySelectorAll("body *")]
                .filter(e => e.getBoundingClientRect().right > wide + 1)
                .map(e => e.cloneNode(false).outerHTML + e.textContent.trim().slice(0, 40)).slice(0, 6)];
        }"""
    )
    return [", ".join(found)] if found else []


def cramped(page: Page) -> list[str]:
    """Buttons narrower than their words."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".btn")]
            .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map(e => e.outerHTML.slice(0, 120))"""
    )
    return found


def take_pictures(page: Page, name: str) -> None:
    """Into the folder SCREENSHOTS, when it is set, for somebody who wants to see every page."""
    folder = os.environ.get("SCREENSHOTS", "")
    if not folder or not name:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for size, scheme in itertools.product((PHONE, DESKTOP), ("dark", "light")):
        show(page, size, scheme)
        # hiding the caret would put style attributes into the page, against its policy
        page.screenshot(path=f"{folder}/{name}-{scheme}-{size[0]}.png", caret="initial")


def mark(page: Page) -> None:
    """Lets `was_loaded_again` tell whether the page was left."""
    page.evaluate("document.documentElement.dataset.marked = '1'")


def was_loaded_again(page: Page) -> bool:
    """True when the page is not the one that was marked."""
    return bool(page.evaluate("document.documentElement.dataset.marked") != "1")


def submit_at(page: Page, selector: str, milliseconds: float) -> None:
    """Arrange for a form to be sent at that moment of the clock."""
    page.evaluate(
        "([selector, at]) => setTimeout(() => document.querySelector(selector).requestSubmit(), at - Date.now())",
        [selector, milliseconds],
    )


__all__ = [
    "ARGUMENTS",
    "CHROMIUM",
    "DESKTOP",
    "PHONE",
    "Come",
    "Person",
    "barriers",
    "expect",
    "look_closely",
    "mark",
    "show",
    "submit_at",
    "wait_until",
    "was_loaded_again",
]
