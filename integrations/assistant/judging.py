"""What is wrong with code the model wrote: read by the checks, then run in the sandbox on the mapping's samples.

Only what the code is to blame for is a finding. That somebody has no e-mail address is not: he belongs on the Fix-it
list, and a model that is told to mend it would make one up.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.assistant.material import Material
from integrations.mappings import findings
from integrations.mappings.checks import check_code
from integrations.mappings.errors import MappingBrokenError
from integrations.mappings.findings import Severity
from integrations.mappings.review import review_code
from integrations.mappings.validation import Problem
from integrations.models import Mapping
from integrations.models.blobs import unpack
from integrations.orchestrator.examples import BrokenExample, broken_examples, output_of
from integrations.orchestrator.trials import Outcome, run_code, validator_of
from integrations.types import FlatRecord

_CODES_FAULT = frozenset({"wrong_type", "unknown_field", "not_writable", "not_in_list"})
_NEVER_SET = frozenset({"required_missing", "missing_key"})
_MOST = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend, in a sentence without anybody's values. `people`: how many samples it concerns, 0 = the code as
    such. `received` and `sent` are those of the first one, unmasked: for `prompt.py` only."""

    message: str
    line: int = 0
    field: str = ""
    people: int = 0
    received: FlatRecord | None = None
    sent: FlatRecord | None = None

    def dump(self) -> dict[str, Any]:
        """For the task's result: nobody's values."""
        return {"message": self.message, "line": self.line, "field": self.field, "people": self.people}


def judge_code(
    mapping: Mapping, material: Material, code: str, *, free: frozenset[str], before_trial: Callable[[], None]
) -> tuple[list[Finding], bool]:
    """What is wrong with this code, and whether it may run at all. Calls `before_trial` when it is about to.

    In the destination fields `free`, examples may come out otherwise than they were marked.
    """
    if unsafe := check_code(code):
        return [_finding(one) for one in unsafe][:_MOST], False
    source, destination = material.source.schema, material.destination.schema
    reviewed = review_code(code, source, destination, key=material.key, mode=material.mode)
    told = [_finding(one) for one in reviewed.findings if one.severity == Severity.ERROR or one.field]
    before_trial()
    seen = {finding.field for finding in told if finding.field}
    tried = _try_out(mapping, material, code, free)
    return [*told, *(finding for finding in tried if finding.field not in seen)][:_MOST], True


def _finding(found: findings.Finding) -> Finding:
    return Finding(found.message, found.line, found.field)


def _try_out(mapping: Mapping, material: Material, code: str, free: frozenset[str]) -> list[Finding]:
    """What goes wrong when it runs on the samples, on nobody, and on the examples."""
    records = [_nobody(material), *material.samples]
    try:
        nobody, *outcomes = run_code(code, records, validator_of(mapping))
        broken = broken_examples(mapping, code)
    except MappingBrokenError as problem:
        return [Finding(problem.message, problem.line)]
    errors = _find_errors(records, [nobody, *outcomes])
    return [*errors, *_find_problems(material.samples, outcomes), *_find_broken(broken, free)]


def _nobody(material: Material) -> FlatRecord:
    """Somebody of whom nothing is known: code must stand that."""
    return {"id": "0"} | {field.name: None for field in material.source.schema.fields if field.name != "id"}


def _find_errors(records: Sequence[FlatRecord], outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    """Records at which the code itself fails, one finding for each kind."""
    by_reason: dict[str, list[int]] = {}
    for at, outcome in enumerate(outcomes):
        if outcome.fate == "held" and not outcome.problems:
            by_reason.setdefault(outcome.reason, []).append(at)
    for reason, places in by_reason.items():
        yield Finding(reason, people=len(places), received=records[places[0]])


def _find_problems(samples: Sequence[FlatRecord], outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    """What the destination would not take, where that is the code's doing."""
    outputs = [outcome.output for outcome in outcomes if outcome.output]
    by_kind: dict[tuple[str, str], list[tuple[int, Problem]]] = {}
    for at, outcome in enumerate(outcomes):
        for problem in outcome.problems:
            by_kind.setdefault((problem.code, problem.field), []).append((at, problem))
    for (code, name), met in by_kind.items():
        if _is_codes_fault(code, name, len(met), outputs):
            at, problem = met[0]
            yield Finding(problem.message, 0, name, len(met), samples[at], outcomes[at].output)


def _is_codes_fault(code: str, name: str, people: int, outputs: Sequence[FlatRecord]) -> bool:
    if code in _CODES_FAULT:
        return True
    if code in _NEVER_SET:
        return not any(name in output for output in outputs)
    filled = sum(output.get(name) not in (None, "") for output in outputs)
    return people * 2 >= filled


def _find_broken(broken: Sequence[BrokenExample], free: frozenset[str]) -> Iterator[Finding]:
    for one in broken:
        fields = [name for name in one.fields if name not in free]
        if fields or not one.fields:
            what = ", ".join(fields) or "whether it is sent at all"
            message = f"An example marked as right comes out otherwise in: {what}."
            field = fields[0] if fields else ""
            yield Finding(message, 0, field, 1, unpack(one.example.record), output_of(one.got))
