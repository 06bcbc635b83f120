"""`manage.py sandbox`: the simulated platforms on one port."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from integrations.sandbox.server import run_forever
from integrations.sandbox.settings import CHOICES, Settings


class Command(BaseCommand):
    help = "Runs simulated HubSpot and Salesforce servers, which need no database and keep everything in memory."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=9400)
        parser.add_argument("--contacts", type=int, default=47_000)
        parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same people")
        parser.add_argument("--no-limits", action="store_true", help="no rate limits of any kind")
        parser.add_argument("--latency-ms", type=float, default=0, help="added to every answer")
        parser.add_argument("--salesforce-latency-ms", type=float, default=0, help="added to Salesforce's, on top")
        parser.add_argument("--search-lag", type=float, default=0, help="seconds until HubSpot's search sees a write")
        parser.add_argument(
            "--tier", default="starter", choices=CHOICES["tier"], help="what the HubSpot account pays for"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        settings = Settings(
            contacts=options["contacts"],
            seed=options["seed"],
            limits=not options["no_limits"],
            latency_ms=options["latency_ms"],
            salesforce_latency_ms=options["salesforce_latency_ms"],
            search_lag=options["search_lag"],
            tier=options["tier"],
        )
        self.stdout.write(f"Sandbox on http://{options['host']}:{options['port']}, {settings.contacts:,} contacts")
        run_forever(settings, options["host"], options["port"])
