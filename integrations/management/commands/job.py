"""Show one job: its state, its counts, and what happened."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.management.commands.run_sync import summary
from integrations.models import Event, SyncJob
from integrations.queries.progress import progress_of


class Command(BaseCommand):
    """The job, and its last events."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int)
        parser.add_argument("--events", type=int, default=20, help="how many of the last events to show")

    def handle(self, *args: Any, **options: Any) -> None:
        job = SyncJob.objects.select_related("sync").filter(pk=options["number"]).first()
        if job is None:
            raise CommandError(f"There is no job {options['number']}.")
        self.stdout.write(f"Job {job.pk} of “{job.sync.name}”: {progress_of(job).sentence}")
        self.stdout.write(summary(job))
        events = Event.objects.filter(stream=job.stream).order_by("-version")[: options["events"]]
        for event in reversed(events):
            who = f" by {event.actor}" if event.actor else ""
            self.stdout.write(f"  {event.at:%Y-%m-%d %H:%M:%S} {event.version:>6} {event.kind}{who}")
