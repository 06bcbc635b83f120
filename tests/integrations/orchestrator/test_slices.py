"""What ends a slice that cannot go on."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from integrations.enums import Kind, Status
from integrations.models import SourcePage, Sync, SyncJob
from integrations.models.blobs import pack
from integrations.orchestrator import failures
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.failures import Failure
from integrations.orchestrator.leases import Heart, claim
from integrations.orchestrator.runner import give_back
from integrations.orchestrator.stages import validating
from integrations.orchestrator.state_machine import change_job
from integrations.orchestrator.work import Work
from tests.factories import make_job, make_sync


def test_what_the_database_refuses_stops_the_job_with_a_reason_instead_of_trying_for_ever(
    sync: Sync, run_job: Callable[..., SyncJob]
) -> None:
    job = start_job(sync.pk)
    SourcePage.objects.create(job=job, number=0, count=0, records=pack([]), fetched_at=timezone.now())
    assert (run_job(job).status, job.reason_code) == (Status.STUCK, "engine_error")


@pytest.mark.django_db
def test_a_job_that_is_to_be_cancelled_is_not_held_for_a_release() -> None:
    job = make_job(make_sync(guards={"creates": 1}))
    with change_job(job.pk) as change:
        change.append(Kind.JOB_STARTED)
        for kind in (Kind.JOB_FETCHED, Kind.JOB_MAPPED):
            change.append(kind)
        change.append(Kind.JOB_PAGES_VALIDATED, guard_add={"new": 5})
        change.append(Kind.JOB_CANCEL_REQUESTED)
    held = claim(job.pk)
    assert held is not None
    with Work(held, Heart(held)) as work:
        validating.finish(work)
        give_back(work)
    job.refresh_from_db()
    assert (job.status, job.cancel_requested, job.owner) == (Status.CANCELLED, False, None)


def test_a_name_with_a_nul_in_it_is_held_like_any_other(each_db: str) -> None:
    received = {"id": "1", "email": "d\x00ana@example.com", "firstname": "Da\x00na"}
    failure = Failure("1\x00", "invalid", "invalid_email", "No", "No\x00.", technical="\x00", received=received)
    assert len(failures.hold(make_job(), [failure], timezone.now())) == 1
