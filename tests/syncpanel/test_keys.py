"""Keys are made once, are their owner's alone, and can be changed without losing a credential."""

import io
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from integrations.models import Connection
from integrations.supervisor.lock import only_instance
from syncpanel import keys

ROOT = Path(__file__).resolve().parents[2]


def test_sixteen_first_starts_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from syncpanel import keys; "
        "p = Path(sys.argv[1]); print(keys.secret_key(p), keys.encryption_keys(p))"
    )

    def start(_: int) -> str:
        argv = [sys.executable, "-c", script, str(tmp_path / "data")]
        return subprocess.run(argv, cwd=ROOT, env={}, capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor(16) as pool:
        printed = set(pool.map(start, range(16)))
    assert len(printed) == 1
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["encryption_keys", "secret_key"]


def test_key_files_may_be_read_by_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    keys.secret_key(folder)
    keys.encryption_keys(folder)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_others_could_read_is_made_private_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    (folder / "secret_key").write_text("from a backup\n")
    (folder / "secret_key").chmod(0o644)
    assert keys.secret_key(folder) == "from a backup"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_into_which_anybody_could_have_put_keys_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    keys.make_private(folder)
    folder.chmod(0o1777)
    with pytest.raises(ImproperlyConfigured, match="Choose another DATA_DIR"):
        keys.secret_key(folder)


def test_what_a_command_writes_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    base = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    argv = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    environ = {**base, "DATA_DIR": str(folder)}
    subprocess.run(argv, cwd=ROOT, env=environ, check=True, umask=0o022)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_keys_from_the_environment_leave_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "s")
    monkeypatch.setenv("ENCRYPTION_KEYS", "new, old")
    assert keys.secret_key(tmp_path) == "s"
    assert keys.encryption_keys(tmp_path) == ["new", "old"]
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def installation(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with one key, and the settings that go with it."""
    monkeypatch.delenv("ENCRYPTION_KEYS", raising=False)
    settings.DATA_DIR = tmp_path
    settings.SYNCPANEL_ENCRYPTION_KEYS = keys.encryption_keys(tmp_path)
    return tmp_path


def make_connection(name: str = "CRM") -> Connection:
    return Connection.objects.create(
        name=name, platform="crm", method="token", secrets={"access_token": "s3cret"}, token={"access_token": "t0ken"}
    )


def stored(column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM integrations_connection ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def rotate(*options: str) -> str:
    out = io.StringIO()
    call_command("rotate_keys", *options, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_new_key_locks_everything_again_and_the_old_one_is_kept(installation: Path) -> None:
    old = keys.encryption_keys(installation)
    make_connection()
    make_connection("Mail")
    assert rotate("--new").startswith("4 values ")
    new, *kept = keys.encryption_keys(installation)
    assert kept == old
    for text in stored("secrets") + stored("token"):
        assert Fernet(new.encode()).decrypt(text.encode())
    assert [row.secrets["access_token"] for row in Connection.objects.all()] == ["s3cret", "s3cret"]
    assert stat.S_IMODE(keys.encryption_key_file(installation).stat().st_mode) == 0o600


@pytest.mark.django_db
def test_old_keys_are_dropped_only_when_nothing_needs_them(installation: Path) -> None:
    make_connection()
    rotate("--new", "--drop-old")
    assert len(keys.encryption_keys(installation)) == 1
    assert Connection.objects.get().token == {"access_token": "t0ken"}


@pytest.mark.django_db
def test_rotation_may_be_repeated(installation: Path) -> None:
    make_connection()
    rotate()
    rotate()
    assert Connection.objects.get().secrets == {"access_token": "s3cret"}


@pytest.mark.django_db
def test_a_new_key_is_refused_while_the_panel_runs(installation: Path) -> None:
    before = keys.encryption_keys(installation)
    with only_instance(installation), pytest.raises(CommandError, match="Stop it first"):
        rotate("--new")
    assert keys.encryption_keys(installation) == before


@pytest.mark.django_db
def test_keys_from_the_environment_are_never_written_to_a_file(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", "x")
    with pytest.raises(CommandError, match="in front of them on every host"):
        rotate("--new")
