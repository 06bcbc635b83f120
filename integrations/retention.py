"""Payloads are kept for a while, not for ever: pages and batches of finished jobs hold people's data.

Events, record events, links and the job's counts stay. What failed records need stays with them until they are done with.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from integrations.enums import FINAL, FailureStatus
from integrations.models import Batch, FailedRecord, SourcePage, SyncJob

JOBS_AT_ONCE = 20
RECORDS_AT_ONCE = 500
DONE_WITH = (FailureStatus.FIXED, FailureStatus.DISMISSED, FailureStatus.SUPERSEDED)


def forget_payloads(now: datetime) -> int:
    """Drop pages, and empty batches, of jobs that finished KEEP_PAYLOAD_DAYS ago; returns of how many jobs."""
    before = now - timedelta(days=settings.KEEP_PAYLOAD_DAYS)
    old = SyncJob.objects.filter(status__in=FINAL, finished_at__lt=before, failures_retrying=0)
    with_pages = old.filter(source_pages__isnull=False).distinct().order_by("pk")
    jobs = list(with_pages.values_list("pk", flat=True)[:JOBS_AT_ONCE])
    return sum(_forget(old.filter(pk=job_id)) for job_id in jobs)


def forget_people(now: datetime) -> int:
    """Empty failed records that were done with KEEP_PAYLOAD_DAYS ago: the reason stays, the person goes. Returns how many."""
    before = now - timedelta(days=settings.KEEP_PAYLOAD_DAYS)
    old = FailedRecord.objects.known().filter(status__in=DONE_WITH, resolved_at__lt=before)
    ids = list(old.values_list("pk", flat=True)[:RECORDS_AT_ONCE])
    empty: dict[str, Any] = {
        "label": "",
        "email": "",
        "technical": "",
        "received": None,
        "mapped": None,
        "corrections": {},
    }
    return FailedRecord.objects.filter(pk__in=ids).update(**empty)


def _forget(job: QuerySet[SyncJob]) -> bool:
    """Under the job's lock, and only if it is still that old: a person may be asking for a retry at this moment."""
    with transaction.atomic():
        still = job.select_for_update().first()
        if still is None:
            return False
        SourcePage.objects.filter(job=still).delete()
        Batch.objects.filter(job=still).update(payload=b"", exchange=None)
    return True
