"""Which source fields mapping code reads, where that can be told from the code alone."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from integrations.mappings.loops import Loop, constants_of, loops_in, rounds_of

_READING_METHODS = frozenset({"get", "pop", "setdefault"})


@dataclass(frozen=True, slots=True)
class FieldRead:
    """One place where a field of the source record is read. Line and column count from 1."""

    field: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Reads:
    """The places where source fields are read. `is_complete` is False when the code may read others as well."""

    places: tuple[FieldRead, ...]
    is_complete: bool

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields."""
        return frozenset(place.field for place in self.places)


def source_fields(code: str) -> frozenset[str] | None:
    """The fields `map_record` reads from its record; None when that depends on what runs, or the code is not valid."""
    try:
        reads = find_reads(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return reads.fields if reads.is_complete else None


def find_reads(tree: ast.Module) -> Reads:
    """What `map_record` reads from its record, also in functions the record is passed to.

    Told from `record["x"]`, `record.get("x")` and `"x" in record`, where x may be the name of a loop over a fixed table.
    """
    reader = _Reader(tree)
    places = tuple(reader.follow("map_record", 0))
    return Reads(places, reader.is_complete)


class _Reader:
    """Follows the record through the functions it is passed to."""

    def __init__(self, tree: ast.Module) -> None:
        self._functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self._constants = constants_of(tree)
        self._seen: set[tuple[str, int]] = set()
        self.is_complete = True

    def follow(self, name: str, position: int) -> Iterator[FieldRead]:
        if (name, position) in self._seen:
            return
        self._seen.add((name, position))
        function = self._functions.get(name)
        if function is None or position >= len(function.args.args):
            self.is_complete = False
            return
        yield from self._reads_in(function, function.args.args[position].arg)

    def _reads_in(self, function: ast.FunctionDef, record: str) -> Iterator[FieldRead]:
        understood: set[ast.AST] = set()
        loops = loops_in(function, self._constants)
        for node in ast.walk(function):
            if node is not function and _takes(node, record):
                self.is_complete = False
            yield from self._reads_at(node, record, understood, loops)
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id == record and node not in understood:
                self.is_complete = False

    def _reads_at(self, node: ast.AST, record: str, understood: set[ast.AST], loops: list[Loop]) -> Iterator[FieldRead]:
        """What this piece of code reads; marks the record's name in it as understood."""
        read = _as_read(node)
        if read is not None and read[0].id == record:
            texts = _texts(read[1], loops)
            if texts is not None:
                understood.add(read[0])
                yield from (FieldRead(text, read[1].lineno, read[1].col_offset + 1) for text in texts)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for position, argument in enumerate(node.args):
                if isinstance(argument, ast.Name) and argument.id == record:
                    understood.add(argument)
                    yield from self.follow(node.func.id, position)


def _as_read(node: ast.AST) -> tuple[ast.Name, ast.expr] | None:
    """The name that is looked into, and what for."""
    match node:
        case ast.Subscript(value=ast.Name() as looked_into, slice=wanted):
            return looked_into, wanted
        case ast.Call(func=ast.Attribute(value=ast.Name() as looked_into, attr=method), args=[wanted, *_]):
            return (looked_into, wanted) if method in _READING_METHODS else None
        case ast.Compare(left=wanted, ops=[ast.In() | ast.NotIn()], comparators=[ast.Name() as looked_into]):
            return looked_into, wanted
    return None


def _texts(wanted: ast.expr, loops: list[Loop]) -> list[str] | None:
    """The text this is, or the texts it is in each round of a loop over a table; None when it cannot be told."""
    if isinstance(wanted, ast.Constant):
        return [wanted.value] if isinstance(wanted.value, str) else None
    rounds = rounds_of(wanted.id, loops) if isinstance(wanted, ast.Name) else None
    if rounds is None or not isinstance(wanted, ast.Name):
        return None
    values = [one[wanted.id] for one in rounds]
    texts = [value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    return texts if len(texts) == len(values) else None


def _takes(node: ast.AST, record: str) -> bool:
    """An inner function with a parameter of the same name: then the name means two things."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return False
    return any(isinstance(part, ast.arg) and part.arg == record for part in ast.walk(node.args))
