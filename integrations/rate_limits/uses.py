"""Who uses the limit: calls per connection, sync and hour, counted in memory and written in batches."""

import threading
from collections import Counter
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from integrations.models import RateUse
from integrations.rate_limits.store import moment


class UseCounter:
    """Counts one sync's calls on one connection. `flush` writes what was counted since the last one."""

    def __init__(self, connection_id: int, sync_id: int) -> None:
        self._connection_id = connection_id
        self._sync_id = sync_id
        self._lock = threading.Lock()
        self._counted: Counter[int] = Counter()

    def add(self, calls: int, at: float) -> None:
        """Count calls made at `at` (seconds since 1970)."""
        with self._lock:
            self._counted[int(at) // 3600] += calls

    def flush(self) -> None:
        """Write what was counted; what cannot be written stays counted."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
        try:
            for hour in sorted(counted):
                self._write(moment(hour * 3600), counted[hour])
                counted[hour] = 0
        finally:
            with self._lock:
                self._counted += counted

    def _write(self, hour: datetime, calls: int) -> None:
        row = RateUse.objects.filter(connection_id=self._connection_id, sync=self._sync_id, hour=hour)
        if row.update(calls=F("calls") + calls):
            return
        try:
            with transaction.atomic():
                RateUse.objects.create(connection_id=self._connection_id, sync=self._sync_id, hour=hour, calls=calls)
        except IntegrityError:  # another process was the first of this hour
            row.update(calls=F("calls") + calls)
