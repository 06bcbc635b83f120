"""The first minute of the demo: once panel and sandbox answer, jobs start, platforms call, connections are looked at."""

import logging
import threading
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from integrations.adapters.registry import capabilities
from integrations.demo.accounts import ACCOUNTS
from integrations.demo.listening import listen
from integrations.demo.story import CONTACTS
from integrations.enums import ConnectionState
from integrations.exceptions import SyncpanelError
from integrations.models import Connection, Mapping, Sync, SyncJob
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.connections import test_connection
from integrations.orchestrator.samples import fetch_samples
from integrations.sandbox.client import SandboxAwayError, SandboxClient

logger = logging.getLogger(__name__)

SOON = {"Companies": 60, "Won deals": 70, "Unsubscribed": 80, "Demo requests": 90}
"""Seconds after which these start for the first time, so that "Contacts" is seen alone at first. All others follow one of
these, or wait to be called."""


def begin(sandbox_url: str, panel_url: str, actor: str) -> None:
    """So that there is something to watch; a second start goes on with what is there."""
    if not SyncJob.objects.exists():
        start_job(Sync.objects.get(name=CONTACTS).pk, actor=actor)
        for name, seconds in SOON.items():
            Sync.objects.filter(name=name).update(next_due_at=timezone.now() + timedelta(seconds=seconds))
    threading.Thread(target=_open_up, args=(sandbox_url, panel_url, actor), daemon=True, name="demo").start()


def _open_up(sandbox_url: str, panel_url: str, actor: str) -> None:
    """Beside everything else: it takes some seconds, and nobody waits for it."""
    ours = list(Connection.objects.filter(name__in=[account.name for account in ACCOUNTS]))
    try:
        for connection in ours:
            if connection.state == ConnectionState.UNTESTED or not connection.last_check:
                test_connection(connection.pk, actor)
        if Sync.objects.filter(on_webhook=True).exists():
            listen(SandboxClient(sandbox_url), panel_url, ours, actor)
        for mapping in Mapping.objects.filter(tasks=None, source_connection__in=ours):
            _fetch_people(mapping, actor)
    except (SandboxAwayError, SyncpanelError) as problem:
        logger.warning("The demo could not be opened up: %s", problem)
    finally:
        connections.close_all()


def _fetch_people(mapping: Mapping, actor: str) -> None:
    """To try it on, where they need not be waited for."""
    source = capabilities(mapping.source_platform).object(mapping.source_object)
    if source.can_read and source.supports_incremental:
        fetch_samples(mapping.pk, actor)
