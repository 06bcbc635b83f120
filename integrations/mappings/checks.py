"""Checks mapping code before anything runs: it is read, never run. Each finding is a sentence with a line.

They keep out what a mapping has no use for and what the sandbox would refuse anyway, so that a person hears about it
while editing, and they keep each record's outcome free of what came before it: nothing outside a function may change.
"""

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

from integrations.mappings import prelude
from integrations.mappings.fields_read import source_fields
from integrations.mappings.fixed_values import find_state
from integrations.mappings.language import ALLOWED_IMPORTS, BUILTINS, FORBIDDEN_BUILTINS, FORBIDDEN_NODES

__all__ = ["Finding", "check_code", "source_fields"]

_LONGEST = 100_000
_ENTRY = "map_record"
_TOP_LEVEL = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that must change before the code may be used. `line` is 0 when it concerns the code as a whole."""

    line: int
    message: str


def check_code(code: str) -> list[Finding]:
    """Everything that speaks against this mapping code, by line; an empty list when it may be used."""
    if len(code) > _LONGEST:
        return [Finding(0, "The code is too long: at most 100,000 characters.")]
    try:
        tree = ast.parse(code)
        table = symtable.symtable(code, "mapping", "exec")
    except SyntaxError as exc:
        return [Finding(exc.lineno or 0, f"This is not valid Python: {exc.msg}.")]
    except (ValueError, RecursionError, MemoryError):
        return [Finding(0, "This is not valid Python.")]
    try:
        return sorted({*_check_tree(tree), *_find_unknown_names(tree, table)})
    except RecursionError:
        return [Finding(0, "The code is nested too deeply.")]


def _check_tree(tree: ast.Module) -> Iterator[Finding]:
    yield from _check_top_level(tree)
    yield from _check_entry(tree)
    for node in ast.walk(tree):
        yield from _check_node(node)
    yield from (Finding(line, message) for line, message in find_state(tree))


def _check_top_level(tree: ast.Module) -> Iterator[Finding]:
    for at, node in enumerate(tree.body):
        is_docstring = at == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not isinstance(node, _TOP_LEVEL) and not is_docstring:
            yield Finding(node.lineno, "Only functions and fixed values may stand outside a function.")
    taken = prelude.names() | BUILTINS
    for name, line in _names_defined(tree):
        if name in taken:
            yield Finding(line, f"The name {name} is already taken by a built-in function.")


def _names_defined(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((part.id, node.lineno) for part in targets if isinstance(part, ast.Name))


def _check_entry(tree: ast.Module) -> Iterator[Finding]:
    entries = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == _ENTRY]
    if not entries:
        yield Finding(0, "There must be a function map_record(record).")
    for extra in entries[1:]:
        yield Finding(extra.lineno, "There must be only one function map_record(record).")
    for entry in entries:
        given = entry.args
        if len(given.args) != 1 or given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg:
            yield Finding(entry.lineno, "map_record takes one thing: the record.")


def _check_node(node: ast.AST) -> Iterator[Finding]:
    line = getattr(node, "lineno", 0)
    if type(node) in FORBIDDEN_NODES:
        yield Finding(line, f"A mapping cannot use {FORBIDDEN_NODES[type(node)]}.")
    match node:
        case ast.Import(names=names):
            yield from (_refuse_import(line, one.name) for one in names if one.name not in ALLOWED_IMPORTS)
        case ast.ImportFrom(module=module):
            if module not in ALLOWED_IMPORTS or node.level:
                yield _refuse_import(line, module or "this")
        case ast.Attribute(attr=name) | ast.arg(arg=name) | ast.FunctionDef(name=name):
            yield from _check_name(name, line)
        case ast.Name(id=name):
            yield from _check_name(name, line)
            if name in FORBIDDEN_BUILTINS or (name.startswith("_") and name in prelude.names()):
                yield Finding(line, f"A mapping cannot use {name}.")
        case ast.ExceptHandler(type=caught):
            if caught is None or any(_is_too_wide(part) for part in ast.walk(caught)):
                yield Finding(line, "Catch Exception here: anything wider would catch skip() as well.")
    if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        yield Finding(line, "A mapping cannot set attributes.")
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        yield Finding(line, "A mapping cannot use decorators.")


def _check_name(name: str, line: int) -> Iterator[Finding]:
    if name.startswith("__"):
        yield Finding(line, f"Names that start with two underscores are not allowed: {name}.")
    if not name.isascii():
        yield Finding(line, "Names must be made of plain letters, digits and underscores.")


def _is_too_wide(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("BaseException", "SystemExit")


def _refuse_import(line: int, name: str) -> Finding:
    return Finding(line, f"A mapping cannot import {name}; it may import {', '.join(sorted(ALLOWED_IMPORTS))}.")


def _find_unknown_names(tree: ast.Module, table: symtable.SymbolTable) -> Iterator[Finding]:
    """Names nobody defines: each would fail for every record that comes along."""
    known = BUILTINS | FORBIDDEN_BUILTINS | prelude.names()
    known |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    unknown = set(_global_names(table)) - known
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in unknown and not node.id.startswith("__"):
            yield Finding(node.lineno, f"There is nothing called {node.id}.")


def _global_names(table: symtable.SymbolTable) -> Iterator[str]:
    is_top = table.get_type() == "module"
    yield from (symbol.get_name() for symbol in table.get_symbols() if is_top or symbol.is_global())
    for inner in table.get_children():
        yield from _global_names(inner)
