"""Every page, and what runs every few seconds, does little on a database with 1,000 jobs, a million record events, 100,000
failed records, a day's 345,000 events and 100,000 that came in. What is counted is work, which does not depend on how busy
the machine is."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from integrations import beat
from integrations.enums import DeliveryStatus, FailureStatus, Status
from integrations.models import Connection, Event, FailedRecord, SyncJob, WebhookDelivery
from integrations.orchestrator.leases import claim_next
from integrations.webhooks.quiet import measure_gaps
from tests.counting import assert_within, least
from tests.large_database import DELIVERIES, EVENTS_A_DAY, FAILED_RECORDS, SYNCS, fill

COUNTING = ("/", "/live/?v=1", "/failures/")
"""Pages that count the Fix-it list by reason: they read an index of it through, a search once more."""
MOST = {"sqlite": 2_500_000, "postgresql": 200_000}
"""Steps of SQLite's virtual machine, which does some 100 million a second; rows that PostgreSQL looks at."""
SOME = {"sqlite": 400_000, "postgresql": 25_000}
FEW = {"sqlite": 50_000, "postgresql": 2_500}


def pages() -> list[str]:
    """Of each list the first page, one in the middle, and those that find few or nobody."""
    job = SyncJob.objects.filter(status=Status.RUNNING).first()
    record = FailedRecord.objects.open().order_by("pk")[FAILED_RECORDS // 2]
    event = Event.objects.order_by("pk")[EVENTS_A_DAY // 2]
    sync, connected = job.sync_id, Connection.objects.first()
    delivery = WebhookDelivery.objects.order_by("pk")[DELIVERIES // 2]
    source = delivery.connection_id
    return [
        *("/", "/live/?v=1", "/limits/", "/connections/", f"/connections/{connected.pk}/", "/mappings/"),
        *("/activity/", "/activity/?about=job", "/activity/?about=connection", "/activity/?by=-", "/activity/?by=x"),
        *(f"/activity/?before={event.pk}", "/jobs/", "/jobs/?status=partial", "/jobs/?status=paused"),
        *(f"/jobs/?sync={sync}", f"/jobs/?sync={sync}&status=cancelled", f"/jobs/?before={job.pk - 500}"),
        *(f"/jobs/{job.pk}/", f"/jobs/{job.pk}/?events=all", f"/jobs/{job.pk}/live/", f"/jobs/{job.pk}/events/"),
        *(f"/jobs/{job.pk}/batches/", f"/jobs/{job.pk}/batches/7/", f"/jobs/{job.pk - SYNCS}/"),
        *("/duplicates/", "/duplicates/?q=nobody", "/duplicates/?verdict=same"),
        *("/syncs/", "/syncs/?q=nobody", f"/syncs/{sync}/", f"/syncs/{sync}/live/", f"/syncs/{sync}/changes/"),
        *("/failures/", "/failures/?reason=too_long:Phone", f"/failures/?before={record.pk}"),
        *(f"/failures/?status={status}" for status in FailureStatus.values),
        *("/failures/?q=person+9", "/failures/?q=nobody", "/failures/?reason=too_long:Phone&q=nobody"),
        *(
            f"/failures/?sync={sync}",
            f"/failures/?sync={sync}&q=nobody",
            f"/failures/?sync={sync}&reason=too_long:Phone",
        ),
        *(
            f"/failures/?job={job.pk}",
            f"/failures/?record={record.pk}",
            f"/failures/?status=fixed&sync={sync}&q=nobody",
        ),
        *(
            "/incoming/",
            f"/incoming/?source={source}",
            "/incoming/?q=77",
            "/incoming/?q=nobody",
            f"/incoming/?job={job.pk}",
        ),
        *(f"/incoming/?status={status}" for status in DeliveryStatus.values),
        *(f"/incoming/?source={source}&status={status}" for status in DeliveryStatus.values),
        *(
            f"/incoming/?before={delivery.pk}",
            f"/incoming/?record={delivery.pk}",
            f"/incoming/?source={source}&q=nobody",
        ),
        *(f"/syncs/{sync}/people/", f"/syncs/{sync}/people/?q={record.source_id}", f"/syncs/{sync}/people/?q=nobody"),
    ]


RUNS_ALWAYS: dict[str, Callable[[], Any]] = {
    "a worker looks for work": claim_next,
    "the beat looks for dead workers": lambda: beat.free_dead_leases(timezone.now()),
    "the beat looks for repairs": lambda: beat.reopen_waiting_repairs(timezone.now()),
    "the beat repeats hints": lambda: beat.repeat_hints(timezone.now()),
    "the beat looks for silence": lambda: measure_gaps(timezone.now()),
    "the beat sweeps": lambda: beat.sweep(timezone.now()),
}


def test_no_page_and_nothing_that_runs_always_reads_a_large_database_through(each_db: str) -> None:
    fill(timezone.now())
    assert FailedRecord.objects.count() == FAILED_RECORDS
    client = Client()
    client.force_login(User.objects.create_superuser("dana"))

    def visit(page: str) -> None:
        assert client.get(page).status_code == 200, page

    done = {page: least(partial(visit, page)) for page in pages()}
    counting = {page: work for page, work in done.items() if page in COUNTING or page.startswith(COUNTING[-1])}
    assert_within(MOST[connection.vendor], counting)
    assert_within(SOME[connection.vendor], {page: work for page, work in done.items() if page not in counting})
    assert_within(FEW[connection.vendor], {name: least(run) for name, run in RUNS_ALWAYS.items()})
