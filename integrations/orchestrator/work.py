"""What one slice has at hand: the job under its lease, both adapters, the mapping runner, and when to stop."""

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from types import TracebackType

from django.utils import timezone

from integrations.adapters.base import Adapter
from integrations.adapters.registry import capabilities
from integrations.enums import SyncMode, Trigger
from integrations.mappings.conditions import Predicate, compile_conditions, read_conditions
from integrations.mappings.runner import MappingRunner
from integrations.mappings.suggestions import Suggester
from integrations.mappings.validation import Validator, compile_validator
from integrations.models import Connection, FailedRecord, MappingVersion, RecordLink, Sync, SyncJob
from integrations.orchestrator import drain
from integrations.orchestrator.connections import open_adapter, went_well
from integrations.orchestrator.failures import Failure, supersede
from integrations.orchestrator.leases import SLICE_SECONDS, Heart
from integrations.orchestrator.schemas import described, known
from integrations.orchestrator.state_machine import JobChange, change_job
from integrations.orchestrator.two_way import Leg, leg_of
from integrations.types import Capabilities, Condition, ObjectCapability, ObjectSchema, Window

YIELD_AFTER = 5.0
MOST_IN_MIND = 20_000
IDS_AT_ONCE = 500


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
        self.is_asking_source = False
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
        two_way = self.two_way.row.pk if self.two_way else None
        with change_job(self.job.pk, token=self.job.token, two_way=two_way) as change:
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

    @contextmanager
    def asking_source(self) -> Iterator[Adapter]:
        """For a question to the source while another stage is at work: trouble with it is the source's, not the destination's."""
        self.heart.check(self.source.capabilities.call_timeout)
        self.is_asking_source = True
        yield self.source
        self.is_asking_source = False
        self.went_well(self.sync.source)

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
    def source_can(self) -> ObjectCapability:
        """What the source's adapter declares of the object we read."""
        return capabilities(self.sync.source.platform).object(self.sync.source_object)

    @property
    def picks_changes(self) -> bool:
        """True when the job is for what incoming events told of, and for nobody else."""
        return self.job.trigger == Trigger.WEBHOOK or self.source_can.comes_by_webhook_only

    @cached_property
    def is_idempotent(self) -> bool:
        """True when sending a batch twice does no harm. Adding without a key never is, unless the platform notices."""
        can = self.destination_can
        return can.is_write_idempotent and (can.recognises_repeats or self.sync.write_mode != SyncMode.CREATE)

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
    def fields_in_use(self) -> list[str]:
        """The source fields that the mapping, the conditions and a two-way sync look at; empty when that is not known."""
        read: list[str] = self.job.mapping_version.source_fields
        others = [condition.field for condition in self.conditions]
        others += [pair.here for pair in self.two_way.pairs] if self.two_way else []
        wanted = (*read, *others, self.modified_here)
        return list(dict.fromkeys(name for name in wanted if name not in {"", "id"})) if read else []

    @cached_property
    def source_fields(self) -> list[str]:
        """What is asked of the source: those in use, its field of further keys, and what its webhooks call a record by. Only
        after `check_fields`: from then on it is known which fields there are, and each job asks for the same ones."""
        wanted = (*self.fields_in_use, self.other_keys_here, self.source_can.called_by)
        return list(dict.fromkeys(filter(None, wanted))) if self.fields_in_use else []

    @cached_property
    def two_way(self) -> Leg | None:
        """The direction of a two-way sync that this job works in."""
        return leg_of(self.sync)

    @property
    def looks_for_people(self) -> bool:
        """True when those who are new to us may be there already."""
        can_find = self.destination_can.object(self.sync.destination_object).can_find
        return can_find and bool(self.sync.match_fields or self.two_way)

    @cached_property
    def modified_here(self) -> str:
        """The source's field that says when a record was changed; empty when there is none, or nobody wants to know."""
        if self.two_way is None or not self.two_way.by_age:
            return ""
        return capabilities(self.sync.source.platform).object(self.sync.source_object).modified_field

    @cached_property
    def other_keys_here(self) -> str:
        """The source's field of further keys, such as second addresses; empty when there is none, as far as is known."""
        name = capabilities(self.sync.source.platform).object(self.sync.source_object).other_keys_field
        schema = known(self.sync.source, self.sync.source_object) if name else None
        return name if schema is not None and schema.field(name) is not None else ""

    @cached_property
    def modified_there(self) -> str:
        """The same at the destination."""
        if self.two_way is None or not self.two_way.by_age:
            return ""
        return self.destination_can.object(self.sync.destination_object).modified_field

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Who is included."""
        return read_conditions(self.sync.conditions)

    @cached_property
    def is_included(self) -> Predicate | None:
        """Says of a source record whether it is; None when everybody is."""
        return compile_conditions(self.conditions)

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
        known = self._old_failures
        if known is not None and not known:
            return
        ids = iter(source_ids if known is None else known.intersection(source_ids))
        while again := list(islice(ids, IDS_AT_ONCE)):
            supersede(self.job, again, now)
            if known is not None:
                known.difference_update(again)

    @cached_property
    def _old_failures(self) -> set[str] | None:
        """Source records that older jobs of this sync failed at and nobody fixed; None when they are too many to keep in mind:
        then each is looked up."""
        unsent = FailedRecord.objects.unsent().filter(sync_id=self.sync.pk).exclude(job_id=self.job.pk)
        found = list(unsent.values_list("source_id", flat=True)[: MOST_IN_MIND + 1])
        return set(found) if len(found) <= MOST_IN_MIND else None
