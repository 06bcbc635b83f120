"""A storm carried out on a stand, and what has to be true when it is over."""

import contextlib
import os
import random
import signal
import threading
import time
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from integrations import demo
from integrations.enums import FailureKind, Kind, ReadMode, Stage, Status
from integrations.exceptions import RefusedTransitionError
from integrations.models import Connection, Event, FailedRecord, RateBucket, RateSlot, Sync
from integrations.orchestrator import repairs
from integrations.orchestrator.commands import pause_job, resume_job, start_job
from integrations.orchestrator.connections import save_connection, test_connection
from integrations.orchestrator.owners import Owner
from tests.faults.platforms import Platforms
from tests.faults.proof import prove
from tests.faults.stand import Stand, words_of
from tests.faults.storm_plan import Blow, Plan

LONG = 240.0
PRESSES = 4
"""How often a person may have to press Resume once the platforms are well: a stop of the storm may come in late."""
NOT_TROUBLE = frozenset({"paused", "quota_wait", "breaker", "bulk_processing"})
"""Reasons to wait with which no call has lost its answer."""


class Storm:
    """One job in one storm. `losses` counts the blows that may have cost calls their answers."""

    def __init__(self, plan: Plan, stand: Stand, platforms: Platforms) -> None:
        self.plan, self.stand, self.platforms = plan, stand, platforms
        self.losses = 0
        self.frozen = 0
        self.dice = random.Random(plan.seed)

    def rage(self) -> None:
        """Start the job, and strike blow after blow until the plan or the job ends."""
        self._prepare()
        self.stand.until_working(self.plan.clusters)
        self.job = start_job(self.sync.pk, actor="dana")
        for blow in self.plan.blows:
            self._await(blow)
            if self._is_over():
                break
            print(f"{self.job.stage} {self.job.status} v{self.job.version}: {blow.kind} {dict(blow.fault) or ''}")
            self._thaw()
            with contextlib.suppress(RefusedTransitionError):
                getattr(self, blow.kind)(blow)

    def calm_down(self) -> None:
        """The platforms are well again; a person tests the connections, and presses Resume where the job has stopped."""
        self._thaw()
        self.platforms.heal()
        self.platforms.set(latency_ms=0)
        self._restore_sign_in()
        self._see_it_end()
        refused = FailedRecord.objects.open().filter(job=self.job, kind=FailureKind.REJECTED)
        self.again = repairs.retry_records(refused.values_list("pk", flat=True), "dana")
        self._see_it_end()
        assert not refused.exists(), "a record that the platform takes"

    def prove(self) -> None:
        """Nothing runs, nobody holds anything, and everybody arrived once."""
        self.stand.stop_working()
        _prove_permits_free(self.losses)
        lost = 0 if self.plan.is_bulk else self.losses + self._troubles()
        prove(self.platforms, [self.job], contacts=self.plan.contacts, crashes=lost, again=self.again)

    # harm

    def kill_worker(self, blow: Blow) -> None:
        if pid := self._owner():
            self._kill(pid)

    def kill_idle_worker(self, blow: Blow) -> None:
        """Whichever process of a cluster: one that waits with a lock, one that counts the others, or the one at work."""
        mains = {process.pid for process in self.stand.processes}
        inner = [one for one in self.stand.family() if one.pid not in mains and "sandbox" not in words_of(one)]
        if inner:
            self._kill(sorted(process.pid for process in inner)[int(blow.choice * len(inner))])

    def kill_cluster(self, blow: Blow) -> None:
        cluster = self._cluster(blow)
        self.losses += 1
        with contextlib.suppress(ProcessLookupError):
            os.killpg(cluster, signal.SIGKILL)

    def kill_main_process(self, blow: Blow) -> None:
        self._kill(self._cluster(blow))

    def kill_beat(self, blow: Blow) -> None:
        for process in [one for one in self.stand.kept if "run_beat" in one.args]:
            process.kill()

    def kill_everything(self, blow: Blow) -> None:
        self.losses += 1
        for process in self.stand.kept:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def freeze_worker(self, blow: Blow) -> None:
        """Until the next blow. Not inside a transaction: on one host the lease's end would have it killed."""
        pid = self._owner()
        deadline = time.monotonic() + 2
        while pid and time.monotonic() < deadline and not self.frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
            self.frozen = pid
            if not self.stand.is_unlocked(self.job):
                self._thaw()

    def take_database_away(self, blow: Blow) -> None:
        """PostgreSQL cuts everybody off; in SQLite somebody else holds the file for a while."""
        self.losses += 1
        if connection.vendor == "sqlite":
            with transaction.atomic():
                time.sleep(blow.choice)
            return
        with connection.cursor() as cursor:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")

    def trouble(self, blow: Blow) -> None:
        self.platforms.fault(**blow.fault)

    def calm(self, blow: Blow) -> None:
        self.platforms.heal()

    # people

    def pause(self, blow: Blow) -> None:
        pause_job(self.job.pk, "dana")

    def resume(self, blow: Blow) -> None:
        resume_job(self.job.pk, "dana")

    def resume_at_once(self, blow: Blow) -> None:
        other = threading.Thread(target=self._resume_too)
        other.start()
        try:
            resume_job(self.job.pk, "dana")
        finally:
            other.join()

    def retry(self, blow: Blow) -> None:
        open_now = list(FailedRecord.objects.open().filter(job=self.job).values_list("pk", flat=True))
        repairs.retry_records(self.dice.sample(open_now, min(5, len(open_now))), "dana")

    def test_connections(self, blow: Blow) -> None:
        self._test_connections()

    def start(self, blow: Blow) -> None:
        start_job(self.sync.pk, actor="dana")

    # the rest

    def _prepare(self) -> None:
        plan = self.plan
        body = {"contacts": plan.contacts, "limits": plan.is_limited, "latency_ms": plan.latency_ms}
        tiers = {"tier": "enterprise", "salesforce_tier": "enterprise", "bulk_delay": 0.1}
        self.platforms.http.post("/_control/reset", json=body | tiers).raise_for_status()
        self.stand.start_workers(plan.clusters)
        self.stand.start_beat()
        self.sync = self._add_sync()

    def _add_sync(self) -> Sync:
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
        return demo.add_sync("Contacts", hubspot, salesforce, **more)

    def _await(self, blow: Blow) -> None:
        """The blow's moment."""
        goal, deadline = self._version() + blow.steps, time.monotonic() + blow.patience

        def has_come() -> bool:
            return self._version() >= goal or time.monotonic() > deadline or self._is_over()

        self.stand.until(has_come, LONG, beat=True)
        time.sleep(blow.delay)
        self.job.refresh_from_db()
        if blow.presses:
            self._press_resume()

    def _version(self) -> int:
        self.job.refresh_from_db()
        return self.job.version

    def _is_over(self) -> bool:
        return self.job.stage == Stage.FINISHED

    def _owner(self) -> int:
        """The process that works on the job; 0 when nobody alive does."""
        self.job.refresh_from_db()
        owner = Owner.parse(self.job.owner) if self.job.owner else None
        return owner.pid if owner and owner.is_alive() else 0

    def _cluster(self, blow: Blow) -> int:
        clusters = [process.pid for process in self.stand.kept if "worker" in process.args]
        return clusters[int(blow.choice * len(clusters))]

    def _kill(self, pid: int) -> None:
        self.losses += 1
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _thaw(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self.frozen:
                os.kill(self.frozen, signal.SIGCONT)
        self.frozen = 0

    def _resume_too(self) -> None:
        with contextlib.suppress(RefusedTransitionError), contextlib.closing(connection):
            resume_job(self.job.pk, "robin")

    def _test_connections(self) -> bool:
        """Both, even if the first does not work."""
        found = [test_connection(pk, "dana") for pk in Connection.objects.values_list("pk", flat=True)]
        return all(result.ok for result in found)

    def _restore_sign_in(self) -> None:
        self.stand.until(self._test_connections, beat=True)

    def _press_resume(self) -> bool:
        """Where the job has stopped. True when a person had to."""
        if self.job.owner is not None or self.job.status not in {Status.STUCK, Status.PAUSED}:
            return False
        resume_job(self.job.pk, "dana")
        return True

    def _see_it_end(self) -> None:
        presses = iter(range(PRESSES))

        def has_ended() -> bool:
            self.job.refresh_from_db()
            if self._press_resume():
                assert next(presses, None) is not None, f"it stops again and again: {self.stand.describe()}"
            return self._is_over() and self.job.failures_retrying == 0

        self.stand.until(has_ended, LONG, beat=True)

    def _troubles(self) -> int:
        """How often uploading was broken off with a reason: calls that were on their way may have lost their answers."""
        events = Event.objects.filter(stream=self.job.stream)
        begun = events.filter(kind=Kind.JOB_VALIDATED).values_list("version", flat=True).get()
        stops = events.filter(kind__in=[Kind.JOB_WAITING, Kind.JOB_STUCK, Kind.JOB_PAUSED], version__gt=begun)
        return sum(data.get("code") not in NOT_TROUBLE for data in stops.values_list("data", flat=True))


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
