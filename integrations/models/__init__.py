"""Columns, constraints, querysets, and facts about one row. No decisions."""

from integrations.models import lookups as lookups
from integrations.models.connection import Connection, SchemaSnapshot
from integrations.models.event import Event, RecordEvent, RecordLink
from integrations.models.failure import FailedRecord
from integrations.models.job import SyncJob, Throughput
from integrations.models.mapping import Mapping, MappingDraft, MappingExample, MappingVersion
from integrations.models.mapping_task import MappingSample, MappingTask, ModelExchange
from integrations.models.rates import RateBucket, RateSlot, RateUse, WorkerBeat
from integrations.models.sync import Sync
from integrations.models.work import Batch, SourcePage

__all__ = [
    "Batch",
    "Connection",
    "Event",
    "FailedRecord",
    "Mapping",
    "MappingDraft",
    "MappingExample",
    "MappingSample",
    "MappingTask",
    "MappingVersion",
    "ModelExchange",
    "RateBucket",
    "RateSlot",
    "RateUse",
    "RecordEvent",
    "RecordLink",
    "SchemaSnapshot",
    "SourcePage",
    "Sync",
    "SyncJob",
    "Throughput",
    "WorkerBeat",
]
