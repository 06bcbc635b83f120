"""A storm carried out on a stand, and what has to be true when it is over."""

import time
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from integrations import demo
from integrations.enums import FailureKind, Kind, ReadMode, Stage, Status
from integrations.models import Connection, Event, FailedRecord, RateBucket, RateSlot, Sync, SyncJob
from integrations.orchestrator import repairs
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.connections import save_connection
from tests.faults.blows import Blows, check_all, help_on
from tests.faults.platforms import Platforms
from tests.faults.proof import prove, prove_sums
from tests.faults.stand import Stand
from tests.faults.storm_plan import Blow, Plan

LONG = 240.0
PRESSES = 4
"""How often a person may have to press Resume once the platforms are well: a stop of the storm may come in late."""
NOT_TROUBLE = frozenset({"paused", "quota_wait", "breaker", "bulk_processing"})
"""Reasons to wait with which no call has lost its answer."""


class Storm:
    """The jobs in one storm, one of each sync; those a person cancelled are followed by others."""

    def __init__(self, plan: Plan, stand: Stand) -> None:
        self.plan, self.stand = plan, stand
        self.platforms = self._take_sandbox()
        self.blows = Blows(stand, self.platforms, plan.seed)
        self.cancelled: list[SyncJob] = []

    def rage(self) -> None:
        """Start the jobs, and strike blow after blow until the plan or the jobs end."""
        self._prepare()
        self.jobs = [start_job(sync.pk, actor="dana") for sync in self._add_syncs()]
        for blow in self.plan.blows:
            job = self._job(blow)
            self._await(blow, job)
            if self._is_over():
                break
            print(f"{job} {job.stage} {job.status} v{job.version}: {blow.kind} {dict(blow.fault) or ''}")
            self.blows.strike(blow, job)

    def calm_down(self) -> None:
        """The platforms are well again; a person tests the connections, and helps where a job has stopped."""
        self.blows.thaw()
        self.platforms.heal()
        self.platforms.set(latency_ms=0)
        self.stand.until(check_all, beat=True)
        self._see_them_end()
        refused = FailedRecord.objects.open().filter(job__in=self.jobs, kind=FailureKind.REJECTED)
        self.again = repairs.retry_records(refused.values_list("pk", flat=True), "dana")
        self._see_them_end()
        assert not refused.exists(), "a record that the platform takes"

    def prove(self) -> None:
        """Nothing runs, nobody holds anything, and everybody arrived once."""
        self.stand.stop_working()
        _prove_permits_free(self.blows.losses)
        for job in self.cancelled:
            job.refresh_from_db()  # a later job may have taken over what it failed at
            prove_sums(job)
        # What was put into a large load before its job was cancelled is still worked on.
        lost = len(self.cancelled) if self.plan.is_bulk else self.blows.losses + self._troubles()
        prove(self.platforms, self.jobs, contacts=self.plan.contacts, crashes=lost, again=self.again)

    # before

    def _take_sandbox(self) -> Platforms:
        tiers = {"tier": "enterprise", "salesforce_tier": "enterprise", "bulk_delay": 0.1}
        return self.stand.take_sandbox(limits=self.plan.is_limited, latency_ms=self.plan.latency_ms, **tiers)

    def _prepare(self) -> None:
        self.stand.start_workers(self.plan.clusters)
        self.stand.start_beat()
        self.stand.until_working(self.plan.clusters)

    def _add_syncs(self) -> list[Sync]:
        tier = "enterprise" if self.plan.is_limited else demo.UNLIMITED
        told = self.platforms.credentials()
        hubspot, salesforce = demo.connect(told, tier=tier, timeout=5)
        if self.plan.method == "oauth":
            _use_oauth(hubspot, told["hubspot"]["oauth"], demo.UNLIMITED if tier == demo.UNLIMITED else "oauth")
        more: dict[str, Any] = {"batch_size": self.plan.batch_size}
        if self.plan.is_bulk:
            more["bulk_from"] = 1
        if self.plan.is_search:
            more |= {"read_mode": ReadMode.INCREMENTAL, "read_until": datetime(2001, 1, 1, tzinfo=UTC)}
        return [demo.add_sync(f"Contacts {n}", hubspot, salesforce, **more) for n in range(self.plan.syncs)]

    # meanwhile

    def _job(self, blow: Blow) -> SyncJob:
        """The one the blow is for, among those that are not finished."""
        left = [job for job in self.jobs if job.is_active] or self.jobs
        return left[int(blow.choice * len(left))]

    def _await(self, blow: Blow, job: SyncJob) -> None:
        """The blow's moment."""
        goal, deadline = job.version + blow.steps, time.monotonic() + blow.patience

        def has_come() -> bool:
            job.refresh_from_db()
            return job.version >= goal or time.monotonic() > deadline or not job.is_active

        self.stand.until(has_come, LONG, beat=True)
        time.sleep(blow.delay)
        job.refresh_from_db()
        if blow.presses:
            help_on(job)

    def _is_over(self) -> bool:
        for at, job in enumerate(self.jobs):
            job.refresh_from_db()
            if job.status == Status.CANCELLED:
                self.cancelled.append(job)
                self.jobs[at] = job.sync.jobs.active().first() or start_job(job.sync_id, actor="dana")
        return all(job.stage == Stage.FINISHED and not job.failures_retrying for job in self.jobs)

    # after

    def _see_them_end(self) -> None:
        presses = 0

        def have_ended() -> bool:
            nonlocal presses
            is_over = self._is_over()
            presses += sum(help_on(job) for job in self.jobs)
            assert presses <= PRESSES * len(self.jobs), f"they stop again and again: {self.stand.describe()}"
            return is_over

        self.stand.until(have_ended, LONG, beat=True)

    def _troubles(self) -> int:
        """How often uploading was broken off with a reason: calls that were on their way may have lost their answers."""
        return sum(_troubles_of(job) for job in [*self.jobs, *self.cancelled])


def _troubles_of(job: SyncJob) -> int:
    events = Event.objects.filter(stream=job.stream)
    begun = events.filter(kind=Kind.JOB_VALIDATED).values_list("version", flat=True).first() or job.version
    stops = events.filter(kind__in=[Kind.JOB_WAITING, Kind.JOB_STUCK, Kind.JOB_PAUSED], version__gt=begun)
    return sum(told.get("code") not in NOT_TROUBLE for told in stops.values_list("data", flat=True))


def _use_oauth(hubspot: Connection, told: dict[str, str], tier: str) -> None:
    save_connection(
        hubspot,
        name=hubspot.name,
        platform=hubspot.platform,
        method="oauth",
        settings={**hubspot.settings, "client_id": told["client_id"]},
        secrets={"client_secret": told["client_secret"], "refresh_token": told["refresh_token"]},
        actor="dana",
        tier=tier,
    )


def _prove_permits_free(losses: int) -> None:
    """Nobody holds a permit, except that those of killed workers run out by themselves."""
    now = timezone.now()
    slots = RateSlot.objects.filter(expires_at__gt=now).count()
    states = RateBucket.objects.values_list("state", flat=True)
    ends = [until for state in states for _, until in state.get("holds", {}).values() if until > now.timestamp()]
    assert max(ends, default=0.0) <= now.timestamp() + 61
    if not losses:
        assert (slots, ends) == (0, [])
