"""`manage.py worker`: one worker group, until SIGTERM."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from integrations.supervisor.household import WORKER_GRACE
from integrations.supervisor.worker import WorkerGroup

STANDS_STILL = 20.0


class Command(BaseCommand):
    """Works on jobs. Exit code 0 when asked to stop, 70 when the cluster broke and has to be started again."""

    help = "Runs one group of workers until it is asked to stop (SIGTERM); what is in work ends at its batch border."

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ.setdefault("SYNCPANEL_GROUP", f"worker-{os.getpid()}")
        patience = min(STANDS_STILL, settings.WATCHDOG_SECONDS)
        sys.exit(WorkerGroup(patience, grace=WORKER_GRACE - 5).run())
