"""Every address of the panel, as each role: for those who are signed in, and changing nothing without a right."""

import inspect

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from integrations.enums import Status
from syncpanel.roles import RIGHTS, rights_of
from syncpanel.urls import urlpatterns
from tests.factories import make_duplicate, make_failure, make_job, make_mapping
from tests.integrations.webhooks.calling import event, make_delivery

PUBLIC = {"healthz", "metrics", "login", "welcome"}
"""For strangers. Each has its own tests."""

ROLES = list(RIGHTS)
BY_NAME: dict[str, URLPattern] = {str(pattern.name): pattern for pattern in urlpatterns}
NAMES = sorted(set(BY_NAME) - PUBLIC - {"logout"})


def right_to(name: str) -> str:
    """The codename of the right a view asks for; empty when it asks for none."""
    return str(getattr(inspect.unwrap(BY_NAME[name].callback, stop=_has_right), "permission", "")).partition(".")[2]


def _has_right(view: object) -> bool:
    return hasattr(view, "permission")


GUARDED = [name for name in NAMES if right_to(name)]
LOOKED_AT = [name for name in NAMES if not right_to(name)]
"""Pages that everybody who is signed in may look at."""


@pytest.fixture
def address(db, settings):
    """The address of a view, of objects that exist where one is asked for."""
    settings.DEMO, settings.SANDBOX_URL = True, "http://127.0.0.1:9"
    job = make_job(status=Status.RUNNING, failures_open=1)
    failure, mapping, delivery = make_failure(job), make_mapping(), make_delivery(job.sync.source, event(7))
    owned = {
        "delivery": delivery.pk,
        "duplicate": make_duplicate(job.sync).pk,
        "failure": failure.pk,
        "mapping": mapping.pk,
        "sync": job.sync_id,
        "connection": job.sync.source_id,
    }

    def find(name: str) -> str:
        kind = name.partition("-")[0]
        values = {"pk": owned.get(kind, job.pk), "platform": "hubspot", "name": "salesforce-slow"}
        wanted = BY_NAME[name].pattern.converters
        return reverse(name, kwargs={key: values.get(key, 1) for key in wanted})

    return find


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_is_sent_to_sign_in(address, make_user, name: str) -> None:
    make_user()
    for method in ("get", "post"):
        answer = getattr(Client(), method)(address(name))
        assert answer.status_code == 302 or (method, answer.status_code) == ("post", 405)
        assert answer.status_code == 405 or answer["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", GUARDED)
def test_a_page_with_a_right_is_for_those_who_have_it(address, signed_in, name: str, role: str) -> None:
    client, path = signed_in(role), address(name)
    answers = {client.get(path).status_code, client.post(path).status_code}
    if right_to(name) in rights_of(role):
        assert 403 not in answers
    else:
        assert answers <= {403, 405}
        assert 403 in answers


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_without_a_right_changes_nothing(address, signed_in, name: str) -> None:
    assert signed_in("Admin").post(address(name)).status_code == 405


@pytest.mark.parametrize("name", [*GUARDED, "login", "logout", "welcome"])
def test_a_form_from_another_site_is_refused(address, make_user, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    if name not in PUBLIC:
        client.force_login(make_user("Admin"))
    answer = client.post(address(name), {"name": "x"})
    assert answer.status_code in {403, 405}


def test_every_right_that_is_asked_for_belongs_to_a_role() -> None:
    known = set(rights_of(ROLES[-1]))
    assert {right for name in NAMES if (right := right_to(name))} <= known
