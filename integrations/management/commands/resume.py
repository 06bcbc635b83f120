"""Resume a job that stopped, was paused or waits."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.exceptions import RefusedTransitionError
from integrations.orchestrator.commands import release_job, resume_job


class Command(BaseCommand):
    """The same as the button."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int)
        parser.add_argument("--release", action="store_true", help="let a job go on that the guard holds")
        parser.add_argument(
            "--in-doubt", choices=["again", "arrived"], default="", help="what to do with a batch in doubt"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["release"]:
                release_job(options["number"], actor="")
            else:
                resume_job(options["number"], actor="", in_doubt=options["in_doubt"])
        except RefusedTransitionError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"Job {options['number']} goes on.")
