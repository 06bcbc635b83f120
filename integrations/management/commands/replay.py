"""Prove that every job is what its events add up to, or write it anew from them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.models import SyncJob
from integrations.orchestrator.state_machine import lasting_differences, rebuild


class Command(BaseCommand):
    """`replay --check` or `replay --rebuild`, for all jobs or one."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        action = parser.add_mutually_exclusive_group(required=True)
        action.add_argument(
            "--check", action="store_true", help="compare every job with its events; exit 1 on a difference"
        )
        action.add_argument("--rebuild", action="store_true", help="write every job that differs anew from its events")
        parser.add_argument("--job", type=int, help="only this job")

    def handle(self, *args: Any, **options: Any) -> None:
        jobs = SyncJob.objects.order_by("pk")
        if options["job"]:
            jobs = jobs.filter(pk=options["job"])
        wrong = checked = 0
        for job in jobs.iterator(chunk_size=200):
            checked += 1
            found = lasting_differences(job)
            if found:
                wrong += 1
                self.report(job, found)
                if options["rebuild"]:
                    rebuild(job)
        if wrong and options["check"]:
            raise CommandError(f"{wrong} of {checked} jobs differ from their events.")
        self.stdout.write(f"{checked} jobs checked, {wrong} {'written anew' if options['rebuild'] else 'differ'}.")

    def report(self, job: SyncJob, found: dict[str, tuple[Any, Any]]) -> None:
        """One line per column that differs."""
        for name, (row, told) in found.items():
            self.stdout.write(f"job {job.pk}: {name} is {row!r}, its events say {told!r}")
