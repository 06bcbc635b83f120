"""Log lines that say which process wrote them: several write to one terminal."""

import logging
import os


class NamedFormatter(logging.Formatter):
    """Puts the name of the process before every line, tracebacks included."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {message}", datefmt="%H:%M:%S", style="{")
        self._prefix = f"{os.environ.get('SYNCPANEL_GROUP', 'syncpanel').partition('@')[0]:<9} | "

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(self._prefix + line for line in super().format(record).splitlines())
