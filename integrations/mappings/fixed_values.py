"""Finds what could carry something from one record to the next: values outside functions must be fixed, and stay so."""

import ast
from collections.abc import Iterator

from integrations.mappings.findings import Finding, at

_CHANGING_METHODS = frozenset(
    {
        *("append", "extend", "insert", "remove", "pop", "popitem", "clear", "sort", "reverse", "update", "setdefault"),
        *("add", "discard", "difference_update", "intersection_update", "symmetric_difference_update"),
    }
)
_EVERY = frozenset(range(50))
_FIRST = frozenset({0})
_SECOND = frozenset({1})
_LOOKING = {
    **dict.fromkeys(("all", "any", "bool", "dict", "enumerate", "frozenset", "isinstance", "iter", "len"), _FIRST),
    **dict.fromkeys(("list", "repr", "reversed", "set", "sorted", "str", "sum", "tuple", "join_multi"), _FIRST),
    **dict.fromkeys(("print", "zip"), _EVERY),
    **dict.fromkeys(("filter", "map"), _EVERY - _FIRST),
    **dict.fromkeys(("choose", "choose_each", "pick"), _SECOND),
}
"""Functions, and which of their arguments they only look at. Others may hand the table itself on, as max(a, b) does."""
_LOOKED_AT_BY_NAME = {"choose": "allowed", "choose_each": "allowed", "pick": "allowed"}


def find_state(tree: ast.Module) -> Iterator[Finding]:
    """Everything outside functions that is not fixed, and every place that could change a table."""
    modules = frozenset(_imported(tree))
    yield from _find_bad_values(tree, modules)
    yield from _find_bad_defaults(tree, modules)
    yield from _TableUses(tree, modules).find_changes()


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (one.asname or one.name for one in node.names)


def _assignments(tree: ast.Module) -> Iterator[tuple[list[ast.expr], ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            yield node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield [node.target], node.value


def _find_bad_values(tree: ast.Module, modules: frozenset[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for targets, value in _assignments(tree):
        if not (_is_table(value, modules) or _is_fixed(value, modules)):
            yield at(value, "A value outside a function must be fixed: text, numbers, or a list or table of them.")
        for target in targets:
            if not isinstance(target, ast.Name):
                yield at(target, "Give each value outside a function one name.")
            elif target.id in seen:
                yield at(target, f"{target.id} is given a value twice.")
            else:
                seen.add(target.id)


def _is_table(node: ast.expr, modules: frozenset[str]) -> bool:
    """A list, set or dict of fixed values; what is inside it cannot be changed, so lists inside must be tuples."""
    match node:
        case ast.Dict(keys=keys, values=values):
            is_fixed = all(key is not None and _is_fixed(key, modules) for key in keys)
            return is_fixed and all(_is_fixed(value, modules) for value in values)
        case ast.List(elts=parts) | ast.Set(elts=parts):
            return all(_is_fixed(part, modules) for part in parts)
    return False


def _is_fixed(node: ast.expr, modules: frozenset[str]) -> bool:
    match node:
        case ast.BinOp(left=left, right=right):
            return isinstance(left, ast.Constant) and isinstance(right, ast.Constant)
        case ast.Tuple(elts=parts) | ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr="compile"), args=parts):
            return all(_is_fixed(part, modules) for part in parts)
        case ast.Call(func=ast.Name(id="frozenset" | "tuple"), args=parts):
            return all(_is_table(part, modules) or _is_fixed(part, modules) for part in parts)
        case ast.UnaryOp(operand=inner) | ast.Attribute(value=ast.Attribute() as inner):
            return _is_fixed(inner, modules)
        case ast.Attribute(value=ast.Name(id=name)):
            return name in modules
    return isinstance(node, ast.Constant)


def _find_bad_defaults(tree: ast.Module, modules: frozenset[str]) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            defaults = [*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]
            for default in defaults:
                if not _is_fixed(default, modules):
                    yield at(default, "A default must be plain text or a number: it is kept from record to record.")


class _TableUses:
    """Follows the tables into the functions that use them, also under the name they have as a parameter there."""

    def __init__(self, tree: ast.Module, modules: frozenset[str]) -> None:
        self._functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self._tables = frozenset(
            target.id
            for targets, value in _assignments(tree)
            for target in targets
            if isinstance(target, ast.Name) and not _is_fixed(value, modules)
        )
        self._waiting: list[tuple[str, frozenset[str]]] = [(name, self._tables) for name in self._functions]
        self._seen: set[tuple[str, frozenset[str]]] = set()

    def find_changes(self) -> Iterator[Finding]:
        while self._waiting:
            name, tables = self._waiting.pop(0)
            if (name, tables) not in self._seen:
                self._seen.add((name, tables))
                yield from self._find_in(self._functions[name], tables)

    def _find_in(self, function: ast.FunctionDef, tables: frozenset[str]) -> Iterator[Finding]:
        allowed = {id(part) for node in ast.walk(function) for part in self._uses(node, tables)}
        for node in ast.walk(function):
            if isinstance(node, ast.arg) and node.arg in self._tables:
                yield at(node, f"{node.arg} is already the name of a table outside.")
            if isinstance(node, ast.Name) and node.id in tables and id(node) not in allowed:
                words = f"use {node.id}[...], .get(), in, or a loop"
                yield at(node, f"{node.id} may only be looked at here: {words}.")

    def _uses(self, node: ast.AST, tables: frozenset[str]) -> Iterator[ast.expr]:
        yield from _reading_uses(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self._functions:
            yield from self._handed_on(node, node.func.id, tables)

    def _handed_on(self, call: ast.Call, called: str, tables: frozenset[str]) -> Iterator[ast.expr]:
        """A function of the mapping's own may be given a table: then it is looked at under its new name."""
        parameters = self._functions[called].args.args
        for position, argument in enumerate(call.args[: len(parameters)]):
            if isinstance(argument, ast.Name) and argument.id in tables:
                self._waiting.append((called, frozenset({parameters[position].arg})))
                yield argument


def _reading_uses(node: ast.AST) -> Iterator[ast.expr]:
    """The parts of this piece of code in which a table is only looked at."""
    match node:
        case ast.Subscript(value=table, ctx=ast.Load()):
            yield table
        case ast.Attribute(value=table, attr=method) if method not in _CHANGING_METHODS:
            yield table
        case ast.Compare(left=left, comparators=others):
            yield from (left, *others)
        case ast.BinOp(left=left, right=right):
            yield from (left, right)
        case ast.For(iter=table) | ast.comprehension(iter=table) | ast.Starred(value=table):
            yield table
        case ast.If(test=table) | ast.IfExp(test=table) | ast.FormattedValue(value=table):
            yield table
        case ast.UnaryOp(op=ast.Not(), operand=table):
            yield table
        case ast.Dict(keys=keys, values=values):
            yield from (value for key, value in zip(keys, values, strict=True) if key is None)
        case ast.Call(func=ast.Name(id=called)):
            yield from _looked_at(node, called)


def _looked_at(call: ast.Call, called: str) -> Iterator[ast.expr]:
    positions = _LOOKING.get(called, _FIRST if called in ("max", "min") and len(call.args) == 1 else frozenset())
    yield from (argument for position, argument in enumerate(call.args) if position in positions)
    yield from (one.value for one in call.keywords if one.arg is not None and _LOOKED_AT_BY_NAME.get(called) == one.arg)
