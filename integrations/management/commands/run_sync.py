"""Start a sync; with --wait show its progress until it ends, and say by the exit code how."""

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.enums import FINAL, Departed, Stage, Status, Trigger
from integrations.exceptions import RefusedTransitionError
from integrations.models import Sync, SyncJob
from integrations.orchestrator.commands import start_job
from integrations.queries.progress import progress_of

EXIT_CODES = {Status.SUCCEEDED: 0, Status.PARTIAL: 3, Status.STUCK: 4, Status.CANCELLED: 5, Status.PAUSED: 6}
LOOK_EVERY = 0.5
WIDTH = 30


class Command(BaseCommand):
    """Exit codes: 0 succeeded, 3 partial, 4 stopped, 5 cancelled, 6 paused or waiting for a release."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the sync's name")
        parser.add_argument("--wait", action="store_true", help="wait for the end, with a progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        sync = Sync.objects.filter(name=options["name"]).first()
        if sync is None:
            names = ", ".join(Sync.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no sync called “{options['name']}”. There are: {names}.")
        try:
            job = start_job(sync.pk, trigger=Trigger.COMMAND)
        except RefusedTransitionError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"Job {job.pk} of “{sync.name}” started.")
        if options["wait"]:
            sys.exit(self.follow(job))

    def follow(self, job: SyncJob) -> int:
        """Show the job until it ends or stops; returns the exit code."""
        while True:
            job.refresh_from_db()
            self.show(job)
            if job.status in FINAL or job.status in {Status.STUCK, Status.PAUSED} or job.stage == Stage.APPROVING:
                break
            time.sleep(LOOK_EVERY)
        self.stdout.write("")
        self.stdout.write(summary(job))
        return EXIT_CODES.get(Status(job.status), 6)

    def show(self, job: SyncJob) -> None:
        """The progress bar: redrawn on a terminal, one line per change elsewhere."""
        progress = progress_of(job)
        filled = round(WIDTH * progress.percent / 100)
        line = f"[{'█' * filled}{'·' * (WIDTH - filled)}] {progress.percent:3.0f} % {progress.sentence}"
        if self.stdout.isatty():
            self.stdout.write(f"\r\033[K{line}", ending="")
            self.stdout.flush()
        elif line != getattr(self, "last_line", ""):
            self.stdout.write(line)
            self.last_line = line


def summary(job: SyncJob) -> str:
    """How it ended, in one or two lines."""
    counts = (
        f"{job.fetched:,} fetched: {job.created:,} added, {job.updated:,} updated, {job.unchanged:,} unchanged, "
        f"{job.left_out:,} left out, {job.duplicate:,} twice, {job.failures_open:,} to fix."
    )
    if job.departed:
        done = {Departed.ARCHIVE: "archived", Departed.CLEAR: "with a field emptied"}
        counts += (
            f" {job.departed:,} left the source, {job.removed:,} {done.get(Departed(job.sync.departed), 'dealt with')}."
        )
    label = Status(job.status).label
    return f"{label}. {job.reason}\n{counts}" if job.reason else f"{label}. {counts}"
