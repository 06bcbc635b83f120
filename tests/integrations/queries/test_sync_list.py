"""The list of syncs: problems first, filtered and paged in SQL, for the same number of queries."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.enums import ConnectionState, Stage, Status
from integrations.models import Connection, Sync
from integrations.queries.sync_list import BY_NAME, STATES, SyncFilter, list_syncs
from integrations.queries.syncs import PAGE
from syncpanel.words.syncs import look
from tests.factories import make_connection, make_failure, make_job, make_sync
from tests.integrations.queries.rows import ended, make_syncs

pytestmark = pytest.mark.django_db


def to_fix(sync: Sync) -> None:
    make_failure(ended(sync, Status.PARTIAL, failures_open=1))


def in_every_state() -> None:
    """One sync for every way `look` can tell, by a name that says what is expected."""
    make_sync(name="idle, new")
    ended(make_sync(name="ok"))
    to_fix(make_sync(name="warn, to fix"))
    ended(make_sync(name="paused, cancelled"), Status.CANCELLED)
    ended(make_sync(name="warn, late", next_due_at=timezone.now() - timedelta(minutes=3)))
    to_fix(make_sync(name="paused, off", is_enabled=False, next_due_at=timezone.now() - timedelta(minutes=3)))
    out = make_connection(state=ConnectionState.SIGN_IN_NEEDED)
    to_fix(make_sync(name="failed, signed out", source=out))
    to_fix(make_sync(name="failed, signed out there", destination=make_connection("salesforce", state=out.state)))
    for name, values in (
        ("failed, stopped", {"status": Status.STUCK}),
        ("paused", {"status": Status.PAUSED}),
        ("waiting", {"status": Status.WAITING, "stage": Stage.UPLOADING}),
        ("warn, held", {"status": Status.WAITING, "stage": Stage.APPROVING}),
        ("idle, queued", {"status": Status.QUEUED}),
        ("running", {"status": Status.RUNNING}),
    ):
        sync = make_sync(name=name)
        to_fix(sync)
        make_job(sync, **values)


def names(**asked: str) -> list[str]:
    return [row.sync.name for row in list_syncs(SyncFilter(**asked)).rows]


def test_the_database_sorts_as_the_page_words_it():
    in_every_state()
    rows = list_syncs(SyncFilter()).rows
    told = [look(row).state for row in rows]
    assert told == [row.sync.name.split(",")[0] for row in rows]
    assert told == sorted(told, key=STATES.index)
    assert set(told) == set(STATES)


@pytest.mark.parametrize("state", STATES)
def test_one_state_is_asked_for(state):
    in_every_state()
    found = names(state=state)
    assert found == sorted(found)
    assert found == [name for name in sorted(names()) if name.split(",")[0] == state]


def test_they_can_be_asked_for_by_name_and_by_platform():
    in_every_state()
    other = make_connection("salesforce")
    make_sync(name="both ends", source=other, destination=other)
    assert names(sort=BY_NAME) == sorted(names())
    assert names(words="SIGNED out") == ["failed, signed out", "failed, signed out there"]
    assert "both ends" not in names(platform="hubspot")
    assert "both ends" in names(platform="salesforce")
    assert names(platform="nonesuch") == []


@pytest.mark.parametrize("sort", ["problems", "name"])
def test_pages_follow_each_other_without_gap_or_repeat(sort):
    syncs = make_syncs(PAGE + 7, jobs=0)
    for sync in syncs[::3]:
        ended(sync)
    for sync in syncs[::7]:
        to_fix(sync)
    seen, after = [], ""
    while after is not None:
        page = list_syncs(SyncFilter(sort=sort, after=after))
        seen += [row.sync.name for row in page.rows]
        after = page.after
    assert len(seen) == len(set(seen)) == PAGE + 7
    if sort == BY_NAME:
        assert seen == sorted(seen)
    else:
        assert set(seen[:9]) == {sync.name for sync in syncs[::7]}


@pytest.mark.parametrize("after", ["nonsense", ":", "x:Sync", "²:Sync", "99999999999999999999:Sync"])
def test_a_place_nobody_gave_out_is_no_fault(after):
    make_syncs(2)
    assert len(list_syncs(SyncFilter(after=after)).rows) in {0, 2}


@pytest.mark.parametrize("number", [1, PAGE], ids=["one row", "fifty rows"])
def test_a_page_costs_five_queries(django_assert_num_queries, number):
    make_syncs(number)
    with django_assert_num_queries(5):
        page = list_syncs(SyncFilter(state="ok", platform="hubspot", words="sync"))
    assert len(page.rows) == number


def test_no_list_of_syncs_reads_a_secret():
    make_syncs(1)
    sync = list_syncs(SyncFilter()).rows[0].sync
    assert {"secrets", "token"} <= sync.source.get_deferred_fields()
    assert Connection.objects.count() == 2
