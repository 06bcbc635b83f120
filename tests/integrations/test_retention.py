"""Payloads of finished jobs go after their time; what is still needed stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.enums import Stage, Status
from integrations.models import Batch, Event, SourcePage
from integrations.models.blobs import pack
from integrations.retention import forget_payloads
from tests.factories import make_job

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("status", "days", "retrying", "forgotten"),
    [
        (Status.SUCCEEDED, 31, 0, True),
        (Status.PARTIAL, 31, 0, True),
        (Status.PARTIAL, 31, 1, False),
        (Status.SUCCEEDED, 29, 0, False),
        (Status.STUCK, 400, 0, False),
    ],
)
def test_payloads_are_forgotten_when_their_job_is_long_finished(status, days, retrying, forgotten) -> None:
    now = timezone.now()
    finished_at = now - timedelta(days=days)
    job = make_job(status=status, stage=Stage.FINISHED, finished_at=finished_at, failures_retrying=retrying)
    SourcePage.objects.create(job=job, number=0, count=1, records=pack([{"id": "1"}]), fetched_at=now)
    Batch.objects.create(job=job, number=1, count=1, payload=pack(["x"]))
    assert forget_payloads(now) == int(forgotten)
    assert SourcePage.objects.exists() != forgotten
    assert (bytes(Batch.objects.get().payload) == b"") == forgotten
    assert Event.objects.filter(stream=job.stream).exists()
