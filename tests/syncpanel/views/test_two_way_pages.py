"""A sync that goes both ways is one thing: one row, one sentence, both directions named, switched and started together."""

import re

import pytest

from integrations.enums import Status, Winner
from integrations.models import Connection, Sync, SyncJob, TwoWay
from integrations.orchestrator.commands import set_enabled, start_both
from integrations.queries.sync_list import BY_NAME, SyncFilter, list_syncs
from syncpanel.words.syncs import look
from tests.factories import make_agreement, make_failure, make_job, make_sync, make_two_way
from tests.integrations.queries.rows import ended


@pytest.fixture
def row(db) -> TwoWay:
    row = make_two_way(make_sync(name="People", every_minutes=60))
    Sync.objects.filter(pk=row.leftward_id).update(name="People (back)", after=row.rightward)
    for sync in (row.rightward, row.leftward):
        ended(sync)
    row.refresh_from_db()
    return row


def page_of(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_both_directions_are_one_row_with_a_link_to_the_way_back(signed_in, row):
    other = make_sync(name="Other")
    page = page_of(signed_in(), "/syncs/?sort=name")
    shown = re.findall(r'<a class="pname" href="/syncs/(\d+)/">', page)
    assert shown == [str(other.pk), str(row.rightward_id)]
    assert "HubSpot ↔ Salesforce" in page
    assert f'href="/syncs/{row.leftward_id}/">the way back</a>' in page


def test_the_row_says_the_more_pressing_of_both(row):
    other = make_sync(name="Alpha")
    ended(other)
    make_failure(ended(row.leftward, Status.PARTIAL, failures_open=1))
    first, second = list_syncs(SyncFilter()).rows
    assert (first.sync.name, second.sync.name) == ("People", "Alpha")
    assert first.partner
    assert (look(first).word, first.to_fix, first.partner.to_fix) == ("1 to fix", 0, 1)
    assert [one.sync.name for one in list_syncs(SyncFilter(state="warn")).rows] == ["People"]
    assert [one.sync.name for one in list_syncs(SyncFilter(state="ok")).rows] == ["Alpha"]
    make_job(row.rightward, status=Status.STUCK)
    assert look(list_syncs(SyncFilter()).rows[0]).word == "Stopped"


def test_who_searches_for_the_way_back_finds_the_pair(row):
    make_sync(name="Other")
    assert [one.sync.name for one in list_syncs(SyncFilter(words="(back)")).rows] == ["People"]
    assert [one.sync.name for one in list_syncs(SyncFilter(sort=BY_NAME)).rows] == ["Other", "People"]


@pytest.mark.parametrize(
    ("side", "other", "words"),
    [("rightward", "leftward", "The way back:"), ("leftward", "rightward", "The way there:")],
)
def test_each_direction_says_what_both_do_and_how_the_other_one_is(signed_in, row, side, other, words):
    make_failure(ended(getattr(row, other), Status.PARTIAL, failures_open=1))
    page = page_of(signed_in(), f"/syncs/{getattr(row, side).pk}/")
    assert "Every hour, contacts of HubSpot and leads of Salesforce are kept equal, in both directions." in page
    partner = page.split(words)[1].split("</p>")[0]
    assert f'href="/syncs/{getattr(row, other).pk}/">{getattr(row, other).name}</a>' in partner
    assert "1 to fix" in partner


def test_a_poll_notices_what_happens_on_the_way_back(signed_in, row):
    client = signed_in()
    live = f"/syncs/{row.rightward_id}/live/"
    version = re.search(r"live/\?v=([^\"]+)", page_of(client, f"/syncs/{row.rightward_id}/"))
    assert version
    assert client.get(f"{live}?v={version[1]}").status_code == 204
    ended(row.leftward, Status.PARTIAL)
    assert client.get(f"{live}?v={version[1]}").status_code == 200


@pytest.mark.parametrize("side", ["rightward", "leftward"])
def test_settings_show_the_pairs_and_who_wins_and_how_many_are_known(signed_in, row, side):
    make_agreement(row, "1", "00Q1")
    page = page_of(signed_in(), f"/syncs/{getattr(row, side).pk}/settings/")
    part = page.split('id="h-both"')[1].split("</section>")[0]
    cells = [re.sub(r"<[^>]+>", " ", one).split() for one in re.findall(r"<tr>(.*?)</tr>", part)[1:]]
    assert cells[0] == ["company", "↔", "equals", "Company", "You", "are", "asked"]
    assert cells[1][:4] == ["city", "→", "goes", "to"]
    assert "goes one way only" in part
    assert "1 person known on both sides" in part


@pytest.mark.parametrize(
    ("wins", "words"),
    [(Winner.LEFT, "HubSpot wins"), (Winner.RIGHT, "Salesforce wins"), (Winner.NEWER, "The newer one wins")],
)
def test_who_wins_is_named(signed_in, row, wins, words):
    TwoWay.objects.update(wins=wins)
    assert f"<td>{words}</td>" in page_of(signed_in(), f"/syncs/{row.rightward_id}/settings/")


def test_two_accounts_of_one_platform_are_told_apart_by_their_names(signed_in, row):
    Connection.objects.filter(pk=row.rightward.destination_id).update(platform="hubspot", name="Second portal")
    Sync.objects.filter(pk=row.rightward_id).update(destination_object="contacts")
    page = page_of(signed_in(), f"/syncs/{row.rightward_id}/")
    assert f"contacts of {row.rightward.source.name} and contacts of Second portal are kept equal" in page


def test_a_sync_of_one_way_says_nothing_of_it(signed_in, db):
    sync = make_sync()
    page = page_of(signed_in(), f"/syncs/{sync.pk}/settings/")
    assert "both directions" not in page
    assert "The way back" not in page


@pytest.mark.parametrize("side", ["rightward", "leftward"])
def test_both_are_switched_together(signed_in, row, side):
    client = signed_in("Admin")
    client.post(f"/syncs/{getattr(row, side).pk}/disable/")
    assert set(Sync.objects.values_list("is_enabled", flat=True)) == {False}
    set_enabled(getattr(row, side).pk, enabled=True, actor="dana")
    assert set(Sync.objects.values_list("is_enabled", flat=True)) == {True}


@pytest.mark.parametrize("side", ["rightward", "leftward"])
def test_a_start_starts_the_way_there_and_the_way_back_follows(row, side):
    job = start_both(getattr(row, side).pk, "dana")
    assert list(SyncJob.objects.active()) == [job]
    assert job.sync_id == row.rightward_id


@pytest.mark.parametrize("values", [{"after": None}, {"is_enabled": False}], ids=["does not follow", "switched off"])
def test_a_way_back_that_does_not_follow_by_itself_is_started_too(row, values):
    Sync.objects.filter(pk=row.leftward_id).update(**values)
    start_both(row.rightward_id, "dana")
    assert {job.sync_id for job in SyncJob.objects.active()} == {row.rightward_id, row.leftward_id}


def test_a_way_back_under_way_is_let_be(row):
    Sync.objects.filter(pk=row.leftward_id).update(after=None)
    under_way = make_job(row.leftward)
    job = start_both(row.rightward_id, "dana")
    assert set(SyncJob.objects.active()) == {job, under_way}


def test_the_list_costs_the_same_for_one_pair_and_for_twenty(row, django_assert_num_queries):
    for _ in range(19):
        ended(make_two_way().leftward)
    with django_assert_num_queries(5):
        rows = list_syncs(SyncFilter()).rows
    assert len(rows) == 20
    assert all(one.partner for one in rows)
