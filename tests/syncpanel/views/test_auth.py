"""Signing in and out, and what a stranger sees."""

import logging
from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from axes.utils import reset
from django.conf import settings as settings_of_django
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncpanel.networks import read_networks
from tests.syncpanel.conftest import PASSWORD

SIGN_IN = "/sign-in/"


@pytest.fixture(autouse=True)
def _no_old_failures(db):
    reset()


def sign_in(client: Client, email: str, password: str, *, headers: dict[str, str] | None = None, **more: str):
    return client.post(SIGN_IN, {"username": email, "password": password, **more}, headers=headers)


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


@pytest.mark.parametrize(("trusted", "others_are_locked_out"), [(["127.0.0.1"], False), ([], True)])
def test_behind_a_trusted_proxy_a_guesser_locks_out_nobody_else(
    client, make_user, settings, trusted, others_are_locked_out
):
    settings.TRUSTED_PROXIES = read_networks("TRUSTED_PROXIES", trusted)
    make_user(email="dana@example.com")
    for _ in range(8):
        sign_in(client, "dana@example.com", "wrong", headers={"X-Forwarded-For": "198.51.100.1"})
    answer = sign_in(client, "dana@example.com", PASSWORD, headers={"X-Forwarded-For": "203.0.113.9"})
    assert (answer.status_code == 429) is others_are_locked_out


def test_a_guesser_cannot_make_up_an_address_for_each_try(client, make_user):
    make_user(email="dana@example.com")
    tries = [
        sign_in(client, "dana@example.com", "wrong", headers={"X-Forwarded-For": f"198.51.100.{number}"})
        for number in range(8)
    ]
    assert tries[-1].status_code == 429


def test_an_address_that_tries_many_accounts_is_closed_for_all_of_them(client, make_user, settings):
    make_user(email="dana@example.com")
    for number in range(settings.SIGN_IN_FAILURES_PER_ADDRESS):
        assert sign_in(client, f"person{number}@example.com", "wrong").status_code == 200
    answer = sign_in(client, "dana@example.com", PASSWORD)
    assert answer.status_code == 429
    assert "signing in from here is closed" in answer.content.decode()
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert sign_in(elsewhere, "dana@example.com", PASSWORD).status_code == 302


def test_a_closed_address_opens_again_by_itself(client, make_user, settings):
    make_user(email="dana@example.com")
    for number in range(settings.SIGN_IN_FAILURES_PER_ADDRESS):
        sign_in(client, f"person{number}@example.com", "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in(client, "dana@example.com", PASSWORD).status_code == 302


def test_a_mistyped_password_is_written_down_nowhere(client, make_user, caplog):
    """It is often nearly the right one, or that of another place."""
    caplog.set_level(logging.DEBUG)
    make_user(email="dana@example.com")
    for _ in range(9):
        sign_in(client, "dana@example.com", "nearly-the-right-one", next="/jobs/")
    told = [str(list(model.objects.values())) for model in (AccessAttempt, AccessFailureLog, AccessLog, Session)]
    assert "dana@example.com" in told[0]
    assert "nearly-the-right" not in "".join(told) + caplog.text


def test_who_signed_in_from_where_is_not_kept(client, make_user):
    make_user(email="dana@example.com")
    sign_in(client, "dana@example.com", PASSWORD)
    assert not AccessLog.objects.exists()


def test_signing_in_starts_a_session_of_its_own(client, make_user):
    """A session somebody else put into this browser must not become the person's."""
    make_user(email="dana@example.com")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[settings_of_django.SESSION_COOKIE_NAME] = before = session.session_key
    sign_in(client, "dana@example.com", PASSWORD)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_signing_out_is_a_post(signed_in):
    client = signed_in()
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/activity/")["Location"].startswith(SIGN_IN)


def test_a_way_on_leads_nowhere_else(client, make_user):
    make_user(email="dana@example.com")
    answer = sign_in(client, "dana@example.com", PASSWORD, next="https://elsewhere.example/")
    assert answer["Location"] == reverse("overview")


def test_the_demo_fills_in_its_account_on_this_machine(client, make_user, settings):
    make_user()
    settings.DEMO = True
    assert settings.DEMO_PASSWORD not in client.get(SIGN_IN).content.decode(), "others can reach it"
    settings.IS_OPEN_DEMO = True
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
