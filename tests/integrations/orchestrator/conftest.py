"""Jobs worked in this process, against the simulated platforms over real HTTP, with time passed in."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial, wraps
from typing import Any

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from integrations import demo
from integrations.adapters.registry import adapter_class, platforms
from integrations.enums import FINAL, Status
from integrations.models import Sync, SyncJob
from integrations.orchestrator import leases
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.runner import work_slice
from integrations.orchestrator.state_machine import differences
from integrations.sandbox.server import SandboxServer

CONTACTS = 1_500
"""More than are mapped, or written to the trail, at once."""
ODDNESS = 4
CALLS = (
    *("check", "describe", "count", "list_objects", "fetch_records", "read_records", "find_records"),
    *("upload_batch", "archive_records", "begin_bulk", "send_bulk", "poll_bulk", "abort_bulk"),
)
"""What an adapter asks of its platform."""


@pytest.fixture(autouse=True)
def calls_in_transactions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Whatever a test has jobs do: while a transaction is open no platform is called, since nobody else can write meanwhile."""
    found: list[str] = []
    for platform in platforms():
        adapter = adapter_class(platform)
        for name in filter(partial(hasattr, adapter), CALLS):
            monkeypatch.setattr(adapter, name, _watched(getattr(adapter, name), f"{platform} {name}", found))
    yield found
    assert not found


def _watched(call: Callable[..., Any], name: str, found: list[str]) -> Callable[..., Any]:
    @wraps(call)
    def watched(*args: Any, **options: Any) -> Any:
        if not all(block._from_testcase for block in connection.atomic_blocks):
            found.append(name)
        return call(*args, **options)

    return watched


class Control:
    """The sandbox's control API."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.url, timeout=10, verify=False)  # certificates take long to load

    def summary(self, platform: str = "salesforce", object_name: str = "Lead") -> dict[str, int]:
        return self.http.get(f"/_control/{platform}/{object_name}/summary").json()

    def fault(self, platform: str, route: str, kind: str, **more: Any) -> None:
        body = {"platform": platform, "route": route, "kind": kind} | more
        self.http.post("/_control/faults", json=body).raise_for_status()

    def heal(self) -> None:
        self.http.delete("/_control/faults").raise_for_status()

    def leads(self) -> list[dict[str, Any]]:
        return self.http.get("/_control/salesforce/Lead/records", params={"limit": 100_000}).json()["records"]

    def writes(self) -> int:
        return self.summary()["writes"]

    def touch(self, count: int, **properties: str) -> None:
        body = {"count": count, "properties": properties}
        self.http.post("/_control/hubspot/contacts/touch", json=body).raise_for_status()


@pytest.fixture
def sandbox() -> Iterator[Control]:
    """A small portal without limits, odd enough to hold one of every oddity."""
    with SandboxServer(contacts=CONTACTS, limits=False, oddness=ODDNESS) as server:
        control = Control(server)
        yield control
        control.http.close()


@pytest.fixture
def sync(committed_db: str, sandbox: Control) -> Sync:
    """The demo's sync against the small portal."""
    return demo.add_sync("Contacts", *demo.connect(sandbox.server.credentials(), tier=demo.UNLIMITED, timeout=5))


@pytest.fixture
def run_job(monkeypatch: pytest.MonkeyPatch) -> Callable[..., SyncJob]:
    """Works a job to its end, slice by slice; a waiting job is woken at once, as if the time had passed."""

    def run(sync: Sync | SyncJob, *, slices: int = 60) -> SyncJob:
        job = sync if isinstance(sync, SyncJob) else start_job(sync.pk)
        for _ in range(slices):
            SyncJob.objects.filter(pk=job.pk, wake_at__isnull=False).update(
                wake_at=timezone.now() - timedelta(seconds=1)
            )
            if not work_slice(job.pk):
                break
            job.refresh_from_db()
            if job.status in FINAL or job.status in {Status.STUCK, Status.PAUSED} or job.wake_at is None:
                break
        job.refresh_from_db()
        assert differences(job) == {}
        return job

    assert leases.RENEW_EVERY > 1
    return run


def adds_up(job: SyncJob) -> bool:
    """Nothing green that is not."""
    sides = job.left_out + job.invalid + job.duplicate + job.unchanged + job.sent
    return job.fetched == sides and job.sent == job.created + job.updated + job.rejected
