"""Finds code that would run for ever or take all memory, where that can be told without running it.

What cannot be told is stopped by the limits of the sandbox.
"""

import ast
from collections.abc import Iterator

from integrations.mappings.findings import Finding, at

_HUGE = 10_000_000
_LONGEST_POWER = 100_000


def find_runaways(tree: ast.Module) -> Iterator[Finding]:
    """Endless loops, a map_record that calls itself, lists and numbers beyond any use."""
    for node in ast.walk(tree):
        message = _judge(node)
        if message:
            yield at(node, message)


def _judge(node: ast.AST) -> str:
    match node:
        case ast.While(test=ast.Constant(value=value)) if value and not _can_leave(node):
            return "This loop never ends: nothing in it leaves it."
        case ast.FunctionDef(name="map_record") if _calls_itself(node):
            return "map_record calls itself, so it would not come to an end."
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            if (_is_text_or_list(left) and _size(right) > _HUGE) or (_is_text_or_list(right) and _size(left) > _HUGE):
                return f"This would make something of more than {_HUGE:,} parts."
        case ast.BinOp(op=ast.Pow()) if _size(node) > _HUGE and _digits(node) > _LONGEST_POWER:
            return "This number would be too long to work with."
        case ast.Call(func=ast.Name(id="range"), args=[*_, ast.expr()]) if max(map(_size, node.args)) > _HUGE:
            return f"This loop would go round more than {_HUGE:,} times."
    return ""


def _can_leave(loop: ast.While) -> bool:
    inner_loops = {
        part
        for node in ast.walk(loop)
        if isinstance(node, ast.For | ast.While) and node is not loop
        for part in ast.walk(node)
    }
    return any(
        isinstance(node, ast.Return | ast.Raise)
        or (isinstance(node, ast.Break) and node not in inner_loops)
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "skip")
        for node in ast.walk(loop)
    )


def _calls_itself(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Name) and node.id == function.name for node in ast.walk(function))


def _is_text_or_list(node: ast.expr) -> bool:
    return isinstance(node, ast.List | ast.Tuple) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )


def _size(node: ast.expr) -> float:
    """The number this expression of plain numbers gives, or infinity; 0 when it is no such expression."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(min(value, 1e300))
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _size(left) * _size(right)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, power = _size(left), _size(right)
            try:
                return base**power if base > 0 and power > 0 else 0.0
            except OverflowError:
                return float("inf")
    return 0.0


def _digits(node: ast.expr) -> float:
    """About how many digits a power of plain numbers has."""
    match node:
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return max(_digits(left), 1.0) * _size(right)
        case ast.Constant(value=int() | float() as value):
            return float(len(str(value))) if abs(value) < 1e300 else 300.0
    return 0.0
