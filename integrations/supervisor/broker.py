"""The queue as one worker group sees it: a hint is taken only when the worker is free, and a ping every few seconds.

A group that prefetches lets hints wait behind its own slice while other groups are idle. The ping goes the whole way
(pusher, worker, monitor) of its own group; one sent through the shared queue would reach any group.
"""

import logging
import os
import signal
import time
import uuid
from typing import Any

from django.db import Error as DatabaseError
from django.utils import timezone
from django_q.brokers import Broker
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.signing import SignedPackage

from integrations.supervisor.lineage import die_with_parent
from integrations.supervisor.pulse import Pulse

logger = logging.getLogger(__name__)

Tasks = list[tuple[Any, Any]]


class GroupBroker(Broker):  # type: ignore[misc]  # django-q2 has no types
    """Mixed into the library's brokers below."""

    pulse: Pulse
    ping_every: float
    is_away: tuple[type[Exception], ...] = (DatabaseError,)
    """What is raised when the queue, or the database, does not answer."""
    pause_after_trouble = 2.0
    _pinged_at = 0.0
    _is_down = False
    _database_is_down = False

    def dequeue(self) -> Tasks | None:
        """At most one task, and none while the worker has one. Survives a queue that is away."""
        end_with_parent()
        self.pulse.ask()
        if not self.pulse.is_free:
            time.sleep(Conf.POLL)
            return None
        tasks = self._ping() or self._pull()
        if tasks:
            self.pulse.hand_over()
        return tasks

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """The sentinel's once-a-second report: all we need of it is that it came."""
        end_with_parent()
        self.pulse.guard()

    def _ping(self) -> Tasks | None:
        """Due every few seconds; pointless while the database, where it leaves its sign, is away."""
        if self._database_is_down or time.monotonic() - self._pinged_at < self.ping_every:
            return None
        self._pinged_at = time.monotonic()
        return [(None, SignedPackage.dumps(_ping_task()))]

    def _pull(self) -> Tasks | None:
        try:
            tasks: Tasks | None = super().dequeue()
        except self.is_away as exc:
            if not self._is_down:
                logger.warning("The queue does not answer (%s); trying again until it does", type(exc).__name__)
            self._is_down, self._database_is_down = True, isinstance(exc, DatabaseError)
            time.sleep(self.pause_after_trouble)
            return None
        self._is_down = self._database_is_down = False
        return tasks


class DatabaseBroker(GroupBroker, ORM):  # type: ignore[misc]
    """Hints are rows."""

    def __init__(self) -> None:
        """The library's opens a connection to the database, which must not be carried through a fork."""
        self.list_key, self.connection, self.cache, self._info = Conf.CLUSTER_NAME, None, None, None


def end_with_parent() -> int:
    """In a process the library forked: do not outlive the one that forked it. Returns that one's process number."""
    parent = os.getppid()
    die_with_parent(signal.SIGKILL, parent)
    return parent


def group_broker(pulse: Pulse, ping_every: float) -> GroupBroker:
    """The broker of one worker group, for the queue the settings name."""
    broker = DatabaseBroker() if Conf.ORM else _redis_broker()
    broker.pulse, broker.ping_every = pulse, ping_every
    return broker


def _redis_broker() -> GroupBroker:
    # Its client takes a fifth of a start: only for who uses it.
    from integrations.supervisor.redis_broker import RedisBroker

    return RedisBroker()


def _ping_task() -> dict[str, Any]:
    """A task as `django_q.tasks.async_task` would have queued it."""
    return {
        "id": uuid.uuid4().hex,
        "name": "ping",
        "func": "integrations.tasks.ping",
        "args": (),
        "kwargs": {},
        "started": timezone.now(),
        "ack_failure": True,
    }
