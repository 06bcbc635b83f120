"""`manage.py demo`: the panel with example data, on simulated platforms."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from integrations import demo
from integrations.supervisor.household import Household
from integrations.supervisor.launch import PortTakenError, launch
from integrations.supervisor.lock import AlreadyRunningError
from syncpanel.announcement import demo_lines


class Command(BaseCommand):
    """Everything the demo needs under one supervisor, in a data directory of its own (data/demo)."""

    help = "Runs the panel with example data and simulated platforms."
    requires_system_checks = "__all__" if settings.DEMO else []  # what it becomes makes them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--contacts", type=int, default=47_000)
        parser.add_argument("--one-sync", action="store_true", help="only “Contacts”, and nothing changes by itself")
        parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same people")
        parser.add_argument("--latency-ms", type=float, default=60, help="how slow the simulated platforms answer")
        parser.add_argument("--salesforce-latency-ms", type=float, default=500, help="how much slower Salesforce is")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            become_demo()
        names = ("contacts", "seed", "latency-ms", "salesforce-latency-ms")
        sandbox = [f"--{name}={options[name.replace('-', '_')]}" for name in names]
        one_sync = bool(options["one_sync"])
        if not one_sync:
            sandbox.append("--life=1")
        household = Household(
            host=settings.HOST,
            port=settings.PORT,
            workers=settings.WORKER_GROUPS,
            sandbox_port=settings.SANDBOX_PORT,
            sandbox=tuple(sandbox),
        )
        try:
            launch(
                household,
                prepare=lambda: call_command("seed_demo", one_sync=one_sync),
                ready=lambda: self._begin(household),
            )
        except (AlreadyRunningError, PortTakenError) as exc:
            raise CommandError(str(exc)) from exc

    def _begin(self, household: Household) -> None:
        panel_url = "http://{}:{}".format(*household.address)
        demo.begin(settings.SANDBOX_URL, panel_url, settings.DEMO_EMAIL)
        for line in demo_lines(panel_url):
            self.stdout.write(line)
        self.stdout.flush()


def become_demo() -> None:
    """Start this command again as the demo, far from real data: neither its database nor its queue is touched."""
    real = {"DATA_DIR", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ENCRYPTION_KEYS"}
    environ = {name: value for name, value in os.environ.items() if name not in real}
    environ |= {"DEMO": "1", "DATA_DIR": str(settings.DATA_DIR / "demo")}
    os.execve(sys.executable, [sys.executable, *sys.argv], environ)  # noqa: S606 ourselves, with another environment
