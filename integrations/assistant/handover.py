"""What a writing hands back: the code with its rules in words, and what a reviewer should know of it beside."""

from typing import Any

from integrations.assistant.answers import Written
from integrations.assistant.changes import asked_fields
from integrations.assistant.material import Material
from integrations.enums import RuleOrigin
from integrations.mappings.errors import MappingBrokenError
from integrations.mappings.field_prints import LEFT_OUT, changed_fields, field_prints
from integrations.mappings.rehearsal import differing_fields
from integrations.orchestrator.trials import run_code
from integrations.types import FlatRecord

_UNSAID = "The code sets this; the model did not say how."

Rule = dict[str, str]


def hand_over(material: Material, written: Written) -> dict[str, Any]:
    """`code`, `rules`, `questions`, and what differs from the draft in hand: `changed_fields`, `unexpected_changes` (those
    nobody asked for, as far as the words of the wish tell), `leaves_out_others`. An answer that is only questions leaves
    the draft's code as it is."""
    code = written.code or material.code
    outputs, differing = _outputs(material, code) if code else ([], set())
    changed = (changed_fields(material.code, code) | differing) if material.code else set()
    fields = {*field_prints(code), *(name for output in outputs for name in output)} - {LEFT_OUT}
    return {
        "code": code,
        "rules": _rules(material, written, fields, changed),
        "questions": [{"field": field, "text": text, "answer": ""} for field, text in written.questions],
        "changed_fields": sorted(changed - {LEFT_OUT}),
        "unexpected_changes": sorted(changed - {LEFT_OUT} - asked) if (asked := asked_of(material)) else [],
        "leaves_out_others": LEFT_OUT in changed,
    }


def asked_of(material: Material) -> set[str]:
    """The destination fields that the change, or an answer, is about; empty when its words do not tell."""
    told = {failure.field for failure in material.failures if failure.field}
    said = "\n".join([material.change, *(text for pair in material.answers for text in pair)])
    return told | asked_fields(said, material.destination.schema.fields)


def _outputs(material: Material, code: str) -> tuple[list[FlatRecord], set[str]]:
    """What the samples become, and the fields in which that differs from what the draft in hand makes of them."""
    new = _run(code, material)
    old = _run(material.code, material) if material.code and material.code != code else new
    pairs = zip(old, new, strict=True) if len(old) == len(new) else ()
    return new, {name for one, other in pairs if one and other for name in differing_fields(one, other)}


def _run(code: str, material: Material) -> list[FlatRecord]:
    try:
        return [outcome.output for outcome in run_code(code, material.samples, lambda output: [])]
    except MappingBrokenError:
        return []


def _rules(material: Material, written: Written, fields: set[str], changed: set[str]) -> list[Rule]:
    """One line per field the code sets. A field that is treated as before keeps its line, and who wrote that."""
    by_label = {field.label.casefold(): field.name for field in material.destination.schema.fields}
    told = {by_label.get(name.casefold(), name) if name not in fields else name: text for name, text in written.rules}
    before = {rule["field"]: dict(rule) for rule in material.rules if rule.get("field") not in changed}
    names = [*(name for name in told if name in fields), *sorted(fields - told.keys())]
    return [before.get(name) or _rule(name, told.get(name, _UNSAID)) for name in names]


def _rule(name: str, text: str) -> Rule:
    return {"field": name, "text": text, "by": RuleOrigin.MODEL.value}
