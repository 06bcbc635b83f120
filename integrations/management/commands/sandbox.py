"""`manage.py sandbox`: the simulated platforms on one port."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from integrations.sandbox.server import run_forever
from integrations.sandbox.settings import ONLY_ON_RESET, Settings, change_settings, knobs


class Command(BaseCommand):
    """Every setting of a platform that says what it does is an option too."""

    help = "Runs simulated platforms, which need no database and keep everything in memory."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=9400)
        parser.add_argument("--contacts", type=int, default=47_000)
        parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same people")
        parser.add_argument("--no-limits", action="store_true", help="no rate limits of any kind")
        parser.add_argument("--latency-ms", type=float, default=0, help="added to every answer")
        for knob in filter(lambda knob: knob.help, knobs(Settings())):
            flag, default = f"--{knob.name.replace('_', '-')}", getattr(knob.home, knob.name)
            parser.add_argument(flag, type=knob.kind, default=default, choices=knob.choices or None, help=knob.help)

    def handle(self, *args: Any, **options: Any) -> None:
        settings = Settings(limits=not options["no_limits"])
        named = {knob.name for knob in knobs(settings)}
        change_settings(settings, {name: value for name, value in options.items() if name in named | ONLY_ON_RESET})
        self.stdout.write(f"Sandbox on http://{options['host']}:{options['port']}, {settings.contacts:,} contacts")
        run_forever(settings, options["host"], options["port"])
