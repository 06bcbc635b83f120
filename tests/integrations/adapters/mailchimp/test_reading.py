"""Reading an audience: nobody missed, nobody twice, whatever moves meanwhile."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.adapters.mailchimp import ADAPTER
from integrations.adapters.pagination import forget_pages
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.exceptions import TransientError
from integrations.types import Credentials, Window
from tests.integrations.adapters.mailchimp.case import CASE, MEMBERS
from tests.integrations.adapters.mailchimp.conftest import SECRETS
from tests.integrations.adapters.mailchimp.listing import List

START = 1_767_225_600
NOW = datetime.fromtimestamp(START + 100_000, UTC)
EVERYBODY = Window(None, NOW)


def make_adapter(script):
    return ADAPTER(
        Credentials("api_key", {}, SECRETS), MemoryTokens(), Unlimited(), transport=httpx.MockTransport(script)
    )


def read_all(script, window=EVERYBODY, most_pages=200):
    """All ids in the order they came; every page by another worker."""
    cursor, ids = {}, []
    for _ in range(most_pages):
        page = make_adapter(script).fetch_records("members:abc", cursor, window, ["last_changed"])
        ids += [record["id"] for record in page.records]
        cursor = page.next_cursor
        if cursor is None:
            return ids
    raise AssertionError("It does not end.")


def spread(count, seconds=1, start=START):
    return {f"m{i:05d}": start + i * seconds for i in range(count)}


def test_the_whole_audience_is_read_page_by_page():
    script = List(spread(3_500))
    assert read_all(script) == list(spread(3_500))
    assert [query["offset"] for query in script.queries] == ["0"] * 4
    assert "before_last_changed" not in script.queries[0]


@pytest.mark.parametrize("inclusive", [False, True])
def test_whether_a_bound_includes_its_second_makes_no_difference(inclusive):
    script = List(spread(2_500))
    script.is_inclusive = inclusive
    assert read_all(script) == list(spread(2_500))


@pytest.mark.parametrize("inclusive", [False, True])
def test_more_than_ten_thousand_people_with_one_second_are_each_read_once(inclusive):
    script = List({f"m{i:05d}": START for i in range(10_500)})
    script.is_inclusive = inclusive
    ids = read_all(script)
    assert len(ids) == len(set(ids)) == 10_500 and len(script.queries) <= 12


def test_short_pages_are_no_end():
    script = List(spread(700))
    script.most = 90
    assert read_all(script) == list(spread(700))


def test_who_changes_meanwhile_does_not_hide_others_and_comes_again():
    def move_ten(script, page):
        for name in sorted(script.stamps, key=script.stamps.get)[: 10 if page else 0]:
            script.stamps[name] = START + 50_000 + page

    script = List(spread(3_000), move_ten)
    assert set(read_all(script)) == set(spread(3_000))


@pytest.mark.parametrize("moved", [10, 49, 60, 400])
def test_a_second_that_shifts_while_it_is_read_is_read_again(moved):
    def move_some(script, page):
        if page == 2:
            for name in sorted(script.stamps)[:moved]:
                script.stamps[name] = START + 99

    script = List({f"m{i:05d}": START for i in range(4_000)}, move_some)
    assert set(read_all(script)) == set(script.stamps)


def test_a_second_that_shifts_again_and_again_ends_with_a_reason_and_can_be_gone_on_with():
    def move_many(script, page):
        for name in sorted(n for n, stamp in script.stamps.items() if stamp == START)[:70]:
            script.stamps[name] = START + 99 if script.is_moving else START

    script = List({f"m{i:05d}": START for i in range(9_000)}, move_many)
    script.is_moving = True
    adapter, cursor = make_adapter(script), {}
    with pytest.raises(TransientError) as caught:
        for _ in range(50):
            cursor = adapter.fetch_records("members:abc", cursor, EVERYBODY, ["last_changed"]).next_cursor
    assert caught.value.code == "list_moves"
    script.is_moving = False
    cursor, ids = forget_pages(cursor), set()
    while cursor is not None:
        page = adapter.fetch_records("members:abc", cursor, EVERYBODY, ["last_changed"])
        ids |= {record["id"] for record in page.records}
        cursor = page.next_cursor
    assert {name for name, stamp in script.stamps.items() if stamp == START} <= ids


def test_a_list_that_sends_the_same_page_again_and_again_is_noticed():
    def respond(request):
        rows = [
            {"id": f"m{i}", "contact_id": f"m{i}", "status": "subscribed", "last_changed": None} for i in range(100)
        ]
        return httpx.Response(200, json={"members": rows, "total_items": 10_000})

    with pytest.raises(TransientError):
        read_all(respond)


def test_an_empty_page_before_the_end_is_no_end():
    def respond(request):
        return httpx.Response(200, json={"members": [], "total_items": 7})

    with pytest.raises(TransientError) as caught:
        read_all(respond)
    assert caught.value.code == "unexpected_answer"


def test_a_window_has_frozen_bounds_with_a_margin():
    script = List(spread(1_500))
    since = datetime.fromtimestamp(START + 1_000, UTC)
    until = since + timedelta(seconds=200)
    ids = read_all(script, Window(since, until))
    assert ids[0] == "m00700" and ids[-1] == "m01201"
    assert script.queries[0]["since_last_changed"] == (since - timedelta(seconds=301)).isoformat()
    assert script.queries[0]["before_last_changed"] == (until + timedelta(seconds=2)).isoformat()


def test_archived_people_and_rows_that_are_no_people_are_no_records():
    def respond(request):
        good = {"id": "h", "contact_id": "c", "status": "subscribed", "last_changed": "2026-01-01T00:00:00+00:00"}
        rows = [good, {**good, "contact_id": "d", "status": "archived"}, 7, {"status": "subscribed"}]
        return httpx.Response(200, json={"members": rows, "total_items": 4})

    page = make_adapter(respond).fetch_records("members:abc", {}, EVERYBODY, ["status"])
    assert page.records == [{"id": "c", "status": "subscribed"}] and len(page.malformed) == 2


def test_a_member_without_a_contact_id_is_known_by_the_hash():
    def respond(request):
        return httpx.Response(200, json={"members": [{"id": "h", "status": "subscribed"}], "total_items": 1})

    assert make_adapter(respond).fetch_records("members:abc", {}, EVERYBODY, ["status"]).records[0]["id"] == "h"


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=400),
    st.lists(st.tuples(st.integers(0, 399), st.integers(41, 60)), max_size=20),
    st.integers(60, 130),
)
def test_nobody_is_missed_whoever_changes_while_it_is_read(offsets, moves, most):
    """Pages of a few dozen stand for pages of a thousand."""

    def move(script, page):
        for at, later in moves[page * 3 : page * 3 + 3]:
            script.stamps[f"m{at % len(offsets):05d}"] = START + later

    script = List({f"m{i:05d}": START + offset for i, offset in enumerate(offsets)}, move)
    script.most = most
    assert set(read_all(script)) == set(script.stamps)


def test_only_the_parts_that_are_needed_are_asked_for():
    script = List(spread(1))
    make_adapter(script).fetch_records(
        "members:abc", {}, EVERYBODY, ["FNAME", "avg_open_rate", "permission:p", "status_if_new"]
    )
    asked = set(script.queries[0]["fields"].split(","))
    assert asked == {
        *("members.id", "members.contact_id", "members.status", "members.last_changed", "members.merge_fields"),
        *("members.stats", "members.marketing_permissions", "total_items"),
    }


class TestAgainstTheSandbox:
    def test_who_is_changed_between_two_pages_is_not_lost(self, connect, sandbox):
        sandbox.ask("POST", "/reset", {"contacts": 3_000})
        adapter, cursor, ids = connect(CASE), {}, set()
        while cursor is not None:
            page = adapter.fetch_records(MEMBERS, cursor, EVERYBODY, ["email_address"])
            ids |= {record["id"] for record in page.records}
            cursor = page.next_cursor
            first = [record["id"] for record in page.records][:40]
            sandbox.ask("POST", f"/mailchimp/{MEMBERS}/touch", {"ids": first, "properties": {"JOBTITLE": "New"}})
        assert (
            len(ids)
            == adapter.count(MEMBERS, EVERYBODY)
            == sandbox.ask("GET", f"/mailchimp/{MEMBERS}/summary")["stored"]
        )
