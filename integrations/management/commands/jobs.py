"""List jobs, newest first."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from integrations.models import SyncJob
from integrations.queries.progress import progress_of


class Command(BaseCommand):
    """One line per job."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sync", help="only of this sync")
        parser.add_argument("--limit", type=int, default=20)

    def handle(self, *args: Any, **options: Any) -> None:
        jobs = SyncJob.objects.select_related("sync").order_by("-pk")
        if options["sync"]:
            jobs = jobs.filter(sync__name=options["sync"])
        for job in jobs[: options["limit"]]:
            self.stdout.write(f"{job.pk:>8}  {job.status:<10} {job.sync.name:<24} {progress_of(job).sentence}")
