"""The form of the model's answers: what it is told about it, and how what comes back is read. Nothing in it is trusted."""

import json
import re
from dataclasses import dataclass
from typing import Any

from integrations.assistant.abilities import Form
from integrations.assistant.errors import ModelAnswerError

MOST_RULES = 500
MOST_QUESTIONS = 20
_LONGEST = 500

_LINE = {
    "type": "object",
    "properties": {"field": {"type": "string"}, "text": {"type": "string"}},
    "required": ["field", "text"],
    "additionalProperties": False,
}
_SCHEMA = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "rules": {"type": "array", "items": _LINE},
        "questions": {"type": "array", "items": _LINE},
    },
    "required": ["code", "rules", "questions"],
    "additionalProperties": False,
}

_MEANING = """\
- code: the whole mapping as Python, with one function map_record(record).
- rules: one line per destination field that the code sets: "field" is its name, "text" says in plain words what it gets
  and from which source fields, for a reader who cannot program. No line about a field that the code does not set.
- questions: what you had to guess and a person should decide, "field" being the destination field or empty. Write the
  code with your best guess all the same. No question when nothing is open."""

_FORM = {
    Form.SCHEMA: "Answer with one JSON object with the keys code, rules and questions, and nothing else:\n",
    Form.JSON: 'Answer with one JSON object, {"code": "…", "rules": [{"field": "…", "text": "…"}, …], '
    '"questions": [{"field": "…", "text": "…"}, …]}, and nothing else:\n',
    Form.TEXT: "Answer with two fenced blocks and nothing else: first ```python with the code, then ```json with\n"
    '{"rules": [{"field": "…", "text": "…"}, …], "questions": [{"field": "…", "text": "…"}, …]}:\n',
}

_THOUGHT = re.compile(r"^\s*<think(?:ing)?>.*?</think(?:ing)?>\s*", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*```[ \t]*([A-Za-z0-9]*)[^\n]*\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Written:
    """What the model wrote. `rules` and `questions` = [(field, text), …]; `code` may be empty when it only asks."""

    code: str
    rules: tuple[tuple[str, str], ...] = ()
    questions: tuple[tuple[str, str], ...] = ()


def contract(form: Form) -> str:
    """What the model is told about the form of its answer."""
    return _FORM[form] + _MEANING


def response_format(form: Form) -> dict[str, Any] | None:
    """The request's `response_format`; None where there is none to give."""
    if form == Form.SCHEMA:
        return {"type": "json_schema", "json_schema": {"name": "mapping", "strict": True, "schema": _SCHEMA}}
    return {"type": "json_object"} if form == Form.JSON else None


def read_answer(text: str) -> Written:
    """The answer in any of the three forms, whichever was asked for. ModelAnswerError when it is none of them."""
    text = _THOUGHT.sub("", text)
    told = _find_object(text)
    code = told.get("code")
    if not isinstance(code, str):
        code = _find_code(text)
    written = Written(_tidy(code), _lines(told.get("rules"), MOST_RULES), _lines(told.get("questions"), MOST_QUESTIONS))
    if not written.code and not written.questions:
        raise ModelAnswerError("The model's answer holds no code.", code="model_malformed")
    return written


def _find_object(text: str) -> dict[str, Any]:
    """The JSON object of an answer: all of it, in a fenced block, or somewhere in the text; {} when there is none."""
    blocks = [inner for _, inner in _FENCE.findall(text)]
    start, end = text.find("{"), text.rfind("}")
    for candidate in (text, *blocks, text[start : end + 1]):
        try:
            found = json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and found.keys() & {"code", "rules", "questions"}:
            return found
    return {}


def _find_code(text: str) -> str:
    """The first fenced block that is code, or the text itself when it is nothing but code."""
    for language, inner in _FENCE.findall(text):
        if language.lower() in ("python", "py", "") and "def map_record" in inner:
            return str(inner)
    return text if re.match(r"\s*(?:def|import|from|[A-Z_]+\s*=)\s?", text) and "def map_record" in text else ""


def _tidy(code: str) -> str:
    """Without a fence inside the JSON, and with the plain line ends Python wants."""
    fenced = _FENCE.fullmatch(code.strip())
    code = fenced[2] if fenced else code
    code = code.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return f"{code}\n" if code.strip() else ""


def _lines(found: Any, most: int) -> tuple[tuple[str, str], ...]:
    """[{"field", "text"}, …] as pairs; what is not of that form is left out."""
    if not isinstance(found, list):
        return ()
    pairs = [(one.get("field"), one.get("text")) for one in found[:most] if isinstance(one, dict)]
    return tuple(
        (field.strip()[:120] if isinstance(field, str) else "", text.strip()[:_LONGEST])
        for field, text in pairs
        if isinstance(text, str) and text.strip()
    )
