"""Fields are read once a night and after an error, by one worker, without any noise; drift is seen before the next job."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from integrations import beat
from integrations.enums import ConnectionState, DriftKind, FieldType, Kind, ReadMode, Status
from integrations.models import Connection, Event, RecordLink, SchemaDrift, SchemaReading, SchemaSnapshot, Sync
from integrations.orchestrator.breaker import OPENS_AFTER, note_failure
from integrations.orchestrator.commands import cancel_job
from integrations.orchestrator.connections import open_adapter
from integrations.orchestrator.field_readings import (
    FIRST_RETRY,
    LONGEST_RETRY,
    REPEAT_HINT_AFTER,
    ask_for_reading,
    ask_platform,
    claim,
    hint_due_readings,
    plan_readings,
    store,
    work_reading,
)
from integrations.orchestrator.schemas import described, keep, known
from integrations.types import FieldSchema, ObjectSchema
from tests.factories import make_connection, make_mapping, make_sync
from tests.integrations.orchestrator.conftest import Control

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def reading_of(connection: Connection, object_name: str, **values: Any) -> SchemaReading:
    """One that is due."""
    plan_readings(timezone.now())
    row = SchemaReading.objects.get(connection=connection, object_name=object_name)
    SchemaReading.objects.filter(pk=row.pk).update(**{"due_at": timezone.now() - timedelta(seconds=1)} | values)
    row.refresh_from_db()
    return row


def change(sandbox: Control, platform: str, object_name: str, **body: Any) -> None:
    sandbox.http.post(f"/_control/{platform}/{object_name}/fields", json=body).raise_for_status()


def drifts() -> list[tuple[str, str, str]]:
    open_ones = SchemaDrift.objects.filter(resolved_at__isnull=True).order_by("field")
    return [(row.field, row.kind, row.label) for row in open_ones]


@pytest.mark.django_db
def test_everything_in_use_is_planned_once_for_the_next_night(settings):
    settings.TIME_ZONE = "America/New_York"
    sync = make_sync()
    make_sync(is_enabled=False)
    for _ in range(2):
        plan_readings(NOON)
    planned = {(row.connection_id, row.object_name): row.due_at for row in SchemaReading.objects.all()}
    assert set(planned) == {(sync.source_id, "contacts"), (sync.destination_id, "Lead")}
    assert all(NOON < due <= NOON + timedelta(days=1) for due in planned.values())
    assert all(6 <= due.hour < 10 for due in planned.values()), "one to five in New York"


@pytest.mark.django_db
def test_what_nobody_uses_any_more_is_forgotten_and_its_drift_resolved():
    sync = make_sync()
    plan_readings(NOON)
    SchemaDrift.objects.create(
        connection=sync.source,
        object_name="contacts",
        field="x",
        label="X",
        kind="removed",
        mappings=[1],
        found_at=NOON,
    )
    Sync.objects.update(is_enabled=False)
    plan_readings(NOON)
    assert not SchemaReading.objects.exists()
    assert SchemaDrift.objects.get().resolved_at == NOON
    assert Event.objects.filter(kind=Kind.CONNECTION_DRIFT_RESOLVED).count() == 1


@pytest.mark.django_db
def test_workers_are_told_once_and_again_only_when_nobody_came():
    row = reading_of(make_sync().source, "contacts")
    now = timezone.now()
    for _ in range(3):
        hint_due_readings(now)
    assert OrmQ.objects.count() == 1
    assert OrmQ.objects.get().task["args"] == (row.pk,)
    hint_due_readings(now + REPEAT_HINT_AFTER + timedelta(seconds=1))
    assert OrmQ.objects.count() == 2


@pytest.mark.django_db
def test_the_beat_has_the_fields_of_what_is_due_read():
    sync = make_sync()
    beat.beat_once()
    assert not OrmQ.objects.exists(), "not before the night"
    SchemaReading.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    beat.beat_once()
    assert OrmQ.objects.count() == 2
    assert SchemaReading.objects.filter(connection__in=[sync.source, sync.destination]).count() == 2


@pytest.mark.django_db
def test_of_many_workers_one_takes_it():
    row = reading_of(make_sync().source, "contacts")
    now = timezone.now()
    taken = [claim(row.pk, now) for _ in range(3)]
    assert [one is not None for one in taken] == [True, False, False]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("attempts", "later"), [(0, FIRST_RETRY), (1, FIRST_RETRY * 2), (3, FIRST_RETRY * 8), (30, LONGEST_RETRY)]
)
def test_it_is_tried_again_later_and_later(attempts, later):
    row = reading_of(make_sync().source, "contacts", attempts=attempts)
    now = timezone.now()
    claim(row.pk, now)
    row.refresh_from_db()
    assert (row.due_at, row.attempts) == (now + later, attempts + 1)


@pytest.mark.django_db
def test_what_is_not_due_is_not_read():
    row = reading_of(make_sync().source, "contacts", due_at=timezone.now() + timedelta(hours=1))
    assert claim(row.pk, timezone.now()) is None
    assert work_reading(row.pk) is False
    assert work_reading(row.pk + 999) is False


def test_a_reading_finds_what_was_removed_before_the_next_job_does(sync: Sync, sandbox: Control, run_job) -> None:
    assert run_job(sync).status in {Status.SUCCEEDED, Status.PARTIAL}
    change(sandbox, "hubspot", "contacts", name="jobtitle", remove=True)
    change(sandbox, "salesforce", "Lead", name="Country", rename="Land__c")
    for end, name in ((sync.source, "contacts"), (sync.destination, "Lead")):
        assert work_reading(reading_of(end, name).pk) is True
    assert drifts() == [("Country", DriftKind.REMOVED, "Country"), ("jobtitle", DriftKind.REMOVED, "Job Title")]
    row = SchemaReading.objects.get(connection=sync.source)
    assert (row.attempts, row.enqueued_at) == (0, None)
    assert row.due_at > timezone.now() + LONGEST_RETRY / 60, "once a night"
    change(sandbox, "hubspot", "contacts", name="jobtitle", restore=True)
    change(sandbox, "salesforce", "Lead", name="Country", restore=True)
    for end, name in ((sync.source, "contacts"), (sync.destination, "Lead")):
        work_reading(reading_of(end, name).pk)
    assert drifts() == []


def test_what_is_said_of_a_removed_field_is_true(sync: Sync, sandbox: Control, run_job) -> None:
    """A destination without it gets nobody, a source without it stops the job."""
    run_job(sync)
    sandbox.touch(50, jobtitle="Anew")
    change(sandbox, "salesforce", "Lead", name="Title", remove=True)
    work_reading(reading_of(sync.destination, "Lead").pk)
    job = run_job(sync)
    assert job.sent == 0
    assert job.invalid >= 50
    if job.is_active:
        cancel_job(job.pk, "dana")
    change(sandbox, "salesforce", "Lead", name="Title", restore=True)
    change(sandbox, "hubspot", "contacts", name="jobtitle", remove=True)
    work_reading(reading_of(sync.source, "contacts").pk)
    job = run_job(sync)
    assert (job.status, job.reason_code) == (Status.STUCK, "schema_changed")


@pytest.mark.parametrize(
    ("changes", "kind", "detail"),
    [
        ({"name": "Title", "set": {"read_only": True}}, DriftKind.READ_ONLY, ""),
        ({"name": "Title", "set": {"type": "double", "length": 0}}, DriftKind.TYPE, "was text, is a number now"),
        ({"name": "LeadSource", "set": {"picklist": ["Web", "Other"]}}, DriftKind.CHOICES, None),
        ({"name": "Rating", "set": {"required": True}}, DriftKind.REQUIRED, ""),
    ],
    ids=lambda value: value.get("name") if isinstance(value, dict) else None,
)
def test_every_kind_of_change_over_there_is_told_apart(sync: Sync, sandbox: Control, changes, kind, detail) -> None:
    work_reading(reading_of(sync.destination, "Lead").pk)
    change(sandbox, "salesforce", "Lead", **changes)
    work_reading(reading_of(sync.destination, "Lead").pk)
    row = SchemaDrift.objects.get()
    assert (row.field, row.kind) == (changes["name"], kind)
    assert detail is None or row.detail == detail
    change(sandbox, "salesforce", "Lead", name=changes["name"], restore=True)
    work_reading(reading_of(sync.destination, "Lead").pk)
    assert drifts() == []


def test_a_job_that_stops_at_a_field_has_the_fields_read_at_once(sync: Sync, sandbox: Control, run_job) -> None:
    """It sends only people in whom nothing is wrong: for others it would have looked at the fields again by itself."""
    run_job(sync)
    fine = list(RecordLink.objects.values_list("source_id", flat=True)[:20])
    body = {"ids": fine, "properties": {"jobtitle": "Anew"}}
    sandbox.http.post("/_control/hubspot/contacts/touch", json=body).raise_for_status()
    Sync.objects.update(read_mode=ReadMode.INCREMENTAL)
    change(sandbox, "salesforce", "Lead", name="Title", remove=True)
    OrmQ.objects.all().delete()
    job = run_job(sync)
    assert (job.status, job.reason_code) == (Status.STUCK, "schema_changed")
    row = SchemaReading.objects.get(connection=sync.destination, object_name="Lead")
    assert row.due_at <= timezone.now()
    assert "integrations.tasks.read_fields" in {hint.task["func"] for hint in OrmQ.objects.all()}
    assert work_reading(row.pk) is True
    assert drifts() == [("Title", DriftKind.REMOVED, "Title")]


def test_a_platform_that_is_away_makes_no_noise(sync: Sync, sandbox: Control) -> None:
    work_reading(reading_of(sync.destination, "Lead").pk)
    told = Event.objects.count()
    sandbox.fault("salesforce", "", "status", status=503)
    row = reading_of(sync.destination, "Lead")
    assert work_reading(row.pk) is False
    row.refresh_from_db()
    assert row.due_at > timezone.now() + FIRST_RETRY / 2
    assert (drifts(), Event.objects.count()) == ([], told)
    connection = Connection.objects.get(pk=sync.destination_id)
    assert (connection.state, connection.breaker_failures) == (ConnectionState.UNTESTED, 0)
    sandbox.heal()
    assert work_reading(reading_of(sync.destination, "Lead").pk) is True


def test_a_platform_that_is_left_alone_is_not_asked(sync: Sync, sandbox: Control) -> None:
    for _ in range(OPENS_AFTER):
        note_failure(sync.source, "It does not answer.")
    before = sandbox.http.get("/_control/requests").json()
    assert work_reading(reading_of(sync.source, "contacts").pk) is False
    assert sandbox.http.get("/_control/requests").json() == before


def test_a_list_of_no_fields_is_trouble_and_no_change(sync: Sync, sandbox: Control) -> None:
    work_reading(reading_of(sync.source, "contacts").pk)
    fields = known(sync.source, "contacts")
    assert fields is not None
    for field in fields.fields:
        change(sandbox, "hubspot", "contacts", name=field.name, remove=True)
    assert work_reading(reading_of(sync.source, "contacts").pk) is False
    assert (drifts(), known(sync.source, "contacts")) == ([], fields)
    with open_adapter(sync.source) as adapter, pytest.raises(Exception, match="did not say which fields") as caught:
        described(sync.source, "contacts", adapter, fresh_for=timedelta())
    assert caught.value.code == "no_fields"


def test_what_was_read_under_a_lost_claim_is_not_stored(sync: Sync, sandbox: Control) -> None:
    row = claim(reading_of(sync.source, "contacts").pk, timezone.now())
    assert row is not None
    schema = ask_platform(row)
    assert schema is not None
    ask_for_reading(sync.source_id, "contacts")
    assert store(row, schema) is False
    assert not SchemaSnapshot.objects.filter(connection=sync.source).exists()
    assert work_reading(row.pk) is True


@pytest.mark.django_db
def test_asking_makes_the_reading_due_now_whatever_was_planned():
    connection = make_connection()
    ask_for_reading(connection.pk, "contacts")
    ask_for_reading(connection.pk, "contacts")
    row = SchemaReading.objects.get()
    assert row.due_at <= timezone.now()
    assert OrmQ.objects.count() == 2


def at_once(act: Callable[[], object], number: int = 6) -> None:
    """In so many threads at the same time, each with a connection of its own."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        for done in [pool.submit(run) for _ in range(number)]:
            done.result()


def test_many_beats_plan_and_ask_once(each_db: str) -> None:
    make_sync()
    at_once(lambda: plan_readings(timezone.now()))
    assert SchemaReading.objects.count() == 2
    SchemaReading.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    at_once(lambda: hint_due_readings(timezone.now()))
    assert OrmQ.objects.count() == 2


def test_many_workers_that_find_the_same_leave_one_row_and_one_event(each_db: str) -> None:
    sync = make_sync(mapping=make_mapping('def map_record(record):\n    return {"Title": "x"}\n'))
    title = FieldSchema("Title", "Title", FieldType.STRING)
    other = FieldSchema("Name", "Name", FieldType.STRING)
    keep(sync.destination, ObjectSchema("Lead", "Lead", (title, other)))
    at_once(lambda: keep(sync.destination, ObjectSchema("Lead", "Lead", (other,))))
    assert drifts() == [("Title", DriftKind.REMOVED, "Title")]
    assert Event.objects.filter(kind=Kind.CONNECTION_DRIFT_FOUND).count() == 1
    at_once(lambda: keep(sync.destination, ObjectSchema("Lead", "Lead", (title, other))))
    assert drifts() == []
    assert Event.objects.filter(kind=Kind.CONNECTION_DRIFT_RESOLVED).count() == 1
