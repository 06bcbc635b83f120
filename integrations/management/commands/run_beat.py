"""`manage.py run_beat`: the beat, until SIGTERM."""

import contextlib
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from integrations.beat import beat_once, tick
from integrations.supervisor.pacemaker import Pacemaker


class Command(BaseCommand):
    """Releases dead leases, wakes waiting jobs, starts due schedules; one per host, any number is safe."""

    help = "Releases dead leases, wakes waiting jobs and starts due schedules, every five seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ.setdefault("SYNCPANEL_GROUP", "beat")
        with contextlib.suppress(KeyboardInterrupt):
            Pacemaker(beat_once, tick, patience=settings.WATCHDOG_SECONDS).run()
