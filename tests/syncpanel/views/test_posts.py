"""Every change: refuses GET, needs sign-in, needs the right. What it does is told in the page's own tests."""

import pytest
from django.test import Client

from tests.factories import make_connection

POSTS = [
    ("/connections/{pk}/address/", "Editor"),
    ("/connections/{pk}/quiet/", "Viewer"),
    ("/connections/{pk}/read/", "Viewer"),
    ("/connections/{pk}/test/", "Viewer"),
    ("/connections/{pk}/delete/", "Editor"),
    ("/incoming/1/again/", "Viewer"),
    ("/incoming/again/", "Viewer"),
    ("/sandbox/change/", "Viewer"),
    ("/sandbox/normal/", "Viewer"),
    ("/sandbox/switches/salesforce-slow/", "Viewer"),
]
FORMS = [
    ("/connections/add/", "Editor"),
    ("/connections/add/hubspot/", "Editor"),
    ("/connections/{pk}/edit/", "Editor"),
    ("/connections/{pk}/incoming/", "Editor"),
]


@pytest.fixture
def pk(db) -> int:
    return make_connection().pk


@pytest.fixture(autouse=True)
def _demo(settings):
    settings.DEMO = True


@pytest.mark.parametrize(("path", "role"), POSTS)
def test_a_change_refuses_get(signed_in, pk, path, role):
    assert signed_in("Admin").get(path.format(pk=pk)).status_code == 405


@pytest.mark.parametrize(("path", "role"), POSTS + FORMS)
def test_a_change_needs_sign_in(pk, make_user, path, role):
    make_user()
    assert Client().post(path.format(pk=pk))["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(("path", "role"), POSTS)
def test_a_change_needs_the_right(signed_in, pk, path, role):
    answer = signed_in(role).post(path.format(pk=pk))
    assert answer.status_code == 403
    assert "You may not do this" in answer.content.decode()


@pytest.mark.parametrize(("path", "role"), FORMS)
def test_a_form_needs_the_right_even_to_be_seen(signed_in, pk, path, role):
    assert signed_in(role).get(path.format(pk=pk)).status_code == 403
    assert signed_in("Admin").get(path.format(pk=pk)).status_code == 200


@pytest.mark.parametrize(("path", "role"), POSTS + FORMS)
def test_a_change_without_the_csrf_token_is_refused(make_user, pk, path, role):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("Admin"))
    assert client.post(path.format(pk=pk)).status_code == 403
