"""Those who were planned to leave and stay after all: between the plan and the call a person may say who somebody is."""

from typing import Any

import pytest
from django.utils import timezone

from integrations.enums import BatchVerb, Departed, DuplicateVerdict, NotSent, RecordEventKind, Stage, Status
from integrations.models import Batch, RecordEvent, RecordLink, Sync, SyncJob
from integrations.models.blobs import pack, unpack_lists
from integrations.orchestrator import commands
from integrations.orchestrator.duplicates import decide
from integrations.orchestrator.leases import Heart
from integrations.orchestrator.stages.departing import look
from integrations.orchestrator.stages.outcome import write
from integrations.orchestrator.stages.trail import Sent
from integrations.orchestrator.work import Work
from integrations.types import Result, UploadOutcome
from tests.factories import make_duplicate, make_job
from tests.integrations.orchestrator.stages.conftest import Portal

HASHES = {"source_hash": bytes(16), "content_hash": bytes(16), "mapping_version": 1, "job": 1}


def link(sync: Sync, source_id: str, there: str, key: int = 1) -> None:
    now = timezone.now()
    RecordLink.objects.create(
        sync=sync.pk, source_id=source_id, destination_id=there, key_hash=key, updated_at=now, **HASHES
    )


class Held:
    """Ann and Bob left, and a job that is to do something about it waits for a person. Anna has come, without an address."""

    def __init__(self, sync: Sync, portal: Portal, run_job: Any) -> None:
        self.sync, self.portal = sync, portal
        self.ann = portal.add(email="ann@x.org", firstname="Ann", lastname="Lee", city="Bonn")
        bob = portal.add(email="bob@x.org", firstname="Bob", lastname="Lee", city="Bonn")
        run_job(sync)
        portal.delete(self.ann)
        portal.delete(bob)
        self.anna = portal.add(firstname="Anna", lastname="Lee")
        self.job = run_job(sync)
        assert (self.job.stage, self.job.departed) == (Stage.APPROVING, 2)

    def say_that_anna_is_ann(self) -> None:
        row = make_duplicate(self.sync, source_id=self.ann, other_id=self.anna)
        decide(row.pk, DuplicateVerdict.SAME, "dana", keeps=self.anna)

    def is_left_alone(self, email: str) -> bool:
        lead = self.portal.lead(email)
        return lead is not None and lead.get("City") == "Bonn"


@pytest.fixture(params=[Departed.ARCHIVE, Departed.CLEAR])
def held(request: Any, small: Sync, portal: Portal, run_job: Any) -> Held:
    Sync.objects.update(departed=request.param, departed_field="City", departed_most=0)
    small.refresh_from_db()
    return Held(small, portal, run_job)


def check(held: Held, run: Any) -> SyncJob:
    """Released, the job deals with Bob alone, and says so."""
    commands.release_job(held.job.pk, "dana")
    job = run(held.job)
    assert held.is_left_alone("ann@x.org") and not held.is_left_alone("bob@x.org")
    assert (job.status, job.departed, job.removed) == (Status.SUCCEEDED, 1, 1)
    batch = Batch.objects.exclude(verb=BatchVerb.WRITE).get(job=job)
    assert (batch.count, batch.updated, batch.rejected) == (2, 1, 0)
    told = RecordEvent.objects.get(job=job.pk, source_id=held.ann)
    assert (told.kind, told.detail) == (RecordEventKind.LEFT_OUT, "it is not theirs any more")
    return job


def test_whom_somebody_took_over_who_is_there_is_left_alone(held: Held, run: Any) -> None:
    there = RecordLink.objects.get(source_id=held.ann).destination_id
    held.say_that_anna_is_ann()
    check(held, run)
    assert RecordLink.objects.get(destination_id=there).source_id == held.anna


def test_so_is_whose_link_is_gone(held: Held, run: Any) -> None:
    link(held.sync, held.anna, "00Q1", 5)
    held.say_that_anna_is_ann()
    check(held, run)
    assert not RecordLink.objects.filter(source_id=held.ann).exists()


def test_and_who_is_somebody_else_over_there_too(held: Held, run: Any) -> None:
    there = RecordLink.objects.get(source_id=held.ann).destination_id
    link(held.sync, held.anna, there, 5)
    check(held, run)
    assert RecordLink.objects.filter(destination_id=there).count() == 2


def test_when_nobody_is_left_no_call_is_made(held: Held, run: Any) -> None:
    RecordLink.objects.filter(source_id__in=[entry[0] for entry in planned(held.job)]).delete()
    held.portal.fault("salesforce", "/composite/sobjects", "revoke")
    commands.release_job(held.job.pk, "dana")
    job = run(held.job)
    assert (job.status, job.departed, job.removed) == (Status.SUCCEEDED, 0, 0)


def planned(job: SyncJob) -> list[Any]:
    return unpack_lists(Batch.objects.exclude(verb=BatchVerb.WRITE).get(job=job).payload)


# ---------------------------------------------------------------------------------------------- without a platform


@pytest.fixture
def work(each_db: str) -> Work:
    """A job that is to archive two who stand for one lead, each in a batch of its own."""
    job = make_job(status=Status.RUNNING, stage=Stage.UPLOADING, departed=2)
    Sync.objects.update(departed=Departed.ARCHIVE)
    for number, who in enumerate(("1", "2"), start=1):
        link(job.sync, who, "00Q1", number)
        entries = [[who, "", "", {"id": "00Q1"}, None, None, 0]]
        Batch.objects.create(job=job, number=number, verb=BatchVerb.ARCHIVE, count=1, payload=pack(entries))
    return Work(job, Heart(job))


def of(work: Work, number: int) -> tuple[Batch, list[Any]]:
    batch = Batch.objects.get(job=work.job, number=number)
    return batch, unpack_lists(batch.payload)


def test_two_who_leave_keep_nobody_there_for_each_other(work: Work) -> None:
    assert [look(work, of(work, number)[1])[0].result for number in (1, 2)] == [None, None]
    link(work.sync, "3", "00Q1", 3)
    results = [look(work, of(work, number)[1])[0].result for number in (1, 2)]
    assert [result.not_sent for result in results if result] == [NotSent.LEFT_OUT] * 2


def test_a_link_that_was_given_to_somebody_during_the_call_is_his(work: Work) -> None:
    batch, entries = of(work, 1)
    RecordLink.objects.filter(source_id="1").update(destination_id="00Q7")
    write(work, [Sent(batch, entries, UploadOutcome([Result(ok=True)]))])
    assert set(RecordLink.objects.values_list("source_id", "destination_id")) == {("1", "00Q7"), ("2", "00Q1")}
    batch, entries = of(work, 2)
    write(work, [Sent(batch, entries, UploadOutcome([Result(ok=True)]))])
    assert set(RecordLink.objects.values_list("source_id", "destination_id")) == {("1", "00Q7")}
    assert (work.job.departed, work.job.removed) == (2, 2)
