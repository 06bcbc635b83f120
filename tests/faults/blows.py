"""What strikes the jobs in a storm: one method for each kind of blow of `storm_plan.py`."""

import contextlib
import os
import random
import signal
import threading
import time

from django.db import connection, transaction

from integrations.enums import Stage, Status
from integrations.exceptions import RefusedTransitionError
from integrations.models import Connection, FailedRecord, SyncJob
from integrations.orchestrator import connections, repairs
from integrations.orchestrator.commands import cancel_job, pause_job, resume_job, start_job, start_over
from integrations.orchestrator.owners import Owner
from tests.faults.platforms import Platforms
from tests.faults.stand import Stand
from tests.faults.storm_plan import Blow


class Blows:
    """`losses` counts those that may have cost calls their answers."""

    def __init__(self, stand: Stand, platforms: Platforms, seed: int) -> None:
        self.stand, self.platforms = stand, platforms
        self.dice = random.Random(seed)
        self.losses = 0
        self.frozen = 0

    def strike(self, blow: Blow, job: SyncJob) -> None:
        """What was frozen before goes on; what people may not do now is refused."""
        self.thaw()
        with contextlib.suppress(RefusedTransitionError):
            getattr(self, blow.kind)(blow, job)

    def thaw(self) -> None:
        """Let a frozen worker go on."""
        with contextlib.suppress(ProcessLookupError):
            if self.frozen:
                os.kill(self.frozen, signal.SIGCONT)
        self.frozen = 0

    # harm

    def kill_worker(self, blow: Blow, job: SyncJob) -> None:
        if pid := owner_of(job):
            self._kill(pid)

    def kill_idle_worker(self, blow: Blow, job: SyncJob) -> None:
        """Whichever process of a cluster: one that waits with a lock, one that counts the others, or the one at work."""
        mains = {process.pid for process in self.stand.processes}
        inner = [one.pid for one in self.stand.family() if one.pid not in mains]
        if inner:
            self._kill(sorted(inner)[int(blow.choice * len(inner))])

    def kill_cluster(self, blow: Blow, job: SyncJob) -> None:
        self._kill_group(self._cluster(blow))

    def kill_main_process(self, blow: Blow, job: SyncJob) -> None:
        self._kill(self._cluster(blow))

    def kill_beat(self, blow: Blow, job: SyncJob) -> None:
        for process in [one for one in self.stand.kept if "run_beat" in one.args]:
            process.kill()

    def kill_everything(self, blow: Blow, job: SyncJob) -> None:
        for process in self.stand.kept:
            self._kill_group(process.pid)

    def freeze_worker(self, blow: Blow, job: SyncJob) -> None:
        """Until the next blow. Not inside a transaction: everybody else would wait for it."""
        pid = owner_of(job)
        deadline = time.monotonic() + 2
        while pid and time.monotonic() < deadline and not self.frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
            self.frozen = pid
            if not self.stand.is_unlocked(job):
                self.thaw()

    def take_database_away(self, blow: Blow, job: SyncJob) -> None:
        """PostgreSQL cuts everybody off; in SQLite somebody else holds the file for a while."""
        self.losses += 1
        if connection.vendor == "sqlite":
            with transaction.atomic():
                time.sleep(blow.choice)
            return
        with connection.cursor() as cursor:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")

    def trouble(self, blow: Blow, job: SyncJob) -> None:
        self.platforms.fault(**blow.fault)

    def calm(self, blow: Blow, job: SyncJob) -> None:
        self.platforms.heal()

    # people

    def pause(self, blow: Blow, job: SyncJob) -> None:
        pause_job(job.pk, "dana")

    def resume(self, blow: Blow, job: SyncJob) -> None:
        resume_job(job.pk, "dana")

    def resume_at_once(self, blow: Blow, job: SyncJob) -> None:
        other = threading.Thread(target=_resume_too, args=(job,))
        other.start()
        try:
            resume_job(job.pk, "dana")
        finally:
            other.join()

    def cancel(self, blow: Blow, job: SyncJob) -> None:
        cancel_job(job.pk, "dana")

    def start_over(self, blow: Blow, job: SyncJob) -> None:
        start_over(job.pk, "dana")

    def retry(self, blow: Blow, job: SyncJob) -> None:
        open_now = list(FailedRecord.objects.open().filter(job=job).values_list("pk", flat=True))
        repairs.retry_records(self.dice.sample(open_now, min(5, len(open_now))), "dana")

    def start(self, blow: Blow, job: SyncJob) -> None:
        start_job(job.sync_id, actor="dana")

    def test_connections(self, blow: Blow, job: SyncJob) -> None:
        check_all()

    # the rest

    def _cluster(self, blow: Blow) -> int:
        clusters = [process.pid for process in self.stand.kept if "worker" in process.args]
        return clusters[int(blow.choice * len(clusters))]

    def _kill(self, pid: int) -> None:
        self.losses += 1
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _kill_group(self, pid: int) -> None:
        self.losses += 1
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def owner_of(job: SyncJob) -> int:
    """The process that works on the job; 0 when nobody alive does."""
    job.refresh_from_db()
    owner = Owner.parse(job.owner) if job.owner else None
    return owner.pid if owner and owner.is_alive() else 0


def help_on(job: SyncJob) -> bool:
    """What a person does for a job that has stopped: press Resume, or start it over if it is held because of what a
    platform said of its fields. True when somebody had to."""
    if job.is_active and job.stage == Stage.APPROVING:
        start_over(job.pk, "dana")
        return True
    if job.owner is None and job.status in {Status.STUCK, Status.PAUSED}:
        resume_job(job.pk, "dana")
        return True
    return False


def check_all() -> bool:
    """A person tests every connection, even if the first does not work. True when all do."""
    found = [connections.test_connection(pk, "dana") for pk in Connection.objects.values_list("pk", flat=True)]
    return all(result.ok for result in found)


def _resume_too(job: SyncJob) -> None:
    with contextlib.suppress(RefusedTransitionError), contextlib.closing(connection):
        resume_job(job.pk, "robin")
