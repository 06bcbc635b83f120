"""Queue messages are hints: "there may be work". Losing, doubling or delaying one never matters."""

import functools
import logging

from django.db import transaction
from django_q.brokers import Broker, get_broker
from django_q.conf import Conf
from django_q.tasks import async_task

logger = logging.getLogger(__name__)


@functools.cache
def _broker() -> Broker:
    """One broker, hence one connection pool, per process: a new one per call is seven times slower on Redis."""
    return get_broker()


def hint_work(job_id: int) -> None:
    """Tell the workers that this job is due. With the ORM broker the hint is part of the caller's transaction."""
    _send("integrations.tasks.work", job_id)


def hint_mapping_task(task_id: int) -> None:
    """Tell the workers that the mapping editor has work; otherwise as `hint_work`."""
    _send("integrations.tasks.work_for_editor", task_id)


def hint_incoming() -> None:
    """Tell the workers that calls have come in which nobody has read."""
    _send("integrations.tasks.read_incoming")


def hint_reading(reading_id: int) -> None:
    """Tell the workers that an object's fields are to be read; otherwise as `hint_work`."""
    _send("integrations.tasks.read_fields", reading_id)


def waiting_hints() -> int:
    """How many hints no worker has taken yet."""
    size: int = _broker().queue_size()
    return size


def _send(task: str, *args: int) -> None:
    if Conf.ORM:
        async_task(task, *args, ack_failure=True, broker=_broker())
    else:
        transaction.on_commit(functools.partial(_try_to_send, task, *args))


def _try_to_send(task: str, *args: int) -> None:
    """A queue that is away costs the hint, which the beat repeats, and never what has just been committed."""
    try:
        async_task(task, *args, ack_failure=True, broker=_broker())
    except Exception as problem:  # the client's own classes of errors differ from queue to queue
        logger.warning("A hint could not be sent: %s", type(problem).__name__)
