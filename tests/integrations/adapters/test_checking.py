"""A connection test tells what failed, what to do, and what was not tried."""

import pytest

from integrations.adapters.checking import NOT_TRIED, Step, run_steps
from integrations.exceptions import PermissionMissingError, PlatformError, SyncpanelError, TransientError


def handle_error(problem: Exception) -> SyncpanelError:
    return PlatformError("Something unexpected happened.", technical=type(problem).__name__)


def fail_with(problem: Exception):
    def run() -> None:
        raise problem

    return run


def test_after_a_failure_nothing_more_is_tried():
    tried = []
    steps = [
        Step("Reach it", lambda: tried.append(1), ""),
        Step("Sign in", fail_with(PermissionMissingError("No right.")), "Grant it."),
        Step("Read", lambda: tried.append(2), ""),
        Step("May write", lambda: tried.append(3), ""),
    ]
    lines = run_steps(steps, handle_error)
    assert tried == [1] and [line.ok for line in lines] == [True, False, False, False]
    assert [line.is_tried for line in lines] == [True, True, False, False]
    assert [line.fix for line in lines] == ["", "No right. Grant it.", NOT_TRIED, NOT_TRIED]


@pytest.mark.parametrize(
    ("problem", "fix"),
    [
        (TransientError("It is away."), "It is away. Try again in a few minutes."),
        (KeyError("x"), "Something unexpected happened. Do this."),
    ],
)
def test_any_problem_becomes_a_sentence(problem, fix):
    assert run_steps([Step("Reach it", fail_with(problem), "Do this.")], handle_error)[0].fix == fix
