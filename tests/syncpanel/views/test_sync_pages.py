"""One sync in four tabs, each with an address of its own; on top, live, how it is."""

import re

import pytest
from django.utils import timezone

from integrations.enums import Kind, Stage, Status
from integrations.models import Event, Sync
from integrations.orchestrator.events import append
from integrations.queries.jobs import PAGE
from tests.factories import make_failure, make_job, make_sync
from tests.integrations.queries.rows import ended

TABS = ["", "people/", "settings/", "changes/"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sync(db) -> Sync:
    sync = make_sync(name="Newsletter", every_minutes=60, guards={"creates": 5_000})
    append(sync.stream, Kind.SYNC_CREATED, {"name": sync.name}, "dana@example.com")
    return sync


def page_of(client, sync: Sync, tab: str = "", **more) -> str:
    answer = client.get(f"/syncs/{sync.pk}/{tab}", **more)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_says_which_it_is(signed_in, sync, tab):
    page = page_of(signed_in(), sync, tab)
    tabs = page.split('class="tabs pages"')[1].split("</nav>")[0]
    assert re.findall(r'<a href="([^"]*)" aria-current="page"', tabs) == [f"/syncs/{sync.pk}/{tab}"]


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_costs_the_same_for_one_row_and_for_fifty(signed_in, sync, tab, django_assert_max_num_queries):
    client = signed_in("Fixer")

    def count_queries() -> int:
        with django_assert_max_num_queries(20) as counted:
            page_of(client, sync, tab)
        return len(counted)

    def add() -> None:
        make_failure(ended(sync, Status.PARTIAL, failures_open=1))
        append(sync.stream, Kind.SYNC_DISABLED, {}, "dana@example.com")

    add()
    before = count_queries()
    for _ in range(49):
        add()
    assert count_queries() == before


def test_jobs_are_paged_and_the_chart_stands_on_the_first_page(signed_in, sync):
    jobs = [ended(sync).pk for _ in range(PAGE + 2)]
    client = signed_in()
    page = page_of(client, sync)
    assert page.count('class="c-bar') == 20
    assert 'data-tip="Job ' in page
    older = re.search(r'href="(/syncs/\d+/\?before=\d+)"', page)[1]
    page = client.get(older).content.decode()
    assert [f'href="/jobs/{pk}/"' in page for pk in (jobs[0], jobs[1], jobs[2])] == [True, True, False]
    assert "c-bar" not in page
    assert "live:slow from:body" not in page.split('id="sync-jobs"')[1], "older jobs do not change"


def test_the_people_to_fix_lead_to_their_place_in_the_fix_it_list(signed_in, sync):
    failure = make_failure(ended(sync, Status.PARTIAL, failures_open=1), label="Tomasz Okafor")
    make_failure(label="Somebody else")
    page = page_of(signed_in(), sync, "people/")
    assert f'href="/failures/?sync={sync.pk}&amp;record={failure.pk}"' in page
    assert "Company is missing" in page
    assert "Somebody else" not in page
    assert "All caught up." in page_of(signed_in(), make_sync(), "people/")


def test_the_settings_say_when_a_job_waits_for_a_person(signed_in, sync):
    page = page_of(signed_in(), sync, "settings/")
    assert "Every hour" in page
    said = (
        "more than 5,000 would be added, the numbers are far from those of past jobs or more than 50 % cannot be sent"
    )
    assert said in " ".join(page.split())
    assert '<span class="k">def</span>' in page


def test_the_settings_tell_the_next_five_times(signed_in, sync):
    Sync.objects.update(every_minutes=None, cron="0 9 * * 1-5", time_zone="America/New_York")
    page = page_of(signed_in(), sync, "settings/")
    assert "At 09:00 on weekdays, New York time" in page
    times = page.split("<dt>Next times</dt>")[1].split("</ol>")[0]
    assert times.count("<time ") == times.count("09:00 in New York") == 5


def test_a_sync_that_is_off_or_follows_another_has_no_next_times(signed_in, sync):
    Sync.objects.filter(pk=sync.pk).update(every_minutes=None, after=make_sync(name="Leads"))
    page = page_of(signed_in(), sync, "settings/")
    assert "After “Leads” has finished" in page
    assert "Next times" not in page
    Sync.objects.update(every_minutes=30, is_enabled=False)
    assert "Next times" not in page_of(signed_in(), sync, "settings/")


def test_changes_of_the_sync_its_mapping_and_its_connections_are_told_and_no_others(signed_in, sync, make_user):
    make_user(email="dana@example.com")
    append(sync.mapping.stream, Kind.MAPPING_PUBLISHED, {"number": 2})
    append(sync.source.stream, Kind.CONNECTION_SIGN_IN_LOST)
    append(make_sync(name="Other").stream, Kind.SYNC_DISABLED)
    page = page_of(signed_in(), sync, "changes/")
    assert "Dana Wells" in page
    assert "needs a new sign-in" in page
    assert f"Mapping {sync.mapping.name}" in page
    assert "Sync Other" not in page


def test_the_job_under_way_is_shown_on_top_of_every_tab(signed_in, sync):
    job = make_job(
        sync, status=Status.RUNNING, stage=Stage.UPLOADING, batches=5, planned=100, started_at=timezone.now()
    )
    for tab in TABS:
        page = page_of(signed_in(), sync, tab)
        assert "Uploading batch 1 of 5" in page
        assert f'href="/jobs/{job.pk}/"' in page


def test_the_top_asks_again_and_gets_nothing_while_nothing_is_new(signed_in, sync):
    client = signed_in()
    version = re.search(rf'hx-get="(/syncs/{sync.pk}/live/\?v=[^"]*)"', page_of(client, sync))[1]
    assert client.get(version, headers=HTMX).status_code == 204
    make_job(sync)
    page = client.get(version, headers=HTMX).content.decode()
    assert page.lstrip().startswith('<div id="sync-head"')
    assert "Queued" in page


def test_the_jobs_ask_again_and_get_nothing_while_nothing_is_new(signed_in, sync):
    client = signed_in()
    version = re.search(rf'hx-get="(/syncs/{sync.pk}/\?v=[^"]*)"', page_of(client, sync))[1]
    assert client.get(version, headers=HTMX).status_code == 204
    assert client.get(version).status_code == 200, "a browser always gets the page"
    ended(sync)
    assert client.get(version, headers=HTMX).content.decode().lstrip().startswith('<div id="sync-jobs"')


@pytest.mark.parametrize("tab", [*TABS, "live/"])
def test_a_sync_that_does_not_exist_is_not_found(signed_in, db, tab):
    assert signed_in().get(f"/syncs/999/{tab}").status_code == 404
    assert Event.objects.count() == 0
