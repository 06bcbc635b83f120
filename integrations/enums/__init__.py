"""The words of the engine. Each class is one set of words; the values are what the database holds."""

from integrations.enums.connections import ChangeKind, ConnectionState, DeliveryStatus, DriftKind, FieldType, Proof
from integrations.enums.jobs import (
    ACTIVE,
    FINAL,
    WORKABLE,
    BatchStatus,
    BatchVerb,
    NotSent,
    PageStatus,
    Stage,
    Status,
    Trigger,
)
from integrations.enums.kinds import STEPS, Kind
from integrations.enums.mappings import ACTIVE_TASKS, MappingTaskKind, MappingTaskStatus, RuleOrigin
from integrations.enums.records import DuplicateKind, DuplicateVerdict, FailureKind, FailureStatus, RecordEventKind
from integrations.enums.syncs import Departed, EmptyValues, Operator, ReadMode, SyncMode, Way, Winner

__all__ = [
    "ACTIVE",
    "ACTIVE_TASKS",
    "FINAL",
    "STEPS",
    "WORKABLE",
    "BatchStatus",
    "BatchVerb",
    "ChangeKind",
    "ConnectionState",
    "DeliveryStatus",
    "Departed",
    "DriftKind",
    "DuplicateKind",
    "DuplicateVerdict",
    "EmptyValues",
    "FailureKind",
    "FailureStatus",
    "FieldType",
    "Kind",
    "MappingTaskKind",
    "MappingTaskStatus",
    "NotSent",
    "Operator",
    "PageStatus",
    "Proof",
    "ReadMode",
    "RecordEventKind",
    "RuleOrigin",
    "Stage",
    "Status",
    "SyncMode",
    "Trigger",
    "Way",
    "Winner",
]
