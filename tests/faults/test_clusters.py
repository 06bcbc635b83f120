"""Several clusters on one database: a job is worked by one at a time, whatever the hints say and whoever dies."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from integrations.enums import Kind, Stage, Status
from integrations.models import Event, SyncJob
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.hints import hint_work
from tests import databases
from tests.faults.proof import prove
from tests.faults.sandboxes import Sandboxes
from tests.faults.stand import Stand, free_port, stand


class Redis:
    """A Redis server of our own, so that it can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)

    def answers(self) -> bool:
        try:
            return bool(redis.Redis.from_url(self.url).ping())
        except redis.ConnectionError:
            return False

    def kill(self) -> None:
        if self.server is not None:
            self.server.kill()
            self.server.wait(10)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Redis]:
    """Running. In CI the program is required."""
    if not shutil.which("redis-server"):
        if os.environ.get("CI"):
            pytest.fail("CI needs a Redis server.")
        pytest.skip("no redis-server")
    server = Redis(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def by_redis(queue: Redis, django_db_blocker: Any, tmp_path: Path, sandboxes: Sandboxes) -> Iterator[Stand]:
    """A stand on PostgreSQL whose hints go through Redis; nothing is started."""
    with django_db_blocker.unblock():
        if not databases.postgres_is_there():
            pytest.skip("no PostgreSQL server")
        url = databases.new_url("postgresql")
        with databases.used(url), stand(url, tmp_path / "stand", lender=sandboxes, redis=queue.url) as built:
            built.until(queue.answers)
            yield built
        databases.drop(url)


def owners(job: SyncJob) -> int:
    """How often the job was claimed, as its token counts."""
    job.refresh_from_db()
    return job.token


def test_two_clusters_and_twenty_hints_work_a_job_once(standing: Stand) -> None:
    standing.start_workers(2)
    platforms = standing.take_sandbox()
    sync = standing.add_sync()
    standing.until_working(2)
    job = start_job(sync.pk)
    for _ in range(20):
        hint_work(job.pk)
    standing.finish(job)
    prove(platforms, [job], contacts=standing.contacts)
    assert owners(job) == 1
    standing.stop_working()


def test_when_one_of_two_clusters_is_killed_the_other_finishes_the_jobs_of_both(standing: Stand) -> None:
    clusters = standing.start_workers(2)
    platforms = standing.take_sandbox()
    standing.kept.clear()
    syncs = [standing.add_sync(f"Contacts {n}") for n in range(3)]
    standing.until_working(2)
    jobs = [start_job(sync.pk) for sync in syncs]
    standing.until(lambda: SyncJob.objects.filter(owner__isnull=False).count() == 2)
    os.killpg(clusters[0].pid, signal.SIGKILL)
    standing.finish(*jobs)
    prove(platforms, jobs, contacts=standing.contacts)
    standing.stop_working()


def test_hints_that_redis_loses_are_repeated(by_redis: Stand, queue: Redis) -> None:
    clusters = by_redis.start_workers(2)
    by_redis.start_beat()
    platforms = by_redis.take_sandbox()
    job = start_job(by_redis.add_sync().pk)
    SyncJob.objects.filter(pk=job.pk).update(enqueued_at=None)  # our own hint went to the database, where nobody looks
    by_redis.freeze_when(job, lambda job: job.stage == Stage.UPLOADING and job.batches_done > 0)
    for cluster in clusters:
        os.killpg(cluster.pid, signal.SIGKILL)
    redis.Redis.from_url(queue.url).flushall()
    by_redis.finish(job, beat=False)
    prove(platforms, [job], contacts=by_redis.contacts, crashes=1)
    by_redis.stop_working()


def test_a_redis_that_is_away_stops_no_job_and_no_person(by_redis: Stand, queue: Redis) -> None:
    by_redis.start_workers()
    by_redis.start_beat()
    platforms = by_redis.take_sandbox(latency_ms=150)
    first, second = (start_job(by_redis.add_sync(name).pk) for name in ("First", "Second"))
    SyncJob.objects.update(enqueued_at=None)
    by_redis.until(lambda: SyncJob.objects.filter(pages__gt=0).exists())
    queue.kill()
    third = by_redis.add_sync("Third")
    assert by_redis.start("run_sync", third.name).wait(30) == 0, "a person can start a job all the same"
    # The one worker makes room for the others after five seconds, and has nobody to tell.
    by_redis.until(lambda: set(SyncJob.objects.values_list("status", "owner")) >= {(Status.RUNNING, None)})
    queue.start()
    by_redis.until(queue.answers)
    platforms.set(latency_ms=0)
    SyncJob.objects.filter(owner__isnull=True).update(enqueued_at=None)  # as if the twenty seconds had passed
    jobs = [first, second, SyncJob.objects.get(sync=third)]
    by_redis.finish(*jobs, beat=False)
    prove(platforms, jobs, contacts=by_redis.contacts)
    assert not Event.objects.filter(kind=Kind.JOB_STUCK).exists()
    by_redis.stop_working()
