"""People who were fetched to try a mapping on are forgotten like everybody else; who was made up, and examples, stay."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations import retention
from integrations.enums import MappingTaskKind, MappingTaskStatus
from integrations.models import MappingExample, MappingSample, MappingTask
from integrations.models.blobs import pack
from integrations.orchestrator.samples import add_made_up, add_picked
from integrations.retention import forget_samples
from tests.factories import make_mapping

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def make_task(kind: MappingTaskKind, finished_at: datetime | None, **values: Any) -> MappingTask:
    status = MappingTaskStatus.DONE if finished_at else MappingTaskStatus.RUNNING
    values = {"status": status, "result": pack({"records": [{"id": "1", "email": "ann@x.org"}]})} | values
    return MappingTask.objects.create(
        mapping=make_mapping(), kind=kind, created_at=timezone.now(), finished_at=finished_at, **values
    )


@pytest.mark.parametrize(("days", "left"), [(29, ["7", "made up 1"]), (31, ["made up 1"])])
def test_picked_people_go_after_their_time_and_made_up_ones_stay(now: datetime, days: int, left: list[str]) -> None:
    mapping = make_mapping()
    add_picked(mapping.pk, [{"id": "7", "email": "ann@x.org"}])
    add_made_up(mapping.pk, {"email": "nobody@x.org"})
    MappingExample.objects.create(mapping=mapping, record=pack({"id": "7"}), expected=pack({}))
    MappingSample.objects.update(fetched_at=now - timedelta(days=days))
    MappingExample.objects.update(created_at=now - timedelta(days=400))
    assert forget_samples(now) == 2 - len(left)
    assert [sample.source_id for sample in MappingSample.objects.all()] == left
    assert MappingExample.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "days", "stays"),
    [
        (MappingTaskKind.SAMPLE, 31, False),
        (MappingTaskKind.REHEARSE, 31, False),
        (MappingTaskKind.REHEARSE, 29, True),
        (MappingTaskKind.REHEARSE, None, True),
        (MappingTaskKind.WRITE, 400, True),
    ],
    ids=["who was fetched", "a rehearsal with people in it", "a younger one", "one under way", "what a model wrote"],
)
def test_what_was_done_for_the_editor_goes_with_the_people_in_it(
    now: datetime, kind: MappingTaskKind, days: int | None, stays: bool
) -> None:
    make_task(kind, None if days is None else now - timedelta(days=days))
    forget_samples(now)
    assert MappingTask.objects.exists() is stays


def test_many_go_bit_by_bit(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "RECORDS_AT_ONCE", 2)
    add_picked(make_mapping().pk, [{"id": str(number)} for number in range(3)])
    MappingSample.objects.update(fetched_at=now - timedelta(days=31))
    assert [forget_samples(now) for _ in range(3)] == [2, 1, 0]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
def test_the_sweep_reads_only_what_it_forgets(now: datetime) -> None:
    with CaptureQueriesContext(connection) as queries:
        forget_samples(now)
    plans = []
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plans.append(" ".join(row[3] for row in cursor.fetchall()))
    assert "sample_to_forget" in plans[0], plans
    assert "mapping_task_to_forget" in plans[1], plans
