"""Both databases refuse to change the past, and both keep the constraints that the engine leans on."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from integrations.enums import Kind
from integrations.exceptions import StaleVersionError
from integrations.models import RecordEvent, RecordLink
from integrations.models.bulk import (
    add_links,
    insert_record_events,
    key_owners,
    links_of,
    moment,
    touch_links,
    upsert_links,
)
from integrations.orchestrator.events import append, append_expecting
from tests.factories import make_job, make_mapping, make_sync

TABLES = ("integrations_event", "integrations_recordevent", "integrations_mappingversion")
COPY = "INSERT OR REPLACE INTO {table} SELECT * FROM {table}"


@pytest.fixture
def one_of_each(each_db: str) -> None:
    append("settings", Kind.SETTINGS_CHANGED)
    insert_record_events([(1, 2, 3, "created", "1", "00Q", "", "", moment(timezone.now()))])
    make_mapping()


def rows_of(table: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        return cursor.fetchall()


def assert_refused(statement: str) -> None:
    before = {table: rows_of(table) for table in TABLES}
    assert all(before.values())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert {table: rows_of(table) for table in TABLES} == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE integrations_event SET actor = 'x'",
        "DELETE FROM integrations_event",
        "UPDATE integrations_recordevent SET actor = 'x'",
        "DELETE FROM integrations_recordevent",
        "UPDATE integrations_mappingversion SET code = 'x'",
        "DELETE FROM integrations_mappingversion",
    ],
)
def test_the_past_cannot_be_changed_or_removed(one_of_each: None, statement: str) -> None:
    assert_refused(statement)


@pytest.mark.parametrize("table", TABLES)
def test_the_past_cannot_be_replaced_or_truncated(one_of_each: None, table: str) -> None:
    assert_refused(f"TRUNCATE {table} CASCADE" if connection.vendor == "postgresql" else COPY.format(table=table))


@pytest.mark.parametrize(
    "statement",
    [
        "REPLACE INTO integrations_event (stream, version, kind, data, actor, at) "
        "SELECT stream, version, kind, data, 'x', at FROM integrations_event",
        "REPLACE INTO integrations_mappingversion (mapping_id, number, instructions, code, source_fields, author, created_at)"
        " SELECT mapping_id, number, instructions, 'x', source_fields, author, created_at FROM integrations_mappingversion",
    ],
    ids=["a version of a stream", "a number of a mapping"],
)
def test_nothing_takes_a_place_that_is_taken(one_of_each: None, statement: str) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL has no REPLACE")
    assert_refused(statement)


def test_an_event_of_a_version_that_exists_is_told_by_its_error(each_db: str) -> None:
    append_expecting("settings", 1, Kind.SETTINGS_CHANGED, {})
    with pytest.raises(StaleVersionError):
        append_expecting("settings", 1, Kind.SETTINGS_CHANGED, {})


def test_a_sync_has_one_active_job(each_db: str) -> None:
    sync = make_sync()
    make_job(sync)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_job(sync)


def test_record_events_are_written_in_bulk(each_db: str) -> None:
    at = moment(timezone.now())
    rows = [(1, 2, 3, "created", str(number), "00Q", "", "", at) for number in range(500)]
    insert_record_events(rows)
    assert RecordEvent.objects.filter(job=2, kind="created").count() == 500
    assert abs((RecordEvent.objects.first().at - timezone.now()).total_seconds()) < 60


@pytest.mark.parametrize("count", [1, 9, 10, 99, 100, 101, 237])
def test_any_number_of_rows_is_written(count: int, each_db: str) -> None:
    at = moment(timezone.now())
    insert_record_events([(1, 2, 3, "created", str(number), "00Q", "", "", at) for number in range(count)])
    upsert_links([(1, str(n), f"00Q{n}", b"a" * 16, b"b" * 16, n, 1, 2, at) for n in range(count)])
    wanted = {str(number) for number in range(count)}
    for model in (RecordEvent, RecordLink):
        ids = list(model.objects.values_list("source_id", flat=True))
        assert (len(ids), set(ids)) == (count, wanted)


@pytest.mark.parametrize("write", [upsert_links, add_links])
def test_links_are_kept_to_the_last_character_and_bit(write: Callable[[list[Any]], None], each_db: str) -> None:
    at = timezone.now()
    odd = ['"a", \\"b\\"', "{O'Brien}", "\N{WAVING HAND SIGN} é\t\n", "\\x00", "null", ""]
    keys = [2**63 - 1, -(2**63), 0, -1, 1, 2**53 + 1]
    digests = [bytes(range(at, at + 16)) for at in range(len(odd))]
    rows = list(zip(odd, keys, digests, strict=True))
    write([(1, text, text, digest, digest[::-1], key, 4, 5, moment(at)) for text, key, digest in rows])
    assert links_of(1, odd) == {text: (digest, digest[::-1], 4, text, key) for text, key, digest in rows}
    assert key_owners(1, keys) == dict(zip(keys, odd, strict=True))
    assert set(RecordLink.objects.values_list("job", "updated_at")) == {(5, at)}


def test_links_are_added_then_replaced_then_touched(each_db: str) -> None:
    at = moment(timezone.now())
    rows = [(1, str(n), f"00Q{n}", b"a" * 16, b"b" * 16, n, 1, 2, at) for n in range(1_000)]
    upsert_links(rows)
    upsert_links([(1, "7", "00Q7", b"c" * 16, b"d" * 16, -7, 2, 3, at)])
    touch_links([(b"e" * 16, 5, 1, "8")])
    assert RecordLink.objects.count() == 1_000
    found = links_of(1, [str(n) for n in range(2_000)])
    assert len(found) == 1_000
    assert found["7"] == (b"c" * 16, b"d" * 16, 2, "00Q7", -7)
    assert found["8"] == (b"e" * 16, b"b" * 16, 5, "00Q8", 8)
    assert links_of(2, ["7"]) == {}
    assert key_owners(1, [-7, 8, 5_000]) == {-7: "7", 8: "8"}


def test_links_that_were_thought_new_are_replaced_where_they_are_not(each_db: str) -> None:
    at = moment(timezone.now())
    with transaction.atomic():
        add_links([(1, str(n), f"00Q{n}", b"a" * 16, b"b" * 16, n, 1, 2, at) for n in range(10)])
        add_links([(1, str(n), f"00P{n}", b"c" * 16, b"d" * 16, n, 2, 3, at) for n in range(9, 12)])
        add_links([])
    assert RecordLink.objects.count() == 12
    found = links_of(1, ["8", "9", "11"])
    assert found["8"] == (b"a" * 16, b"b" * 16, 1, "00Q8", 8)
    assert [found[name] for name in ("9", "11")] == [(b"c" * 16, b"d" * 16, 2, f"00P{n}", n) for n in (9, 11)]


def test_a_server_that_goes_away_in_the_middle_of_a_bulk_write_is_a_database_error(each_db: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("an SQLite file does not go away")
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.ensure_connection()
        with psycopg.connect(each_db, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
        insert_record_events([(1, 2, 3, "created", "1", "00Q", "", "", moment(timezone.now()))])
