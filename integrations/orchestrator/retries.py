"""What happens after a problem: one pure function of (problem, attempt, now)."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from integrations.exceptions import (
    ConfigurationError,
    EngineError,
    QuotaWaitError,
    RateLimitedError,
    SyncpanelError,
    TransientError,
)

MAX_ATTEMPTS = 6
FIRST_DELAY = 2.0
LONGEST_DELAY = 300.0
LONG_LIMIT_DELAY = timedelta(hours=1)


class Action(Enum):
    """What the job does next."""

    WAIT = "wait"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Decision:
    """Wait until `at` (aware UTC) or stop; `attempts` is how many tries have failed by now at this checkpoint."""

    action: Action
    code: str
    reason: str
    at: datetime | None = None
    attempts: int = 0


def decide(problem: SyncpanelError, attempts: int, now: datetime, chance: float | None = None) -> Decision:
    """`attempts` = tries that failed before this one; `chance` (0..1) places the jitter, random when None.

    Waiting for a quota uses up no attempt: it is not a failure. Everything else stops after MAX_ATTEMPTS in a row.
    """
    if isinstance(problem, QuotaWaitError):
        return Decision(Action.WAIT, problem.code, problem.message, problem.retry_at, attempts)
    if isinstance(problem, RateLimitedError) and problem.is_long:
        return Decision(
            Action.WAIT, problem.code, problem.message, problem.retry_at or now + LONG_LIMIT_DELAY, attempts
        )
    if isinstance(problem, TransientError) and attempts + 1 < MAX_ATTEMPTS:
        at = now + timedelta(seconds=delay(attempts, random.random() if chance is None else chance))
        return Decision(Action.WAIT, problem.code, problem.message, _not_before(problem, at), attempts + 1)
    return Decision(Action.STOP, problem.code, _last_words(problem), None, attempts + 1)


def delay(attempts: int, chance: float) -> float:
    """Seconds before the next try: doubling, from half to all of it by chance, at most five minutes."""
    whole = min(LONGEST_DELAY, FIRST_DELAY * 2.0**attempts)
    return whole / 2 + whole / 2 * chance


def _not_before(problem: TransientError, at: datetime) -> datetime:
    hint = problem.retry_at if isinstance(problem, RateLimitedError) else None
    return max(at, hint) if hint else at


def _last_words(problem: SyncpanelError) -> str:
    if isinstance(problem, TransientError):
        return f"{problem.message} We tried {MAX_ATTEMPTS} times."
    if isinstance(problem, ConfigurationError | EngineError):
        return problem.message
    return problem.message
