"""The beat frees what the dead held, repeats lost hints, and stops what kills its workers."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.utils import timezone
from django_q.models import OrmQ

from integrations import beat
from integrations.enums import Status
from integrations.models import SyncJob, WorkerBeat
from integrations.orchestrator import leases, owners
from integrations.orchestrator.state_machine import change_job, differences
from tests.factories import make_job

pytestmark = pytest.mark.django_db


def dead_owner() -> str:
    """A process of this host that has ended."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = owners.name_of(child.pid)
    child.communicate()
    return name


def claimed(owner: str | None = None, **values: object) -> SyncJob:
    job = make_job()
    taken = leases.claim(job.pk)
    assert taken is not None
    with change_job(job.pk) as change:
        change.append(beat.Kind.JOB_STARTED)
    SyncJob.objects.filter(pk=job.pk).update(**({"owner": owner} if owner else {}), **values)
    job.refresh_from_db()
    return job


def test_the_job_of_a_dead_worker_is_free_at_once() -> None:
    job = claimed(dead_owner())
    beat.free_dead_leases(timezone.now())
    token = job.token
    job.refresh_from_db()
    assert (job.owner, job.status, job.worker_losses) == (None, Status.RUNNING, 1)
    assert job.token == token + 1, "whatever the dead worker still does is refused"
    assert differences(job) == {}


def test_the_job_of_a_living_worker_is_left_alone() -> None:
    job = claimed()
    beat.free_dead_leases(timezone.now())
    job.refresh_from_db()
    assert job.owner == owners.me()


@pytest.mark.parametrize(("expired", "freed"), [(False, False), (True, True)])
def test_a_lease_of_another_host_ends_by_its_time_alone(expired: bool, freed: bool) -> None:
    until = timezone.now() + timedelta(seconds=-1 if expired else 30)
    job = claimed("elsewhere|abcd1234|77|1.00", lease_until=until)
    beat.free_dead_leases(timezone.now())
    job.refresh_from_db()
    assert (job.owner is None) == freed


@pytest.mark.parametrize("pid", [os.getpid(), 4_000_000], ids=["a number that lives here", "one that does not"])
@pytest.mark.parametrize("change", ["another host", "another container", "an older name"])
def test_a_place_of_the_same_name_may_be_another_one(change: str, pid: int) -> None:
    """Two hosts called "localhost", or two containers of one machine, must not take each other's jobs away, nor kill
    each other's processes."""
    host, place, _pid, started = owners.me().split("|")
    boot, _, namespace = place.partition(".")
    elsewhere = {
        "another host": f"another1.{namespace}",
        "another container": f"{boot}.{int(namespace) + 1}",
        "an older name": boot,
    }[change]
    holder = f"{host}|{elsewhere}|{pid}|{started}"
    job = claimed(holder, lease_until=timezone.now() + timedelta(seconds=30))
    beat.free_dead_leases(timezone.now())
    job.refresh_from_db()
    assert job.owner == holder
    SyncJob.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    beat.free_dead_leases(timezone.now())
    job.refresh_from_db()
    assert job.owner is None, "its lease has ended"


def test_a_worker_that_hangs_past_its_lease_is_killed_then_its_job_is_free() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    job = claimed(owners.name_of(child.pid), lease_until=timezone.now() - timedelta(seconds=1))
    beat.free_dead_leases(timezone.now())
    assert child.wait(5) == -9
    beat.free_dead_leases(timezone.now())
    job.refresh_from_db()
    assert job.owner is None


def test_the_third_worker_killed_at_one_place_stops_the_job() -> None:
    job = claimed(dead_owner())
    for _ in range(3):
        SyncJob.objects.filter(pk=job.pk).update(owner=dead_owner())
        beat.free_dead_leases(timezone.now())
    job.refresh_from_db()
    assert (job.status, job.reason_code, job.wake_at) == (Status.STUCK, "worker_killed", None)
    assert differences(job) == {}


def test_a_lost_hint_is_repeated_once() -> None:
    job = make_job()
    now = timezone.now() + timedelta(seconds=1)
    beat.repeat_hints(now)
    beat.repeat_hints(now)
    assert OrmQ.objects.count() == 1
    beat.repeat_hints(now + beat.REPEAT_HINT_AFTER * 2)
    assert OrmQ.objects.count() == 2
    job.refresh_from_db()
    assert job.enqueued_at is not None


def test_hints_are_not_repeated_while_they_pile_up() -> None:
    make_job()
    OrmQ.objects.bulk_create(
        [OrmQ(key="sync", payload="x", lock=timezone.now() - timedelta(days=1)) for _ in range(beat.MAX_WAITING_HINTS)]
    )
    beat.repeat_hints(timezone.now())
    assert OrmQ.objects.count() == beat.MAX_WAITING_HINTS


def test_a_waiting_job_is_due_when_its_time_has_come() -> None:
    job = make_job(wake_at=timezone.now() + timedelta(minutes=5))
    assert leases.claim(job.pk) is None
    assert leases.claim(job.pk, timezone.now() + timedelta(minutes=6)) is not None


def test_a_job_is_claimed_once() -> None:
    job = make_job()
    assert leases.claim(job.pk) is not None
    assert leases.claim(job.pk) is None


def test_the_more_important_job_is_claimed_first() -> None:
    low, high = make_job(), make_job()
    high.sync.priority = 9
    high.sync.save()
    claimed_job = leases.claim_next()
    assert claimed_job is not None
    assert claimed_job.pk == high.pk != low.pk


def test_one_bad_row_does_not_stop_the_rest() -> None:
    broken = make_job(owner="not a lease holder")
    dead = claimed(dead_owner())
    beat.beat_once()
    dead.refresh_from_db()
    broken.refresh_from_db()
    assert dead.owner is None
    assert broken.owner == "not a lease holder"
    assert OrmQ.objects.count() == 1, "and the freed job is hinted at in the same round"


def test_recovery_after_a_restart_frees_everything() -> None:
    job = claimed()
    WorkerBeat.objects.create(
        name="old", kind="worker", host="here", pid=os.getpid(), at=timezone.now(), started_at=timezone.now()
    )
    beat.recover_after_restart()
    job.refresh_from_db()
    assert (job.owner, job.enqueued_at) == (None, None)
    assert not WorkerBeat.objects.exists()
    assert differences(job) == {}


@pytest.mark.parametrize(("days", "kept"), [(0.5, True), (1.5, False)])
def test_who_mistyped_a_password_is_forgotten_after_a_day(days: float, kept: bool) -> None:
    AccessAttempt.objects.create(username="dana@example.com", ip_address="203.0.113.9", failures_since_start=1)
    beat.sweep(timezone.now() + timedelta(days=days))
    assert AccessAttempt.objects.exists() is kept
