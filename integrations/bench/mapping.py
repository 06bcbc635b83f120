"""How fast mapping code runs: the example mapping in the sandbox, beside the same code in plain Python."""

import ast
import json
import time
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any

import orjson

from integrations.demo import MAPPING
from integrations.enums import FieldType, SyncMode
from integrations.mappings import prelude
from integrations.mappings.checks import source_fields
from integrations.mappings.fields_written import find_writes
from integrations.mappings.review import review_code
from integrations.mappings.runner import MappingRunner
from integrations.mappings.validation import compile_validator
from integrations.orchestrator.trials import run_code
from integrations.sandbox.generate import COLUMNS, People
from integrations.types import FieldSchema, FlatRecord, ObjectSchema

RECORDS, A_CALL = 20_000, 1_000
SAMPLES = 20
ROUNDS = 7
"""The best of so many counts: other work on the machine only ever makes it slower."""
SEED = 7


def measure() -> dict[str, float]:
    """Records a second in plain Python, with one sandbox process and with two; seconds to try 20 records, to review."""
    code = resources.files("integrations.mappings").joinpath("examples", MAPPING).read_text()
    batches = list(_batches(code))
    return {
        "plain": RECORDS / _best(_plain_run(code, batches)),
        "one": RECORDS / _measure_runner(code, batches, 1),
        "two": RECORDS / _measure_runner(code, batches, 2),
        **_measure_editing(code, orjson.loads(batches[0])[:SAMPLES]),
    }


def _batches(code: str) -> Iterator[bytes]:
    """What a job hands over: JSON text, only the fields that the mapping reads, 1,000 records a call."""
    wanted = source_fields(code) or frozenset(COLUMNS)
    people = People(SEED, RECORDS)
    for start in range(0, RECORDS, A_CALL):
        rows = (
            dict(zip(COLUMNS, people.row(at), strict=True)) | {"id": str(at)} for at in range(start, start + A_CALL)
        )
        yield orjson.dumps([{name: row.get(name) for name in wanted} for row in rows])


def _plain_run(code: str, batches: list[bytes]) -> Callable[[], None]:
    names: dict[str, Any] = {}
    exec(f"{prelude.source()}\n{code}", names)  # noqa: S102 - our own example, as the sandbox gets it
    map_record, skipped = names["map_record"], SystemExit

    def run() -> None:
        for batch in batches:
            outputs = []
            for record in json.loads(batch):
                try:
                    outputs.append(map_record(record))
                except skipped:
                    outputs.append(None)
            json.dumps(outputs, ensure_ascii=False)

    return run


def _measure_runner(code: str, batches: list[bytes], processes: int) -> float:
    with MappingRunner(code, processes=processes) as runner:
        return _best(lambda: sum(len(batch.outputs) for batch in runner.map_many(batches)))


def _measure_editing(code: str, samples: list[FlatRecord]) -> dict[str, float]:
    """What the editor waits for, with the records there."""
    source = _schema(COLUMNS)
    destination = _schema(sorted(find_writes(ast.parse(code)).fields))
    validate = compile_validator(destination, "", SyncMode.UPSERT)
    return {
        "trying": _best(lambda: run_code(code, samples, validate)),
        "reviewing": _best(lambda: review_code(code, source, destination)),
    }


def _schema(names: Any) -> ObjectSchema:
    return ObjectSchema("bench", "Bench", tuple(FieldSchema(name, name, FieldType.STRING) for name in names))


def _best(run: Callable[[], Any]) -> float:
    """Seconds of the quickest round."""
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run()
        took.append(time.perf_counter() - started)
    return min(took)
