"""A queue of threads: a plain lock may serve the same thread again and again while another waits for seconds."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """One thread at a time, in the order they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()

    def __len__(self) -> int:
        """How many have their turn or wait for it."""
        return len(self._queue)

    @contextmanager
    def turn(self, timeout: float) -> Iterator[bool]:
        """Wait for this thread's turn; False when it has not come within `timeout` seconds."""
        mine = threading.Event()
        with self._lock:
            self._queue.append(mine)
            self._queue[0].set()
        try:
            yield mine.wait(max(0.0, timeout))
        finally:
            with self._lock:
                self._queue.remove(mine)
                if self._queue:
                    self._queue[0].set()
