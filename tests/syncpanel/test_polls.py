"""A poll that has nothing new costs one query, all in all, and answers only who is signed in."""

import pytest
from django.conf import settings
from django.test import Client

from integrations.models import SyncJob
from integrations.queries.jobs import VERSION_COLUMNS, version_text
from tests.factories import make_job

pytestmark = pytest.mark.django_db


def held(job: SyncJob) -> str:
    return version_text(*SyncJob.objects.values_list(*VERSION_COLUMNS).get(pk=job.pk))


@pytest.fixture
def signed_in(django_user_model) -> Client:
    client = Client()
    client.force_login(django_user_model.objects.create_user("dana@example.com"))
    return client


def test_a_poll_with_nothing_new_costs_one_query(signed_in: Client, django_assert_num_queries) -> None:
    job = make_job()
    version = held(job)
    with django_assert_num_queries(1):
        answer = signed_in.get(f"/jobs/{job.pk}/live/", {"v": version}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_poll_of_an_older_version_gets_the_part(signed_in: Client) -> None:
    job = make_job()
    answer = signed_in.get(f"/jobs/{job.pk}/live/", {"v": "0"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert b'id="job-live"' in answer.content


@pytest.mark.parametrize("cookie", [None, "0" * 32])
def test_nobody_who_is_not_signed_in_learns_that_nothing_is_new(cookie: str | None) -> None:
    job = make_job()
    client = Client()
    if cookie:
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    answer = client.get(f"/jobs/{job.pk}/live/", {"v": held(job)})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_a_session_of_nobody_is_not_enough(client: Client) -> None:
    job = make_job()
    session = client.session
    session["anything"] = 1
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    assert client.get(f"/jobs/{job.pk}/live/", {"v": held(job)}).status_code == 302


def test_an_ended_session_is_sent_to_sign_in_as_a_whole_page(client: Client) -> None:
    job = make_job()
    answer = client.get(f"/jobs/{job.pk}/live/", {"v": held(job)}, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/sign-in/")


def test_a_job_that_does_not_exist_is_not_found(signed_in: Client) -> None:
    assert signed_in.get("/jobs/999/live/", {"v": "1"}).status_code == 404


def test_no_cache_keeps_a_page(signed_in: Client) -> None:
    assert signed_in.get("/jobs/")["Cache-Control"] == "private, no-store"
