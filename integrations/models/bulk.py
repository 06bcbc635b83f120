"""Many small rows at once: one way per database behind one function each. Joins the caller's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import Any

import orjson
from django.db import IntegrityError, connection, transaction

from integrations.enums import DeliveryStatus

Row = Sequence[Any]
PageRow = tuple[str, bytes | None, bytes | None, int]
"""(status, mapped, key hashes, id)"""
Link = tuple[bytes, bytes, int, str, int]
"""(source hash, content hash, mapping version, destination id, key hash)"""
BatchEnd = tuple[str, Any, int, int, int, bytes | None, int]
"""(status, sent at, created, updated, rejected, exchange, id)"""
DeliveryRow = tuple[str, int, int, str, str, int]
"""(status, changes, repeated, the first one in words, reason, id)"""

RECORD_EVENT = ("sync", "job", "batch", "kind", "source_id", "destination_id", "detail", "actor", "at")
DELIVERY = ("connection_id", "received_at", "headers", "size", "body", "proof")
UNREAD = {
    "status": DeliveryStatus.WAITING.value,
    "changes": 0,
    "repeated": 0,
    "what": "",
    "reason": "",
    "tries": 0,
    "sent_again": 0,
}
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
LINK_TYPES = ("bigint", "text", "text", "text", "text", "bigint", "bigint", "bigint", "timestamptz")
LINK_HASHES = ("source_hash", "content_hash")
LINK_KEY = ("sync", "source_id")
IN_CHUNK = 900
ROWS_A_STATEMENT = (100, 10, 1)


def signed(key_hash: int) -> int:
    """An unsigned 64-bit key hash as the signed number that fits a database column."""
    return key_hash - (1 << 64) if key_hash >= 1 << 63 else key_hash


def unsigned(key_hash: int) -> int:
    """The opposite."""
    return key_hash % (1 << 64)


def moment(at: datetime) -> Any:
    """A time as the database stores it."""
    return connection.ops.adapt_datetimefield_value(at)


def insert_record_events(rows: Sequence[Row]) -> None:
    """Add rows of RECORD_EVENT's columns; times through `moment()`."""
    _append("integrations_recordevent", RECORD_EVENT, rows)


def insert_deliveries(rows: Sequence[Row]) -> None:
    """Add rows of DELIVERY's columns, and those as they are before anybody has read them; times through `moment()`."""
    unread = tuple(UNREAD.values())
    _append("integrations_webhookdelivery", (*DELIVERY, *UNREAD), [(*row, *unread) for row in rows])


def _append(table: str, names: Sequence[str], rows: Sequence[Row]) -> None:
    if not rows:
        return
    columns = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = f"COPY {table} ({columns}) FROM STDIN"
            # Django does not translate the driver's errors here: a server that goes away would look like a bug of ours.
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            _insert(cursor, f"INSERT INTO {table} ({columns})", rows)


def upsert_links(rows: Sequence[Row]) -> None:
    """Add or replace links, by sync and source id; a source id may occur once per call. Rows of LINK's columns."""
    if not rows:
        return
    columns = ", ".join(f'"{name}"' for name in LINK)
    updates = ", ".join(f'"{name}" = excluded."{name}"' for name in LINK if name not in LINK_KEY)
    conflict = f'ON CONFLICT ("sync", "source_id") DO UPDATE SET {updates}'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # As JSON, which is written and read in a fraction of the time that arrays of the driver take.
            values = ", ".join(f"decode(\"{name}\", 'hex')" if name in LINK_HASHES else f'"{name}"' for name in LINK)
            types = ", ".join(f'"{name}" {kind}' for name, kind in zip(LINK, LINK_TYPES, strict=True))
            source = f"SELECT {values} FROM json_to_recordset(%s::json) AS link ({types})"
            told = orjson.dumps([dict(zip(LINK, row, strict=True)) for row in rows], default=bytes.hex).decode()
            cursor.execute(f"INSERT INTO integrations_recordlink ({columns}) {source} {conflict}", [told])
        else:
            _insert(cursor, f"INSERT INTO integrations_recordlink ({columns})", rows, conflict)


def add_links(rows: Sequence[Row]) -> None:
    """The same, of links that most likely are new: PostgreSQL takes those in two thirds of the time. One that is not new after
    all is replaced."""
    if rows and connection.vendor == "postgresql":
        with suppress(IntegrityError), transaction.atomic():
            _append("integrations_recordlink", LINK, rows)
            return
    upsert_links(rows)


def _insert(cursor: Any, head: str, rows: Sequence[Row], tail: str = "") -> None:
    """Many rows a statement: at each the driver lets other threads in, and may wait long until it gets its turn again."""
    marks = f"({', '.join(['%s'] * len(rows[0]))})"
    done = 0
    for size in ROWS_A_STATEMENT:
        starts = range(done, done + (len(rows) - done) // size * size, size)
        if starts:
            values = [list(chain.from_iterable(rows[start : start + size])) for start in starts]
            cursor.executemany(f"{head} VALUES {', '.join([marks] * size)} {tail}", values)
            done = starts[-1] + size


def links_of(sync_id: int, source_ids: Iterable[str]) -> dict[str, Link]:
    """source id → link, of those that have one."""
    found: dict[str, Link] = {}
    ids = list(source_ids)
    columns = ("source_id", "source_hash", "content_hash", "mapping_version", "destination_id", "key_hash")
    for source_id, source_hash, content_hash, *rest in _select(columns, "source_id", sync_id, ids):
        found[source_id] = (bytes(source_hash), bytes(content_hash), *rest)
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


def end_batches(rows: Sequence[BatchEnd]) -> None:
    """Set what became of batches by id; times through `moment()`."""
    names = ("status", "sent_at", "created", "updated", "rejected", "exchange")
    columns = ", ".join(f'"{name}" = %s' for name in names)
    with connection.cursor() as cursor:
        cursor.executemany(f'UPDATE integrations_batch SET {columns} WHERE "id" = %s', rows)


def update_deliveries(rows: Sequence[DeliveryRow], at: datetime) -> None:
    """Set what reading found of deliveries that nobody has read yet, by id."""
    statement = (
        'UPDATE integrations_webhookdelivery SET "status" = %s, "changes" = %s, "repeated" = %s, "what" = %s, "reason" = %s, '
        '"read_at" = %s WHERE "id" = %s AND "status" = \'waiting\''
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(*row[:-1], moment(at), row[-1]) for row in rows])


def touch_links(rows: Sequence[tuple[bytes, int, int, str]]) -> None:
    """Set (source hash, mapping version) of links by (sync, source id): the record changed, what we send did not."""
    statement = (
        'UPDATE integrations_recordlink SET "source_hash" = %s, "mapping_version" = %s '
        'WHERE "sync" = %s AND "source_id" = %s'
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def forget_hashes(sync_id: int, source_ids: Sequence[str]) -> None:
    """The next job looks at these records anew, whatever was last received and sent."""
    columns = '"source_hash" = %s, "content_hash" = %s'
    statement = f'UPDATE integrations_recordlink SET {columns} WHERE "sync" = %s AND "source_id" = %s'
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(bytes(16), bytes(16), sync_id, source_id) for source_id in source_ids])


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


def add_webhook_minutes(rows: Sequence[tuple[int, datetime, int, int]]) -> None:
    """Add to what came in for a connection in a minute: (connection, began, received, refused)."""
    names = ("received", "refused")
    added = ", ".join(f'"{name}" = integrations_webhookminute."{name}" + excluded."{name}"' for name in names)
    statement = (
        'INSERT INTO integrations_webhookminute ("connection_id", "began", "received", "refused") VALUES (%s, %s, %s, %s) '
        f'ON CONFLICT ("connection_id", "began") DO UPDATE SET {added}'
    )
    with connection.cursor() as cursor:
        for connection_id, began, received, refused in sorted(rows):
            cursor.execute(statement, [connection_id, moment(began), received, refused])


def refresh_statistics() -> None:
    """After many new links: PostgreSQL would read the whole table for a while, until it has looked at it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE (SKIP_LOCKED) integrations_recordlink")
