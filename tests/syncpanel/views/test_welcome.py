"""The first start: one administrator, made by whoever holds the token."""

import logging
import os
import stat
import threading
import time

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

from syncpanel.clients import MOST_GUESSES
from syncpanel.first_run import GOOD_FOR, create_first_administrator, is_setup_token, setup_path, setup_token
from syncpanel.roles import role_of

GOOD = {"name": "Dana Wells", "email": "Dana@Example.com", "password": "orange-boat-47", "again": "orange-boat-47"}


@pytest.fixture(autouse=True)
def _own_data(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.mark.django_db
def test_every_page_leads_to_the_welcome_page_while_nobody_can_sign_in(client):
    answer = client.get("/connections/", follow=True)
    assert [path for path, _ in answer.redirect_chain] == ["/sign-in/?next=/connections/", "/welcome/"]
    assert "setup_token" in answer.content.decode()


@pytest.fixture(autouse=True)
def _no_old_guesses():
    cache.clear()


def open_link(client: Client):
    """The link that the start prints."""
    return client.get("/welcome/", {"token": setup_token()})


@pytest.mark.django_db
@pytest.mark.parametrize(("query", "says"), [("", "one-time link"), ("?token=guess", "not the right one")])
def test_without_the_token_the_page_says_how_to_find_it(client, query, says):
    answer = client.get(f"/welcome/{query}")
    assert answer.status_code == 403
    assert says in answer.content.decode()
    assert setup_token() not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("more", [{}, {"token": "guess"}])
def test_a_submission_of_somebody_who_never_opened_the_link_makes_nobody(client, more):
    assert client.post("/welcome/", {**GOOD, **more}).status_code == 403
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_link_leads_on_at_once_to_an_address_without_the_token(client):
    token = setup_token()
    answer = open_link(client)
    assert (answer.status_code, answer["Location"]) == (302, "/welcome/")
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
    page = client.get("/welcome/")
    assert (page.status_code, page["Referrer-Policy"]) == (200, "same-origin")
    assert token not in page.content.decode()
    assert token not in str(dict(client.session))
    assert token not in str(answer.cookies)


@pytest.mark.django_db
def test_the_token_makes_the_first_administrator_once(client):
    token = setup_token()
    open_link(client)
    before = client.session.session_key
    answer = client.post("/welcome/", GOOD)
    assert answer["Location"] == "/welcome/next/"
    user = User.objects.get()
    assert (user.username, user.first_name, role_of(user)) == ("dana@example.com", "Dana", "Admin")
    assert client.get("/welcome/next/").status_code == 200
    assert not setup_path().exists()
    assert client.session.session_key != before
    assert Client().get(f"/welcome/?token={token}")["Location"] == "/sign-in/"


@pytest.mark.django_db
def test_a_link_nobody_used_for_a_day_is_dead_and_so_is_what_it_opened(client):
    token = setup_token()
    open_link(client)
    yesterday = time.time() - GOOD_FOR - 60
    os.utime(setup_path(), (yesterday, yesterday))
    assert client.get("/welcome/", {"token": token}).status_code == 403
    assert client.post("/welcome/", GOOD).status_code == 403
    assert not User.objects.exists()
    assert setup_token() != token
    assert open_link(client).status_code == 302


@pytest.mark.django_db
def test_whoever_guesses_links_is_stopped(client):
    for number in range(MOST_GUESSES):
        assert client.get(f"/welcome/?token={number}").status_code == 403
    answer = open_link(client)
    assert answer.status_code == 429
    assert "Too many wrong links" in answer.content.decode()
    assert open_link(Client(REMOTE_ADDR="203.0.113.9")).status_code == 302


@pytest.mark.django_db
def test_no_log_line_holds_the_token(client, caplog):
    caplog.set_level(logging.DEBUG)
    open_link(client)
    client.get("/welcome/", {"token": "guessed-4711"})
    assert setup_token() not in caplog.text
    assert "guessed-4711" not in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"again": "other-boat-47"}, "The two passwords differ"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "dana@example.com", "again": "dana@example.com"}, "too similar"),
        ({"email": "not an address"}, "valid email"),
        ({"name": ""}, "required"),
    ],
)
def test_a_poor_form_is_answered_with_what_to_do(client, change, says):
    open_link(client)
    answer = client.post("/welcome/", {**GOOD, **change})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "orange-boat-47" not in answer.content.decode()
    assert not User.objects.exists()


def test_the_token_is_for_its_owner_only():
    assert is_setup_token(setup_token())
    assert stat.S_IMODE(setup_path().stat().st_mode) == 0o600


def test_two_submissions_at_once_make_one_user(each_db):
    call_command("migrate", verbosity=0)
    barrier, made = threading.Barrier(2), []

    def submit(number: int) -> None:
        barrier.wait(timeout=10)
        made.append(create_first_administrator("Dana", f"dana{number}@example.com", GOOD["password"]))
        connection.close()

    threads = [threading.Thread(target=submit, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(user is None for user in made) == [False, True]
    assert User.objects.count() == 1
