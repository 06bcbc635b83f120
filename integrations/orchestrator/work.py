"""What one slice has at hand: the job under its lease, both adapters, the mapping runner, and when to stop."""

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from types import TracebackType

from django.utils import timezone

from integrations.adapters.base import Adapter
from integrations.adapters.registry import capabilities
from integrations.enums import SyncMode
from integrations.mappings.runner import MappingRunner
from integrations.mappings.suggestions import Suggester
from integrations.mappings.validation import Validator, compile_validator
from integrations.models import Connection, FailedRecord, MappingVersion, RecordLink, Sync, SyncJob
from integrations.orchestrator import drain
from integrations.orchestrator.connections import open_adapter, went_well
from integrations.orchestrator.failures import Failure, supersede
from integrations.orchestrator.leases import SLICE_SECONDS, Heart
from integrations.orchestrator.schemas import described
from integrations.orchestrator.state_machine import JobChange, change_job
from integrations.types import Capabilities, ObjectSchema, Window

YIELD_AFTER = 5.0


class Work:
    """One slice of work on one job. Everything it opens is closed at its end."""

    def __init__(self, job: SyncJob, heart: Heart, seconds: float = SLICE_SECONDS) -> None:
        self.job = job
        self.heart = heart
        self.sync = Sync.objects.with_ends().get(pk=job.sync_id)
        self.started = time.monotonic()
        self.began = timezone.now()
        self.seconds = seconds
        self._looked_at = self.started
        self._others_wait = False
        self._described_anew = False
        self._suggester: Suggester | None = None
        self._well: set[int] = set()
        self._stack = ExitStack()

    def __enter__(self) -> "Work":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @contextmanager
    def change(self) -> Iterator[JobChange]:
        """One transaction on the job, fenced by our token. Afterwards `self.job` is the row as written."""
        self.heart.check()
        with change_job(self.job.pk, token=self.job.token) as change:
            yield change
        self.job = change.job

    def must_stop(self) -> bool:
        """At a page or batch edge: is it time to end this slice? Wishes were read with the last change."""
        if self.job.pause_requested or self.job.cancel_requested or drain.is_requested() or self.heart.lost:
            return True
        now = time.monotonic()
        return now - self.started > self.seconds or self._should_yield(now)

    def must_stop_waiting(self) -> bool:
        """While nothing comes in: reads the wishes anew, then as `must_stop`."""
        self.job.refresh_from_db(fields=["pause_requested", "cancel_requested"])
        return self.must_stop()

    def _should_yield(self, now: float) -> bool:
        """After a few seconds a job makes room for others that are due and have no worker."""
        if now - self._looked_at > YIELD_AFTER:
            self._looked_at = now
            self._others_wait = SyncJob.objects.due(timezone.now()).exclude(pk=self.job.pk).exists()
        return self._others_wait

    def went_well(self, connection: Connection) -> None:
        """A call to this connection was answered: noted once a slice."""
        if connection.pk not in self._well:
            self._well.add(connection.pk)
            went_well(connection)

    @cached_property
    def source(self) -> Adapter:
        """The adapter we read with."""
        return self._stack.enter_context(open_adapter(self.sync.source, self.sync.pk))

    @cached_property
    def destination(self) -> Adapter:
        """The adapter we write with."""
        return self._stack.enter_context(open_adapter(self.sync.destination, self.sync.pk))

    @cached_property
    def destination_can(self) -> Capabilities:
        """What the destination's adapter declares."""
        return capabilities(self.sync.destination.platform)

    @cached_property
    def is_idempotent(self) -> bool:
        """True when sending a batch twice does no harm. Adding without a key never is."""
        return self.destination_can.is_write_idempotent and self.sync.write_mode != SyncMode.CREATE

    @cached_property
    def schema(self) -> ObjectSchema:
        """The destination object's fields."""
        return described(self.sync.destination, self.sync.destination_object, self.destination)

    def validator(self) -> Validator:
        """What checks a mapped record against these fields."""
        can, sync = self.destination_can, self.sync
        return compile_validator(self.schema, sync.destination_key, sync.write_mode, platform_label=can.label)

    def suggest(self, failure: Failure) -> Failure:
        """The failure with a suggested fix, where there is one."""
        if failure.mapped is None:
            return failure
        if self._suggester is None or self._suggester.schema is not self.schema:
            self._suggester = Suggester(self.schema, self.sync.destination_key, self.validator())
        return replace(failure, suggestion=self._suggester.suggest(failure.code, failure.field, failure.mapped))

    def describe_anew(self) -> bool:
        """Look at the destination's fields again, once a slice: what speaks against a record may have been mended there.
        True when they have changed."""
        if self._described_anew:
            return False
        self._described_anew, before = True, self.schema
        since = timezone.now() - self.began
        self.schema = described(self.sync.destination, self.sync.destination_object, self.destination, fresh_for=since)
        return self.schema != before

    @cached_property
    def mapping(self) -> MappingRunner:
        """The job's mapping version in the sandbox."""
        return self._stack.enter_context(MappingRunner(self.job.mapping_version.code))

    @cached_property
    def newest_version(self) -> MappingVersion:
        """The mapping version published by now."""
        return self.sync.mapping.published or self.job.mapping_version

    @cached_property
    def newest_mapping(self) -> MappingRunner:
        """The newest version in the sandbox."""
        if self.newest_version == self.job.mapping_version:
            return self.mapping
        return self._stack.enter_context(MappingRunner(self.newest_version.code))

    @cached_property
    def source_fields(self) -> list[str]:
        """The source fields the mapping reads; empty when that is not known."""
        fields: list[str] = self.job.mapping_version.source_fields
        return fields

    @cached_property
    def window(self) -> Window:
        """What this job reads."""
        return Window(self.job.read_since, self.job.read_until or self.job.created_at)

    @cached_property
    def has_links(self) -> bool:
        """False on a first load: then no record can be unchanged and none needs looking up."""
        return RecordLink.objects.filter(sync=self.sync.pk).exists()

    def supersede(self, source_ids: Iterable[str], now: datetime) -> None:
        """This job dealt with these records: what older jobs failed at is done with. Inside a change."""
        again = self._old_failures.intersection(source_ids)
        if again:
            supersede(self.job, again, now)
            self._old_failures -= again

    @cached_property
    def _old_failures(self) -> set[str]:
        """Source records that older jobs of this sync failed at and nobody fixed."""
        unsent = FailedRecord.objects.unsent().filter(sync_id=self.sync.pk).exclude(job_id=self.job.pk)
        return set(unsent.values_list("source_id", flat=True).iterator(chunk_size=2_000))
