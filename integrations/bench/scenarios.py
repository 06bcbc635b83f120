"""What is measured: each function runs in a process of its own with the stand's database, and returns plain figures."""

import json
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from statistics import quantiles
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.test.utils import override_settings

from integrations import demo
from integrations.bench import platforms, webhooks
from integrations.bench.jobs import POLL, add_example_sync, wait_for
from integrations.enums import FINAL, Trigger
from integrations.models import RateBucket, SyncJob
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.state_machine import differences

HTTP_OK = 200
STAGES = ("fetching", "mapping", "validating", "uploading", "finished")


def run_one(url: str, *, name: str = "Contacts", tier: str = demo.UNLIMITED) -> dict[str, Any]:
    """One whole job; records a second, in all and per stage."""
    sync = add_example_sync(url, name, tier)
    writes = _writes(url)
    started = time.monotonic()
    job = wait_for([start_job(sync.pk, trigger=Trigger.COMMAND)])[0]
    seconds = time.monotonic() - started
    return {
        "records": job.fetched,
        "seconds": seconds,
        "per_second": job.fetched / seconds,
        "stages": _stages(job),
        "writes": _writes(url) - writes,
        "unchanged": job.unchanged,
        "clean": not differences(job),
    }


def run_many(url: str, *, syncs: int, tier: str = demo.UNLIMITED) -> dict[str, Any]:
    """So many syncs of the whole portal side by side; records a second of all together."""
    jobs = [
        start_job(add_example_sync(url, f"Contacts {n + 1}", tier).pk, trigger=Trigger.COMMAND) for n in range(syncs)
    ]
    started = time.monotonic()
    done = wait_for(jobs)
    seconds = time.monotonic() - started
    records = sum(job.fetched for job in done)
    return {"records": records, "seconds": seconds, "per_second": records / seconds}


def run_limited(url: str, *, seconds: float) -> dict[str, Any]:
    """Fetch under the platform's real limit for a while; how much of what it allows was used."""
    sync = add_example_sync(url, "Limited", "")
    job = start_job(sync.pk, trigger=Trigger.COMMAND)
    while not SyncJob.objects.filter(pk=job.pk, pages__gt=0).exists():
        time.sleep(POLL)
    time.sleep(12)  # past the first burst, into the steady state
    first, started = _requests(url), time.monotonic()
    time.sleep(seconds)
    calls, passed = _requests(url) - first, time.monotonic() - started
    bucket = RateBucket.objects.filter(connection=sync.source, limit__gt=0).order_by("limit").first()
    return {"calls_per_second": calls / passed, "limit": bucket.limit if bucket else None}


def look_while_running(url: str) -> dict[str, Any]:
    """Ask for the live part of a job again and again while it runs; milliseconds per answer."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}, ALLOWED_HOSTS=["testserver"]):
        browser = Client(headers={"HX-Request": "true"})
        browser.force_login(get_user_model().objects.create_superuser("bench@example.com"))
        job = start_job(add_example_sync(url, "Contacts", demo.UNLIMITED).pk, trigger=Trigger.COMMAND)
        took: list[float] = []
        while not SyncJob.objects.filter(pk=job.pk, status__in=FINAL).exists():
            started = time.perf_counter()
            answer = browser.get(f"/jobs/{job.pk}/live/")
            took.append((time.perf_counter() - started) * 1_000)
            if answer.status_code != HTTP_OK:
                raise RuntimeError(f"the live page answered {answer.status_code}")
            time.sleep(POLL)
    return {"answers": len(took), "p50": quantiles(took, n=20)[9], "p95": quantiles(took, n=20)[18]}


def _stages(job: SyncJob) -> dict[str, float]:
    """Records a second in each stage, from the times the job's events tell."""
    at = {name: datetime.fromisoformat(text) for name, text in job.stage_started_at.items()}
    if job.started_at:
        at["fetching"] = job.started_at
    known = [name for name in STAGES if name in at]
    return {name: job.fetched / max((at[after] - at[name]).total_seconds(), 0.001) for name, after in pairwise(known)}


def _writes(url: str) -> int:
    with urllib.request.urlopen(f"{url}/_control/salesforce/Lead/summary", timeout=10) as answer:  # noqa: S310
        return int(json.load(answer)["writes"])


def _requests(url: str) -> int:
    with urllib.request.urlopen(f"{url}/_control/requests", timeout=10) as answer:  # noqa: S310
        told = json.load(answer)
    return sum(row["count"] for row in told["routes"] if row["platform"] == "hubspot" and row["status"] == 200)


SCENARIOS: dict[str, Callable[..., dict[str, Any]]] = {
    "run_one": run_one,
    "run_many": run_many,
    "run_limited": run_limited,
    "look_while_running": look_while_running,
    "answer_calls": webhooks.answer_calls,
    "lose_nothing": webhooks.lose_nothing,
    "follow_changes": webhooks.follow_changes,
    "change_everybody": webhooks.change_everybody,
    "send_at_limit": platforms.send_at_limit,
    "write_side_by_side": platforms.write_side_by_side,
    "read_until_used_up": platforms.read_until_used_up,
}
