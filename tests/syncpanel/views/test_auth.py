"""Signing in and out, and what a stranger sees."""

import pytest
from axes.utils import reset
from django.test import Client
from django.urls import reverse

from tests.syncpanel.conftest import PASSWORD

SIGN_IN = "/sign-in/"


@pytest.fixture(autouse=True)
def _no_old_failures(db):
    reset()


def sign_in(client: Client, email: str, password: str, **more: str):
    return client.post(SIGN_IN, {"username": email, "password": password, **more})


def test_the_right_password_signs_in_whatever_the_case_of_the_address(client, make_user):
    make_user(email="dana@example.com")
    answer = sign_in(client, "Dana@Example.com", PASSWORD)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("overview")


@pytest.mark.parametrize(("email", "password"), [("dana@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_one_line_never_says_which_half_was_wrong(client, make_user, email, password):
    make_user(email="dana@example.com")
    page = sign_in(client, email, password).content.decode()
    assert page.count("That e-mail and password do not go together.") == 1
    assert PASSWORD not in page


def test_an_inactive_person_gets_the_same_line(client, make_user):
    user = make_user(email="dana@example.com")
    user.is_active = False
    user.save()
    assert "do not go together" in sign_in(client, "dana@example.com", PASSWORD).content.decode()


@pytest.mark.parametrize(("stay", "ends_with_the_browser"), [("on", False), ("", True)])
def test_the_session_lasts_as_long_as_was_asked_for(client, make_user, stay, ends_with_the_browser):
    make_user(email="dana@example.com")
    sign_in(client, "dana@example.com", PASSWORD, **({"stay": stay} if stay else {}))
    assert client.session.get_expire_at_browser_close() is ends_with_the_browser


def test_a_guesser_is_locked_out_with_a_page_of_ours(client, make_user, settings):
    make_user(email="dana@example.com")
    answers = [sign_in(client, email, "wrong") for email in ["Dana@example.com", "dana@example.com"] * 4]
    assert answers[-1].status_code == 429
    assert "Too many tries" in answers[-1].content.decode()
    assert "15 minutes" in answers[-1].content.decode()
    assert sign_in(client, "dana@example.com", PASSWORD).status_code == 429


def test_a_lock_out_is_for_that_address_alone(client, make_user):
    make_user(email="dana@example.com")
    make_user(email="priya@example.com")
    for _ in range(8):
        sign_in(client, "dana@example.com", "wrong")
    assert sign_in(client, "priya@example.com", PASSWORD).status_code == 302


def test_signing_out_is_a_post(signed_in):
    client = signed_in()
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/activity/")["Location"].startswith(SIGN_IN)


def test_a_way_on_leads_nowhere_else(client, make_user):
    make_user(email="dana@example.com")
    answer = sign_in(client, "dana@example.com", PASSWORD, next="https://elsewhere.example/")
    assert answer["Location"] == reverse("overview")


def test_the_demo_fills_in_its_account(client, make_user, settings):
    make_user()
    assert settings.DEMO_PASSWORD not in client.get(SIGN_IN).content.decode()
    settings.DEMO = True
    page = client.get(SIGN_IN).content.decode()
    assert settings.DEMO_EMAIL in page
    assert settings.DEMO_PASSWORD in page


def test_a_part_whose_session_ended_sends_the_whole_page_to_sign_in(client, make_user):
    make_user()
    answer = client.get("/limits/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/limits/?a=1"})
    assert answer["HX-Redirect"] == "/sign-in/?next=%2Flimits%2F%3Fa%3D1"


def test_a_page_that_was_open_too_long_says_so(make_user):
    make_user()
    answer = Client(enforce_csrf_checks=True).post(SIGN_IN, {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "open too long" in answer.content.decode()
