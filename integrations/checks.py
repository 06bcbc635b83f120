"""Refuses to start with queue settings under which tasks are lost, doubled or repeated for ever.

docs/architecture.md gives the reason for each value; they were measured, not guessed.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from integrations.orchestrator.leases import LEASE, RENEW_EVERY, SLICE_SECONDS

EXACT = {
    "queue_limit": 1,
    "bulk": 1,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "scheduler": False,
    "catch_up": False,
}
BUSY_TIMEOUT = 20


@register()
def check_queue(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Errors for every setting of Q_CLUSTER that the engine cannot live with."""
    queue = settings.Q_CLUSTER
    found = [
        Error(f"Q_CLUSTER['{name}'] is {queue.get(name)!r}; the engine needs {value!r}.", id="integrations.E001")
        for name, value in EXACT.items()
        if queue.get(name) != value
    ]
    return [*found, *_times(queue), *_lease()]


def _times(queue: dict[str, Any]) -> list[CheckMessage]:
    """The queue's own timeout must never fire, and its retry must outlast everything prefetched before a task."""
    timeout, retry, workers = queue.get("timeout") or 0, queue.get("retry") or 0, queue.get("workers") or 1
    found: list[CheckMessage] = []
    if timeout < SLICE_SECONDS * 5:
        found.append(Error(f"Q_CLUSTER['timeout'] must be {SLICE_SECONDS * 5:.0f} or more.", id="integrations.E002"))
    needed = timeout * (1 + -(-2 // workers)) + 30
    if retry < needed:
        found.append(Error(f"Q_CLUSTER['retry'] must be {needed} or more.", id="integrations.E003"))
    if (timeout + 3) % queue.get("guard_cycle", 1):
        found.append(Error("Q_CLUSTER['guard_cycle'] must divide timeout + 3.", id="integrations.E004"))
    return found


def _lease() -> list[CheckMessage]:
    if LEASE.total_seconds() > BUSY_TIMEOUT + RENEW_EVERY:
        return []
    return [Error("A lease must outlast the database's busy timeout and one renewal.", id="integrations.E005")]
