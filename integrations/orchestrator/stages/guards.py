"""The guard: a job whose numbers are abnormal waits for a person before anything is sent."""

from typing import Any

from integrations.enums import Status, Trigger
from integrations.models import Sync, SyncJob

PAST_JOBS = 10
ENOUGH_PAST_JOBS = 5
TIMES_USUAL = 3
ALWAYS_ALLOWED = {"new": 1_000, "known": 1_000, "blanks": 1_000}
INVALID_PERCENT = 50
INVALID_AT_LEAST = 100
WORDS = {"new": "would be added", "known": "would be changed", "blanks": "values would be emptied"}
SETTING = {"new": "creates", "known": "updates", "blanks": "blanks"}


def tripped(sync: Sync, job: SyncJob) -> list[dict[str, Any]]:
    """What is abnormal about the job, each with its number, its limit and a sentence. Empty = nothing is."""
    learned = learned_limits(sync, is_small=job.trigger == Trigger.WEBHOOK)
    found = []
    for name, words in WORDS.items():
        number = job.guard.get(name, 0)
        limit = sync.guards.get(SETTING[name], learned.get(name))
        if limit is not None and number > limit:
            sentence = f"{number:,} {words}; at most {limit:,} are usual."
            found.append({"name": name, "number": number, "limit": limit, "sentence": sentence})
    return found + _too_many_invalid(sync, job)


def learned_limits(sync: Sync, *, is_small: bool = False) -> dict[str, int]:
    """Three times the most of the last jobs that went through; nothing while there are fewer than five. The small jobs of
    incoming events tell nothing about the large ones."""
    alike = sync.jobs.filter(trigger=Trigger.WEBHOOK) if is_small else sync.jobs.exclude(trigger=Trigger.WEBHOOK)
    past = alike.filter(status__in=[Status.SUCCEEDED, Status.PARTIAL]).order_by("-id")
    guards = list(past.values_list("guard", flat=True)[:PAST_JOBS])
    if len(guards) < ENOUGH_PAST_JOBS:
        return {}
    return {
        name: max(ALWAYS_ALLOWED[name], TIMES_USUAL * max(guard.get(name, 0) for guard in guards)) for name in WORDS
    }


def _too_many_invalid(sync: Sync, job: SyncJob) -> list[dict[str, Any]]:
    limit = sync.guards.get("invalid_percent", INVALID_PERCENT)
    checked = job.fetched - job.left_out
    if job.invalid < INVALID_AT_LEAST or job.invalid * 100 <= checked * limit:
        return []
    percent = round(job.invalid * 100 / checked)
    sentence = f"{job.invalid:,} of {checked:,} cannot be sent ({percent} %); at most {limit} % are usual."
    return [{"name": "invalid", "number": job.invalid, "limit": limit, "sentence": sentence}]
