"""What every page has: the policy header, our look, no inline script or style."""

import re

import pytest
from django.test import Client

from syncpanel.first_run import setup_token
from tests.factories import make_connection

PAGES = [
    "/activity/",
    "/connections/",
    "/connections/{pk}/",
    "/connections/{pk}/edit/",
    "/connections/{pk}/incoming/",
    "/connections/add/",
    "/connections/add/hubspot/",
    "/duplicates/",
    "/incoming/",
    "/limits/",
    "/sandbox/",
    "/welcome/next/",
    "/no-such-page/",
]
INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:|hx-on|\bjs:", re.IGNORECASE)


def assert_strict(answer) -> None:
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not INLINE.search(answer.content.decode())
    assert "Syncpanel" in answer.content.decode()


@pytest.fixture(autouse=True)
def _demo(settings):
    settings.DEMO, settings.SANDBOX_URL = True, "http://127.0.0.1:9"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_strict(signed_in, path):
    assert_strict(signed_in("Admin").get(path.format(pk=make_connection().pk)))


@pytest.mark.parametrize("path", ["/sign-in/", "/no-such-page/"])
def test_a_page_for_strangers_is_strict(make_user, path):
    make_user()
    assert_strict(Client().get(path))


@pytest.mark.django_db
@pytest.mark.parametrize("has_token", [True, False])
def test_the_first_page_is_strict(client, settings, tmp_path, has_token):
    settings.DATA_DIR = tmp_path
    assert_strict(client.get("/welcome/", {"token": setup_token()} if has_token else {}, follow=True))


@pytest.mark.parametrize("path", PAGES[:-1])
def test_a_page_needs_sign_in(make_user, path):
    make_user()
    assert Client().get(path.format(pk=1))["Location"].startswith("/sign-in/?next=")


def test_the_present_page_is_marked_in_the_navigation(signed_in):
    page = signed_in().get("/limits/").content.decode()
    assert re.search(r'href="/limits/" aria-current="page"', page)
    assert len(re.findall(r'class="nav"[^>]*aria-current', page)) == 1


@pytest.mark.parametrize(("cookie", "shown"), [("dark", True), ("light", True), ('"><script>', False)])
def test_the_theme_of_the_cookie_is_in_the_first_byte_of_html(signed_in, cookie, shown):
    client = signed_in()
    client.cookies["theme"] = cookie
    page = client.get("/activity/").content.decode()
    assert (f'data-theme="{cookie}"' in page) is shown
    assert ("data-theme=" in page) is shown
