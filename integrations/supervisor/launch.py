"""One host's start, in order: the lock, the ports, the database, the static files; only then the children."""

import hashlib
import logging
import os
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection, connections

from integrations.beat import recover_after_restart
from integrations.orchestrator import clocks
from integrations.supervisor.household import Household
from integrations.supervisor.lock import only_instance
from integrations.supervisor.supervisor import Supervisor
from integrations.supervisor.watch import Watch

logger = logging.getLogger(__name__)


class PortTakenError(Exception):
    """Another program listens on the port."""


def launch(household: Household, prepare: Callable[[], None], ready: Callable[[], None]) -> None:
    """Run until told to stop. `prepare` is called once the database is ready, `ready` once the servers answer.

    Raises AlreadyRunningError or PortTakenError, with a sentence, before anything has started.
    """
    os.umask(0o077)  # what lies in the data directory is nobody else's
    with only_instance(settings.DATA_DIR) as lock:
        _refuse_taken_ports(household)
        _prepare_database()
        if household.has_web:
            collect_static()
        prepare()
        connections.close_all()
        members = list(household.members())
        watch = Watch({child.name: probe for child, probe in members}, settings.WATCHDOG_SECONDS)
        awaited = {"web", "sandbox"} & {child.name for child, _ in members}
        Supervisor([child for child, _ in members], watch, lock).run(awaited, ready)


def _refuse_taken_ports(household: Household) -> None:
    if household.has_web:
        _refuse_taken_port(household.host, household.port, "PORT")
    if household.sandbox is not None:
        _refuse_taken_port("127.0.0.1", household.sandbox_port, "SANDBOX_PORT")


def _refuse_taken_port(host: str, port: int, variable: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise PortTakenError(
                f"Port {port} is not free. Choose another, for example {variable}={port + 1}."
            ) from exc


def _prepare_database() -> None:
    """Alone, before any child: switching a new SQLite file to WAL while others open it fails for some of them."""
    call_command("migrate", verbosity=0, interactive=False)
    clocks.watch.is_wrong()  # said now, not only once a worker takes no work
    if connection.vendor == "sqlite":  # with a shared server, other hosts may be at work: there the beat recovers
        recover_after_restart()


def collect_static() -> None:
    """Copy and compress the static files, if they are not those of last time."""
    stamp = Path(settings.STATIC_ROOT) / ".sources"
    sources = _describe_sources()
    if not stamp.exists() or stamp.read_text() != sources:
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(sources)


def _describe_sources() -> str:
    """Changes when a file comes, goes or changes."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
