"""The tasks of the queue: each takes an id or nothing, calls the engine, returns nothing, and may be delivered twice."""

import logging
from typing import Any

from integrations.enums import MappingTaskKind
from integrations.orchestrator.drafts import take_written
from integrations.orchestrator.field_readings import work_reading
from integrations.orchestrator.leases import group_name, write_beat
from integrations.orchestrator.mapping_tasks import TaskHold, TaskWork, work_task
from integrations.orchestrator.rehearsals import keep_rehearsal, run_rehearsal
from integrations.orchestrator.runner import work_slice
from integrations.orchestrator.samples import run_sampling
from integrations.orchestrator.suggesting import keep_people
from integrations.webhooks import reading

logger = logging.getLogger(__name__)


def _write_code(hold: TaskHold) -> dict[str, Any]:
    from integrations.assistant.writing import write_code  # its client library takes 50 MB: only for who asks a model

    return write_code(hold)


EDITOR_WORKS: dict[str, TaskWork] = {
    MappingTaskKind.WRITE: TaskWork(_write_code, take_written),
    MappingTaskKind.SAMPLE: TaskWork(run_sampling, keep_people),
    MappingTaskKind.REHEARSE: TaskWork(run_rehearsal, keep_rehearsal),
}


def work(job_id: int) -> None:
    """Work one slice of this job, or of another that is due. No error may leave a task: the queue handles them badly."""
    try:
        work_slice(job_id)
    except Exception:
        logger.exception("a slice of job %s ended with an error", job_id)


def work_for_editor(task_id: int) -> None:
    """Do one piece of work for the mapping editor, or a slice of it."""
    try:
        work_task(task_id, EDITOR_WORKS)
    except Exception:
        logger.exception("mapping task %s could not be worked", task_id)


def read_incoming() -> None:
    """Read calls that have come in, for one slice."""
    try:
        reading.read_incoming()
    except Exception:
        logger.exception("incoming events could not be read")


def read_fields(reading_id: int) -> None:
    """Read the fields of one object of one connection anew."""
    try:
        work_reading(reading_id)
    except Exception:
        logger.exception("the fields of reading %s could not be read", reading_id)


def ping() -> None:
    """A sign of life, all the way through the queue."""
    try:
        write_beat(group_name(), "worker")
    except Exception:
        logger.exception("a worker could not write its sign of life")
