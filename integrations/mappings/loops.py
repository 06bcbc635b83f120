"""Loops over fixed tables in mapping code: what their names stand for in each round."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

Constants = dict[str, ast.expr]
"""The values outside functions, by name."""
_PASSED_THROUGH = frozenset({"list", "tuple", "sorted", "set", "reversed"})


@dataclass(frozen=True, slots=True)
class Loop:
    """The names a loop gives, and the values they have in each round; None when that cannot be told."""

    names: tuple[str, ...]
    rounds: tuple[tuple[ast.expr, ...], ...] | None


def constants_of(tree: ast.Module) -> Constants:
    """The values that stand outside functions."""
    found: Constants = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found[node.target.id] = node.value
    return found


def loops_in(function: ast.FunctionDef, constants: Constants) -> list[Loop]:
    """The loops of this function; a name that is given a value in another way counts as a loop nobody can read."""
    found = [node for node in ast.walk(function) if isinstance(node, ast.For | ast.comprehension)]
    targets = {part for node in found for part in ast.walk(node.target)}
    others = [
        Loop((node.id if isinstance(node, ast.Name) else node.arg,), None)
        for node in ast.walk(function)
        if node not in targets and _gives_value(node) and isinstance(node, ast.Name | ast.arg)
    ]
    return [*(_read_loop(node.target, node.iter, constants) for node in found), *others]


def rounds_of(name: str, loops: list[Loop]) -> list[dict[str, ast.expr]] | None:
    """What the loop that gives this name stands for in each round, by name; None when that cannot be told."""
    giving = [loop for loop in loops if name in loop.names]
    if len(giving) != 1 or giving[0].rounds is None:
        return None
    return [dict(zip(giving[0].names, values, strict=True)) for values in giving[0].rounds]


def _gives_value(node: ast.AST) -> bool:
    return isinstance(node, ast.arg) or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))


def _read_loop(target: ast.expr, iterated: ast.expr, constants: Constants) -> Loop:
    names = tuple(part.id for part in ast.walk(target) if isinstance(part, ast.Name))
    values = _values_of(iterated, constants)
    if values is None:
        return Loop(names, None)
    if isinstance(target, ast.Name):
        return Loop(names, tuple((value,) for value in values))
    is_plain = isinstance(target, ast.Tuple) and len(names) == len(target.elts)
    rounds = tuple(tuple(value.elts) for value in values if isinstance(value, ast.Tuple | ast.List))
    is_even = len(rounds) == len(values) and all(len(one) == len(names) for one in rounds)
    return Loop(names, rounds if is_plain and is_even else None)


def _values_of(node: ast.expr, constants: Constants) -> list[ast.expr] | None:
    match node:
        case ast.Name(id=name) if name in constants:
            return _values_of(constants[name], {})
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return parts
        case ast.Dict(keys=keys):
            return [key for key in keys if key is not None] if None not in keys else None
        case ast.Call(func=ast.Name(id=called), args=[inner]) if called in _PASSED_THROUGH:
            return _values_of(inner, constants)
        case ast.Call(func=ast.Attribute(value=table, attr="keys" | "values" | "items" as part), args=[]):
            return _parts_of(_table(table, constants), part)
    return None


def _table(node: ast.expr, constants: Constants) -> ast.Dict | None:
    found = constants.get(node.id) if isinstance(node, ast.Name) else node
    return found if isinstance(found, ast.Dict) and None not in found.keys else None


def _parts_of(table: ast.Dict | None, part: str) -> list[ast.expr] | None:
    if table is None:
        return None
    pairs = list(_pairs(table))
    if part == "items":
        return [ast.Tuple([key, value], ast.Load()) for key, value in pairs]
    return [key if part == "keys" else value for key, value in pairs]


def _pairs(table: ast.Dict) -> Iterator[tuple[ast.expr, ast.expr]]:
    for key, value in zip(table.keys, table.values, strict=True):
        if key is not None:
            yield key, value
