"""What we stand on goes away: the database, the disk, the worker's own time. Nothing is lost, and nobody has to help."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psutil
import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from integrations import beat
from integrations.enums import Kind, Stage, Status
from integrations.models import Event, SyncJob
from integrations.orchestrator.commands import resume_job, start_job
from integrations.orchestrator.owners import Owner
from syncpanel.databases import database
from tests import databases
from tests.faults.proof import prove, prove_sums
from tests.faults.stand import Stand
from tests.faults.test_kills import STATES, losses

AWAY = 10.0
LOCK = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


@contextlib.contextmanager
def postgres_away(url: str) -> Iterator[None]:
    """Nobody can connect, and who was connected is cut off."""
    name = url.rsplit("/", 1)[1]
    connection.close()
    with psycopg.connect(databases.POSTGRES, autocommit=True) as server:
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@contextlib.contextmanager
def sqlite_locked(url: str) -> Iterator[None]:
    """Another process holds the file's lock."""
    command = [sys.executable, "-c", LOCK, url.removeprefix("sqlite:///"), str(AWAY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
        holder.wait(AWAY + 20)


def test_a_database_that_is_away_for_ten_seconds_costs_ten_seconds(standing: Stand) -> None:
    standing.start_workers(2)
    standing.start_beat()
    platforms = standing.take_sandbox(latency_ms=60)
    job = start_job(standing.add_sync().pk)
    standing.until(lambda: SyncJob.objects.filter(pk=job.pk, pages__gt=2).exists())
    away = sqlite_locked if standing.url.startswith("sqlite") else postgres_away
    with away(standing.url):
        time.sleep(AWAY)
    platforms.set(latency_ms=0)
    standing.finish(job)
    assert losses(job) == 0, "no worker was taken for dead"
    assert not Event.objects.filter(stream=job.stream, kind=Kind.JOB_STUCK).exists()
    prove(platforms, [job], contacts=standing.contacts, crashes=1)
    standing.stop_working()


def test_a_database_that_goes_away_while_batches_are_sent(standing: Stand) -> None:
    if standing.url.startswith("sqlite"):
        pytest.skip("a file does not go away")
    standing.start_workers()
    platforms = standing.take_sandbox(latency_ms=60)
    job = start_job(standing.add_sync().pk)
    standing.until(lambda: SyncJob.objects.filter(pk=job.pk, batches_done__gt=0).exists())
    with postgres_away(standing.url):
        time.sleep(2)
    standing.finish(job)
    assert losses(job) == 0
    prove(platforms, [job], contacts=standing.contacts, crashes=1)
    standing.stop_working()


def test_a_full_disk_stops_nothing_for_longer_than_it_is_full(running: Stand) -> None:
    job = start_job(running.add_sync().pk)
    running.freeze_when(job, STATES["in the middle of mapping"])
    workers = running.family()
    hard = [set_file_limit(process, 4096) for process in workers]
    for process in workers:
        process.resume()
    running.until(lambda: "the database is away" in running.log())
    job.refresh_from_db()
    prove_sums(job)
    for process, most in zip(workers, hard, strict=True):
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            set_file_limit(process, most)
    running.finish(job)
    prove(running.sandboxes[0], [job], contacts=running.contacts, crashes=1)
    running.stop_working()


def set_file_limit(process: psutil.Process, most: int) -> int:
    """No file of the process may grow beyond this; returns the hard limit."""
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, hard))
    return hard


def test_a_worker_that_hangs_past_its_lease_is_killed_and_replaced(standing: Stand) -> None:
    standing.start_workers()
    platforms = standing.take_sandbox()
    job = start_job(standing.add_sync().pk)
    pid = standing.freeze_when(job, STATES["in the middle of uploading"])
    beat.free_dead_leases(timezone.now())
    job.refresh_from_db()
    assert Owner.parse(job.owner or "").pid == pid, "not before its lease has ended"
    beat.free_dead_leases(timezone.now() + timedelta(minutes=2))
    standing.until(lambda: not _lives(pid))
    standing.finish(job)
    assert losses(job) == 1
    prove(platforms, [job], contacts=standing.contacts, crashes=1)
    standing.stop_working()


def test_a_worker_that_lost_its_lease_writes_nothing_more(standing: Stand) -> None:
    """As on another host, where nobody can kill it: it wakes up when the job is long in other hands."""
    standing.start_workers()
    platforms = standing.take_sandbox()
    job = start_job(standing.add_sync().pk)
    in_the_middle = STATES["in the middle of uploading"]
    frozen = standing.freeze_when(job, lambda job: in_the_middle(job) and standing.is_unlocked(job))
    beat.free(job.pk, job.token)
    standing.start_workers()
    standing.until(
        lambda: SyncJob.objects.filter(pk=job.pk, token__gt=job.token + 1, batches_done__gt=20).exists(), beat=True
    )
    os.kill(frozen, signal.SIGCONT)
    standing.until(lambda: "the lease is lost" in standing.log())
    standing.finish(job)
    prove(platforms, [job], contacts=standing.contacts, crashes=2)
    standing.stop_working()


def test_a_worker_that_hangs_with_a_lock_does_not_hold_up_the_others_for_ever(settings: Any) -> None:
    """Nobody can kill it on another host: the database ends its session, and nobody waits longer than SQLite would."""
    if not databases.postgres_is_there():
        pytest.skip("no PostgreSQL server")
    entry = database(databases.POSTGRES, settings.DATA_DIR)
    with psycopg.connect(databases.POSTGRES, options=entry["OPTIONS"]["options"]) as server:
        shown = [
            server.execute(f"SHOW {name}").fetchone()
            for name in ("idle_in_transaction_session_timeout", "lock_timeout")
        ]
    assert shown == [("30s",), ("20s",)]


def test_a_job_that_kills_its_worker_three_times_at_one_place_stops(running: Stand) -> None:
    job = start_job(running.add_sync().pk)
    for _ in range(beat.POISON):
        first = running.freeze_when(job, lambda job: job.stage == Stage.MAPPING and job.pages_mapped == 0)
        os.kill(first, signal.SIGKILL)
        running.until(lambda first=first: not _lives(first))
        beat.beat_once()
    job.refresh_from_db()
    assert (job.status, job.reason_code, job.stage) == (Status.STUCK, "worker_killed", Stage.MAPPING)
    assert job.reason == "A worker was killed 3 times at this place. It may have run out of memory."
    resume_job(job.pk, "dana")
    running.finish(job)
    prove(running.sandboxes[0], [job], contacts=running.contacts)
    running.stop_working()


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
