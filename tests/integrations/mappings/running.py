"""Runs a piece of mapping code once, with limits small enough for tests."""

from typing import Any

import orjson

from integrations.mappings.runner import Limits, MappedBatch, MappingRunner

SMALL = Limits(record_seconds=0.1, batch_seconds=0.3, memory_bytes=32_000_000, trips_in_a_row=5)


def map_all(code: str, records: list[Any], limits: Limits = SMALL) -> MappedBatch:
    """Run this code over these records, as one batch."""
    with MappingRunner(code, processes=1, limits=limits) as runner:
        return runner.map_batch(orjson.dumps(records))


def is_complete(batch: MappedBatch, count: int) -> bool:
    """True when every record has exactly one outcome."""
    without = {at for at, output in enumerate(batch.outputs) if output is None}
    is_told_once = not batch.left_out.keys() & batch.failed.keys()
    return len(batch.outputs) == count and is_told_once and without == batch.left_out.keys() | batch.failed.keys()
