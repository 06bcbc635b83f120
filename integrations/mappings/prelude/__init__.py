"""The prelude: small reviewed functions that every mapping may call, in the same sandbox.

The modules beside this one are read as text and fed to the sandbox, where together they are one namespace: that is why
what they import from each other is left out there. Their docstrings are the catalogue: the editor's help, the model's
prompt and the tests are all made from it.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from doctest import DocTestParser
from functools import cache
from pathlib import Path

MODULES = ("values", "people", "places", "states", "phones", "zones", "dates")
FOLDER = Path(__file__).parent
_IN_WORDS = "In words: "
_IMPORTS = ("import ", "from ")
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Example:
    """One call and what it gives, both as Python."""

    call: str
    result: str


@dataclass(frozen=True, slots=True)
class FunctionDoc:
    """One function as help pages and prompts show it: `clean_name(value, keep_emoji=True)` and what it does.

    `detail` goes on where the summary ends, or is empty. `words` say what it does to a value: "as a date".
    """

    name: str
    signature: str
    summary: str
    detail: str
    words: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Functions that belong together, in reading order."""

    title: str
    functions: tuple[FunctionDoc, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """One statement of the prelude: what it defines, and which names it needs."""

    defines: frozenset[str]
    needs: frozenset[str]
    code: str


@cache
def source() -> str:
    """The prelude's whole code, as the sandbox may get it: without docstrings."""
    return "\n".join(piece.code for piece in _pieces())


def source_for(code: str) -> str:
    """The part of the prelude that this code names, and what that needs: loading all of it would cost each batch."""
    wanted: set[str] = set()
    waiting = set(_WORD.findall(code))
    needed_by = {name: piece.needs for piece in _pieces() for name in piece.defines}
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting |= needed_by.get(name, frozenset())
    return "\n".join(dict.fromkeys(piece.code for piece in _pieces() if piece.defines & wanted))


@cache
def stubs() -> str:
    """The functions' signatures with their types, for the type checker."""
    functions = [node for name in MODULES for node in _functions(name)]
    for node in functions:
        node.body = [ast.Expr(ast.Constant(...))]
    return "\n".join(["from typing import Any, NoReturn", *map(ast.unparse, functions)])


@cache
def loop_source() -> str:
    """The code that maps a batch; fed after the mapping code, so that it is the last word."""
    return (FOLDER / "batch.py").read_text("utf-8")


@cache
def names() -> frozenset[str]:
    """Every name the prelude defines, those with a leading underscore included."""
    return frozenset(name for piece in _pieces() if not piece.code.startswith(_IMPORTS) for name in piece.defines)


@cache
def catalogue() -> tuple[Chapter, ...]:
    """What a mapping may call, by subject: each function with its signature, one sentence and examples."""
    chapters = [(ast.get_docstring(_tree(name)), _functions(name)) for name in MODULES]
    return tuple(
        Chapter((title or "").split(".", 1)[0], tuple(map(_describe, functions)))
        for title, functions in chapters
        if functions
    )


@cache
def functions() -> dict[str, FunctionDoc]:
    """The catalogue's functions by name."""
    return {doc.name: doc for chapter in catalogue() for doc in chapter.functions}


@cache
def catalogue_text() -> str:
    """The catalogue as plain text, for a model's prompt."""
    lines: list[str] = []
    for chapter in catalogue():
        lines.append(f"# {chapter.title}")
        for doc in chapter.functions:
            lines.append(f"{doc.signature}: {' '.join([doc.summary, doc.detail]).strip()}")
            lines += [f"    {example.call} == {example.result}" for example in doc.examples]
    return "\n".join(lines)


def _tree(module: str) -> ast.Module:
    return ast.parse((FOLDER / f"{module}.py").read_text("utf-8"))


def _sandbox_nodes(module: str) -> list[ast.stmt]:
    """A module's code without its docstring and without what it imports from the others."""
    return [
        node
        for node in _tree(module).body[1:]
        if not (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("integrations."))
    ]


@cache
def _pieces() -> tuple[_Piece, ...]:
    return tuple(_read_piece(node) for name in MODULES for node in _sandbox_nodes(name))


def _read_piece(node: ast.stmt) -> _Piece:
    if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
        node.body = node.body[1:] or [ast.Pass()]
    used = frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
    return _Piece(frozenset(_defined_by(node)), used, ast.unparse(node))


def _defined_by(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.Import(names=imported) | ast.ImportFrom(names=imported):
            yield from (one.asname or one.name for one in imported)


def _functions(module: str) -> list[ast.FunctionDef]:
    """Those that are offered to mappings: they say in words what they do."""
    found = [node for node in _tree(module).body if isinstance(node, ast.FunctionDef)]
    return [node for node in found if _IN_WORDS in (ast.get_docstring(node) or "")]


def _describe(node: ast.FunctionDef) -> FunctionDoc:
    node.returns = None
    for argument in ast.walk(node.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    text = ast.get_docstring(node) or ""
    told, _, rest = text.partition(_IN_WORDS)
    summary, _, detail = told.strip().partition("\n\n")
    examples = [
        Example(found.source.strip(), found.want.strip() or "None") for found in DocTestParser().get_examples(text)
    ]
    return FunctionDoc(
        node.name,
        f"{node.name}({ast.unparse(node.args)})",
        summary,
        " ".join(detail.split()),
        rest.partition("\n")[0].strip(),
        tuple(examples),
    )
