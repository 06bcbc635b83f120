"""Uploading: batches in order, several in flight. `sending` is written before a call, the result after it.

A batch found `sending` from an earlier lease is in doubt. Where the platform's write is idempotent it is sent again;
where it is not, it is held for a person. One that timed out is sent again as two halves: perhaps it was too much at a time.
"""

import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from django.utils import timezone

from integrations.enums import BatchStatus, BatchVerb, Kind
from integrations.exceptions import (
    BatchRefusedError,
    ConfigurationError,
    LostLeaseError,
    SyncpanelError,
    UnknownOutcomeError,
)
from integrations.models import Batch, Sync
from integrations.models.blobs import unpack_lists
from integrations.models.bulk import refresh_statistics
from integrations.orchestrator.ports import close_thread_connection
from integrations.orchestrator.stages import bulk_upload, departing, repairing, second_keys
from integrations.orchestrator.stages.calls import calls_of_failure
from integrations.orchestrator.stages.deciding import Decider, Plan, send
from integrations.orchestrator.stages.outcome import halve_if_slow, refuse, write
from integrations.orchestrator.stages.packing import Entry
from integrations.orchestrator.stages.trail import Sent
from integrations.orchestrator.timing import start_followers
from integrations.orchestrator.work import Work
from integrations.types import Result, UploadOutcome

COMMIT_EVERY = 0.1
MANY_NEW = 1_000


def run(work: Work) -> None:
    """Upload until nothing is left or the slice ends, then finish the job."""
    settle_held(work)
    hold_in_doubt(work)
    while not work.must_stop():
        repairing.prepare(work)
        if not Batch.objects.to_do().filter(job_id=work.job.pk).exists():
            if finish(work):
                return
            continue
        if Batch.objects.to_do().filter(job_id=work.job.pk, is_bulk=True).exists():
            bulk_upload.run(work)
        else:
            Uploader(work).run()


def hold_in_doubt(work: Work) -> None:
    """Batches an earlier worker left `sending`, on a platform where sending twice would do harm: a person decides.
    Large loads are known by their tickets."""
    if work.is_idempotent:
        return
    sending = Batch.objects.filter(job_id=work.job.pk, status=BatchStatus.SENDING, is_bulk=False)
    found = sending.exclude(token=work.job.token)
    numbers = list(found.values_list("number", flat=True))
    if numbers:
        raise ConfigurationError(
            f"We do not know whether batch {numbers[0]} arrived at {work.destination_can.label}. "
            "Look there, then decide.",
            code="in_doubt",
        )


def settle_held(work: Work) -> None:
    """Batches in doubt of which a person said that they arrived: counted as updated, nothing is sent."""
    for batch in Batch.objects.filter(job_id=work.job.pk, status=BatchStatus.HELD).order_by("number"):
        entries = unpack_lists(batch.payload)
        write(work, [Sent(batch, entries, UploadOutcome([Result(ok=True)] * len(entries)))])


def finish(work: Work) -> bool:
    """The last event of the job, and where the next reading starts. False when a retry came in at this very moment."""
    second_keys.look_for_them(work)
    with work.change() as change:
        if change.state.failures_retrying and repairing.pending(work):
            return False
        change.append(Kind.JOB_FINISHED)
        change.set_lease(owner=None, lease_until=None, wake_at=None, enqueued_at=None)
        if not work.picks_changes:
            later = Sync.objects.filter(pk=work.sync.pk).exclude(read_until__gte=work.window.until)
            later.update(read_until=work.window.until)
        start_followers(work.job, timezone.now())
    if work.job.created >= MANY_NEW:
        refresh_statistics()
    return True


class Uploader:
    """Keeps as many calls in flight as the platform allows, and writes results down as they come."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.decider = Decider(work)
        self.width = work.destination_can.concurrency if work.is_idempotent else 1
        self.in_flight: dict[Future[UploadOutcome], Batch] = {}
        self.plans: dict[int, list[Plan]] = {}
        self.sent: list[Sent] = []
        self.written_at = time.monotonic()
        self.problem: SyncpanelError | None = None

    def run(self) -> None:
        """Until no batch is left, the slice ends, or a call fails for all; in-flight calls are always waited for."""
        batches = self._marked()
        with ThreadPoolExecutor(self.width, thread_name_prefix="upload") as pool:
            exhausted = False
            while True:
                while not exhausted and len(self.in_flight) < self.width and not self._must_stop():
                    batch = next(batches, None)
                    exhausted = batch is None
                    if batch is not None:
                        self._start(pool, batch)
                if not self.in_flight:
                    break
                self._collect()
            self._write()
            self._give_back()
        if self.problem is not None:
            raise self.problem

    def _must_stop(self) -> bool:
        return self.problem is not None or self.work.must_stop()

    def _marked(self) -> Iterator[Batch]:
        """Batches to send, each marked `sending` with our token before it is handed out; a few per commit."""
        last = 0
        ahead = self.width * 4 if self.width > 1 else 1
        while True:
            rows = Batch.objects.to_do().filter(job_id=self.work.job.pk, is_bulk=False, number__gt=last)
            chunk = list(rows.order_by("number").defer("exchange")[:ahead])
            if not chunk:
                return
            with self.work.change():
                marked = Batch.objects.filter(pk__in=[batch.pk for batch in chunk])
                marked.update(status=BatchStatus.SENDING, token=self.work.job.token, sending_at=timezone.now())
            yield from chunk
            last = chunk[-1].number

    def _start(self, pool: ThreadPoolExecutor, batch: Batch) -> None:
        self.work.heart.check(self.work.destination_can.call_timeout)
        plans = self.plans[batch.pk] = self._plan(batch, unpack_lists(batch.payload))
        self.in_flight[pool.submit(self._send, batch, plans)] = batch

    def _plan(self, batch: Batch, entries: list[Entry]) -> list[Plan]:
        """The last look, as far as the database can tell."""
        return self.decider.prepare(entries) if batch.verb == BatchVerb.WRITE else departing.look(self.work, entries)

    def _send(self, batch: Batch, plans: list[Plan]) -> UploadOutcome:
        try:
            if batch.verb == BatchVerb.WRITE:
                self.decider.look(plans)
            return send(self.work, batch, plans)
        finally:
            close_thread_connection()

    def _collect(self) -> None:
        """Take what has come back: refused batches are halved, other problems kept, good ones written down together."""
        done, _ = wait(self.in_flight, timeout=COMMIT_EVERY if self.sent else None, return_when=FIRST_COMPLETED)
        for future in done:
            batch = self.in_flight.pop(future)
            plans = self.plans.pop(batch.pk)
            entries = [plan.entry for plan in plans]
            try:
                self._came_back(Sent(batch, entries, future.result(), plans))
            except BatchRefusedError as refusal:
                self._refused(batch, entries, refusal)
            except SyncpanelError as problem:
                self._failed(batch, entries, problem)
        if len(self.sent) >= self.width or time.monotonic() - self.written_at > COMMIT_EVERY:
            self._write()

    def _came_back(self, sent: Sent) -> None:
        """An upload that broke off in the middle is written down like any other, and then dealt with."""
        self.sent.append(sent)
        if not self.work.is_idempotent and any(result.is_in_doubt for result in sent.outcome.results):
            self.problem = _in_doubt(f"We do not know whether all of batch {sent.batch.number} arrived.")
        self.problem = self.problem or sent.outcome.problem

    def _write(self) -> None:
        """What came back within a tenth of a second shares one commit; no more than is in flight is ever at stake."""
        if self.sent:
            write(self.work, self.sent)
            if any(sent.outcome.problem is None for sent in self.sent):
                self.work.went_well(self.work.sync.destination)
        self.sent, self.written_at = [], time.monotonic()

    def _refused(self, batch: Batch, entries: list[Entry], refusal: BatchRefusedError) -> None:
        if (sent := refuse(self.work, batch, entries, refusal)) is not None:
            self.sent.append(sent)

    def _failed(self, batch: Batch, entries: list[Entry], problem: SyncpanelError) -> None:
        """The batch is to be sent again, unless nobody knows whether it arrived and twice would do harm."""
        self.problem = self.problem or problem
        if self.work.is_idempotent and halve_if_slow(self.work, batch, entries, problem):
            return
        columns: dict[str, Any] = calls_of_failure(self.work.sync.destination, problem)
        if isinstance(problem, UnknownOutcomeError) and not self.work.is_idempotent:
            self.problem = _in_doubt(f"We do not know whether batch {batch.number} arrived.")
        else:
            columns["status"] = BatchStatus.PENDING
        if columns:
            with self.work.change():
                Batch.objects.filter(pk=batch.pk).update(**columns)

    def _give_back(self) -> None:
        """Batches that were marked but never sent are not in doubt."""
        if self.problem is not None and self.problem.code == "in_doubt":
            return
        if isinstance(self.problem, LostLeaseError):
            return
        with self.work.change():
            mine = Batch.objects.filter(job_id=self.work.job.pk, status=BatchStatus.SENDING, token=self.work.job.token)
            mine.update(status=BatchStatus.PENDING)


def _in_doubt(question: str) -> ConfigurationError:
    """Stops the job until a person has said whether it arrived."""
    return ConfigurationError(f"{question} Look there, then decide.", code="in_doubt")
