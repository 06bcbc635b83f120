"""Records of the source looked up for a person to look at: nothing that a job sends depends on it."""

from collections.abc import Sequence
from contextlib import suppress

from integrations.exceptions import PlatformError
from integrations.orchestrator.work import Work
from integrations.types import FlatRecord


def read_here(work: Work, ids: Sequence[str]) -> dict[str, FlatRecord]:
    """Id → record as the source has it now, without those that it does not give out."""
    if not ids or work.source_can.comes_by_webhook_only:
        return {}
    work.heart.check(work.source.capabilities.call_timeout)
    with suppress(PlatformError):
        records = work.source.read_records(work.sync.source_object, list(dict.fromkeys(ids)), work.source_fields)
        return {record["id"]: record for record in records}
    return {}
