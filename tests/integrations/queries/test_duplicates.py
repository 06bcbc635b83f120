"""Pairs that may be one person, for pages: the surest first, page after page, one pair with everything about it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.enums import DuplicateKind, DuplicateVerdict, Status
from integrations.models import Duplicate, FailedRecord
from integrations.queries.duplicates import (
    PAGE,
    DuplicateFilter,
    count_kinds,
    count_undecided,
    count_verdict,
    decided_at,
    list_duplicates,
    matching_ids,
    show_duplicate,
    waiting_for,
)
from integrations.queries.ends import record_page
from tests.factories import make_connection, make_duplicate, make_job, make_lookalike, make_sync

pytestmark = pytest.mark.django_db


def test_the_surest_come_first_page_after_page_without_gap_or_repeat() -> None:
    sync = make_sync()
    rows = [make_duplicate(sync, confidence=90 + n % 3) for n in range(PAGE + 5)]
    wanted = [row.pk for row in sorted(rows, key=lambda row: (-row.confidence, -row.pk))]
    first = list_duplicates(DuplicateFilter())
    second = list_duplicates(DuplicateFilter(), before=first.older)
    assert [row.pk for row in (*first.rows, *second.rows)] == wanted
    assert second.older is None
    assert matching_ids(DuplicateFilter(), 3) == wanted[:3]


@pytest.mark.parametrize("number", [1, PAGE], ids=["one row", "fifty rows"])
def test_a_page_costs_one_query_and_reads_no_record(django_assert_num_queries, number) -> None:
    sync = make_sync()
    for _ in range(number):
        make_duplicate(sync)
    with django_assert_num_queries(1):
        page = list_duplicates(DuplicateFilter())
    assert len(page.rows) == number and "sides" in page.rows[0].get_deferred_fields()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"ann", "bob"}),
        ({"kind": DuplicateKind.OTHER_KEY}, {"bob"}),
        ({"verdict": DuplicateVerdict.LATER}, {"later"}),
        ({"words": "BOB"}, {"bob"}),
        ({"words": "robert bob"}, {"bob"}),
        ({"words": "elsewhere"}, {"ann"}),
        ({"words": "4711"}, {"bob"}),
        ({"words": "471"}, set()),
        ({"words": "%"}, set()),
    ],
)
def test_pairs_are_found_by_kind_verdict_names_addresses_and_ids(asked, found) -> None:
    sync = make_sync()
    make_duplicate(sync, label="ann", other_email="ann@elsewhere.org")
    make_duplicate(sync, label="bob", other_label="Robert", other_id="4711", kind=DuplicateKind.OTHER_KEY)
    make_duplicate(sync, label="later", verdict=DuplicateVerdict.LATER)
    assert {row.label for row in list_duplicates(DuplicateFilter(**asked)).rows} == found


def test_they_are_counted_by_kind_sync_and_verdict(django_assert_num_queries) -> None:
    one, other = make_sync(), make_sync()
    make_duplicate(one)
    make_duplicate(other)
    make_duplicate(other, kind=DuplicateKind.OTHER_KEY)
    make_duplicate(other, verdict=DuplicateVerdict.SAME)
    with django_assert_num_queries(1):
        assert count_kinds() == {"same_key": 2, "other_key": 1}
    assert count_kinds(one.pk) == {"same_key": 1}
    assert (count_undecided(), count_verdict("same"), count_verdict("same", one.pk)) == (3, 1, 0)


def test_one_pair_is_shown_with_both_sides_and_neighbours_in_three_queries(django_assert_num_queries) -> None:
    sync = make_sync()
    least, middle, most = (make_duplicate(sync, confidence=confidence) for confidence in (70, 80, 90))
    with django_assert_num_queries(3):
        detail = show_duplicate(middle.pk, DuplicateFilter())
    assert (detail.newer, detail.older) == (most.pk, least.pk)
    assert (detail.one["city"], detail.other["firstname"]) == ("Bonn", "Anna")
    assert detail.is_here and detail.is_undecided and detail.held is None


def test_a_pair_with_somebody_over_there_names_who_is_held() -> None:
    row = make_lookalike()
    failed = FailedRecord.objects.get()
    detail = show_duplicate(row.pk, DuplicateFilter())
    assert (detail.held, detail.is_here) == (failed.pk, False)
    assert waiting_for(failed) == row.pk


def test_a_held_record_leads_to_what_is_not_decided_yet() -> None:
    job = make_job(status=Status.PARTIAL)
    decided = make_lookalike(job, source_id="7", verdict=DuplicateVerdict.DIFFERENT)
    failed = FailedRecord.objects.get()
    assert waiting_for(failed) == decided.pk
    row = make_lookalike(job, source_id="7")
    make_lookalike(job, source_id="7", verdict=DuplicateVerdict.LATER)
    assert waiting_for(failed) == row.pk


def test_what_was_forgotten_can_be_shown() -> None:
    row = make_duplicate(sides=None, verdict=DuplicateVerdict.SAME)
    detail = show_duplicate(row.pk, DuplicateFilter())
    assert (detail.one, detail.other, detail.is_undecided) == ({}, {}, False)


def test_what_one_person_decided_at_one_moment_is_found() -> None:
    now = timezone.now()
    mine = make_duplicate(verdict="same", decided_by="dana", decided_at=now)
    make_duplicate(verdict="same", decided_by="kim", decided_at=now)
    make_duplicate(verdict="same", decided_by="dana", decided_at=now - timedelta(seconds=1))
    make_duplicate(verdict="different", decided_by="dana", decided_at=now, undo={"with": mine.pk})
    assert decided_at("dana", now) == [mine.pk]


PLANS = {
    "list": (lambda: list_duplicates(DuplicateFilter()), "duplicate_to_decide"),
    "kind": (lambda: list_duplicates(DuplicateFilter(kind="same_key")), "duplicate_by_kind"),
    "sync": (lambda: list_duplicates(DuplicateFilter(sync=1)), "duplicate_of_sync"),
    "kinds": (count_kinds, "duplicate_by_kind"),
    "count": (count_undecided, "duplicate_"),
}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
@pytest.mark.parametrize("name", PLANS)
def test_lists_and_counts_go_by_an_index_in_its_order(name) -> None:
    read, index = PLANS[name]
    Duplicate.objects.bulk_create(
        Duplicate(sync=sync, kind="same_key", source_id=f"{n}", other_id="x", found_at=timezone.now())
        for sync in (make_sync(), make_sync())
        for n in range(30)
    )
    with CaptureQueriesContext(connection) as captured:
        read()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {captured.captured_queries[0]['sql']}")
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert index in plan and "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    ("platform", "object_name", "given", "account", "page"),
    [
        ("hubspot", "contacts", {}, "123", "https://app.hubspot.com/contacts/123/record/0-1/7%2F"),
        ("hubspot", "contacts", {"base_url": "https://api.hubapi.com"}, "123", "https://app.hubspot.com/contacts/123/"),
        ("hubspot", "contacts", {}, "", ""),
        ("hubspot", "contacts", {"base_url": "https://test.example"}, "123", ""),
        ("hubspot", "nothing", {}, "123", ""),
        (
            "salesforce",
            "Lead",
            {"base_url": "https://acme.my.salesforce.com/"},
            "",
            "https://acme.my.salesforce.com/7%2F",
        ),
        ("salesforce", "Lead", {"base_url": "http://127.0.0.1:1"}, "", ""),
        ("segment", "users", {}, "", ""),
    ],
)
def test_a_record_leads_to_the_platforms_own_page_where_it_is_known(platform, object_name, given, account, page):
    connected = make_connection(platform, settings=given, account_id=account)
    found = record_page(connected, object_name, "7/")
    assert found.startswith(page) and bool(found) is bool(page)
    assert record_page(connected, object_name, "") == ""
