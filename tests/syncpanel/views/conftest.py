"""A finished job with people to fix, and a mapping with people to try it on."""

import pytest
from django.utils import timezone

from integrations.enums import Stage, Status
from integrations.models import FailedRecord, Mapping, MappingSample, SyncJob
from integrations.models.blobs import pack
from integrations.orchestrator.schemas import keep
from tests.factories import make_connection, make_job, make_mapping, make_sync
from tests.syncpanel.views.mapped import CONTACT, LEAD_OBJECT, PLAIN
from tests.syncpanel.views.people import LEAD, make_open


@pytest.fixture
def job(db) -> SyncJob:
    job = make_job(make_sync(), status=Status.PARTIAL, stage=Stage.FINISHED, failures_open=900)
    keep(job.sync.destination, LEAD)
    return job


@pytest.fixture
def records(job) -> list[FailedRecord]:
    return [make_open(job) for _ in range(3)]


@pytest.fixture
def mapping(db: None) -> Mapping:
    """Version 1 keeps names as they are; one person to try on, one without a company."""
    source, destination = make_connection("hubspot"), make_connection("salesforce")
    keep(source, CONTACT)
    keep(destination, LEAD_OBJECT)
    mapping = make_mapping(PLAIN, source_connection=source, destination_connection=destination)
    for number, company in ((1, "Acme"), (2, "")):
        MappingSample.objects.create(
            mapping=mapping,
            position=number,
            source_id=str(number),
            record=pack({"id": str(number), "name": f"Doe <{number}>", "company": company}),
            fetched_at=timezone.now(),
        )
    return mapping
