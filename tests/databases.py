"""Databases of their own for tests that need committed rows: threads, processes, triggers. Made from a migrated template,
which all test processes of a run share."""

import fcntl
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from syncpanel.databases import database

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
SHARED = Path(os.environ["DATA_DIR"]) / "shared"
numbers = count(1)


def postgres_is_there() -> bool:
    """A PostgreSQL server answers; in CI one is required."""
    try:
        with psycopg.connect(POSTGRES, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        if os.environ.get("CI"):
            pytest.fail("CI needs a PostgreSQL server (TEST_POSTGRES_URL).")
        return False


def new_url(vendor: str) -> str:
    """The DATABASE_URL of a new, migrated, empty database. Drop it with `drop`."""
    _ensure_template(vendor)
    name = f"syncpanel_test_{os.getpid()}_{next(numbers)}"
    if vendor == "sqlite":
        target = SHARED / f"{name}.sqlite3"
        shutil.copy(SHARED / "template.sqlite3", target)
        return f"sqlite:///{target}"
    _postgres(f'CREATE DATABASE "{name}" TEMPLATE "{_postgres_template()}"')
    return POSTGRES.rsplit("/", 1)[0] + f"/{name}"


def fill_from_template() -> None:
    """Django's own database for tests, in memory and without a table, becomes a migrated, empty one: copying takes a hundredth
    of the time."""
    _ensure_template("sqlite")
    connections["default"].ensure_connection()
    with closing(sqlite3.connect(SHARED / "template.sqlite3")) as template:
        template.backup(connections["default"].connection)


def drop(url: str) -> None:
    """Remove a database made by `new_url`."""
    name = url.rsplit("/", 1)[1]
    if url.startswith("sqlite"):
        for path in SHARED.glob(f"{name}*"):
            with suppress(FileNotFoundError):
                path.unlink()
    else:
        _postgres(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def made_once(name: str) -> Iterator[Path]:
    """Alone of all test processes: a file that exists once the body of one of them has come to its end."""
    SHARED.mkdir(parents=True, exist_ok=True)
    made = SHARED / f"{name}.made"
    with (SHARED / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield made
        made.touch()


@contextmanager
def used(url: str) -> Iterator[None]:
    """Django's default database is this one inside the block, for every thread."""
    shared = connections.settings["default"]
    before = dict(shared)
    connections["default"].close()
    _replace(shared, _hasty(database(url, SHARED)))
    try:
        yield
    finally:
        connections["default"].close()
        _replace(shared, before)


def _hasty(entry: dict[str, Any]) -> dict[str, Any]:
    """Nobody cuts the power in a test, so nobody waits for the disk in this process. Those that tests start do as in earnest."""
    options = dict(entry.get("OPTIONS", {}))
    if "init_command" in options:
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    return {**entry, "OPTIONS": options}


def _replace(shared: dict[str, Any], entry: dict[str, Any]) -> None:
    test = shared.get("TEST", {})
    shared.clear()
    shared.update({**entry, "TEST": test})
    connections.configure_settings({"default": shared})
    with suppress(AttributeError):
        del connections["default"]


def _ensure_template(vendor: str) -> None:
    with made_once(vendor) as made:
        if not made.exists():
            _make_template(vendor)


def _make_template(vendor: str) -> None:
    if vendor == "sqlite":
        with used(f"sqlite:///{SHARED / 'template.sqlite3'}"):
            call_command("migrate", verbosity=0)
            with connections["default"].cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    name = _postgres_template()
    _postgres(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    with used(POSTGRES.rsplit("/", 1)[0] + f"/{name}"):
        call_command("migrate", verbosity=0)


def _postgres_template() -> str:
    return f"syncpanel_template_{zlib.crc32(str(SHARED).encode())}"


def drop_templates() -> None:
    """At the end of the test run, by the process that began it."""
    if (SHARED / "postgresql.made").exists():
        _postgres(f'DROP DATABASE IF EXISTS "{_postgres_template()}" WITH (FORCE)')
    shutil.rmtree(SHARED, ignore_errors=True)


def _postgres(*statements: str) -> None:
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        for statement in statements:
            server.execute(statement)


__all__ = ["REDIS", "drop", "drop_templates", "fill_from_template", "made_once", "new_url", "postgres_is_there", "used"]
