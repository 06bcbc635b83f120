"""Databases of their own for tests that need committed rows: threads, processes, triggers. Made from a migrated template."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
numbers = count(1)
_folder = Path(tempfile.mkdtemp(prefix="syncpanel-db-"))
_templates: dict[str, str] = {}


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
    if vendor not in _templates:
        _templates[vendor] = _make_template(vendor)
    name = f"syncpanel_test_{os.getpid()}_{next(numbers)}"
    if vendor == "sqlite":
        target = _folder / f"{name}.sqlite3"
        shutil.copy(_templates[vendor], target)
        return f"sqlite:///{target}"
    _postgres(f'CREATE DATABASE "{name}" TEMPLATE "{_templates[vendor]}"')
    return POSTGRES.rsplit("/", 1)[0] + f"/{name}"


def drop(url: str) -> None:
    """Remove a database made by `new_url`."""
    name = url.rsplit("/", 1)[1]
    if url.startswith("sqlite"):
        for path in _folder.glob(f"{name}*"):
            with suppress(FileNotFoundError):
                path.unlink()
    else:
        _postgres(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def used(url: str) -> Iterator[None]:
    """Django's default database is this one inside the block, for every thread."""
    shared = connections.settings["default"]
    before = dict(shared)
    connections["default"].close()
    _replace(shared, database(url, _folder))
    try:
        yield
    finally:
        connections["default"].close()
        _replace(shared, before)


def _replace(shared: dict[str, Any], entry: dict[str, Any]) -> None:
    test = shared.get("TEST", {})
    shared.clear()
    shared.update({**entry, "TEST": test})
    connections.configure_settings({"default": shared})
    with suppress(AttributeError):
        del connections["default"]


def _make_template(vendor: str) -> str:
    if vendor == "sqlite":
        path = _folder / "template.sqlite3"
        with used(f"sqlite:///{path}"):
            call_command("migrate", verbosity=0)
            with connections["default"].cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return str(path)
    name = f"syncpanel_template_{os.getpid()}"
    _postgres(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    with used(POSTGRES.rsplit("/", 1)[0] + f"/{name}"):
        call_command("migrate", verbosity=0)
    return name


def drop_templates() -> None:
    """At the end of the test run."""
    if "postgresql" in _templates:
        _postgres(f'DROP DATABASE IF EXISTS "{_templates["postgresql"]}" WITH (FORCE)')
    shutil.rmtree(_folder, ignore_errors=True)


def _postgres(*statements: str) -> None:
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        for statement in statements:
            server.execute(statement)


__all__ = ["REDIS", "drop", "drop_templates", "new_url", "postgres_is_there", "used"]
