"""The settings a start gets from its environment. Each case is a process of its own, as a start is."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEPT = {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}


def run(tmp_path: Path, *argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Python with nothing in its environment but what is said here."""
    base = {name: value for name, value in os.environ.items() if name in KEPT}
    env = {**base, "DATA_DIR": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "syncpanel.settings", **environ}
    return subprocess.run([sys.executable, *argv], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def read(tmp_path: Path, *names: str, **environ: str) -> Any:
    """These settings, as JSON."""
    script = (
        "import json, sys; from django.conf import settings; "
        "print(json.dumps({name: getattr(settings, name, None) for name in sys.argv[1:]}, default=str))"
    )
    done = run(tmp_path, "-c", script, *names, **environ)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


SAFE = {
    "DEBUG": False,
    "DEMO": False,
    "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
    "HOST": "127.0.0.1",
    "PORT": 8000,
    "METRICS_TOKEN": "",
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SECURE": False,
    "X_FRAME_OPTIONS": "DENY",
    "WORKER_GROUPS": 2,
    "WATCHDOG_SECONDS": 45.0,
}


def test_without_an_environment_everything_is_safe(tmp_path: Path) -> None:
    assert read(tmp_path, *SAFE) == SAFE


def test_behind_tls_cookies_and_redirects_are_secure(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS")
    assert read(tmp_path, *names, TLS="1") == dict(zip(names, (True, True, True, 31_536_000), strict=True))


@pytest.mark.parametrize(("tls", "prefix"), [("0", "syncpanel_"), ("1", "__Host-syncpanel_")])
def test_cookies_have_names_that_no_other_program_of_the_host_uses(tmp_path: Path, tls: str, prefix: str) -> None:
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
    assert read(tmp_path, *names, TLS=tls) == {names[0]: f"{prefix}session", names[1]: f"{prefix}csrf"}


@pytest.mark.parametrize("word", ["1", "true", "YES", "on"])
def test_a_flag_understands_every_usual_yes(tmp_path: Path, word: str) -> None:
    assert read(tmp_path, "DEMO", DEMO=word) == {"DEMO": True}


def test_sqlite_is_ready_for_several_writers(tmp_path: Path) -> None:
    entry = read(tmp_path, "DATABASES")["DATABASES"]["default"]
    assert entry["NAME"] == str(tmp_path / "data" / "syncpanel.sqlite3")
    assert entry["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert entry["OPTIONS"]["timeout"] == 20
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        assert pragma in entry["OPTIONS"]["init_command"]


def test_a_postgresql_server_is_used_when_named(tmp_path: Path) -> None:
    url = "postgres://panel:pw@db.example:5433/sync?sslmode=require"
    entry = read(tmp_path, "DATABASES", DATABASE_URL=url)["DATABASES"]["default"]
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("db.example", 5433, "sync")
    assert (entry["CONN_MAX_AGE"], entry["CONN_HEALTH_CHECKS"]) == (600, True)
    assert entry["OPTIONS"]["sslmode"] == "require"
    assert entry["OPTIONS"]["connect_timeout"] == 5


def test_the_queue_is_the_database_unless_redis_is_named(tmp_path: Path) -> None:
    plain = read(tmp_path, "Q_CLUSTER")["Q_CLUSTER"]
    redis = read(tmp_path, "Q_CLUSTER", REDIS_URL="redis://r:6379/0")["Q_CLUSTER"]
    assert (plain.get("orm"), plain.get("redis")) == ("default", None)
    assert (redis.get("orm"), redis.get("redis")) == (None, "redis://r:6379/0")


def test_lists_may_have_spaces(tmp_path: Path) -> None:
    given = {"ALLOWED_HOSTS": "panel.example, 10.0.0.1 ", "CSRF_TRUSTED_ORIGINS": "https://panel.example"}
    assert read(tmp_path, *given, **given) == {
        "ALLOWED_HOSTS": ["panel.example", "10.0.0.1"],
        "CSRF_TRUSTED_ORIGINS": ["https://panel.example"],
    }


@pytest.mark.parametrize(
    ("given", "is_allowed"),
    [
        ({}, True),
        ({"HOST": "0.0.0.0"}, False),
        ({"TLS": "1"}, False),
        ({"HOST": "0.0.0.0", "DEMO": "1"}, True),
        ({"PRIVATE_HOSTS": "10.0.0.0/8"}, False),
    ],
)
def test_connections_lead_to_this_machine_only_while_the_panel_is_for_it_alone(
    tmp_path: Path, given: dict[str, str], is_allowed: bool
) -> None:
    assert ("127.0.0.0/8" in read(tmp_path, "PRIVATE_HOSTS", **given)["PRIVATE_HOSTS"]) is is_allowed


@pytest.mark.parametrize(
    ("given", "is_known", "is_filled_in"),
    [
        ({}, True, True),
        ({"HOST": "0.0.0.0"}, False, False),
        ({"TLS": "1"}, False, False),
        ({"HOST": "0.0.0.0", "DEMO_PASSWORD": "demo-syncpanel"}, True, False),
    ],
)
def test_a_demo_that_others_can_reach_has_a_password_of_its_own(
    tmp_path: Path, given: dict[str, str], is_known: bool, is_filled_in: bool
) -> None:
    names = ("DEMO_PASSWORD", "IS_OPEN_DEMO")
    first, second = (read(tmp_path, *names, DEMO="1", **given) for _ in range(2))
    assert first == second, "the same after a restart"
    assert (first["DEMO_PASSWORD"] == "demo-syncpanel") is is_known
    assert len(first["DEMO_PASSWORD"]) >= 14
    assert first["IS_OPEN_DEMO"] is is_filled_in


def test_a_misspelt_proxy_is_not_overlooked(tmp_path: Path) -> None:
    assert read(tmp_path, "TRUSTED_PROXIES", TRUSTED_PROXIES="10.0.0.1/8, ::1")["TRUSTED_PROXIES"] == [
        "10.0.0.0/8",
        "::1/128",
    ]
    done = run(tmp_path, "manage.py", "check", TRUSTED_PROXIES="proxy.example")
    assert done.returncode != 0
    assert "TRUSTED_PROXIES takes addresses and networks" in done.stderr


def test_the_deployment_check_has_nothing_to_say_behind_tls(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", TLS="1")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_every_variable_is_documented() -> None:
    """docs/configuration.md names each variable that the code reads, and none that it does not."""
    assert read_variables() == documented_variables()


def read_variables() -> set[str]:
    """What the code asks the environment for."""
    pattern = re.compile(r"""(?:os\.environ\.get\(|os\.environ\[|flag\(|words\()\s*["']([A-Z][A-Z_]+)["']""")
    files = [*(ROOT / "syncpanel").rglob("*.py"), *(ROOT / "integrations").rglob("*.py")]
    found = {name for path in files if "bench" not in path.parts for name in pattern.findall(path.read_text())}
    return found - INTERNAL


INTERNAL = {"DJANGO_SETTINGS_MODULE", "SYNCPANEL_GROUP", "PYTHONPATH"}


def documented_variables() -> set[str]:
    """The first column of the tables."""
    return set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "configuration.md").read_text(), re.M))
