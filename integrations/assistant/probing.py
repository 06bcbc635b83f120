"""Asks the configured model for a mapping of two fields, to find out in a few seconds what works and what does not."""

from dataclasses import dataclass

from integrations.assistant import abilities
from integrations.assistant.abilities import Abilities, Form
from integrations.assistant.answers import contract, read_answer
from integrations.assistant.client import Heard, Messages, ModelClient
from integrations.assistant.config import ModelConfig
from integrations.assistant.errors import AbilityMissingError, ModelAnswerError
from integrations.mappings.checks import check_code
from integrations.mappings.errors import MappingBrokenError
from integrations.orchestrator.trials import run_code

_RULES = "You write Python. One function map_record(record) takes a dict and returns a dict. No imports.\n"
_WISH = 'Return {"Name": …, "Town": …} from the keys "name" and "town" of the record, both in capital letters.'
_RECORD = {"name": "Ann", "town": None}
_RIGHT = {"Name": "ANN", "Town": None}

_FORMS = {
    Form.SCHEMA: "It knows structured output.",
    Form.JSON: "It does not know structured output; it is asked for plain JSON instead.",
    Form.TEXT: "It knows neither structured output nor JSON; it is asked for text with code in it instead.",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found, in sentences; `is_good` when a mapping came of it."""

    lines: tuple[str, ...]
    is_good: bool


def probe(config: ModelConfig) -> Probe:
    """One small question, in simpler forms until it is understood. Our own errors when there is no answer at all."""
    able = Abilities()
    while True:
        heard = Heard()
        try:
            ModelClient(config).ask(_messages(able.form), able, heard, seconds=config.timeout)
        except AbilityMissingError as problem:
            weaker = able.without(problem.technical)
            if weaker is None:
                raise
            able = weaker
        else:
            abilities.remember(config, able)
            return _judge(able, heard)


def _messages(form: Form) -> Messages:
    return [{"role": "system", "content": _RULES + contract(form)}, {"role": "user", "content": _WISH}]


def _judge(able: Abilities, heard: Heard) -> Probe:
    problem = _find_problem(heard.text)
    lines = [
        f"It answers, in {heard.seconds:.1f} s.",
        _FORMS[able.form],
        "It answers piece by piece." if able.streams else "It answers in one piece: no progress is seen meanwhile.",
        "It counts its tokens."
        if heard.answer_tokens is not None
        else "It does not count its tokens; they are estimated.",
        problem or "It wrote a small mapping that works.",
    ]
    return Probe(tuple(lines), not problem)


def _find_problem(text: str) -> str:
    """What is wrong with the mapping it wrote; empty when nothing is."""
    try:
        code = read_answer(text).code
        findings = check_code(code)
        if findings:
            return f"It wrote code that cannot be used: {findings[0].message}"
        (outcome,) = run_code(code, [_RECORD], lambda output: [])
    except (ModelAnswerError, MappingBrokenError) as problem:
        return f"{problem.message} A larger model may do better."
    if outcome.output not in (_RIGHT, {**_RIGHT, "Town": ""}):
        return "It wrote a mapping that does not do what was asked. A larger model may do better."
    return ""
