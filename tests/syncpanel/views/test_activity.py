"""The activity log: every kind of event in words, filtered, page by page."""

import pytest
from django.utils import timezone

from integrations.enums import Kind
from integrations.models import Event
from integrations.queries.activity import PAGE, ActivityFilter, list_activity
from integrations.queries.sentences import WORDS, predicate
from tests.factories import make_connection, make_job, make_sync


def append(stream: str, kind: Kind, version: int = 1, actor: str = "", **facts: object) -> Event:
    return Event.objects.create(stream=stream, version=version, kind=kind, data=facts, actor=actor, at=timezone.now())


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_event_has_words(kind):
    assert kind in WORDS
    assert "{" not in predicate(kind, {})


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (Kind.JOB_CREATED, {"trigger": "schedule"}, "was started on schedule"),
        (Kind.JOB_RECORDS_DISMISSED, {"count": 1}, "has 1 record set aside"),
        (Kind.JOB_RETRY_REQUESTED, {"count": 1200}, "sends 1,200 records again"),
        (Kind.PEOPLE_LOOKED_UP, {"count": 2}, "were looked up, 2 found"),
        (Kind.PEOPLE_LOOKED_UP, {"count": 0}, "were looked up, nobody found"),
        (Kind.CONNECTION_TESTED, {"ok": True}, "was tested: everything works"),
        (Kind.CONNECTION_TESTED, {"ok": False}, "was tested: something is wrong"),
    ],
)
def test_an_event_reads_as_a_sentence(kind, facts, said):
    assert predicate(kind, facts) == said


def test_the_newest_is_on_top_with_a_link_and_a_name(signed_in, make_user):
    job = make_job(make_sync(name="Newsletter audience"))
    person = make_user(email="priya@example.com")
    append(job.stream, Kind.JOB_STUCK, version=90, reason="HubSpot stopped accepting our sign-in.")
    append(job.stream, Kind.JOB_RESUMED, version=91, actor=person.username)
    page = signed_in().get("/activity/").content.decode()
    assert page.index("was resumed") < page.index("stopped. Nothing is lost")
    assert f"Job {job.pk} of Newsletter audience" in page
    assert f'href="/jobs/{job.pk}/"' in page
    assert "HubSpot stopped accepting our sign-in." in page


def test_a_page_costs_the_same_for_one_and_for_fifty(signed_in, db, django_assert_num_queries):
    def fill(number: int) -> None:
        job, connection = make_job(), make_connection()
        append(job.stream, Kind.JOB_PAUSED, version=90)
        append(connection.stream, Kind.CONNECTION_TESTED)
        append(job.sync.stream, Kind.SYNC_CREATED)
        append(job.sync.mapping.stream, Kind.MAPPING_PUBLISHED)

    fill(0)
    with django_assert_num_queries(6):
        list_activity(ActivityFilter())
    for number in range(20):
        fill(number)
    with django_assert_num_queries(6):
        assert len(list_activity(ActivityFilter()).lines) == PAGE


def test_older_pages_follow_each_other_without_gap_or_repeat(db):
    for version in range(1, 121):
        append("settings", Kind.SETTINGS_CHANGED, version)
    seen, before = [], None
    while True:
        page = list_activity(ActivityFilter(before=before))
        seen += [line.pk for line in page.lines]
        before = page.older
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)


def test_it_is_filtered_by_what_it_is_about_and_by_person(signed_in, make_user):
    priya = make_user(email="priya@example.com")
    portal = make_connection(name="Portal")
    append(portal.stream, Kind.CONNECTION_TESTED, 1, actor=priya.username, ok=True)
    append(portal.stream, Kind.CONNECTION_BREAKER_OPENED, 2)
    append("settings", Kind.SETTINGS_CHANGED, 1, actor=priya.username)
    client = signed_in()

    def said(query: str) -> list[bool]:
        page = client.get(f"/activity/{query}").content.decode()
        return [words in page for words in ("was tested", "does not answer", "were changed")]

    assert said("") == [True, True, True]
    assert said("?about=connection") == [True, True, False]
    assert said("?by=priya@example.com") == [True, False, True]
    assert said("?by=-") == [False, True, False]
    assert said("?about=connection&by=priya@example.com") == [True, False, False]


@pytest.mark.parametrize("query", ["?about=nonsense&before=x", "?before=99999999999999999999"])
def test_nonsense_in_the_address_is_no_fault(signed_in, query):
    assert signed_in().get(f"/activity/{query}").status_code == 200


def test_steps_of_a_jobs_own_work_are_left_to_its_page(db):
    append("job:1", Kind.JOB_BATCHES_UPLOADED)
    assert list_activity(ActivityFilter()).lines == ()


def test_an_empty_log_says_so(signed_in):
    assert "Nothing has happened yet" in signed_in().get("/activity/").content.decode()
    assert "Nothing matches" in signed_in().get("/activity/?about=sync").content.decode()
