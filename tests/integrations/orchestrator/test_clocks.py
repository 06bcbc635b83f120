"""A host whose clock is wrong takes no work, and says why."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from integrations import beat
from integrations.models import WorkerBeat
from integrations.orchestrator import clocks, leases
from integrations.orchestrator.clocks import ClockWatch
from integrations.rate_limits.clock import SharedClock
from tests.factories import make_job

Turn = Callable[[float], None]


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Turn:
    """Sets this host's clock ahead by so many seconds, as seen from a process that has just started."""
    right = time.time

    def set_ahead(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: right() + seconds)
        monkeypatch.setattr(clocks, "watch", ClockWatch(SharedClock()))

    set_ahead(0)
    return set_ahead


@pytest.mark.parametrize(
    ("seconds", "is_wrong", "said"),
    [
        (0.0, False, ""),
        (1.5, False, ""),
        (5.0, False, "5 s ahead of the database's (NTP)"),
        (60.0, True, "60 s ahead of the database's; it takes no work"),
        (-60.0, True, "60 s behind the database's; it takes no work"),
    ],
)
def test_the_clock_of_the_database_is_the_right_one(
    each_db: str, turn: Turn, caplog: pytest.LogCaptureFixture, seconds: float, is_wrong: bool, said: str
) -> None:
    turn(seconds)
    if connection.vendor == "sqlite":  # all its processes are on this host
        is_wrong, said, seconds = False, "", 0.0
    for _ in range(2):
        assert clocks.watch.is_wrong() is is_wrong
    assert clocks.watch.skew() == pytest.approx(seconds, abs=1.0)
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(lines) == bool(said), "said once"
    assert said in "".join(lines)


def test_a_host_with_a_wrong_clock_takes_no_job_and_frees_none(each_db: str, turn: Turn) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("one host, one clock")
    job = make_job()
    held = make_job(owner="elsewhere|abcd1234.1|77|1.00", lease_until=timezone.now() - timedelta(seconds=1))
    turn(60)
    assert leases.claim(job.pk) is None
    assert leases.claim_next() is None
    beat.beat_once()
    held.refresh_from_db()
    assert held.owner is not None
    turn(0)
    assert leases.claim(job.pk) is not None
    beat.beat_once()
    held.refresh_from_db()
    assert held.owner is None


def test_a_sign_of_life_tells_how_wrong_the_clock_is(each_db: str, turn: Turn) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("one host, one clock")
    turn(-60)
    leases.write_beat("one", "worker")
    assert WorkerBeat.objects.get().clock_skew == pytest.approx(-60, abs=1)
