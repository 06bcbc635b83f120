"""The exact calls of batches that went wrong, and what of them is kept."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from integrations.enums import BatchStatus, Status
from integrations.models import Batch, Sync, SyncJob
from integrations.models.blobs import unpack
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.runner import work_slice
from integrations.orchestrator.stages.calls import HIDDEN, MOST_KEPT, pack_calls
from integrations.types import Exchange
from tests.factories import make_connection
from tests.integrations.orchestrator.conftest import Control

WRITE = "/composite/sobjects"


def call(**values: object) -> Exchange:
    return Exchange(**{"method": "POST", "url": "https://x/y", "request_body": b"in", "status": 200} | values)


def test_a_batch_refused_whole_keeps_its_call(sync: Sync, sandbox: Control, run_job: Callable[..., SyncJob]) -> None:
    sandbox.fault("salesforce", WRITE, "status", status=400, times=1, body=[{"errorCode": "X", "message": "no"}])
    job = run_job(sync)
    (kept,) = unpack(Batch.objects.get(job=job, status=BatchStatus.SPLIT).exchange)
    assert kept["status"] == 400
    assert "errorCode" in kept["response"]
    assert "@" in kept["request"]


def test_a_record_refused_alone_keeps_its_call(sync: Sync, sandbox: Control, run_job: Callable[..., SyncJob]) -> None:
    sandbox.http.post("/_control/reset", json={"contacts": 4}).raise_for_status()
    sandbox.fault("salesforce", WRITE, "status", status=400)
    job = run_job(sync)
    alone = Batch.objects.filter(job=job, status=BatchStatus.SENT, count=1, rejected=1).first()
    assert alone is not None
    assert [kept["status"] for kept in unpack(alone.exchange)] == [400]


@pytest.mark.parametrize(("kind", "status"), [("status", 503), ("reset", 0)])
def test_a_batch_that_waits_to_be_sent_again_keeps_its_last_call(
    sync: Sync, sandbox: Control, kind: str, status: int
) -> None:
    sandbox.fault("salesforce", WRITE, kind, status=503)
    job = start_job(sync.pk)
    work_slice(job.pk)
    job.refresh_from_db()
    assert job.status == Status.WAITING
    waiting = Batch.objects.filter(job=job, status=BatchStatus.PENDING, exchange__isnull=False).first()
    assert waiting is not None
    assert [kept["status"] for kept in unpack(waiting.exchange)] == [status]
    sandbox.heal()
    SyncJob.objects.filter(pk=job.pk).update(wake_at=timezone.now())
    work_slice(job.pk)
    waiting.refresh_from_db()
    assert [kept["status"] for kept in unpack(waiting.exchange)] == [200]


@pytest.mark.django_db
def test_what_signs_in_is_hidden_wherever_the_platform_says_it_back() -> None:
    connection = make_connection(
        secrets={"client_secret": "very-secret", "short": "abc"},
        token={"access_token": "00D!token", "refresh_token": "00D!token-that-renews", "expires_at": ""},
    )
    packed = pack_calls(
        connection,
        [call(response_body=b"very-secret 00D!token-that-renews", url="https://x/00D!token/abc", seconds=1.0)],
    )
    (kept,) = unpack(packed)
    assert kept["response"] == f"{HIDDEN} {HIDDEN}"
    assert kept["url"] == f"https://x/{HIDDEN}/abc"


@pytest.mark.django_db
def test_a_body_nobody_reads_through_is_cut() -> None:
    (kept,) = unpack(pack_calls(make_connection(), [call(response_body=b"x" * (MOST_KEPT + 9), seconds=1.0)]))
    assert len(kept["response"]) == MOST_KEPT


@pytest.mark.django_db
def test_without_a_call_nothing_is_kept() -> None:
    assert pack_calls(make_connection(), ()) is None
