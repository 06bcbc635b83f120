"""How much of what a platform's limit allows a job uses that meets nothing else, with the sandbox's limits on."""

import json
import time
import urllib.request
from typing import Any

from django.utils import timezone

from integrations import demo
from integrations.bench.jobs import POLL
from integrations.enums import Stage, Trigger
from integrations.exceptions import QuotaWaitError, RateLimitedError
from integrations.models import Connection, Mapping, MappingVersion, RateBucket, Sync, SyncJob
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.connections import open_adapter, save_connection
from integrations.types import Window

FIELDS = ["email", "firstname", "jobtitle"]
PERSON = """
def map_record(record):
    return {"userId": "hs-" + record["id"], "email": record["email"], "firstName": record["firstname"]}
"""
MEMBER = """
def map_record(record):
    if not record["email"] or "@" not in record["email"]:
        skip("no address")
    return {"email_address": record["email"].strip().lower(), "FNAME": record["firstname"]}
"""
NEVER = 1_000_000_000
PAST_THE_BURST = 4.0
CALLS_A_SECOND, PEOPLE_A_CALL = 50, 10
AT_ONCE, LATENCY_MS = 8, 250.0
TOKENS_A_DAY, TOKENS_LEFT = 200_000, 400


def send_at_limit(url: str, *, seconds: float) -> dict[str, Any]:
    """Segment: calls a second of those allowed, ten people in each."""
    known = _known(url)["segment"]
    destination = _connect("segment", "write_key", {"base_url": url}, {"write_key": known["write_key"]})
    sync = _add_sync(url, destination, "users", "userId", PERSON, batch_size=PEOPLE_A_CALL)
    told = _watch(url, sync, "segment", seconds)
    return {**told, "share": told["calls_per_second"] / CALLS_A_SECOND}


def write_side_by_side(url: str, *, seconds: float) -> dict[str, Any]:
    """Mailchimp: calls under way at one time, of those that we allow ourselves; an answer takes a quarter of a second."""
    known = _known(url)["mailchimp"]
    destination = _connect("mailchimp", "api_key", {"base_url": url}, {"api_key": known["api_key"]})
    sync = _add_sync(url, destination, known["audiences"]["newsletter"], "email_address", MEMBER, bulk_from=NEVER)
    _post(url, "settings", {"mailchimp_latency_ms": LATENCY_MS})
    told = _watch(url, sync, "mailchimp", seconds)
    return {**told, "share": told["calls_per_second"] * LATENCY_MS / 1_000 / AT_ONCE}


def read_until_used_up(url: str) -> dict[str, Any]:
    """Google Analytics: tokens of the day that were used when the next report has to wait; how many were refused."""
    known = _known(url)["google_analytics"]
    settings = {name: known[name] for name in ("base_url", "property_id", "measurement_id")}
    secrets = {name: known[name] for name in ("service_account", "api_secret")}
    source = _connect("google_analytics", "service_account", settings, secrets)
    _post(url, "settings", {"daily_used": {"google_analytics": TOKENS_A_DAY - TOKENS_LEFT}})
    reports = 0
    try:
        with open_adapter(source) as adapter:
            while True:
                adapter.count("report:traffic", Window(None, timezone.now()))
                reports += 1
    except (QuotaWaitError, RateLimitedError):
        left = RateBucket.objects.get(connection=source, name="daily").reported_remaining or 0
    used = TOKENS_LEFT - left
    return {"reports": reports, "share": used / TOKENS_LEFT, "refused": _count(url, "google_analytics", refused=True)}


def _watch(url: str, sync: Sync, platform: str, seconds: float) -> dict[str, Any]:
    """Calls a second while the job uploads, and how many of them were refused."""
    job = start_job(sync.pk, trigger=Trigger.COMMAND)
    while not SyncJob.objects.filter(pk=job.pk, stage=Stage.UPLOADING, batches_done__gt=0).exists():
        time.sleep(POLL)
    time.sleep(PAST_THE_BURST)
    first, started = _count(url, platform), time.monotonic()
    time.sleep(seconds)
    calls, passed = _count(url, platform) - first, time.monotonic() - started
    job.refresh_from_db()
    if job.stage != Stage.UPLOADING:
        raise RuntimeError(f"the job was {job.stage}, {job.status} before the time was up: {job.reason}")
    return {"calls_per_second": calls / passed, "refused": _count(url, platform, refused=True)}


def _connect(platform: str, method: str, settings: dict[str, str], secrets: dict[str, str]) -> Connection:
    return save_connection(
        None,
        name=platform,
        platform=platform,
        method=method,
        settings={**settings, "timeout": "30"},
        secrets=secrets,
        actor="",
    )


def _add_sync(url: str, destination: Connection, object_name: str, key: str, code: str, **more: Any) -> Sync:
    """From the sandbox's contacts, with a mapping of its own."""
    source, _ = demo.connect(_known(url), timeout=30)
    mapping = Mapping.objects.create(
        name=object_name,
        source_platform=source.platform,
        source_object="contacts",
        destination_platform=destination.platform,
        destination_object=object_name,
    )
    mapping.published = MappingVersion.objects.create(mapping=mapping, number=1, code=code, source_fields=FIELDS)
    mapping.save(update_fields=["published"])
    ends = {"source": source, "source_object": "contacts", "destination": destination}
    return Sync.objects.create(
        name=object_name, **ends, destination_object=object_name, destination_key=key, mapping=mapping, **more
    )


def _known(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/_control/credentials", timeout=10) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
    return found


def _post(url: str, path: str, body: dict[str, Any]) -> None:
    head = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/_control/{path}", json.dumps(body).encode(), head)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310
        pass


def _count(url: str, platform: str, *, refused: bool = False) -> int:
    """Answers so far: those with 429, or all others."""
    with urllib.request.urlopen(f"{url}/_control/requests", timeout=10) as answer:  # noqa: S310
        routes = json.load(answer)["routes"]
    return sum(one["count"] for one in routes if one["platform"] == platform and (one["status"] == 429) is refused)
