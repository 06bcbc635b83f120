"""One scenario of `bench`, in a process of its own; prints its figures as JSON."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from integrations.bench.scenarios import SCENARIOS


class Command(BaseCommand):
    """Used by `bench`."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("scenario", choices=sorted(SCENARIOS))
        parser.add_argument("url")
        parser.add_argument("arguments", help="JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        scenario = SCENARIOS[options["scenario"]]
        figures = scenario(options["url"], **json.loads(options["arguments"]))
        self.stdout.write(json.dumps(figures))
