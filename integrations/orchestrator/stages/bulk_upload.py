"""Uploading by the platform's bulk way: one remote job per batch, several of them at a time. A ticket is saved before a
record leaves, so that a crash resumes asking for the outcome instead of sending again."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from math import inf
from typing import Any, cast

from django.utils import timezone

from integrations.adapters.base import BulkAdapter
from integrations.enums import BatchStatus, SyncMode
from integrations.exceptions import BatchRefusedError, QuotaWaitError, SyncpanelError
from integrations.models import Batch
from integrations.models.blobs import Joined
from integrations.orchestrator.ports import close_thread_connection
from integrations.orchestrator.stages.deciding import Decider
from integrations.orchestrator.stages.outcome import refuse, set_apart, write
from integrations.orchestrator.stages.trail import ROWS_AT_ONCE, Sent
from integrations.orchestrator.work import Work
from integrations.types import UploadOutcome

CALLS = 2
"""Made at the same time: what one waits for, the other uses. Each holds the records of one load."""
FIRST_POLL = 2.0
LONGEST_POLL = 30.0
PATIENCE = 2.0
"""Seconds a worker sleeps for nothing; then it lets go of the job."""
MAPPED = 3
"""Where in an entry the mapped record is."""

Settle = Callable[[Batch, Any], None]
"""Writes down what a call returned, in the worker's own thread."""


class BulkWaitError(QuotaWaitError):
    """The platform is still working on bulk uploads."""

    code = "bulk_processing"


def run(work: Work) -> None:
    """Keep the platform at work until no batch is left or the slice ends. BulkWaitError when all there is to do is wait."""
    Loader(work).run()


@dataclass(slots=True)
class Turns:
    """When to ask for which load again, in this slice; and how long its worker may still sleep."""

    at: dict[int, float] = field(default_factory=dict)
    patience: float = PATIENCE

    def seconds_until(self, batch: Batch) -> float:
        """Until its turn; below 0 when that has come. One that was not asked for yet comes before all that were."""
        return self.at.get(batch.pk, -inf) - time.monotonic()

    def put_off(self, batch: Batch) -> None:
        """The platform works on it: the longer it has, the later it is asked for again."""
        age = (timezone.now() - batch.sending_at).total_seconds() if batch.sending_at else 0.0
        self.at[batch.pk] = time.monotonic() + min(LONGEST_POLL, max(FIRST_POLL, age / 2))


class Loader:
    """Opens, sends and asks for as many loads as the platform takes at a time. Calls are made in threads; what comes of
    them is written down here."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.adapter = cast(BulkAdapter, work.destination)
        self.decider = Decider(work)
        self.turns = Turns()
        self.in_flight: dict[Future[Any], tuple[Batch, Settle]] = {}
        self.problem: SyncpanelError | None = None

    def run(self) -> None:
        """Until no batch is left, the slice ends, or a call fails; calls under way are always waited for."""
        with ThreadPoolExecutor(CALLS, thread_name_prefix="bulk") as pool:
            while True:
                batches = [] if self.problem or self.work.must_stop() else self._at_work()
                self._start(pool, batches)
                if self.in_flight:
                    self._collect()
                elif batches:
                    self._wait(batches)
                else:
                    break
        if self.problem is not None:
            raise self.problem

    def _at_work(self) -> list[Batch]:
        """The batches the platform has, and those it is to be given next, without their payloads."""
        batches = Batch.objects.to_do().filter(job_id=self.work.job.pk, is_bulk=True).order_by("number")
        return list(batches.defer("payload", "exchange")[: self.work.destination_can.bulk_concurrency])

    def _start(self, pool: ThreadPoolExecutor, batches: Sequence[Batch]) -> None:
        """The next call for each whose turn it is, as long as there is room."""
        under_way = {batch.pk for batch, _ in self.in_flight.values()}
        for batch in sorted(batches, key=self.turns.seconds_until):
            if len(self.in_flight) == CALLS or self.turns.seconds_until(batch) > 0:
                return
            if batch.pk not in under_way and not self._part(batch):
                self.work.heart.check(self.work.destination_can.call_timeout)
                call, settle = self._next(batch)
                self.in_flight[pool.submit(_in_thread, call)] = batch, settle

    def _part(self, batch: Batch) -> bool:
        """Who is not to be sent by the key leaves a load before it is opened: it knows no other way. True when some did."""
        if batch.ticket or not self.work.has_links:
            return False
        entries, places, start = iter(Joined(batch.payload, batch.count)), set(), 0
        while some := list(islice(entries, ROWS_AT_ONCE)):
            plans = enumerate(self.decider.prepare(some), start)
            places |= {at for at, plan in plans if plan.there or plan.result is not None}
            start += len(some)
        if places:
            set_apart(self.work, batch, places)
        return bool(places)

    def _next(self, batch: Batch) -> tuple[Callable[[], Any], Settle]:
        """Open, send, ask: the call, and what to do with what it returns."""
        adapter, name, key = self.adapter, self.work.sync.destination_object, self.work.sync.destination_key
        if not batch.ticket:
            mode = SyncMode(self.work.sync.write_mode)
            return lambda: adapter.begin_bulk(name, mode, key), self._opened
        remote, records = _remote(batch), Joined(batch.payload, batch.count, MAPPED)
        if not batch.ticket.get("_sent"):
            return lambda: adapter.send_bulk(remote, name, records, key), self._was_sent
        return lambda: adapter.poll_bulk(remote, name, records, key), self._answered

    def _collect(self) -> None:
        """Take what has come back; a load that is refused whole is halved, another problem is kept until all are back."""
        done, _ = wait(self.in_flight, return_when=FIRST_COMPLETED)
        for future in done:
            batch, settle = self.in_flight.pop(future)
            try:
                result = future.result()
            except BatchRefusedError as refusal:
                self._refused(batch, refusal)
            except SyncpanelError as problem:
                self.problem = self.problem or problem
            else:
                settle(batch, result)

    def _opened(self, batch: Batch, ticket: dict[str, str]) -> None:
        self._keep(batch, dict(ticket))

    def _was_sent(self, batch: Batch, told: dict[str, str]) -> None:
        self._keep(batch, {**batch.ticket, **told, "_sent": True})

    def _keep(self, batch: Batch, ticket: dict[str, Any]) -> None:
        with self.work.change():
            Batch.objects.filter(pk=batch.pk).update(
                ticket=ticket, status=BatchStatus.SENDING, token=self.work.job.token, sending_at=timezone.now()
            )

    def _answered(self, batch: Batch, outcome: UploadOutcome | None) -> None:
        if outcome is None:
            self.turns.put_off(batch)
            return
        write(self.work, [Sent(batch, Joined(batch.payload, batch.count), outcome)])
        self.work.went_well(self.work.sync.destination)
        self.turns.patience = PATIENCE

    def _refused(self, batch: Batch, refusal: BatchRefusedError) -> None:
        """Before the records are in, it is not about them."""
        if not batch.ticket.get("_sent"):
            self.problem = self.problem or refusal
        elif sent := refuse(self.work, batch, Joined(batch.payload, batch.count), refusal):
            write(self.work, [sent])

    def _wait(self, batches: Sequence[Batch]) -> None:
        """Nothing to do for now. A short while here, a longer one without a worker."""
        seconds = max(0.0, min(map(self.turns.seconds_until, batches)))
        if seconds > self.turns.patience:
            label, count = self.work.destination_can.label, sum(batch.count for batch in batches)
            until = timezone.now() + timedelta(seconds=seconds)
            raise BulkWaitError(f"{label} is working through {count:,} records.", retry_at=until)
        self.turns.patience -= seconds
        if not self.work.must_stop_waiting():
            time.sleep(seconds)


def abandon(work: Work) -> None:
    """The job is to be cancelled: the platform is told to stop, and what it has done by then is written down."""
    adapter, sync = cast(BulkAdapter, work.destination), work.sync
    for batch in Batch.objects.loading().filter(job_id=work.job.pk).defer("payload").order_by("number"):
        remote, records = _remote(batch), Joined(batch.payload, batch.count, MAPPED)
        work.heart.check(work.destination_can.call_timeout)
        adapter.abort_bulk(remote)
        outcome = adapter.poll_bulk(remote, sync.destination_object, records, sync.destination_key)
        if outcome is not None:
            write(work, [Sent(batch, Joined(batch.payload, batch.count), outcome)])


def _in_thread(call: Callable[[], Any]) -> Any:
    try:
        return call()
    finally:
        close_thread_connection()


def _remote(batch: Batch) -> dict[str, str]:
    """The ticket as the adapter knows it."""
    return {key: value for key, value in batch.ticket.items() if not key.startswith("_")}
