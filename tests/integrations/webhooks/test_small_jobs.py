"""From an event over there to the record being here: small jobs, each change taken once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from weakref import WeakSet

import pytest
from django.utils import timezone

from integrations.enums import Kind, Stage, Status, Trigger
from integrations.models import Event, Inbox, Mapping, RecordLink, Sync, SyncJob, TakenChange, WaitingChange
from integrations.models.blobs import pack
from integrations.orchestrator import commands
from integrations.orchestrator.incoming import take_changes
from integrations.orchestrator.runner import work_slice
from integrations.orchestrator.stages import picking
from integrations.orchestrator.stages.guards import learned_limits
from integrations.orchestrator.state_machine import differences
from integrations.orchestrator.work import Work
from integrations.webhooks.reading import read_incoming
from integrations.webhooks.starting import start_small_jobs
from tests.factories import make_job
from tests.integrations.orchestrator.conftest import Control, adds_up
from tests.integrations.webhooks.calling import event, ids_of, make_delivery

RunJob = Callable[..., SyncJob]
SOON = timedelta(seconds=30)


@pytest.fixture
def loaded(sync: Sync, run_job: RunJob) -> Sync:
    """The first load is done, and the sync listens."""
    run_job(sync)
    Sync.objects.filter(pk=sync.pk).update(on_webhook=True)
    sync.refresh_from_db()
    return sync


def tell(sync: Sync, *ids: str, kind: str = "contact.propertyChange", **more: Any) -> None:
    make_delivery(sync.source, *(event(int(record_id), kind, **more) for record_id in ids))
    read_incoming()


def start() -> SyncJob | None:
    """The newest job, after the beat has looked in half a minute's time."""
    before = set(SyncJob.objects.values_list("pk", flat=True))
    start_small_jobs(timezone.now() + SOON)
    return SyncJob.objects.exclude(pk__in=before).first()


def some_ids(sandbox: Control, sync: Sync, number: int) -> list[str]:
    """People who arrived with the first load and have changed since."""
    ids = list(RecordLink.objects.filter(sync=sync.pk).order_by("pk").values_list("source_id", flat=True)[:number])
    sandbox.http.post("/_control/hubspot/contacts/touch", json={"ids": ids, "properties": {"city": f"Ghent {number}"}})
    return ids


def stop_at_every_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice is over as soon as it has done one thing, until it uploads."""
    asked: WeakSet[Work] = WeakSet()

    def must_stop(work: Work) -> bool:
        is_over = work in asked and work.job.stage != Stage.UPLOADING  # which asks before it begins
        asked.add(work)
        return is_over

    monkeypatch.setattr(Work, "must_stop", must_stop)


def waiting(sync: Sync) -> list[str]:
    return ids_of(WaitingChange.objects.filter(sync=sync))


def test_who_changed_over_there_is_changed_here_and_nobody_else_is_read(
    loaded: Sync, sandbox: Control, run_job: RunJob
) -> None:
    ids = some_ids(sandbox, loaded, 3)
    before, read_until = sandbox.writes(), loaded.read_until
    tell(loaded, *ids)
    job = start()
    assert job is not None
    assert (job.trigger, job.expected) == (Trigger.WEBHOOK, 3)
    job = run_job(job)
    assert (job.stage, job.status, job.fetched, job.updated) == (Stage.FINISHED, Status.SUCCEEDED, 3, 3)
    assert adds_up(job)
    assert sandbox.writes() == before + 3
    assert waiting(loaded) == []
    assert ids_of(TakenChange.objects.filter(job=job.pk)) == sorted(ids)
    loaded.refresh_from_db()
    assert loaded.read_until == read_until, "the next reading of everyone begins where it would have"


def test_more_than_a_page_is_taken_page_by_page(loaded: Sync, sandbox: Control, run_job: RunJob) -> None:
    ids = some_ids(sandbox, loaded, 250)
    tell(loaded, *ids)
    job = start()
    assert job is not None
    job = run_job(job)
    assert (job.fetched, job.pages, job.updated) == (250, 3, 250)
    assert TakenChange.objects.filter(job=job.pk).count() == 250


def test_exactly_a_page_ends_with_an_empty_one(loaded: Sync, sandbox: Control, run_job: RunJob) -> None:
    tell(loaded, *some_ids(sandbox, loaded, picking.AT_ONCE))
    job = start()
    assert job is not None
    assert run_job(job).fetched == picking.AT_ONCE


def test_a_job_stopped_after_any_page_goes_on_and_takes_each_change_once(
    loaded: Sync, sandbox: Control, run_job: RunJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picking, "AT_ONCE", 5)
    stop_at_every_edge(monkeypatch)
    ids = some_ids(sandbox, loaded, 23)
    tell(loaded, *ids)
    job = start()
    assert job is not None
    slices = 0
    while job.status not in {Status.SUCCEEDED, Status.PARTIAL}:
        SyncJob.objects.filter(pk=job.pk).update(wake_at=timezone.now() - timedelta(seconds=1))
        assert work_slice(job.pk)
        job.refresh_from_db()
        slices += 1
        assert slices < 50
    assert slices > 5
    assert (job.fetched, job.updated) == (23, 23)
    assert ids_of(TakenChange.objects.filter(job=job.pk)) == sorted(ids)
    assert differences(job) == {}


def test_a_crash_between_reading_and_storing_loses_nothing_and_repeats_nothing(
    loaded: Sync, sandbox: Control, run_job: RunJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picking, "AT_ONCE", 5)
    ids = some_ids(sandbox, loaded, 12)
    tell(loaded, *ids)
    job = start()
    assert job is not None
    times = 0

    def fail_once(*args: Any) -> None:
        nonlocal times
        times += 1
        take_changes(*args)
        if times == 2:
            raise MemoryError

    monkeypatch.setattr(picking, "take_changes", fail_once)
    assert run_job(job).status == Status.STUCK
    assert len(waiting(loaded)) == 7, "the second page was not stored, so nothing of it was taken"
    commands.resume_job(job.pk, "dana")
    job = run_job(job)
    assert (job.fetched, job.updated) == (12, 12)
    assert ids_of(TakenChange.objects.filter(job=job.pk)) == sorted(ids)


def test_who_changes_again_while_being_read_waits_for_the_next_job(
    loaded: Sync, sandbox: Control, run_job: RunJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = some_ids(sandbox, loaded, 3)
    tell(loaded, *ids)
    job = start()
    assert job is not None
    read = picking._read

    def change_meanwhile(work: Any, asked: Any) -> Any:
        found = read(work, asked)
        tell(loaded, ids[0])
        return found

    monkeypatch.setattr(picking, "_read", change_meanwhile)
    assert run_job(job).fetched == 3
    monkeypatch.undo()
    assert waiting(loaded) == [ids[0]]
    following = start()
    assert following is not None
    assert run_job(following).fetched == 1
    assert waiting(loaded) == []


def test_what_comes_in_while_a_job_is_active_waits_until_it_ends(
    loaded: Sync, sandbox: Control, run_job: RunJob
) -> None:
    ids = some_ids(sandbox, loaded, 2)
    active = commands.start_job(loaded.pk)
    tell(loaded, *ids)
    assert start() is None
    run_job(active)
    job = start()
    assert job is not None
    job = run_job(job)
    assert (job.fetched, job.unchanged) == (2, 2), "the other job has seen them already: nobody is sent twice"


def test_a_sync_that_is_switched_off_keeps_its_changes(loaded: Sync, sandbox: Control) -> None:
    commands.set_enabled(loaded.pk, enabled=False, actor="dana")
    tell(loaded, *some_ids(sandbox, loaded, 2))
    assert start() is None
    commands.set_enabled(loaded.pk, enabled=True, actor="dana")
    assert start() is not None


def test_a_sync_that_cannot_start_is_tried_again_a_minute_later(loaded: Sync, sandbox: Control) -> None:
    tell(loaded, *some_ids(sandbox, loaded, 2))
    published = loaded.mapping.published
    Mapping.objects.update(published=None)
    assert start() is None
    due = Inbox.objects.get().due_at
    assert due is not None
    assert due > timezone.now() + timedelta(seconds=60)
    Mapping.objects.update(published=published)
    Inbox.objects.update(due_at=timezone.now())
    assert start() is not None


def test_the_changes_of_a_cancelled_job_do_not_start_the_next_one(
    loaded: Sync, sandbox: Control, run_job: RunJob
) -> None:
    ids = some_ids(sandbox, loaded, 3)
    tell(loaded, *ids)
    job = start()
    assert job is not None
    tell(loaded, ids[0])
    commands.cancel_job(job.pk, "dana")
    following = start()
    assert following is not None
    assert ids_of(TakenChange.objects.filter(job=job.pk)) == sorted(ids[1:])
    assert run_job(following).fetched == 1
    assert start() is None


def test_beats_side_by_side_start_one_job(loaded: Sync, sandbox: Control) -> None:
    tell(loaded, *some_ids(sandbox, loaded, 2))
    assert start() is not None
    assert start() is None
    assert SyncJob.objects.filter(trigger=Trigger.WEBHOOK).count() == 1


def test_who_was_deleted_over_there_is_left_with_the_job_as_departed(
    loaded: Sync, sandbox: Control, run_job: RunJob
) -> None:
    gone, merged, left, alive = some_ids(sandbox, loaded, 4)
    token = sandbox.server.credentials()["hubspot"]["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    sandbox.http.delete(f"/crm/v3/objects/contacts/{gone}", headers=headers).raise_for_status()
    body = {"primaryObjectId": left, "objectIdToMerge": merged}
    sandbox.http.post("/crm/v3/objects/contacts/merge", json=body, headers=headers).raise_for_status()
    tell(loaded, gone, alive, kind="contact.deletion")
    tell(loaded, left, kind="contact.merge", primaryObjectId=int(left), mergedObjectIds=[int(merged)])
    tell(loaded, "999999999")
    job = start()
    assert job is not None
    job = run_job(job)
    assert ids_of(TakenChange.objects.departed(job.pk)) == sorted([gone, merged, alive])
    assert TakenChange.objects.get(record_id=merged).new_id == left
    assert job.fetched == 2, "who is said to be deleted and is still there is read, and so is who is left of a merge"
    told = Event.objects.get(stream=job.stream, kind=Kind.JOB_PAGE_FETCHED).data
    assert (told["departed"], told["missing"]) == (2, 1)


def test_a_record_that_is_only_not_found_is_nobodys_departure(loaded: Sync, run_job: RunJob) -> None:
    tell(loaded, "999999999")
    job = start()
    assert job is not None
    job = run_job(job)
    assert (job.status, job.fetched) == (Status.SUCCEEDED, 0)
    assert not TakenChange.objects.departed(job.pk).exists()


def test_a_record_that_was_delivered_whole_is_not_read_again(
    loaded: Sync, sandbox: Control, run_job: RunJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = some_ids(sandbox, loaded, 1)
    record = {"id": ids[0], "email": "given@example.org", "lastname": "Given", "company": "Acme"}
    tell(loaded, *ids)
    WaitingChange.objects.update(record=pack(record))
    job = start()
    assert job is not None
    calls = sandbox.http.get("/_control/requests").json()["total"]
    monkeypatch.setattr(picking, "check_fields", lambda *_: None)
    stop_at_every_edge(monkeypatch)
    work_slice(job.pk)
    job.refresh_from_db()
    assert job.fetched == 1
    assert sandbox.http.get("/_control/requests").json()["total"] == calls


def test_an_outage_of_the_source_makes_the_small_job_wait_and_loses_nothing(
    loaded: Sync, sandbox: Control, run_job: RunJob
) -> None:
    ids = some_ids(sandbox, loaded, 3)
    tell(loaded, *ids)
    job = start()
    assert job is not None
    sandbox.fault("hubspot", "/batch/read", "status", status=503)
    work_slice(job.pk)
    job.refresh_from_db()
    assert (job.status, waiting(loaded)) == (Status.WAITING, sorted(ids))
    sandbox.heal()
    assert run_job(job).updated == 3


@pytest.mark.django_db
def test_small_jobs_tell_nothing_about_what_is_usual_for_large_ones() -> None:
    large = make_job(status=Status.SUCCEEDED, stage=Stage.FINISHED, guard={"new": 50_000})
    for _ in range(5):
        make_job(large.sync, status=Status.SUCCEEDED, stage=Stage.FINISHED, trigger=Trigger.WEBHOOK, guard={"new": 1})
    assert learned_limits(large.sync) == {}
    assert learned_limits(large.sync, is_small=True)["new"] == 1_000
