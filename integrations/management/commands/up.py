"""`manage.py up`: everything one host needs, as one command."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from integrations.supervisor.household import Household
from integrations.supervisor.launch import PortTakenError, launch
from integrations.supervisor.lock import AlreadyRunningError


class Command(BaseCommand):
    """Web, workers and beat under one supervisor, until Ctrl-C or SIGTERM."""

    help = "Runs the panel: web server, workers and beat (and the sandbox), until it is asked to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address to listen on (HOST, default 127.0.0.1)")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port of the panel (PORT, default 8000)")
        parser.add_argument("--workers", type=int, default=settings.WORKER_GROUPS, help="worker groups (WORKERS)")
        parser.add_argument("--no-web", action="store_true", help="workers and beat only, for a second host")
        parser.add_argument("--sandbox", action="store_true", help="also run the simulated platforms")

    def handle(self, *args: Any, **options: Any) -> None:
        household = Household(
            host=options["host"],
            port=options["port"],
            workers=options["workers"],
            has_web=not options["no_web"],
            sandbox_port=settings.SANDBOX_PORT,
            sandbox=() if options["sandbox"] else None,
        )
        try:
            launch(household, prepare=lambda: None, ready=lambda: self._say_where(household))
        except (AlreadyRunningError, PortTakenError) as exc:
            raise CommandError(str(exc)) from exc

    def _say_where(self, household: Household) -> None:
        if not household.has_web:
            self.stdout.write("Workers and beat are running. Ctrl-C stops them.")
            return
        address = "http://{}:{}".format(*household.address)
        for line in import_string(settings.WELCOME_LINES)(address):
            self.stdout.write(line)
        self.stdout.flush()
