"""Real processes with real threads on one real database never call more often than the limit allows, killed or not."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection as database

from integrations.models import RateBucket, RateUse
from tests.factories import make_connection
from tests.integrations.rate_limits.simulation import most_in_any

HAMMER = Path(__file__).with_name("hammer.py")
ROOT = Path(__file__).resolve().parents[3]
PERMITS, WINDOW, SECONDS = 100, 2.0, 4.0
KILLED_AFTER = 1.5


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """100 calls in any two seconds, and a daily limit in the same transaction."""
    where = {"scope": "connection", "source": "https://acme.example", "checked": "2026-11"}
    burst = {"label": "limit", "window_seconds": WINDOW, "resets": "rolling", "permits": {"any": PERMITS}}
    daily = {"label": "daily limit", "window_seconds": 86_400, "resets": "midnight", "permits": {"any": 10**6}}
    policy = {
        "platform": "acme",
        "label": "Acme",
        "tiers": {"any": "Any"},
        "default_tier": "any",
        "limits": {"burst": burst | where, "daily": daily | where},
        "groups": {"api": {"limits": ["burst", "daily"]}},
    }
    file = tmp_path / "acme.json"
    file.write_text(json.dumps(policy))
    return file


def test_processes_that_share_a_limit_never_exceed_it_even_when_one_is_killed(each_db, rules, tmp_path):
    connection = make_connection("acme")
    database.close()
    environment = os.environ | {
        "DATABASE_URL": each_db,
        "DJANGO_SETTINGS_MODULE": "syncpanel.settings",
        "PYTHONPATH": str(ROOT),
    }
    files = [tmp_path / f"times{n}" for n in range(3)]
    processes = [
        subprocess.Popen(
            [sys.executable, HAMMER, rules, str(connection.pk), str(n), str(SECONDS), file], env=environment, cwd=ROOT
        )
        for n, file in enumerate(files)
    ]
    try:
        while not all(file.exists() for file in files):
            assert all(process.poll() is None for process in processes)
            time.sleep(0.05)
        time.sleep(KILLED_AFTER)
        processes[2].kill()
        codes = [process.wait(timeout=30) for process in processes[:2]]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    calls = [[float(line) for line in file.read_text().split()] for file in files]
    everything = sorted(moment for times in calls for moment in times)
    assert codes == [0, 0], "a thread failed, or left its database connection open"
    assert most_in_any(WINDOW, everything) <= PERMITS
    assert len(everything) >= 0.6 * PERMITS / WINDOW * SECONDS
    assert min(len(times) for times in calls[:2]) >= 0.2 * max(len(times) for times in calls[:2]), "nobody starves"
    daily = RateBucket.objects.get(name="daily")
    assert len(everything) <= daily.used <= len(everything) + PERMITS
    written = dict(RateUse.objects.values_list("sync", "calls"))
    assert [written[n] for n in range(2)] == [len(times) for times in calls[:2]]
