"""The tasks of the queue: each takes an id or nothing, calls the engine, returns nothing, and may be delivered twice."""

import logging

from integrations.orchestrator.leases import group_name, write_beat
from integrations.orchestrator.runner import work_slice

logger = logging.getLogger(__name__)


def work(job_id: int) -> None:
    """Work one slice of this job, or of another that is due. No error may leave a task: the queue handles them badly."""
    try:
        work_slice(job_id)
    except Exception:
        logger.exception("a slice of job %s ended with an error", job_id)


def ping() -> None:
    """A sign of life, all the way through the queue."""
    try:
        write_beat(group_name(), "worker")
    except Exception:
        logger.exception("a worker could not write its sign of life")
