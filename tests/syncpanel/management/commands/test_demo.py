"""The demo as somebody new meets it: one command, a job that runs, and nothing lost when it is stopped and started."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User

from syncpanel.announcement import demo_lines
from syncpanel.management.commands.seed_demo import add_person
from syncpanel.roles import ADMIN
from tests.databases import REDIS, drop, new_url, postgres_is_there
from tests.integrations.supervisor.instances import Instance, furnish, wait_until

AT_ONCE = ("--latency-ms", "0", "--salesforce-latency-ms", "0")
"""The platforms answer."""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Instance]:
    """Not started yet. DEMO is said here, for otherwise the command moves to a data directory of its own."""
    demo = Instance(tmp_path / "data", DEMO="1", WORKERS="1")
    yield demo
    demo.kill()


def ask(demo: Instance, question: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(demo.data_dir / "syncpanel.sqlite3")) as database:
        return database.execute(question).fetchall()


def sent(demo: Instance) -> int:
    return int(ask(demo, "SELECT sent FROM integrations_syncjob")[0][0])


def test_the_demo_runs_a_job_through_a_stop_and_a_start(demo: Instance) -> None:
    arguments = ("--one-sync", "--contacts", "6000")
    demo.start("demo", *arguments, "--latency-ms", "5").wait_until_healthy()
    assert "Sign in as demo@syncpanel.example" in demo.log.read_text()
    wait_until(lambda: sent(demo) > 0, 120)
    assert demo.stop() == 0
    assert demo.processes() == set()
    assert ask(demo, "SELECT owner, status FROM integrations_syncjob") == [(None, "running")], "given back at a batch"
    stopped_at = sent(demo)

    demo.sandbox_port += 1  # the connections follow
    demo.environ["SANDBOX_PORT"] = str(demo.sandbox_port)
    demo.start("demo", *arguments, *AT_ONCE).wait_until_healthy()
    wait_until(lambda: ask(demo, "SELECT 1 FROM integrations_syncjob WHERE stage = 'finished'"), 180)
    assert sent(demo) >= stopped_at
    assert demo.manage("replay", "--check").returncode == 0
    rows = "SELECT (SELECT COUNT(*) FROM integrations_sync), (SELECT COUNT(*) FROM integrations_connection)"
    assert ask(demo, f"{rows}, (SELECT COUNT(*) FROM auth_user), (SELECT COUNT(*) FROM integrations_syncjob)") == [
        (1, 2, 3, 1)
    ]


def test_the_demo_runs_on_postgresql_and_redis(demo: Instance, django_db_blocker: Any) -> None:
    if not postgres_is_there():
        pytest.skip("no PostgreSQL server answers")
    with django_db_blocker.unblock():
        url = new_url("postgresql")
    demo.environ |= {"DATABASE_URL": url, "REDIS_URL": f"{REDIS.rsplit('/', 1)[0]}/7"}
    try:
        demo.start("demo", "--one-sync", "--contacts", "500", *AT_ONCE).wait_until_healthy()
        with psycopg.connect(url, autocommit=True) as database:
            finished = "SELECT 1 FROM integrations_syncjob WHERE stage = 'finished'"
            wait_until(lambda: database.execute(finished).fetchall(), 120)
        assert demo.stop() == 0
        assert demo.processes() == set()
    finally:
        demo.kill()
        drop(url)


def test_the_demo_keeps_away_from_real_data(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'real.sqlite3'}"
    real = Instance(tmp_path / "data", SECRET_KEY="real", DATABASE_URL=database, WORKERS="1")
    furnish(tmp_path / "data" / "demo")
    try:
        real.start("demo", "--one-sync", "--contacts", "100", fresh=True)
        demo_lock = tmp_path / "data" / "demo" / "supervisor.lock"
        wait_until(lambda: "demo is running at" in real.log.read_text(), 90)
        assert demo_lock.exists()
        assert not (tmp_path / "real.sqlite3").exists()
        assert real.stop() == 0
    finally:
        real.data_dir = tmp_path / "data" / "demo"
        real.kill()


def test_demo_people_are_never_added_to_a_real_panel(tmp_path: Path) -> None:
    real = Instance(tmp_path / "data")
    assert "This is not the demo" in real.manage("seed_demo").stderr


@pytest.mark.django_db
def test_a_demo_that_others_can_reach_from_now_on_lets_nobody_in_with_the_old_password(settings) -> None:
    settings.DEMO_PASSWORD = "demo-syncpanel"
    add_person("demo@syncpanel.example", "Dana", "Demo", ADMIN)
    settings.DEMO_PASSWORD = "of-its-own-4711"
    add_person("demo@syncpanel.example", "Dana", "Demo", ADMIN)
    user = User.objects.get()
    assert user.check_password("of-its-own-4711")
    assert not user.check_password("demo-syncpanel")


@pytest.mark.parametrize("is_local", [True, False])
def test_a_demo_that_others_can_reach_says_so(settings, is_local: bool) -> None:
    settings.IS_LOCAL = is_local
    assert ("WARNING: other machines can reach" in "\n".join(demo_lines("http://x"))) is not is_local
