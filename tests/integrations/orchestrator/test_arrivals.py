"""People to try a mapping on from a source that gives out no list: those that came in by webhook."""

from datetime import timedelta

import orjson
import pytest
from django.utils import timezone

from integrations.enums import ChangeKind, MappingTaskStatus, PageStatus
from integrations.models import Connection, MappingDraft, MappingSample, MappingTask, SourcePage, Sync, WaitingChange
from integrations.models.blobs import pack, pack_bytes
from integrations.orchestrator.arrivals import MOST, came_in
from integrations.orchestrator.drafts import create_mapping
from integrations.tasks import work_for_editor
from tests.factories import make_connection, make_job, make_sync
from tests.integrations.orchestrator.conftest import Control


def wait(sync: Sync, record_id: str, record: dict[str, str] | None, newest: int = 1) -> None:
    WaitingChange.objects.create(
        sync=sync,
        record_id=record_id,
        kind=ChangeKind.CHANGED if record else ChangeKind.DELETED,
        first=newest,
        newest=newest,
        record=pack(record) if record else None,
    )


@pytest.fixture
def segment(committed_db: str, sandbox: Control) -> Connection:
    known = sandbox.server.credentials()["segment"]
    settings = {"base_url": known["base_url"], "space_id": known.get("space_id", "")}
    return make_connection("segment", method="write_key", settings=settings, secrets={"write_key": known["write_key"]})


@pytest.mark.django_db
def test_those_that_wait_come_before_those_of_earlier_jobs_and_each_comes_once() -> None:
    sync = make_sync()
    page = [{"id": "1", "email": "old@x.io"}, {"id": "2", "email": "b@x.io"}]
    SourcePage.objects.create(
        job=make_job(sync),
        number=0,
        status=PageStatus.FETCHED,
        count=2,
        records=pack_bytes(orjson.dumps(page)),
        fetched_at=timezone.now() - timedelta(days=1),
    )
    wait(sync, "1", {"email": "new@x.io"})
    wait(sync, "3", None)
    wait(make_sync(), "4", {"email": "of another connection"})
    assert came_in(sync.source, "contacts") == [{"id": "1", "email": "new@x.io"}, {"id": "2", "email": "b@x.io"}]
    assert came_in(sync.source, "companies") == []


@pytest.mark.django_db
def test_a_flood_is_not_read_to_its_end() -> None:
    sync = make_sync()
    for number in range(MOST + 20):
        wait(sync, str(number), {"email": f"{number}@x.io"}, number)
    found = came_in(sync.source, "contacts")
    assert len(found) == MOST
    assert found[0]["id"] == str(MOST + 19), "the newest first"


def test_a_mapping_from_such_a_source_starts_from_a_suggestion_and_says_that_nobody_came_in_yet(
    segment: Connection, sync: Sync
) -> None:
    mapping = create_mapping("New", segment, "users", sync.destination, "Lead", actor="ann")
    task = MappingTask.objects.get()
    work_for_editor(task.pk)
    task.refresh_from_db()
    assert task.status == MappingTaskStatus.DONE, task.reason
    assert task.reason == "Segment has nobody to try it on yet. You can make somebody up."
    assert "LastName" in MappingDraft.objects.get(mapping=mapping).code


def test_a_mapping_from_such_a_source_is_tried_on_those_who_came_in(segment: Connection, sync: Sync) -> None:
    listening = make_sync(source=segment, source_object="users", destination=sync.destination)
    wait(listening, "u-1", {"email": "ann@x.io", "lastName": "Lee"})
    mapping = create_mapping("New", segment, "users", sync.destination, "Lead", actor="ann")
    task = MappingTask.objects.get()
    work_for_editor(task.pk)
    task.refresh_from_db()
    assert (task.status, task.reason) == (MappingTaskStatus.DONE, "")
    assert [one.source_id for one in MappingSample.objects.filter(mapping=mapping)] == ["u-1"]
