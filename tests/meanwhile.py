"""What another thread does in the middle of what a test does, with a database connection of its own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


class Meanwhile:
    """Begins once, when the thread that made it says so, and is then given a moment to get through. `problem`: how it ended."""

    def __init__(self, act: Callable[[], Any], moment: float = 0.5) -> None:
        self._act, self._moment = act, moment
        self._made_in, self._thread = threading.current_thread(), threading.Thread(target=self._run)
        self.problem: BaseException | None = None

    def start(self) -> None:
        """Does nothing the second time, and in its own thread."""
        if self._thread.ident is None and threading.current_thread() is self._made_in:
            self._thread.start()
            self._thread.join(self._moment)

    def end(self) -> None:
        """Wait for it."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._act()
        except BaseException as problem:
            self.problem = problem
        finally:
            connection.close()
