"""Columns, constraints, querysets, and facts about one row. No decisions."""

from integrations.models import lookups as lookups
from integrations.models.change import Inbox, SeenChange, TakenChange, WaitingChange
from integrations.models.connection import Connection, SchemaSnapshot
from integrations.models.drift import SchemaDrift, SchemaReading
from integrations.models.duplicate import Duplicate
from integrations.models.event import Event, RecordEvent, RecordLink, RecordName
from integrations.models.failure import FailedRecord
from integrations.models.job import SyncJob, Throughput
from integrations.models.mapping import Mapping, MappingDraft, MappingExample, MappingVersion
from integrations.models.mapping_task import MappingSample, MappingTask, ModelExchange
from integrations.models.rates import RateBucket, RateSlot, RateUse, WorkerBeat
from integrations.models.sync import Sync
from integrations.models.sync_draft import SyncDraft
from integrations.models.two_way import Agreement, TwoWay
from integrations.models.webhook import Turn, WebhookAddress, WebhookDelivery, WebhookMinute
from integrations.models.work import Batch, SourcePage

__all__ = [
    "Agreement",
    "Batch",
    "Connection",
    "Duplicate",
    "Event",
    "FailedRecord",
    "Inbox",
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
    "RecordName",
    "SchemaDrift",
    "SchemaReading",
    "SchemaSnapshot",
    "SeenChange",
    "SourcePage",
    "Sync",
    "SyncDraft",
    "SyncJob",
    "TakenChange",
    "Throughput",
    "Turn",
    "TwoWay",
    "WaitingChange",
    "WebhookAddress",
    "WebhookDelivery",
    "WebhookMinute",
    "WorkerBeat",
]
