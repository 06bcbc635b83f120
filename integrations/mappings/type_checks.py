"""Lets the sandbox's type checker read mapping code, and says in plain words what it finds.

It knows what each function of the prelude takes and gives, and that a text field of a record may be empty (None).
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_monty import Monty, MontyCrashedError, MontyError, MontyTypingError

from integrations.enums import FieldType
from integrations.mappings import prelude
from integrations.mappings.fields_read import Reads
from integrations.mappings.findings import Finding, Severity
from integrations.types import ObjectSchema

_SECONDS = 4.0
_MEMORY = 400_000_000
_MAY_BE_ANYTHING = frozenset(
    {FieldType.INTEGER, FieldType.NUMBER, FieldType.BOOLEAN, FieldType.MULTI_CHOICE, FieldType.OTHER}
)
_SIGNATURE = re.compile(r"def[ \t]+map_record[ \t]*\([ \t]*(\w+)[ \t]*(?::[^)=\n]*)?\)[ \t]*(?:->[^:\n]+)?:")
_TYPED_SIGNATURE = r"def map_record(\1: SourceRecord) -> MappedRecord:"
_STUBS = """
from typing import Literal, Never, overload
class SourceRecord(dict[str, Any]):
    @overload
    def get(self, key: Literal["id"], default: Any = None, /) -> str: ...
    @overload
    def get(self, key: {texts}, default: Any = None, /) -> str | None: ...
    @overload
    def get(self, key: str, default: Any = None, /) -> Any: ...
    @overload
    def __getitem__(self, key: Literal["id"], /) -> str: ...
    @overload
    def __getitem__(self, key: {texts}, /) -> str | None: ...
    @overload
    def __getitem__(self, key: str, /) -> Any: ...
MappedRecord = dict[str, Any] | None
"""
_SAID_ELSEWHERE = frozenset({"unresolved-reference", "unresolved-import", "invalid-key", "invalid-syntax"})
_CALL_RULES = frozenset({"missing-argument", "too-many-positional-arguments", "unknown-argument"})
_QUOTED = re.compile(r"`([^`]*)`")
_TYPE_WORDS = (
    (re.compile(r"list|tuple|set|frozenset"), "a list"),
    (re.compile(r"dict"), "a table"),
    (re.compile(r"str|LiteralString|Literal\[[\"']"), "text"),
    (re.compile(r"bool|Literal\[(True|False)"), "yes or no"),
    (re.compile(r"int|float|Literal\["), "a number"),
)
_LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class _Told:
    """What the type checker told about one place. `text` is the piece of code, on one line."""

    rule: str
    message: str
    line: int
    column: int
    end_column: int
    text: str

    @property
    def quoted(self) -> list[str]:
        """What stands in backquotes in the message: names and types."""
        return _QUOTED.findall(self.message)


def check_types(
    code: str, tree: ast.Module, source: ObjectSchema, reads: Reads, *, memory_bytes: int = _MEMORY
) -> Iterator[Finding]:
    """What does not fit together, as far as the type checker can tell. The code must have passed `check_code`."""
    typed = _SIGNATURE.sub(_TYPED_SIGNATURE, code, count=1)
    tested = _tested_texts(tree)
    try:
        problems = _ask_checker(typed, source, memory_bytes)
    except MontyError as exc:
        yield Finding(0, "The code is too involved to check what fits together.", Severity.WARNING, technical=str(exc))
        return
    for problem in problems:
        told = _read(problem, code, typed)
        if not (_is_about_empty(told) and _is_tested(told, reads, tested)):
            yield from _word(told)


def _ask_checker(code: str, source: ObjectSchema, memory_bytes: int) -> list[dict[str, Any]]:
    """The checker's own findings. When there are none the code is loaded, which does no harm in the sandbox."""
    names = [field.name for field in source.fields if field.type not in _MAY_BE_ANYTHING and field.name != "id"]
    texts = f"Literal[{', '.join(map(json.dumps, names))}]" if names else "Never"
    limits: Any = {"max_feed_duration_secs": _SECONDS, "max_memory": memory_bytes}
    with Monty(min_processes=1, max_processes=1, request_timeout=_SECONDS) as pool:
        checkout = pool.checkout(
            type_check=True,
            type_check_stubs=f"{prelude.stubs()}\n{_STUBS.format(texts=texts)}",
            type_check_format="json",
            limits=limits,
        )
        with checkout as session:
            try:
                session.feed_run(f"{code}\n")
            except MontyTypingError as exc:
                found: list[dict[str, Any]] = json.loads(exc.display())
                return found
            except MontyError as exc:
                if isinstance(exc, MontyCrashedError) or isinstance(exc.exception(), TimeoutError | MemoryError):
                    raise
    return []


def _read(problem: dict[str, Any], code: str, typed: str) -> _Told:
    """With the columns of the code as its author wrote it: the signature of map_record was made longer or shorter."""
    start, end = problem["location"], problem["end_location"]
    line = start["row"]
    before, after = code.split("\n"), typed.split("\n")
    shift = len(after[line - 1]) - len(before[line - 1])
    last = end["column"] if end["row"] == line else len(after[line - 1]) + 1
    column, end_column = max(start["column"] - shift, 1), max(last - shift, 1)
    text = " ".join(before[line - 1][column - 1 : end_column - 1].split())
    short = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"
    return _Told(problem["name"], problem["message"], line, column, end_column, short)


def _tested_texts(tree: ast.Module) -> frozenset[str]:
    """Every text in a condition: a field that is looked at there is taken to be tested for being empty."""
    conditions: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            conditions.append(node.test)
        elif isinstance(node, ast.BoolOp):
            conditions += node.values[:-1]
        elif isinstance(node, ast.comprehension):
            conditions += node.ifs
    parts = (part for condition in conditions for part in ast.walk(condition))
    return frozenset(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))


def _is_tested(told: _Told, reads: Reads, tested: frozenset[str]) -> bool:
    columns = range(told.column, told.end_column)
    fields = [place.field for place in reads.places if place.line == told.line and place.column in columns]
    return bool(fields) and tested.issuperset(fields)


def _is_about_empty(told: _Told) -> bool:
    if told.rule == "invalid-return-type":
        return False
    return any(type_ == "None" or type_.endswith("| None") for type_ in told.quoted) or (
        told.rule == "no-matching-overload" and "join" in told.quoted
    )


def _word(told: _Told) -> Iterator[Finding]:
    """The sentence for what was told; none for what other checks say better."""
    if told.rule in _SAID_ELSEWHERE:
        return
    severity, message = Severity.ERROR, ""
    if told.rule == "invalid-return-type" and told.quoted[0].startswith("dict[str, "):
        message = _word_return(told.quoted[-1])
    elif told.rule in _CALL_RULES:
        message = _word_call(told)
    elif _is_about_empty(told):
        severity = Severity.WARNING
        message = f'{told.text} stops with an error when the value is empty: test it first, or put (… or "") around it.'
    elif told.rule == "unresolved-attribute":
        message = f"There is no {told.quoted[-1]} on {_words_for(told.quoted[0])}."
    elif told.rule == "call-non-callable":
        message = f"{told.text} calls something that is not a function."
    else:
        severity, message = Severity.WARNING, f"This may stop with an error: {told.text}."
    yield Finding(told.line, message, severity, told.column, technical=f"{told.rule}: {told.message}")


def _word_return(type_: str) -> str:
    if type_.startswith("dict"):
        return "The fields that are returned must have text as their names."
    return f"This returns {_words_for(type_)}, but a mapping returns fields and values, None or skip()."


def _word_call(told: _Told) -> str:
    name = told.quoted[-1]
    doc = prelude.functions().get(name)
    how = f": it is {doc.signature}" if doc else ""
    return f"{name} is not called with what it takes{how}."


def _words_for(type_: str) -> str:
    return next((words for pattern, words in _TYPE_WORDS if pattern.match(type_)), "this kind of value")
