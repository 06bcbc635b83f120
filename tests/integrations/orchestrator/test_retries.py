"""The retry decision is a pure function: a table of problems, attempts and what follows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import exceptions as e
from integrations.orchestrator.retries import LONGEST_DELAY, MAX_ATTEMPTS, Action, decide, delay

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("problem", "attempts", "action", "at", "after"),
    [
        (e.TransientError("x"), 0, Action.WAIT, NOW + timedelta(seconds=2), 1),
        (e.TransientError("x"), 3, Action.WAIT, NOW + timedelta(seconds=16), 4),
        (e.TransientError("x"), MAX_ATTEMPTS - 1, Action.STOP, None, MAX_ATTEMPTS),
        (e.UnknownOutcomeError("x"), 0, Action.WAIT, NOW + timedelta(seconds=2), 1),
        (e.RateLimitedError("x", retry_at=NOW + timedelta(seconds=30)), 0, Action.WAIT, NOW + timedelta(seconds=30), 1),
        (e.RateLimitedError("x", retry_at=MIDNIGHT, is_long=True), 5, Action.WAIT, MIDNIGHT, 5),
        (e.RateLimitedError("x", is_long=True), 0, Action.WAIT, NOW + timedelta(hours=1), 0),
        (e.QuotaWaitError("x", retry_at=MIDNIGHT), 5, Action.WAIT, MIDNIGHT, 5),
        (e.SignInError("x"), 0, Action.STOP, None, 1),
        (e.PermissionMissingError("x"), 0, Action.STOP, None, 1),
        (e.SchemaChangedError("x"), 0, Action.STOP, None, 1),
        (e.EngineError("x"), 0, Action.STOP, None, 1),
    ],
)
def test_a_problem_leads_to_what_the_table_says(problem, attempts, action, at, after) -> None:
    decision = decide(problem, attempts, NOW, chance=1.0)
    assert (decision.action, decision.at, decision.attempts) == (action, at, after)


def test_the_last_try_says_how_often_we_tried() -> None:
    decision = decide(e.TransientError("HubSpot does not answer."), MAX_ATTEMPTS - 1, NOW)
    assert decision.reason == f"HubSpot does not answer. We tried {MAX_ATTEMPTS} times."


@given(st.integers(0, 60), st.floats(0, 1))
def test_a_delay_is_never_negative_never_longer_than_five_minutes(attempts: int, chance: float) -> None:
    assert 1.0 <= delay(attempts, chance) <= LONGEST_DELAY


@given(st.integers(0, 10))
def test_jitter_spreads_over_the_upper_half(attempts: int) -> None:
    assert delay(attempts, 0.0) == pytest.approx(delay(attempts, 1.0) / 2)
