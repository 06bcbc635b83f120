"""What is shown and what runs always costs the same however many jobs there ever were: a sync that starts every few minutes
has a hundred thousand in a year."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from integrations import beat
from integrations.enums import Stage, Status
from integrations.models import Inbox, Sync, SyncJob
from integrations.orchestrator.leases import claim_next
from integrations.webhooks.starting import set_lost_alarms, start_small_jobs
from tests.counting import assert_within, least
from tests.factories import make_connection, make_mapping, make_sync
from tests.large_database import ago, insert

SYNCS, JOBS = 10, 60_000
LATELY = 500
"""Of the newest jobs some left somebody to fix, and all still hold what they read."""
PAGES = {"sqlite": 40_000, "postgresql": 5_000}
FEW = {"sqlite": 3_000, "postgresql": 600}
"""Steps of SQLite's virtual machine; rows that PostgreSQL looks at."""


def fill(now: datetime) -> list[Sync]:
    """Syncs that are at nothing just now, and hear of changes."""
    mapping, one, other = make_mapping(), make_connection("hubspot"), make_connection("salesforce")
    syncs = [make_sync(mapping=mapping, source=one, destination=other) for _ in range(SYNCS)]
    Inbox.objects.bulk_create(Inbox(sync=sync) for sync in syncs)
    at = ago(now, f"({JOBS} - n) * 600")
    insert(
        SyncJob,
        {
            "sync_id": f"{syncs[0].pk} + n % {SYNCS}",
            "mapping_version_id": str(mapping.published_id),
            "stage": f"'{Stage.FINISHED}'",
            "status": f"CASE n % 4 WHEN 0 THEN '{Status.PARTIAL}' ELSE '{Status.SUCCEEDED}' END",
            "failures_open": f"CASE WHEN n % 4 = 0 AND n > {JOBS - LATELY} THEN 3 ELSE 0 END",
            "has_payloads": f"n > {JOBS - LATELY}",
            **dict.fromkeys(("created_at", "started_at", "finished_at"), at),
        },
        JOBS,
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return syncs


def runs_always() -> dict[str, Callable[[], Any]]:
    now = timezone.now()
    return {
        "a worker looks for work": claim_next,
        "the beat looks for dead workers": lambda: beat.free_dead_leases(now),
        "the beat looks for repairs": lambda: beat.reopen_waiting_repairs(now),
        "the beat repeats hints": lambda: beat.repeat_hints(now),
        "the beat starts small jobs": lambda: start_small_jobs(now),
        "the beat looks for lost alarms": lambda: set_lost_alarms(now),
    }


def test_nothing_costs_more_with_every_job_there_ever_was(each_db: str) -> None:
    syncs = fill(timezone.now())
    client = Client()
    client.force_login(User.objects.create_superuser("dana"))

    def visit(page: str) -> None:
        assert client.get(page).status_code == 200, page

    sync = syncs[0].pk
    pages = ("/", "/live/?v=1", "/syncs/", "/syncs/?state=ok", f"/syncs/{sync}/", f"/syncs/{sync}/live/", "/jobs/")
    assert_within(PAGES[connection.vendor], {page: least(partial(visit, page)) for page in pages})
    assert_within(FEW[connection.vendor], {name: least(run) for name, run in runs_always().items()})
