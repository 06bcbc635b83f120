"""What one process of a worker group can see of the others."""

import time
from collections.abc import Callable

import pytest

from integrations.supervisor.pulse import Pulse

PATIENT, IMPATIENT = 60.0, -1.0


def alive() -> Pulse:
    """A group whose worker waits for a task."""
    pulse = Pulse()
    pulse.renew()
    return pulse


def test_the_worker_is_free_between_tasks_only() -> None:
    pulse = Pulse()
    assert not pulse.is_free
    seen = []
    for step in (pulse.renew, pulse.hand_over, pulse.take, pulse.finish, pulse.save):
        step()
        seen.append(pulse.is_free)
    assert seen == [True, False, False, True, True]


def test_a_new_worker_is_free_although_the_last_one_died_with_a_task() -> None:
    pulse = alive()
    pulse.hand_over()
    pulse.take()
    pulse.renew()
    assert pulse.is_free


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["hand_over"], "nobody takes it"),
        (["hand_over", "take", "finish"], "nobody acknowledges it"),
        (["hand_over", "take"], "nobody looks for tasks"),
    ],
)
def test_what_stands_still_is_named(steps: list[str], words: str) -> None:
    pulse = alive()
    for step in steps:
        method: Callable[[], None] = getattr(pulse, step)
        method()
    assert words in pulse.trouble(IMPATIENT)
    assert pulse.trouble(PATIENT) == ""


def test_an_acknowledgement_stops_the_clock() -> None:
    pulse = alive()
    pulse.finish()
    pulse.save()
    assert "acknowledges" not in pulse.trouble(IMPATIENT)


def test_a_second_unacknowledged_task_does_not_restart_the_clock() -> None:
    pulse = alive()
    pulse.finish()
    first = pulse._unsaved_since.value
    while time.monotonic() <= first:
        pass
    pulse.finish()
    assert pulse._unsaved_since.value == first
