"""What must hold after every fault: each person arrived once, all counts add up, the events tell the row, nobody holds on."""

import functools
import re
from collections import Counter
from collections.abc import Iterable
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db.models import Sum

from integrations import demo
from integrations.enums import BatchStatus, FailureStatus, RecordEventKind, Stage
from integrations.models import Batch, Connection, Event, FailedRecord, RecordEvent, RecordLink, SyncJob
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.runner import work_slice
from integrations.orchestrator.state import PROGRESS
from integrations.orchestrator.state_machine import differences
from integrations.sandbox.server import SandboxServer
from tests import databases
from tests.faults.platforms import Platforms

IN_FLIGHT = 8
"""Batches at stake in a crash: as many as Salesforce's declared concurrency on their way, and as many back that share
the next commit."""
_OF_THE_PLATFORM = ("Id", "CreatedDate", "SystemModstamp", "LastModifiedDate", "attributes")


def prove(platforms: Platforms, jobs: Iterable[SyncJob], *, contacts: int, crashes: int = 0, again: int = 0) -> None:
    """Of finished first jobs of syncs over the whole portal. `crashes`: how often a call may have lost its answer;
    `again`: how many records a person sent again."""
    found = list(jobs)
    for job in found:
        prove_finished(job)
        assert job.fetched == contacts, "read twice, or not at all"
    prove_at_rest()
    prove_arrived(platforms, contacts, {job.sync_id for job in found})
    if len({job.sync_id for job in found}) == 1 and crashes >= 0:
        size = found[0].sync.batch_size or 200
        twice = platforms.summary()["keys_written_more"]
        assert twice <= crashes * IN_FLIGHT * size + again, f"sent twice without a reason: {_story(found[0])}"


def prove_finished(job: SyncJob) -> None:
    """The job went all the way, and its rows say the same as its counters."""
    job.refresh_from_db()
    assert job.stage == Stage.FINISHED, (job.stage, job.status, job.reason_code, job.reason)
    prove_sums(job)
    assert job.fetched == job.left_out + job.invalid + job.duplicate + job.unchanged + job.sent
    batches = Batch.objects.filter(job=job)
    statuses = Counter(batches.values_list("status", flat=True))
    assert set(statuses) <= {BatchStatus.SENT, BatchStatus.SPLIT}
    assert (job.batches_done, job.batches) == (
        statuses[BatchStatus.SENT],
        batches.count() - statuses[BatchStatus.SPLIT],
    )
    totals = batches.aggregate(created=Sum("created"), updated=Sum("updated"))
    assert {name: number or 0 for name, number in totals.items()} == {"created": job.created, "updated": job.updated}
    assert (job.pages, job.pages_mapped, job.pages_validated) == (job.pages,) * 3
    told = RecordEvent.objects.filter(job=job.pk)
    assert told.filter(kind=RecordEventKind.CREATED).count() == job.created
    assert told.filter(kind=RecordEventKind.UPDATED).count() == job.updated
    assert (job.owner, job.wake_at, job.failures_retrying) == (None, None, 0)


def prove_sums(job: SyncJob) -> None:
    """True at any moment, finished or not."""
    assert job.sent == job.created + job.updated + job.rejected
    assert job.fetched == sum(job.source_pages.values_list("count", flat=True))
    rows = Counter(FailedRecord.objects.filter(job=job).values_list("status", flat=True))
    assert job.failures_open == rows[FailureStatus.OPEN]
    assert job.failures_retrying == rows[FailureStatus.RETRYING]
    assert differences(job) == {}


def prove_at_rest() -> None:
    """No lease is left, and every job is what its events add up to."""
    assert not SyncJob.objects.filter(owner__isnull=False).exists()
    call_command("replay", check=True, stdout=StringIO())


def prove_arrived(platforms: Platforms, contacts: int, syncs: set[int]) -> None:
    """The destination holds who it holds after an undisturbed job, each once and with the same values."""
    leads = platforms.leads()
    keys = Counter(lead["HubSpot_Email__c"].lower() for lead in leads)
    assert [key for key, times in keys.items() if times > 1] == []
    wanted = undisturbed(contacts)
    arrived = {lead["HubSpot_Email__c"].lower(): _values(lead) for lead in leads}
    assert wanted.keys() - arrived.keys() == set(), "lost"
    assert arrived.keys() - wanted.keys() == set(), "invented"
    assert [key for key in wanted if arrived[key] != wanted[key]] == []
    links = RecordLink.objects.filter(sync__in=syncs).values_list("destination_id", flat=True)
    assert set(links) == {lead["Id"] for lead in leads}


def prove_discreet(log: str) -> None:
    """No secret of a connection is in the log or in anything a page or an event shows."""
    secrets = [value for row in Connection.objects.all() for value in [*row.secrets.values(), *row.token.values()]]
    told = [
        log,
        *SyncJob.objects.values_list("reason", flat=True),
        *Connection.objects.values_list("state_message", flat=True),
        *map(str, Event.objects.values_list("data", flat=True)),
        *map(str, FailedRecord.objects.values_list("title", "message", "technical")),
    ]
    assert [secret for secret in secrets if len(secret) > 5 and any(secret in text for text in told)] == []


def is_a_sentence(text: str, platform: str) -> bool:
    """One a person can act on: it says who, and shows no code, address or status of HTTP."""
    return platform in text and text.endswith(".") and not re.search(r"HTTP|http|Error|\b[45]\d\d\b|\{", text)


@functools.cache
def undisturbed(contacts: int) -> dict[str, dict[str, Any]]:
    """Key → lead, as one job leaves them that nothing goes wrong for. Worked once, in a database of its own."""
    url = databases.new_url("sqlite")
    with databases.used(url), SandboxServer(contacts=contacts, limits=False) as server:
        job = start_job(demo.add_sync("Contacts", *demo.connect(server.credentials(), tier=demo.UNLIMITED)).pk)
        while work_slice(job.pk):
            pass
        prove_finished(job)
        assert job.fetched == contacts, "read twice, or not at all"
        platforms = Platforms(server.url)
        leads = {lead["HubSpot_Email__c"].lower(): _values(lead) for lead in platforms.leads()}
        platforms.close()
    databases.drop(url)
    return leads


def _story(job: SyncJob) -> list[str]:
    """The job's events without those of progress, for the message of a test that fails."""
    events = Event.objects.filter(stream=job.stream).exclude(kind__in=PROGRESS).order_by("version")
    return [f"{kind} {told.get('code', '')}" for kind, told in events.values_list("kind", "data")]


def _values(lead: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in lead.items() if name not in _OF_THE_PLATFORM}
