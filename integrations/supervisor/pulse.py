"""Shared memory in which the processes of one worker group leave signs of life for each other.

django-q2's processes share queues with locks; one that is killed while it holds a lock leaves the others waiting for
ever, and nothing in the library notices. Plain values without locks cannot do that: each has one writer at a time.
"""

import time
from multiprocessing.sharedctypes import RawValue


class Pulse:
    """Made in the main process before the fork. All times are monotonic seconds, 0 = nothing outstanding."""

    def __init__(self) -> None:
        self._main_beats = RawValue("L", 0)
        self._is_free = RawValue("b", 0)
        self._guarded_at = RawValue("d", time.monotonic())
        self._asked_at = RawValue("d", time.monotonic())
        self._handed_at = RawValue("d", 0.0)
        self._unsaved_since = RawValue("d", 0.0)

    def beat(self) -> None:
        """The main process is alive."""
        self._main_beats.value += 1

    @property
    def beats(self) -> int:
        """How often the main process has beaten."""
        return int(self._main_beats.value)

    def guard(self) -> None:
        """The sentinel has looked after its processes."""
        self._guarded_at.value = time.monotonic()

    @property
    def is_free(self) -> bool:
        """True when the worker waits for a task and none is on its way."""
        return bool(self._is_free.value)

    def ask(self) -> None:
        """The pusher looks for a task."""
        self._asked_at.value = time.monotonic()

    def hand_over(self) -> None:
        """The pusher has put a task into the worker's queue."""
        self._is_free.value = 0
        self._handed_at.value = time.monotonic()

    def take(self) -> None:
        """The worker begins the task."""
        self._handed_at.value = 0.0

    def finish(self) -> None:
        """The worker has ended the task and passes its result on."""
        if not self._unsaved_since.value:
            self._unsaved_since.value = time.monotonic()
        self._is_free.value = 1

    def save(self) -> None:
        """The monitor has acknowledged a task."""
        self._unsaved_since.value = 0.0

    def renew(self) -> None:
        """A new worker has taken the place of the last one."""
        self._handed_at.value = 0.0
        self._is_free.value = 1

    def trouble(self, patience: float) -> str:
        """What has been stuck for longer than `patience` seconds, in words; empty when nothing is."""
        now = time.monotonic()
        stuck = {
            "a task was handed over and nobody takes it": self._handed_at.value,
            "a task has ended and nobody acknowledges it": self._unsaved_since.value,
            "nobody looks for tasks": self._asked_at.value,
            "nobody looks after the processes": self._guarded_at.value,
        }
        return next((words for words, since in stuck.items() if since and now - since > patience), "")
