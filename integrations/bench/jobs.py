"""The sync that is measured, and its jobs."""

import json
import time
import urllib.request
from typing import Any

from integrations import demo
from integrations.enums import FINAL, Status
from integrations.models import Sync, SyncJob

POLL = 0.05


def add_example_sync(url: str, name: str, tier: str, **more: Any) -> Sync:
    """The demo's sync between the platforms of that sandbox."""
    with urllib.request.urlopen(f"{url}/_control/credentials", timeout=10) as answer:  # noqa: S310
        credentials = json.load(answer)
    return demo.add_sync(name, *demo.connect(credentials, tier=tier, timeout=30), **more)


def wait_for(jobs: list[SyncJob]) -> list[SyncJob]:
    """Until all are finished; a job that stops is an error of the measurement."""
    ids = [job.pk for job in jobs]
    while True:
        rows = SyncJob.objects.filter(pk__in=ids)
        stuck = rows.filter(status__in=[Status.STUCK, Status.CANCELLED]).first()
        if stuck is not None:
            raise RuntimeError(f"job {stuck.pk} is {stuck.status}: {stuck.reason}")
        if rows.filter(status__in=FINAL).count() == len(ids):
            return list(rows)
        time.sleep(POLL)
