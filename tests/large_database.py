"""A database as large as the promise about pages: 1,000 jobs, a million record events, 100,000 failed records, 345,000
events of a day's work, and 100,000 that came in. Filled by the database itself, in seconds; rows look like the engine's, and
jobs are not replayable.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Model

from integrations.enums import (
    BatchStatus,
    ChangeKind,
    DeliveryStatus,
    FailureKind,
    FailureStatus,
    Kind,
    Proof,
    RecordEventKind,
    Stage,
    Status,
)
from integrations.models import (
    Batch,
    Event,
    FailedRecord,
    MappingVersion,
    RateUse,
    RecordEvent,
    SeenChange,
    Sync,
    SyncJob,
    TakenChange,
    Throughput,
    WebhookAddress,
    WebhookDelivery,
    WebhookMinute,
)
from integrations.models.blobs import pack, pack_bytes
from integrations.orchestrator.throughput import quarter_of
from tests.factories import make_connection, make_mapping, make_sync

SYNCS, JOBS_PER_SYNC = 20, 50
RECORD_EVENTS, FAILED_RECORDS, EVENTS_A_DAY, BATCHES = 1_000_000, 100_000, 345_000, 20_000
DELIVERIES = 100_000
EVENTS_PER_JOB = EVENTS_A_DAY // SYNCS

REASONS = (
    ("required_missing", "Company", "Company is missing"),
    ("required_missing", "LastName", "Last name is missing"),
    ("too_long", "Phone", "Phone is too long"),
    ("bad_email", "Email", "E-mail address is not valid"),
    ("duplicate_value", "Email", "Salesforce has this e-mail address already"),
    ("not_a_choice", "LeadSource", "Lead source is not one of the choices"),
    ("mapping_error", "", "The mapping could not work with this record"),
)
# Of ten: seven wait, and one each is fixed, set aside, taken over by a later job.
SHELVES = (FailureStatus.OPEN,) * 7 + (FailureStatus.FIXED, FailureStatus.DISMISSED, FailureStatus.SUPERSEDED)
# How the jobs of a sync ended, oldest first, over and over; the last of each sync is under way or stands still.
ENDS = (Status.PARTIAL, Status.PARTIAL, Status.SUCCEEDED, Status.PARTIAL, Status.CANCELLED)
ACTIVE_NOW = (Status.RUNNING, Status.RUNNING, Status.WAITING, Status.STUCK)


def fill(now: datetime) -> list[SyncJob]:
    """Make everything, in committed transactions; returns the newest job of each sync, which is not finished."""
    newest = _add_jobs(now)
    for add in (
        _add_failures,
        _add_record_events,
        _add_events,
        _add_batches,
        _add_uses,
        _add_throughput,
        _add_incoming,
    ):
        add(newest, now)
    if connection.vendor == "postgresql":  # as it does by itself; SQLite never measures its tables
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return newest


def _add_jobs(now: datetime) -> list[SyncJob]:
    mapping = make_mapping()
    ends = [(make_connection("hubspot", tier="pro"), make_connection("salesforce")) for _ in range(SYNCS // 4)]
    syncs = [
        make_sync(mapping=mapping, source=ends[n % len(ends)][0], destination=ends[n % len(ends)][1])
        for n in range(SYNCS)
    ]
    Sync.objects.update(read_until=now - timedelta(hours=1), every_minutes=360)
    version = mapping.published
    jobs = [_job(sync, version, at, now) for at in range(JOBS_PER_SYNC) for sync in syncs]
    SyncJob.objects.bulk_create(jobs)
    return list(SyncJob.objects.order_by("-pk")[:SYNCS])


def _job(sync: Sync, version: MappingVersion | None, at: int, now: datetime) -> SyncJob:
    """Job number `at` of its sync: one every six hours, 40 minutes long; the last has been at work for a day."""
    is_last = at == JOBS_PER_SYNC - 1
    began = now - timedelta(hours=23 if is_last else 6 * (JOBS_PER_SYNC - at) + 24)
    ended = None if is_last else began + timedelta(minutes=40)
    stages = {Stage.FETCHING: began, Stage.UPLOADING: began + timedelta(minutes=10), Stage.FINISHED: ended}
    status = ACTIVE_NOW[sync.pk % len(ACTIVE_NOW)] if is_last else ENDS[at % len(ENDS)]
    return SyncJob(
        sync=sync,
        mapping_version=version,
        status=status,
        stage=Stage.UPLOADING if is_last else Stage.FINISHED,
        version=EVENTS_PER_JOB + 5 if is_last else 6,
        reason="Salesforce does not answer." if status == Status.STUCK else "",
        reason_code="transient" if status == Status.STUCK else "",
        expected=50_000,
        fetched=50_000,
        pages=500,
        pages_mapped=500,
        pages_validated=500,
        batches=1_000,
        batches_done=700 if is_last else 1_000,
        invalid=500,
        planned=49_500,
        sent=35_000 if is_last else 49_500,
        created=30_000 if is_last else 40_000,
        updated=5_000 if is_last else 9_500,
        failures_open=70,
        stage_started_at={stage.value: moment.isoformat() for stage, moment in stages.items() if moment},
        started_at=began,
        finished_at=ended,
        last_progress_at=ended or now,
    )


def _add_failures(newest: Sequence[SyncJob], now: datetime) -> None:
    person = {
        "id": "1",
        "email": "tomasz.okafor@kestrel.example",
        "company": "Kestrel Ltd",
        "phone": "+44 20 7946 0000",
    }
    codes, fields, titles = (_pick("n / 20 % 7", column) for column in zip(*REASONS, strict=True))
    count = len(newest)
    back = f"(n / {count} % {JOBS_PER_SYNC})"
    back = f"({back} - CASE {back} % 5 WHEN 2 THEN 1 ELSE 0 END)"  # jobs that succeeded have nobody on the list
    insert(
        FailedRecord,
        {
            "sync_id": f"{newest[0].sync_id} - n % {count}",
            "job_id": f"{newest[0].pk} - n % {count} - {SYNCS} * {back}",
            "source_id": "CAST(n AS text)",
            "label": "'Person ' || n",
            "email": "'person' || n || '@example.com'",
            "kind": f"'{FailureKind.INVALID}'",
            "code": codes,
            "field": fields,
            "title": titles,
            "message": "'Company is empty, but Salesforce needs it.'",
            "received": pack(person),
            "mapped": pack({"LastName": "Okafor", "Email": "tomasz.okafor@kestrel.example"}),
            "status": _pick("n / 1000 % 10", SHELVES),
            "created_at": ago(now, "n"),
            "last_failed_at": ago(now, "n"),
        },
        FAILED_RECORDS,
    )


def _add_record_events(newest: Sequence[SyncJob], now: datetime) -> None:
    insert(
        RecordEvent,
        {
            "sync": f"{newest[0].sync_id} - n % {len(newest)}",
            "job": f"{newest[0].pk} - n % {SYNCS * JOBS_PER_SYNC}",
            "batch": "n / 200",
            "kind": f"'{RecordEventKind.CREATED}'",
            "source_id": f"CAST(n % {FAILED_RECORDS} AS text)",
            "destination_id": "'00Q' || n",
            "at": ago(now, "n"),
        },
        RECORD_EVENTS,
    )


def _add_events(newest: Sequence[SyncJob], now: datetime) -> None:
    """What marks each finished job's way, then a day's work of those under way, all at once as they would."""
    way = (Kind.JOB_CREATED, Kind.JOB_STARTED, Kind.JOB_FETCHED, Kind.JOB_MAPPED, Kind.JOB_VALIDATED, Kind.JOB_FINISHED)
    jobs = SYNCS * JOBS_PER_SYNC
    _insert_events(
        f"{newest[-1].pk - jobs + SYNCS} + n / 6",
        "n % 6 + 1",
        _pick("n % 6", way),
        "'{}'",
        ago(now, "1300000 - n * 6"),
        6 * (jobs - SYNCS),
    )
    at = ago(now, f"82000 - n / {EVENTS_A_DAY // 81_000}")
    kind = _pick(
        f"CASE WHEN n / {SYNCS} < {EVENTS_PER_JOB // 20} THEN n / {SYNCS * 50} % 2 ELSE 2 END",
        [Kind.JOB_PAGES_MAPPED, Kind.JOB_PAGES_VALIDATED, Kind.JOB_BATCHES_UPLOADED],
    )
    added = """'{"add": {"sent": 50, "created": 40, "updated": 9, "rejected": 1}, "numbers": [' || n || ']}'"""
    _insert_events(f"{newest[0].pk} - n % {SYNCS}", f"n / {SYNCS} + 6", kind, added, at, EVENTS_A_DAY)


def _insert_events(job: str, version: str, kind: str, told: str, at: str, number: int) -> None:
    columns = {"stream": f"'job:' || ({job})", "version": version, "kind": kind, "data": told, "at": at}
    if connection.vendor == "postgresql":
        columns["data"] = f"CAST({told} AS jsonb)"
    insert(Event, columns, number)


def _add_batches(newest: Sequence[SyncJob], now: datetime) -> None:
    call = {"method": "POST", "url": "https://example.com/leads", "status": 200, "request": "[]", "response": "[]"}
    insert(
        Batch,
        {
            "job_id": f"{newest[0].pk} - n % {len(newest)}",
            "number": f"n / {len(newest)} + 1",
            "status": f"'{BatchStatus.SENT}'",
            "count": "50",
            "payload": pack(["x" * 100] * 200),
            "exchange": pack([call]),
            "created": "50",
            "sending_at": ago(now, f"{BATCHES} - n"),
            "sent_at": ago(now, f"{BATCHES} - n"),
        },
        BATCHES,
    )


def _add_uses(newest: Sequence[SyncJob], now: datetime) -> None:
    hours = [now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=back) for back in range(24 * 8)]
    RateUse.objects.bulk_create(
        RateUse(connection_id=connection_id, sync=job.sync_id, hour=hour, calls=50)
        for job in newest
        for connection_id in (job.sync.source_id, job.sync.destination_id)
        for hour in hours
    )


def _add_throughput(newest: Sequence[SyncJob], now: datetime) -> None:
    """An hour of each finished job, a day of those under way."""
    Throughput.objects.bulk_create(
        Throughput(job_id=job, began=quarter_of(began) + timedelta(minutes=15 * number), arrived=900, set_aside=10)
        for job, began, ended in SyncJob.objects.values_list("pk", "started_at", "finished_at")
        for number in range(4 if ended else 24 * 4)
    )


def _add_incoming(newest: Sequence[SyncJob], now: datetime) -> None:
    """A change each, read and taken by a job; one in a hundred could not be read. A call a second, of one connection."""
    source = newest[0].sync.source_id
    Sync.objects.filter(source=source).update(on_webhook=True)
    WebhookAddress.objects.create(
        connection_id=source, token="x", token_hash="x", made_at=now, last_received_at=now, received=DELIVERIES
    )
    minutes = [now.replace(second=0, microsecond=0) - timedelta(minutes=back) for back in range(24 * 60)]
    WebhookMinute.objects.bulk_create(WebhookMinute(connection_id=source, began=at, received=60) for at in minutes)
    insert(
        WebhookDelivery,
        {
            "connection_id": str(source),
            "received_at": ago(now, f"{DELIVERIES} - n"),
            "size": "80",
            "body": pack_bytes(b'[{"objectId": 1, "subscriptionType": "contact.propertyChange"}]'),
            "proof": f"'{Proof.SIGNED}'",
            "status": f"CASE WHEN n % 100 = 0 THEN '{DeliveryStatus.SET_ASIDE}' ELSE '{DeliveryStatus.READ}' END",
            "changes": "1",
            "what": "'Contact changed: email'",
        },
        DELIVERIES,
    )
    first = WebhookDelivery.objects.order_by("pk").values_list("pk", flat=True)[0]
    insert(
        SeenChange,
        {
            "connection_id": str(source),
            "key_hash": "randomblob(16)" if connection.vendor == "sqlite" else "decode(md5(CAST(n AS text)), 'hex')",
            "delivery": f"{first} + n",
            "kind": f"'{ChangeKind.CHANGED}'",
            "object_name": "'contacts'",
            "record_id": "CAST(n % 5000 AS text)",
            "what": "'Contact changed: email'",
            "seen_at": ago(now, f"{DELIVERIES} - n"),
        },
        DELIVERIES,
    )
    change = SeenChange.objects.order_by("pk").values_list("pk", flat=True)[0]
    insert(
        TakenChange,
        {
            "sync": str(newest[0].sync_id),
            "job": f"{newest[0].pk} - {SYNCS} * (n / 5000)",
            "record_id": "CAST(n % 5000 AS text)",
            "kind": f"'{ChangeKind.CHANGED}'",
            "first": f"{change} + n",
            "newest": f"{change} + n",
            "taken_at": ago(now, f"{DELIVERIES} - n"),
        },
        DELIVERIES,
    )


def insert(model: type[Model], columns: dict[str, Any], number: int) -> None:
    """So many rows; a column is an SQL expression of `n` (0, 1, …), or bytes; all others have what the model gives them.
    Its indexes are made afterwards."""
    given = [field for field in model._meta.concrete_fields if field.column not in columns and not field.primary_key]
    others = {field.column: field.get_db_prep_save(field.get_default(), connection) for field in given}
    names = ", ".join(f'"{name}"' for name in [*columns, *others])
    values = ", ".join("%s" if isinstance(value, bytes) else value for value in columns.values())
    values += ", %s" * len(others)
    params = [value for value in columns.values() if isinstance(value, bytes)] + list(others.values())
    if connection.vendor == "sqlite":
        more = f"SELECT n + 1 FROM s WHERE n < {number - 1}"
        numbers = f"(WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL {more}) SELECT n FROM s)"
    else:
        numbers = f"generate_series(0, {number - 1}) AS s(n)"
    statement = f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values.replace(' % ', ' %% ')} FROM {numbers}"
    with connection.schema_editor(atomic=False) as editor:
        for index in model._meta.indexes:
            editor.remove_index(model, index)
        editor.execute(statement, params)
        for index in model._meta.indexes:
            editor.add_index(model, index)


def _pick(at: str, words: Sequence[str]) -> str:
    """One of these words, by an expression that gives its place."""
    whens = " ".join(f"WHEN {place} THEN '{word}'" for place, word in enumerate(words))
    return f"CASE {at} {whens} END"


def ago(now: datetime, seconds: str) -> str:
    """So many seconds ago, an expression."""
    if connection.vendor == "sqlite":
        stamp = int(now.timestamp())
        return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', {stamp} - ({seconds}), 'unixepoch')"
    return f"to_timestamp({now.timestamp()} - ({seconds}))"
