"""What holds people's data is kept for a while, not for ever: pages, batches, failed records, possible
duplicates, people to try a mapping on, sessions, failed sign-ins.

Events, record events, links and the job's counts stay. What failed records need stays with them until they are done with.
Each call does a bounded piece of work, a few rows per transaction, so that nobody waits long for the database.
"""

from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Length

from integrations.enums import FINAL, FailureStatus
from integrations.models import Batch, Duplicate, FailedRecord, MappingSample, MappingTask, SourcePage, SyncJob

JOBS_AT_ONCE = 20
ROWS_AT_ONCE = 1_000
ROWS_PER_COMMIT = 100
RECORDS_AT_ONCE = 500
DONE_WITH = (FailureStatus.FIXED, FailureStatus.DISMISSED, FailureStatus.SUPERSEDED)
KEEP_ATTEMPTS = timedelta(days=1)
"""Failed sign-ins count for a quarter of an hour; anybody can make as many as he likes."""


def forget_payloads(now: datetime) -> int:
    """Empty batches and drop pages of jobs that finished KEEP_PAYLOAD_DAYS ago, oldest first; returns how many rows."""
    done = 0
    full = SyncJob.objects.filter(finished_at__lt=_long_ago(now), has_payloads=True, failures_retrying=0)
    for job_id in full.order_by("finished_at").values_list("pk", flat=True)[:JOBS_AT_ONCE]:
        while done < ROWS_AT_ONCE and (rows := _forget_some(job_id, now)):
            done += rows
    return done


def forget_people(now: datetime) -> int:
    """Empty failed records that were done with KEEP_PAYLOAD_DAYS ago: the reason stays, the person goes. Returns how many."""
    old = FailedRecord.objects.known().filter(resolved_at__lt=_long_ago(now)).order_by("resolved_at")
    ids = list(old.values_list("pk", flat=True)[:RECORDS_AT_ONCE])
    empty: dict[str, Any] = {
        "label": "",
        "email": "",
        "technical": "",
        "received": None,
        "mapped": None,
        "there": None,
        "corrections": {},
        "suggestion": {},
        "has_suggestion": False,
    }
    return FailedRecord.objects.filter(pk__in=ids, status__in=DONE_WITH).update(**empty)


def forget_duplicates(now: datetime) -> int:
    """Empty possible duplicates that were decided KEEP_PAYLOAD_DAYS ago: the decision stays, the people go. Returns how many."""
    old = Duplicate.objects.decided().filter(sides__isnull=False, decided_at__lt=_long_ago(now)).order_by("decided_at")
    ids = list(old.values_list("pk", flat=True)[:RECORDS_AT_ONCE])
    empty: dict[str, Any] = {"label": "", "email": "", "other_label": "", "other_email": "", "sides": None}
    return Duplicate.objects.decided().filter(pk__in=ids).update(**empty)


def forget_samples(now: datetime) -> int:
    """Remove people who were fetched KEEP_PAYLOAD_DAYS ago to try a mapping on, and rehearsals that old, which show some; who
    was made up stays, and so do examples, which a person keeps on purpose. Returns how many."""
    old = MappingSample.objects.filter(is_made_up=False, fetched_at__lt=_long_ago(now))
    tasks = MappingTask.objects.with_people().filter(finished_at__lt=_long_ago(now))
    return _remove(old, by="fetched_at") + _remove(tasks, by="finished_at")


def forget_sign_ins(now: datetime) -> None:
    """Remove sessions that ended, and failed sign-ins that no longer count."""
    _remove(Session.objects.filter(expire_date__lt=now))
    _remove(AccessAttempt.objects.filter(attempt_time__lt=now - KEEP_ATTEMPTS))


def _long_ago(now: datetime) -> datetime:
    return now - timedelta(days=settings.KEEP_PAYLOAD_DAYS)


def _forget_some(job_id: int, now: datetime) -> int:
    """One commit, under the job's lock, and only if it is still that old: a person may be asking for a retry at this moment.

    Returns how many rows; 0 when nothing is left to do.
    """
    old = SyncJob.objects.filter(pk=job_id, status__in=FINAL, finished_at__lt=_long_ago(now), failures_retrying=0)
    with transaction.atomic():
        job = old.select_for_update().first()
        rows = (_empty_batches(job) or _drop_pages(job)) if job else 0
        if job and not rows:
            SyncJob.objects.filter(pk=job_id).update(has_payloads=False)
    return rows


def _empty_batches(job: SyncJob) -> int:
    """By the length, which the database knows without reading what is so long."""
    full = Batch.objects.annotate(size=Length("payload")).filter(Q(size__gt=0) | Q(exchange__isnull=False), job=job)
    ids = list(full.order_by("number").values_list("pk", flat=True)[:ROWS_PER_COMMIT])
    return Batch.objects.filter(pk__in=ids).update(payload=b"", exchange=None)


def _drop_pages(job: SyncJob) -> int:
    ids = list(SourcePage.objects.filter(job=job).order_by("number").values_list("pk", flat=True)[:ROWS_PER_COMMIT])
    return SourcePage.objects.filter(pk__in=ids).delete()[0]


def _remove(rows: models.QuerySet[Any], by: str = "pk") -> int:
    """The first RECORDS_AT_ONCE of these; returns how many."""
    keys = list(rows.order_by(by).values_list("pk", flat=True)[:RECORDS_AT_ONCE])
    if keys:
        rows.model._default_manager.filter(pk__in=keys).delete()
    return len(keys)
