"""Which source fields mapping code reads, where that can be told from the code alone."""

import ast
from collections.abc import Iterator

_READING_METHODS = frozenset({"get", "pop", "setdefault"})

Functions = dict[str, ast.FunctionDef]


def source_fields(code: str) -> frozenset[str] | None:
    """The fields `map_record` reads from its record; None when that depends on what runs, or the code is not valid.

    Told from `record["x"]`, `record.get("x")` and `"x" in record`, also in functions the record is passed to.
    """
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    try:
        return frozenset(_Reader(functions).fields_of("map_record", 0))
    except _CannotTellError:
        return None


class _CannotTellError(Exception):
    """The record is used in a way that says nothing about its fields."""


class _Reader:
    """Follows the record through the functions it is passed to."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._seen: set[tuple[str, int]] = set()

    def fields_of(self, name: str, position: int) -> Iterator[str]:
        if (name, position) in self._seen:
            return
        self._seen.add((name, position))
        function = self._functions.get(name)
        if function is None or position >= len(function.args.args):
            raise _CannotTellError
        yield from self._fields_in(function, function.args.args[position].arg)

    def _fields_in(self, function: ast.FunctionDef, record: str) -> Iterator[str]:
        understood: set[ast.AST] = set()
        for node in ast.walk(function):
            if node is not function and _takes(node, record):
                raise _CannotTellError
            yield from self._fields_at(node, record, understood)
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id == record and node not in understood:
                raise _CannotTellError

    def _fields_at(self, node: ast.AST, record: str, understood: set[ast.AST]) -> Iterator[str]:
        """The field this piece of code reads; marks the record's name in it as understood."""
        match node:
            case ast.Subscript(value=ast.Name(id=name) as used, slice=ast.Constant(value=str() as field)):
                if name == record:
                    understood.add(used)
                    yield field
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name) as used, attr=method),
                args=[ast.Constant(value=str() as field), *_],
            ):
                if name == record and method in _READING_METHODS:
                    understood.add(used)
                    yield field
            case ast.Compare(
                left=ast.Constant(value=str() as field),
                ops=[ast.In() | ast.NotIn()],
                comparators=[ast.Name(id=name) as used],
            ):
                if name == record:
                    understood.add(used)
                    yield field
            case ast.Call(func=ast.Name(id=called), args=arguments):
                for position, argument in enumerate(arguments):
                    if isinstance(argument, ast.Name) and argument.id == record:
                        yield from self.fields_of(called, position)
                        understood.add(argument)


def _takes(node: ast.AST, record: str) -> bool:
    """An inner function with a parameter of the same name: then the name means two things."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return False
    return any(isinstance(part, ast.arg) and part.arg == record for part in ast.walk(node.args))
