"""Both databases refuse to change the past, and both keep the constraints that the engine leans on."""

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from integrations.enums import Kind
from integrations.models import RecordEvent, RecordLink
from integrations.models.bulk import insert_record_events, key_owners, links_of, moment, touch_links, upsert_links
from integrations.orchestrator.events import append
from tests.factories import make_job, make_mapping, make_sync


@pytest.mark.parametrize("statement", ["UPDATE integrations_event SET actor = 'x'", "DELETE FROM integrations_event"])
def test_events_cannot_be_changed_or_removed(each_db: str, statement: str) -> None:
    append("settings", Kind.SETTINGS_CHANGED)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE integrations_mappingversion SET code = 'x'", "DELETE FROM integrations_mappingversion"]
)
def test_mapping_versions_cannot_be_changed_or_removed(each_db: str, statement: str) -> None:
    make_mapping()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


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


def test_links_are_added_then_replaced_then_touched(each_db: str) -> None:
    at = moment(timezone.now())
    rows = [(1, str(n), f"00Q{n}", b"a" * 16, b"b" * 16, n, 1, 2, at) for n in range(1_000)]
    upsert_links(rows)
    upsert_links([(1, "7", "00Q7", b"c" * 16, b"d" * 16, -7, 2, 3, at)])
    touch_links([(b"e" * 16, 5, 1, "8")])
    assert RecordLink.objects.count() == 1_000
    found = links_of(1, [str(n) for n in range(2_000)])
    assert len(found) == 1_000
    assert found["7"] == (b"c" * 16, b"d" * 16, 2, "00Q7")
    assert found["8"] == (b"e" * 16, b"b" * 16, 5, "00Q8")
    assert links_of(2, ["7"]) == {}
    assert key_owners(1, [-7, 8, 5_000]) == {-7: "7", 8: "8"}


def test_a_server_that_goes_away_in_the_middle_of_a_bulk_write_is_a_database_error(each_db: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("an SQLite file does not go away")
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.ensure_connection()
        with psycopg.connect(each_db, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
        insert_record_events([(1, 2, 3, "created", "1", "00Q", "", "", moment(timezone.now()))])
