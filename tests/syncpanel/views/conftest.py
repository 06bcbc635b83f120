"""A finished job with people to fix, for the pages of the Fix-it list."""

import pytest

from integrations.enums import Stage, Status
from integrations.models import FailedRecord, SyncJob
from integrations.orchestrator.schemas import keep
from tests.factories import make_job, make_sync
from tests.syncpanel.views.people import LEAD, make_open


@pytest.fixture
def job(db) -> SyncJob:
    job = make_job(make_sync(), status=Status.PARTIAL, stage=Stage.FINISHED, failures_open=900)
    keep(job.sync.destination, LEAD)
    return job


@pytest.fixture
def records(job) -> list[FailedRecord]:
    return [make_open(job) for _ in range(3)]
