"""What no page ever sees."""

import io
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from syncpanel.roles import FIXER
from tests.factories import make_failure, make_job
from tests.syncpanel.conftest import PASSWORD

SignIn = Callable[[str], Client]


@pytest.mark.parametrize(
    "address", ["/failures/?q=%00", "/failures/?reason=a%00:b", "/activity/?by=a%00", "/syncs/?after=%00"]
)
def test_a_nul_in_an_address_is_refused_in_our_look(signed_in: SignIn, address: str) -> None:
    answer = signed_in(FIXER).get(address)
    assert answer.status_code == 400
    assert "<html" in answer.content.decode()


def test_a_nul_in_a_form_is_refused(signed_in: SignIn) -> None:
    values = {"do": "correct", "all": "1", "value": "Ac\x00me"}
    assert signed_in(FIXER).post(reverse("failure-bulk"), values).status_code == 400


class BrokenOff(io.BytesIO):
    """The client goes away in the middle of its form."""

    def read(self, *_: int) -> bytes:
        raise ConnectionResetError


def test_a_form_that_breaks_off_on_its_way_is_acted_on_by_nobody(signed_in: SignIn) -> None:
    form = {"wsgi.input": BrokenOff(), "CONTENT_LENGTH": "100", "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    assert signed_in(FIXER).post(reverse("failure-bulk"), **form).status_code == 400


SAFE = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize("address", ["/", "/failures/", "/no-such-page/", "/sign-out/"])
def test_every_answer_says_what_no_browser_may_do_with_it(signed_in: SignIn, address: str) -> None:
    answer = signed_in(FIXER).get(address)
    assert {name: answer[name] for name in SAFE} == SAFE
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_cookies_are_for_the_browser_alone(client: Client, make_user: Callable[..., User]) -> None:
    user = make_user()
    client.get("/sign-in/")
    client.post("/sign-in/", {"username": user.username, "password": PASSWORD})
    assert set(client.cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")


def test_what_a_message_says_of_people_is_in_no_cookie(signed_in: SignIn) -> None:
    client, failure = signed_in(FIXER), make_failure(make_job(failures_open=1), label="Tomasz Okafor")
    answer = client.post(f"/failures/{failure.pk}/dismiss/")
    assert "omasz" not in str(answer.cookies)
    assert "Tomasz Okafor is set aside" in client.get(answer["Location"]).content.decode()
