"""Ask the configured language model a small question, and say what works."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.assistant import config
from integrations.exceptions import SyncpanelError


class Command(BaseCommand):
    """Ends with an error when no mapping comes of it."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        from integrations.assistant.probing import probe  # the client library is slow to load, and `help` needs none

        try:
            configured = config.current()
            self.stdout.write(f"Asking {configured.name} at {configured.host} …")
            found = probe(configured)
        except SyncpanelError as problem:
            said = f"\nIt said: {problem.technical}" if problem.technical else ""
            raise CommandError(f"{problem.message}{said}") from problem
        *lines, verdict = found.lines
        for line in lines:
            self.stdout.write(line)
        if not found.is_good:
            raise CommandError(verdict)
        self.stdout.write(verdict)
