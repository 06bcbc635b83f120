"""Many small rows at once: one way per database behind one function each. Joins the caller's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

Row = Sequence[Any]
PageRow = tuple[str, bytes | None, bytes | None, int]
"""(status, mapped, key hashes, id)"""
Link = tuple[bytes, bytes, int, str]
"""(source hash, content hash, mapping version, destination id)"""

RECORD_EVENT = ("sync", "job", "batch", "kind", "source_id", "destination_id", "detail", "actor", "at")
LINK = (
    "sync",
    "source_id",
    "destination_id",
    "source_hash",
    "content_hash",
    "key_hash",
    "mapping_version",
    "job",
    "updated_at",
)
LINK_TYPES = ("bigint", "text", "text", "bytea", "bytea", "bigint", "bigint", "bigint", "timestamptz")
LINK_KEY = ("sync", "source_id")
IN_CHUNK = 900


def signed(key_hash: int) -> int:
    """An unsigned 64-bit key hash as the signed number that fits a database column."""
    return key_hash - (1 << 64) if key_hash >= 1 << 63 else key_hash


def moment(at: datetime) -> Any:
    """A time as the database stores it."""
    return connection.ops.adapt_datetimefield_value(at)


def insert_record_events(rows: Sequence[Row]) -> None:
    """Add rows of RECORD_EVENT's columns; times through `moment()`."""
    if not rows:
        return
    columns = ", ".join(f'"{name}"' for name in RECORD_EVENT)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = f"COPY integrations_recordevent ({columns}) FROM STDIN"
            # Django does not translate the driver's errors here: a server that goes away would look like a bug of ours.
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(RECORD_EVENT))
            cursor.executemany(f"INSERT INTO integrations_recordevent ({columns}) VALUES ({marks})", rows)


def upsert_links(rows: Sequence[Row]) -> None:
    """Add or replace links, by sync and source id; a source id may occur once per call. Rows of LINK's columns."""
    if not rows:
        return
    columns = ", ".join(f'"{name}"' for name in LINK)
    updates = ", ".join(f'"{name}" = excluded."{name}"' for name in LINK if name not in LINK_KEY)
    conflict = f'ON CONFLICT ("sync", "source_id") DO UPDATE SET {updates}'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{kind}[]" for kind in LINK_TYPES)
            statement = f"INSERT INTO integrations_recordlink ({columns}) SELECT * FROM unnest({arrays}) {conflict}"
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        else:
            marks = ", ".join(["%s"] * len(LINK))
            cursor.executemany(f"INSERT INTO integrations_recordlink ({columns}) VALUES ({marks}) {conflict}", rows)


def links_of(sync_id: int, source_ids: Iterable[str]) -> dict[str, Link]:
    """source id → link, of those that have one."""
    found: dict[str, Link] = {}
    ids = list(source_ids)
    columns = ("source_id", "source_hash", "content_hash", "mapping_version", "destination_id")
    for source_id, source_hash, content_hash, version, destination_id in _select(columns, "source_id", sync_id, ids):
        found[source_id] = (bytes(source_hash), bytes(content_hash), version, destination_id)
    return found


def key_owners(sync_id: int, key_hashes: Sequence[int]) -> dict[int, str]:
    """key hash → id of the source record that was last sent with this key, of those that were."""
    return dict(_select(("key_hash", "source_id"), "key_hash", sync_id, key_hashes))


def _select(columns: Sequence[str], by: str, sync_id: int, values: Sequence[Any]) -> Iterator[Any]:
    """Links of a sync whose column `by` is one of the values, a chunk at a time."""
    names = ", ".join(f'"{name}"' for name in columns)
    select = f'SELECT {names} FROM integrations_recordlink WHERE "sync" = %s AND "{by}" '
    with connection.cursor() as cursor:
        for start in range(0, len(values), IN_CHUNK):
            chunk = list(values[start : start + IN_CHUNK])
            if connection.vendor == "postgresql":
                cursor.execute(select + "= ANY(%s)", [sync_id, chunk])
            else:
                cursor.execute(select + f"IN ({', '.join(['%s'] * len(chunk))})", [sync_id, *chunk])
            yield from cursor.fetchall()


def update_pages(rows: Sequence[PageRow]) -> None:
    """Set (status, mapped, key hashes) of source pages by id."""
    statement = 'UPDATE integrations_sourcepage SET "status" = %s, "mapped" = %s, "key_hashes" = %s WHERE "id" = %s'
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def touch_links(rows: Sequence[tuple[bytes, int, int, str]]) -> None:
    """Set (source hash, mapping version) of links by (sync, source id): the record changed, what we send did not."""
    statement = (
        'UPDATE integrations_recordlink SET "source_hash" = %s, "mapping_version" = %s '
        'WHERE "sync" = %s AND "source_id" = %s'
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def add_throughput(rows: Sequence[tuple[int, datetime, int, int]]) -> None:
    """Add to what a job got done in a quarter of an hour: (job, began, arrived, set aside)."""
    names = ("arrived", "set_aside")
    added = ", ".join(f'"{name}" = integrations_throughput."{name}" + excluded."{name}"' for name in names)
    statement = (
        'INSERT INTO integrations_throughput ("job_id", "began", "arrived", "set_aside") VALUES (%s, %s, %s, %s) '
        f'ON CONFLICT ("job_id", "began") DO UPDATE SET {added}'
    )
    with connection.cursor() as cursor:
        for job, began, arrived, set_aside in rows:
            cursor.execute(statement, [job, moment(began), arrived, set_aside])


def refresh_statistics() -> None:
    """After many new links: PostgreSQL would read the whole table for a while, until it has looked at it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE (SKIP_LOCKED) integrations_recordlink")
