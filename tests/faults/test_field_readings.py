"""A worker that dies while it reads an object's fields: between any two statements, and between the answer and the store."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.enums import Kind
from integrations.models import Event, SchemaDrift, SchemaReading, SchemaSnapshot, Sync
from integrations.orchestrator.field_readings import ask_platform, claim, plan_readings, work_reading
from integrations.orchestrator.schemas import known
from tests.faults.platforms import Platforms
from tests.faults.slices import Killed, dying

ENOUGH = 10_000


def make_due() -> SchemaReading:
    """The reading of the destination's fields, due now."""
    plan_readings(timezone.now())
    rows = SchemaReading.objects.filter(object_name="Lead")
    rows.update(due_at=timezone.now() - timedelta(seconds=1), attempts=0)
    return rows.get()


def change_title(platforms: Platforms, verb: str) -> None:
    body = {"name": "Title", verb: True}
    platforms.http.post("/_control/salesforce/Lead/fields", json=body).raise_for_status()


def told(kind: Kind) -> int:
    return Event.objects.filter(kind=kind).count()


def has_title(sync: Sync) -> bool:
    schema = known(sync.destination, "Lead")
    return schema is not None and schema.field("Title") is not None


def test_fields_and_drift_never_part_whatever_statement_is_the_last(sync: Sync, platforms: Platforms) -> None:
    assert work_reading(make_due().pk) is True
    change_title(platforms, "remove")
    with dying(ENOUGH) as death:
        assert work_reading(make_due().pk) is True
    statements = ENOUGH - death.left
    assert statements > 10
    for last in range(statements):
        change_title(platforms, "restore")
        work_reading(make_due().pk)
        assert (has_title(sync), SchemaDrift.objects.filter(resolved_at__isnull=True).count()) == (True, 0)
        change_title(platforms, "remove")
        before = told(Kind.CONNECTION_DRIFT_FOUND)
        row = make_due()
        with dying(last):
            work_reading(row.pk)
        found = SchemaDrift.objects.filter(resolved_at__isnull=True).count()
        assert (not has_title(sync), told(Kind.CONNECTION_DRIFT_FOUND) - before) == (bool(found), found), (
            f"after {last}"
        )
        work_reading(make_due().pk)
        assert SchemaDrift.objects.filter(resolved_at__isnull=True).count() == 1
        assert told(Kind.CONNECTION_DRIFT_FOUND) - before == 1


def test_a_worker_killed_between_the_answer_and_the_store_is_followed_by_another(
    sync: Sync, platforms: Platforms
) -> None:
    assert work_reading(make_due().pk) is True
    change_title(platforms, "remove")
    row = claim(make_due().pk, timezone.now())
    assert row is not None
    with pytest.raises(Killed):
        ask_platform(row)
        raise Killed
    assert has_title(sync), "nothing of it was stored"
    assert work_reading(row.pk) is False, "it is not due before its next try"
    assert work_reading(row.pk, now=row.due_at) is True
    assert SchemaDrift.objects.get().field == "Title"
    assert SchemaSnapshot.objects.filter(object_name="Lead").count() == 1
