"""The first start: one administrator, made by whoever holds the token."""

import stat
import threading

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from syncpanel.first_run import create_first_administrator, is_setup_token, setup_path, setup_token
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


@pytest.mark.django_db
@pytest.mark.parametrize(("query", "says"), [("", "one-time link"), ("?token=guess", "not the right one")])
def test_without_the_token_the_page_says_how_to_find_it(client, query, says):
    answer = client.get(f"/welcome/{query}")
    assert answer.status_code == 403
    assert says in answer.content.decode()
    assert setup_token() not in answer.content.decode()


@pytest.mark.django_db
def test_a_submission_without_the_token_makes_nobody(client):
    assert client.post("/welcome/", {**GOOD, "token": "guess"}).status_code == 403
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_token_makes_the_first_administrator_once(client):
    token = setup_token()
    answer = client.post("/welcome/", {**GOOD, "token": token})
    assert answer["Location"] == "/welcome/next/"
    user = User.objects.get()
    assert (user.username, user.first_name, role_of(user)) == ("dana@example.com", "Dana", "Admin")
    assert client.get("/welcome/next/").status_code == 200
    assert not setup_path().exists()
    assert client.get(f"/welcome/?token={token}")["Location"] == "/sign-in/"


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
    answer = client.post("/welcome/", {**GOOD, **change, "token": setup_token()})
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
