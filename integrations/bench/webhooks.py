"""Calls that come in: how many are answered, whether one is lost, and how long it takes until what they tell is there."""

import json
import sys
import time
import urllib.request
from statistics import median
from typing import Any

from integrations import demo
from integrations.bench.calls import Load
from integrations.bench.jobs import POLL, add_example_sync, wait_for
from integrations.enums import Trigger
from integrations.models import (
    Connection,
    RecordEvent,
    RecordLink,
    SeenChange,
    Sync,
    SyncJob,
    WebhookDelivery,
)
from integrations.orchestrator.commands import start_job
from integrations.sandbox.hubspot.credentials import CLIENT_SECRET
from integrations.webhooks.commands import give_address, save_webhook_secrets, set_listening

UNGUARDED = {"creates": 10_000_000, "updates": 10_000_000, "blanks": 10_000_000}
WARM_UP = 200
PATIENCE = 120.0


def answer_calls(url: str, *, panel: str, seconds: float, connections: int) -> dict[str, Any]:
    """As many calls as are answered, for a while, by so many connections; and how fast workers read them meanwhile."""
    source = _caller()
    address = _address(panel, source)
    Load(address, CLIENT_SECRET, connections).call(calls=WARM_UP)
    before = WebhookDelivery.objects.count()
    told = Load(address, CLIENT_SECRET, connections, first=WARM_UP + 1).call(seconds=seconds)
    started, left = time.monotonic(), WebhookDelivery.objects.waiting().count()
    _wait_until_read()
    return {
        "per_second": told.per_second,
        "p50": told.slowest_ms(50),
        "p99": told.slowest_ms(99),
        "answered": len(told.answered),
        "stored": WebhookDelivery.objects.count() - before,
        "others": sum(number for status, number in told.statuses.items() if status != 200),
        "unread": left,
        "read_in": time.monotonic() - started,
    }


def lose_nothing(url: str, *, panel: str, calls: int, connections: int) -> dict[str, Any]:
    """So many calls while the web server is killed and started again; what had no answer is called again."""
    load = Load(_address(panel, _caller()), CLIENT_SECRET, connections)
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    told = load.call(calls=calls)
    _wait_until_read()
    seen = set(map(int, SeenChange.objects.values_list("record_id", flat=True)))
    return {
        "answered": len(told.answered),
        "unanswered": told.unanswered,
        "lost": len(set(told.answered) - seen),
        "doubled": SeenChange.objects.count() - len(seen),
    }


def follow_changes(url: str, *, panel: str, people: int, every: float) -> dict[str, Any]:
    """Change one person after the other over there; seconds until each was sent to the destination and written down."""
    sync = _listening(url, panel)
    ids = list(RecordLink.objects.filter(sync=sync.pk).order_by("pk").values_list("source_id", flat=True)[:people])
    touched = {}
    for number, record_id in enumerate(ids):
        touched[record_id] = time.time()
        _post(url, "hubspot/contacts/touch", {"ids": [record_id], "properties": {"city": f"Town {number}"}})
        time.sleep(every)
    jobs = SyncJob.objects.filter(sync=sync, trigger=Trigger.WEBHOOK)
    events = RecordEvent.objects.filter(job__in=jobs.values("pk"), source_id__in=ids)
    _wait_until(lambda: events.values("source_id").distinct().count() == len(ids))
    took = [at.timestamp() - touched[record_id] for record_id, at in events.values_list("source_id", "at")]
    return {"people": len(ids), "jobs": jobs.count(), "median": median(took), "worst": max(took)}


def change_everybody(url: str, *, panel: str) -> dict[str, Any]:
    """All people change in one moment; small jobs, and seconds until the last of them is over."""
    sync = _listening(url, panel)
    people = SyncJob.objects.filter(sync=sync).latest("pk").fetched
    started = time.monotonic()
    _post(url, "hubspot/contacts/touch", {"count": people, "properties": {"city": "Ghent"}})
    jobs = SyncJob.objects.filter(sync=sync, trigger=Trigger.WEBHOOK)
    _wait_until(lambda: sum(jobs.values_list("fetched", flat=True)) >= people and not jobs.active().exists())
    seconds = time.monotonic() - started
    with urllib.request.urlopen(f"{url}/_control/webhooks", timeout=10) as answer:  # noqa: S310
        [calls] = json.load(answer)["subscribers"]
    sent = sum(job.sent for job in jobs)
    return {
        "people": people,
        "calls": calls["sent"],
        "p99": calls["p99_ms"],
        "jobs": jobs.count(),
        "seconds": seconds,
        "sent": sent,
    }


def _caller() -> Connection:
    """An account that calls, and has nothing else to do here."""
    found, _ = Connection.objects.get_or_create(name="Calls", platform="hubspot", method="token")
    return found


def _address(panel: str, connection: Connection) -> str:
    save_webhook_secrets(connection.pk, {"webhook_secret": CLIENT_SECRET}, "")
    return f"{panel}/hooks/{give_address(connection.pk, '').token}/"


def _listening(url: str, panel: str) -> Sync:
    """The example sync, once everybody is there, called by the sandbox."""
    sync = add_example_sync(url, "Contacts", demo.UNLIMITED, guards=UNGUARDED)
    wait_for([start_job(sync.pk, trigger=Trigger.COMMAND)])
    set_listening(sync.pk, listens=True, actor="")
    _post(url, "hubspot/webhooks", {"url": _address(panel, sync.source)})
    return sync


def _post(url: str, path: str, body: dict[str, Any]) -> None:
    head = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/_control/{path}", json.dumps(body).encode(), head)  # noqa: S310
    with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310
        pass


def _wait_until_read() -> None:
    _wait_until(lambda: not WebhookDelivery.objects.waiting().exists())


def _wait_until(condition: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("It did not come to its end.")
        time.sleep(POLL)
