"""Log lines that say which process wrote them: several write to one terminal. No personal data in any of them."""

import logging
import os
import traceback
from typing import Any

from django.conf import settings

from integrations.exceptions import SyncpanelError


class NamedFormatter(logging.Formatter):
    """Puts the name of the process before every line, tracebacks included."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {message}", datefmt="%H:%M:%S", style="{")
        self._prefix = f"{os.environ.get('SYNCPANEL_GROUP', 'syncpanel').partition('@')[0]:<9} | "

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(self._prefix + line for line in super().format(record).splitlines())

    def formatException(self, ei: Any) -> str:
        """Where it happened and what kind it was. What it says may quote a row with people in it (a database names the
        values it refuses), so only DEBUG shows that; our own errors promise to quote nobody."""
        if settings.DEBUG:
            return super().formatException(ei)
        problem: BaseException | None = ei[1]
        told: list[str] = []
        while problem is not None:
            told.append("".join(traceback.format_tb(problem.__traceback__)) + _named(problem))
            problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
        return "\nwhich led to\n".join(reversed(told))


class WithoutTraceback(logging.Filter):
    """For what strangers do wrong, all day long: one line is enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        return True


def _named(problem: BaseException) -> str:
    name = type(problem).__qualname__
    return f"{name}: {problem}" if isinstance(problem, SyncpanelError) else name
