"""Checks mapping code before anything runs: it is read, never run. Each finding is a sentence with a line.

They keep out what a mapping has no use for and what the sandbox would refuse anyway, so that a person hears about it
while editing, and they keep each record's outcome free of what came before it: nothing outside a function may change.
"""

import ast
import io
import symtable
import tokenize
from collections.abc import Iterator
from contextlib import suppress

from integrations.mappings import prelude
from integrations.mappings.fields_read import source_fields
from integrations.mappings.findings import Finding, at, tidy
from integrations.mappings.fixed_values import find_state
from integrations.mappings.language import (
    ALLOWED_IMPORTS,
    BUILTINS,
    FORBIDDEN_BUILTINS,
    FORBIDDEN_NODES,
    MISSING_METHODS,
)
from integrations.mappings.runaways import find_runaways

__all__ = ["Finding", "check_code", "source_fields"]

_LONGEST = 100_000
_ENTRY = "map_record"
_TOP_LEVEL = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
_MISLEADING = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def check_code(code: str) -> list[Finding]:
    """Everything that speaks against this mapping code, by line; an empty list when it may be used."""
    if len(code) > _LONGEST:
        return [Finding(0, f"The code is too long: at most {_LONGEST:,} characters.")]
    try:
        tree = ast.parse(code)
        table = symtable.symtable(code, "mapping", "exec")
    except SyntaxError as exc:
        return [Finding(exc.lineno or 0, f"This is not valid Python: {exc.msg}.", column=exc.offset or 0)]
    except (ValueError, RecursionError, MemoryError):
        return [Finding(0, "This is not valid Python.")]
    try:
        return tidy([*_check_letters(code), *_check_tree(tree), *_find_unknown_names(tree, table)])
    except RecursionError:
        return [Finding(0, "The code is nested too deeply.")]


def _check_letters(code: str) -> Iterator[Finding]:
    """Names are looked at as they are written: reading the code turns look-alike letters into plain ones."""
    for token in _tokens(code):
        line, column = token.start
        if token.type == tokenize.NAME and not token.string.isascii():
            words = f"The name {token.string} has a letter that only looks like a plain one"
            yield Finding(line, f"{words}: names are made of a-z, digits and underscores.", column=column + 1)
        elif not token.string.isascii() and any(ord(letter) in _MISLEADING for letter in token.string):
            yield Finding(
                line, "This has an invisible sign that shows text in another order than it runs.", column=column + 1
            )


def _tokens(code: str) -> Iterator[tokenize.TokenInfo]:
    with suppress(tokenize.TokenError, SyntaxError):
        yield from tokenize.generate_tokens(io.StringIO(code).readline)


def _check_tree(tree: ast.Module) -> Iterator[Finding]:
    yield from _check_top_level(tree)
    yield from _check_entry(tree)
    yield from _check_modules(tree)
    for node in ast.walk(tree):
        yield from _check_node(node)
    yield from find_state(tree)
    yield from find_runaways(tree)


def _check_top_level(tree: ast.Module) -> Iterator[Finding]:
    for position, node in enumerate(tree.body):
        is_docstring = position == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not isinstance(node, _TOP_LEVEL) and not is_docstring:
            yield at(node, "Only functions and fixed values may stand outside a function.")
    taken = prelude.names() | BUILTINS
    for name, place in _names_defined(tree):
        if name in taken:
            yield at(place, f"The name {name} is already taken by a built-in function.")


def _names_defined(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((part.id, part) for part in targets if isinstance(part, ast.Name))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((one.asname or one.name, node) for one in node.names)


def _check_entry(tree: ast.Module) -> Iterator[Finding]:
    entries = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == _ENTRY]
    if not entries:
        yield Finding(0, "There must be a function map_record(record).")
    for extra in entries[1:]:
        yield at(extra, "There must be only one function map_record(record).")
    for entry in entries:
        given = entry.args
        if len(given.args) != 1 or given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg:
            yield at(entry, "map_record takes one thing: the record.")


def _check_modules(tree: ast.Module) -> Iterator[Finding]:
    """Of a module only what the sandbox has may be used: nothing that lies under it."""
    imports = [one for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names]
    modules = {one.asname or one.name: one.name for one in imports if one.name in ALLOWED_IMPORTS}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=part) if name in modules:
                if part not in ALLOWED_IMPORTS[modules[name]]:
                    yield at(node, f"The sandbox has no {modules[name]}.{part}.")
            case ast.ImportFrom(module=str() as module, names=names) if module in ALLOWED_IMPORTS:
                for one in names:
                    if one.name not in ALLOWED_IMPORTS[module]:
                        yield at(node, f"The sandbox has no {module}.{one.name}.")


def _check_node(node: ast.AST) -> Iterator[Finding]:
    if type(node) in FORBIDDEN_NODES:
        yield at(node, f"A mapping cannot use {FORBIDDEN_NODES[type(node)]}.")
    match node:
        case ast.Import(names=names):
            yield from (_refuse_import(node, one.name) for one in names if one.name not in ALLOWED_IMPORTS)
        case ast.ImportFrom(module=module):
            if module not in ALLOWED_IMPORTS or node.level:
                yield _refuse_import(node, module or "this")
        case ast.Attribute(attr=name) | ast.arg(arg=name) | ast.FunctionDef(name=name):
            yield from _check_name(name, node)
        case ast.Name(id=name):
            yield from _check_name(name, node)
            if name in FORBIDDEN_BUILTINS or (name.startswith("_") and name in prelude.names()):
                yield at(node, f"A mapping cannot use {name}.")
        case ast.ExceptHandler(type=caught):
            if caught is None or any(_is_too_wide(part) for part in ast.walk(caught)):
                yield at(node, "Catch Exception here: anything wider would catch skip() as well.")
    yield from _check_use(node)


def _check_use(node: ast.AST) -> Iterator[Finding]:
    if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        yield at(node, "A mapping cannot set attributes.")
    if isinstance(node, ast.Attribute) and node.attr in MISSING_METHODS:
        yield at(node, f"The sandbox does not have .{node.attr}().")
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr="sub"), args=[_, ast.Lambda(), *_]):
            yield at(node, "re.sub() needs text as the replacement here, not a function.")
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=given)) if name in BUILTINS:
            if len(given) > 1 or any(isinstance(one, ast.Constant) and not isinstance(one.value, str) for one in given):
                yield at(node, f"Give {name} one text that says what is wrong.")
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        yield at(node, "A mapping cannot use decorators.")


def _check_name(name: str, node: ast.AST) -> Iterator[Finding]:
    if name.startswith("__"):
        yield at(node, f"Names that start with two underscores are not allowed: {name}.")


def _is_too_wide(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("BaseException", "SystemExit")


def _refuse_import(node: ast.AST, name: str) -> Finding:
    return at(node, f"A mapping cannot import {name}; it may import {', '.join(sorted(ALLOWED_IMPORTS))}.")


def _find_unknown_names(tree: ast.Module, table: symtable.SymbolTable) -> Iterator[Finding]:
    """Names nobody defines: each would fail for every record that comes along."""
    known = BUILTINS | FORBIDDEN_BUILTINS | prelude.names()
    known |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    unknown = set(_global_names(table)) - known
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in unknown and not node.id.startswith("__"):
            yield at(node, f"There is nothing called {node.id}.")


def _global_names(table: symtable.SymbolTable) -> Iterator[str]:
    is_top = table.get_type() == "module"
    yield from (symbol.get_name() for symbol in table.get_symbols() if is_top or symbol.is_global())
    for inner in table.get_children():
        yield from _global_names(inner)
