"""Retries of many failed records at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.enums import FailureStatus, Kind
from integrations.models import FailedRecord, RecordEvent
from integrations.orchestrator.repairs import CHUNK, _ask, retry_records
from integrations.orchestrator.state_machine import change_job, differences
from tests.integrations.orchestrator.test_failures import job_with_failures

pytestmark = pytest.mark.django_db


def test_many_retries_take_a_few_writes_and_read_no_payload() -> None:
    job, _ = job_with_failures(1)
    template = FailedRecord.objects.get()
    FailedRecord.objects.bulk_create(_copies(template, CHUNK + 9))
    with change_job(job.pk) as change:
        change.append(
            Kind.JOB_RETRY_REQUESTED, add={"failures_open": CHUNK + 9, "invalid": CHUNK + 9, "fetched": CHUNK + 9}
        )
    with CaptureQueriesContext(connection) as queries:
        assert retry_records(FailedRecord.objects.values_list("pk", flat=True), "dana") == CHUNK + 10
    assert len(queries) < 40
    assert not any('"received"' in query["sql"] for query in queries)
    assert FailedRecord.objects.filter(status=FailureStatus.RETRYING, resolved_by="dana").count() == CHUNK + 10
    job.refresh_from_db()
    assert (job.failures_open, job.failures_retrying) == (0, CHUNK + 10)
    assert differences(job) == {}


def test_a_correction_is_kept_with_its_event_and_only_of_open_records() -> None:
    job, (one, other) = job_with_failures(2)
    FailedRecord.objects.filter(pk=other.pk).update(status=FailureStatus.DISMISSED)
    wanted = {"sent": {"Company": "Acme"}}
    assert _ask(job.pk, [one.pk, other.pk], "dana", corrections={one.pk: wanted, other.pk: wanted}) == 1
    assert list(FailedRecord.objects.order_by("pk").values_list("corrections", flat=True)) == [wanted, {}]
    assert [(event.source_id, event.detail) for event in RecordEvent.objects.all()] == [(one.source_id, "Company")]


def _copies(template: FailedRecord, number: int) -> list[FailedRecord]:
    names = [field.attname for field in FailedRecord._meta.fields if field.attname not in {"id", "source_id"}]
    values = {name: getattr(template, name) for name in names}
    return [FailedRecord(source_id=f"copy {at}", **values) for at in range(number)]
