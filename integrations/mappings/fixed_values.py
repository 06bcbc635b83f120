"""Finds what could carry something from one record to the next: values outside functions must be fixed, and stay so."""

import ast
from collections.abc import Iterator

from integrations.mappings import prelude
from integrations.mappings.language import BUILTINS

_CHANGING_METHODS = frozenset(
    {
        *("append", "extend", "insert", "remove", "pop", "popitem", "clear", "sort", "reverse", "update", "setdefault"),
        *("add", "discard", "difference_update", "intersection_update", "symmetric_difference_update"),
    }
)

State = tuple[int, str]


def find_state(tree: ast.Module) -> Iterator[State]:
    """Line and sentence of everything that is not fixed."""
    yield from _find_bad_values(tree)
    yield from _find_bad_defaults(tree)
    yield from _find_changes(tree, _table_names(tree))


def _assignments(tree: ast.Module) -> Iterator[tuple[list[ast.expr], ast.expr, int]]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            yield node.targets, node.value, node.lineno
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield [node.target], node.value, node.lineno


def _find_bad_values(tree: ast.Module) -> Iterator[State]:
    seen: set[str] = set()
    for targets, value, line in _assignments(tree):
        if not (_is_table(value) or _is_fixed(value)):
            yield line, "A value outside a function must be fixed: text, numbers, or a list or table of them."
        for target in targets:
            if not isinstance(target, ast.Name):
                yield line, "Give each value outside a function one name."
            elif target.id in seen:
                yield line, f"{target.id} is given a value twice."
            else:
                seen.add(target.id)


def _is_table(node: ast.expr) -> bool:
    """A list, set or dict of fixed values; what is inside it cannot be changed, so lists inside must be tuples."""
    match node:
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and _is_fixed(key) for key in keys) and all(map(_is_fixed, values))
        case ast.List(elts=parts) | ast.Set(elts=parts):
            return all(map(_is_fixed, parts))
    return False


def _is_fixed(node: ast.expr) -> bool:
    match node:
        case ast.Tuple(elts=parts):
            return all(map(_is_fixed, parts))
        case ast.UnaryOp(operand=operand):
            return _is_fixed(operand)
        case ast.BinOp(left=left, right=right):
            return isinstance(left, ast.Constant) and isinstance(right, ast.Constant)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr="compile"), args=arguments):
            return all(map(_is_fixed, arguments))
        case ast.Call(func=ast.Name(id="frozenset" | "tuple"), args=arguments):
            return all(_is_table(one) or _is_fixed(one) for one in arguments)
    return isinstance(node, ast.Constant | ast.Attribute)


def _find_bad_defaults(tree: ast.Module) -> Iterator[State]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            defaults = [*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]
            for default in defaults:
                if not _is_fixed(default):
                    yield default.lineno, "A default must be plain text or a number: it is kept from record to record."


def _table_names(tree: ast.Module) -> set[str]:
    return {
        target.id
        for targets, value, _ in _assignments(tree)
        for target in targets
        if isinstance(target, ast.Name) and not _is_fixed(value)
    }


def _find_changes(tree: ast.Module, tables: set[str]) -> Iterator[State]:
    allowed = {id(part) for node in ast.walk(tree) for part in _reading_uses(node)}
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            if isinstance(node, ast.arg) and node.arg in tables:
                yield node.lineno, f"{node.arg} is already the name of a table outside."
            if isinstance(node, ast.Name) and node.id in tables and id(node) not in allowed:
                yield node.lineno, f"{node.id} may only be looked at here: use {node.id}[...], .get(), in, or a loop."


def _reading_uses(node: ast.AST) -> Iterator[ast.expr]:
    """The parts of this piece of code in which a table is only looked at."""
    match node:
        case ast.Subscript(value=table, ctx=ast.Load()):
            yield table
        case ast.Attribute(value=table, attr=method) if method not in _CHANGING_METHODS:
            yield table
        case ast.Compare(left=left, comparators=others):
            yield from (left, *others)
        case ast.For(iter=table) | ast.comprehension(iter=table):
            yield table
        case ast.Dict(keys=keys, values=values):
            yield from (value for key, value in zip(keys, values, strict=True) if key is None)
        case ast.Call(func=ast.Name(id=called), args=arguments, keywords=named):
            if called in BUILTINS or called in prelude.names():
                yield from (*arguments, *(one.value for one in named))
