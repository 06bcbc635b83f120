"""Reading the fields of what is used, once a night and when a job failed on one, so that drift is seen before the next job.

Who reads moves `due_at` on first, to when it is tried again if nothing comes of it. That is the claim: of many workers one
finds the row as it was. It is the fence, too: what was read is stored only while the row still says so.
"""

import logging
import zlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from integrations.adapters.deadline import finish_within
from integrations.exceptions import SyncpanelError
from integrations.models import SchemaReading
from integrations.orchestrator.breaker import open_until
from integrations.orchestrator.connections import open_adapter
from integrations.orchestrator.drift import Place, places_in_use, resolve_unused
from integrations.orchestrator.hints import hint_reading
from integrations.orchestrator.leases import group_name, write_beat
from integrations.orchestrator.schemas import describe, keep, known
from integrations.timetables import Timetable, next_slot
from integrations.types import ObjectSchema

logger = logging.getLogger(__name__)

NIGHT_BEGINS, NIGHT_MINUTES = 1, 240
"""From 01:00 to 05:00, on the panel's clock: before the jobs of the morning."""
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=10), timedelta(hours=6)
READING_SECONDS = 30.0
"""Much less than the first retry, so that nobody else begins meanwhile, and than a worker may be silent."""
REPEAT_HINT_AFTER = timedelta(seconds=60)
HINTS_AT_ONCE = 5


def plan_readings(now: datetime) -> None:
    """For the beat: what has come into use is read next night; what nobody uses is forgotten."""
    planned = {(row.connection_id, row.object_name): row for row in SchemaReading.objects.all()}
    wanted = places_in_use()
    new = [
        SchemaReading(connection_id=at[0], object_name=at[1], due_at=_night(at, now)) for at in wanted - planned.keys()
    ]
    if new:
        SchemaReading.objects.bulk_create(new, ignore_conflicts=True)
    for place in planned.keys() - wanted:
        with transaction.atomic():
            resolve_unused(place, now)
            SchemaReading.objects.filter(pk=planned[place].pk).delete()


def hint_due_readings(now: datetime) -> None:
    """For the beat: a few readings whose time has come and that no worker has been told of lately."""
    old = Q(enqueued_at__isnull=True) | Q(enqueued_at__lt=now - REPEAT_HINT_AFTER)
    due = SchemaReading.objects.filter(old, due_at__lte=now).order_by("due_at")
    for pk, enqueued_at in due.values_list("pk", "enqueued_at")[:HINTS_AT_ONCE]:
        with transaction.atomic():
            if SchemaReading.objects.filter(pk=pk, enqueued_at=enqueued_at).update(enqueued_at=now):
                hint_reading(pk)


def ask_for_reading(connection_id: int, object_name: str) -> None:
    """Have the fields read as soon as a worker is free: somebody has reason to think that they changed."""
    now = timezone.now()
    with transaction.atomic():
        asked = {"due_at": now, "enqueued_at": now, "attempts": 0}
        row, _ = SchemaReading.objects.update_or_create(
            connection_id=connection_id, object_name=object_name, defaults=asked
        )
        hint_reading(row.pk)


def read_again(connection_id: int) -> None:
    """A person wants to know: have all that is used of this connection read at once."""
    for _, object_name in sorted(place for place in places_in_use() if place[0] == connection_id):
        ask_for_reading(connection_id, object_name)


def work_reading(reading_id: int, now: datetime | None = None) -> bool:
    """Read the fields if it is time and nobody else does; True when they were stored. A platform that is away is no news:
    jobs tell of it, and the reading is tried again later."""
    row = claim(reading_id, now or timezone.now())
    if row is None:
        return False
    write_beat(group_name(), "worker")
    try:
        schema = ask_platform(row)
    except SyncpanelError as problem:
        logger.info("the fields of %s of connection %s: %s", row.object_name, row.connection_id, problem.code)
        return False
    return schema is not None and store(row, schema)


def claim(reading_id: int, now: datetime) -> SchemaReading | None:
    """Take the reading: one conditional UPDATE that moves it to its next try. None = not due, or somebody else's."""
    row = SchemaReading.objects.select_related("connection").filter(pk=reading_id, due_at__lte=now).first()
    if row is None:
        return None
    retry_at = now + min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(row.attempts, 10))
    same = SchemaReading.objects.filter(pk=row.pk, due_at=row.due_at)
    if not same.update(due_at=retry_at, attempts=F("attempts") + 1, enqueued_at=None):
        return None
    row.due_at = retry_at
    return row


def store(row: SchemaReading, schema: ObjectSchema) -> bool:
    """Keep what was read, compared with what is used, until next night. False when the claim was lost meanwhile."""
    with transaction.atomic():
        mine = SchemaReading.objects.filter(pk=row.pk, due_at=row.due_at)
        night = _night((row.connection_id, row.object_name), timezone.now())
        if not mine.update(due_at=night, attempts=0, enqueued_at=None):
            return False
        keep(row.connection, schema)
    return True


def ask_platform(row: SchemaReading) -> ObjectSchema | None:
    """Outside any transaction; None while the breaker is open."""
    connection = row.connection
    if open_until(connection.pk, timezone.now()) is not None:
        return None
    before = known(connection, row.object_name)
    with finish_within(READING_SECONDS), open_adapter(connection) as adapter:
        return describe(adapter, row.object_name, before)


def _night(place: Place, after: datetime) -> datetime:
    """The next night's minute of this place: always the same one, and each its own, so that they do not come all at once."""
    minute = zlib.crc32(f"{place[0]}:{place[1]}".encode()) % NIGHT_MINUTES
    cron = f"{minute % 60} {NIGHT_BEGINS + minute // 60} * * *"
    slot = next_slot(Timetable(cron=cron, time_zone=settings.TIME_ZONE), after)
    assert slot is not None
    return slot
