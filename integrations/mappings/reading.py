"""Reads what the sandbox hands back, and trusts none of it: one outcome per record or nothing."""

from collections.abc import Mapping

import orjson

from integrations.mappings.outcomes import MappedBatch, describe_failure
from integrations.mappings.session import LimitTripError, Raw, Session
from integrations.types import FlatRecord

_LINES_TO_FIND = 20
_PROBLEM_KEYS = {"kind", "type", "text", "field"}


def read_batch(raw: Raw, records_json: str, session: Session) -> MappedBatch:
    """The batch's outcomes in our own words. LimitTripError when what came back does not add up.

    `session` is the one that mapped the batch: it is asked where failed records raise.
    """
    text, left_out, problems = _unpack(raw)
    batch = MappedBatch(_load(text), left_out, size=len(text))
    empty = {at for at, output in enumerate(batch.outputs) if output is None}
    if empty != left_out.keys() | problems.keys() or left_out.keys() & problems.keys():
        raise LimitTripError("mapping_crashed", "The sandbox did not account for every record.")
    lines = _find_lines(problems, records_json, session)
    batch.failed = {at: describe_failure(problem, lines.get(at, 0)) for at, problem in problems.items()}
    return batch


def _unpack(raw: object) -> Raw:
    match raw:
        case (str() as text, dict() as left_out, dict() as problems):
            if all(map(_is_reason, left_out.values())) and all(map(_is_problem, problems.values())):
                return text, left_out, problems
    raise LimitTripError("mapping_crashed", "The sandbox did not answer in the agreed form.")


def _is_reason(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_problem(value: object) -> bool:
    if not isinstance(value, dict) or value.keys() != _PROBLEM_KEYS:
        return False
    return all(isinstance(word, str) for word in value.values())


def _load(text: str) -> list[FlatRecord | None]:
    try:
        outputs: list[FlatRecord | None] = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise LimitTripError("mapping_crashed", f"The sandbox did not answer in JSON: {exc.msg}") from exc
    if not all(output is None or isinstance(output, dict) for output in outputs):
        raise LimitTripError("mapping_crashed", "The sandbox did not answer with records.")
    return outputs


def _find_lines(problems: Mapping[int, Mapping[str, str]], records_json: str, session: Session) -> dict[int, int]:
    """The line in which the first few failed records raise: they are run once more, alone."""
    wanted = [at for at, problem in problems.items() if problem["kind"] == "raised"][:_LINES_TO_FIND]
    if not wanted:
        return {}
    records = orjson.loads(records_json)
    return {at: session.find_line(orjson.dumps(records[at]).decode()) for at in wanted}
