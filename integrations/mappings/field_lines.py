"""Where mapping code makes each destination field, and from which source fields; told from the code alone."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from integrations.mappings.fields_read import FieldRead, find_reads
from integrations.mappings.fields_written import Write, find_writes

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class FieldCode:
    """How one field comes about: the lines that take part, the source fields they read, and the values it may be given.

    `names` are the local names that have one value only.
    """

    lines: tuple[int, ...]
    reads: tuple[str, ...]
    values: tuple[ast.expr, ...]
    names: Mapping[str, ast.expr]


def find_field_code(code: str) -> dict[str, FieldCode]:
    """By field, in the order of the code; {} for code that is not valid."""
    try:
        tree = ast.parse(code)
        places = find_writes(tree).places
        tracer = _Tracer(tree)
        found: dict[str, list[_Trace]] = {}
        for write in places:
            found.setdefault(write.field, []).append(tracer.follow(write))
        reads = find_reads(tree).places
        return {name: _put_together(traces, reads) for name, traces in found.items()}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


@dataclass(slots=True)
class _Trace:
    """What one write leads to: its lines, and where each looked-for name or text stands."""

    write: Write
    lines: set[int]
    places: dict[tuple[int, int], ast.AST]
    names: dict[str, ast.expr]


class _Scope:
    """One function: what its names are given, and under which conditions each piece of it runs."""

    def __init__(self, function: ast.FunctionDef) -> None:
        self.given: dict[str, list[tuple[ast.stmt, ast.expr]]] = {}
        self.conditions: dict[ast.AST, tuple[ast.expr, ...]] = {}
        self._walk(function.body, ())

    def _walk(self, statements: list[ast.stmt], conditions: tuple[ast.expr, ...]) -> None:
        for node in statements:
            self.conditions |= dict.fromkeys(ast.walk(node), conditions)
            self._note(node)
            condition = getattr(node, "test", None) or getattr(node, "iter", None)
            inner = conditions if condition is None else (*conditions, condition)
            for part in ("body", "orelse", "finalbody"):
                self._walk(getattr(node, part, []), inner)
            for handler in getattr(node, "handlers", []):
                self._walk(handler.body, conditions)

    def _note(self, node: ast.stmt) -> None:
        targets = [*getattr(node, "targets", []), *filter(None, [getattr(node, "target", None)])]
        value = getattr(node, "value", None) or getattr(node, "iter", None)
        if value is None or isinstance(value, ast.Dict):  # what is put together is no part of how one of it comes about
            return
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    self.given.setdefault(part.id, []).append((node, value))


class _Tracer:
    """Follows a value back through names, functions and tables."""

    def __init__(self, tree: ast.Module) -> None:
        self._functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self._scopes = {name: _Scope(node) for name, node in self._functions.items()}
        self._tables = {
            part.id: node
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for part in ast.walk(node)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }

    def follow(self, write: Write) -> _Trace:
        """Everything that has a part in this value."""
        trace = _Trace(write, set(), {}, {})
        scope = self._scopes[write.function.name]
        waiting: list[tuple[ast.AST, _Scope]] = [(write.value, scope), (write.where, scope)]
        seen: set[ast.AST] = set()
        while waiting:
            node, scope = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            trace.lines.update(_lines_of(node))
            waiting += [(condition, scope) for condition in scope.conditions.get(node, ())]
            for part in ast.walk(node):
                if isinstance(part, ast.Constant | ast.Name):
                    trace.places[part.lineno, part.col_offset + 1] = part
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                    waiting += self._behind(part.id, scope, trace)
        return trace

    def _behind(self, name: str, scope: _Scope, trace: _Trace) -> Iterator[tuple[ast.AST, _Scope]]:
        given = scope.given.get(name, ())
        for statement, value in given:
            trace.lines.update(range(statement.lineno, (value.end_lineno or value.lineno) + 1))
            yield value, scope
        if len(given) == 1 and scope is self._scopes[trace.write.function.name]:
            trace.names[name] = given[0][1]
        if not given and name in self._functions:
            yield self._functions[name], self._scopes[name]
        elif not given and name in self._tables:
            yield self._tables[name], scope


def _lines_of(node: ast.AST) -> range:
    first: int = getattr(node, "lineno", 0)
    last: int = getattr(node, "end_lineno", None) or first
    return range(first, min(last, first + _LONGEST) + 1) if first else range(0)


def _put_together(traces: list[_Trace], reads: tuple[FieldRead, ...]) -> FieldCode:
    lines = sorted({line for trace in traces for line in trace.lines})
    read = dict.fromkeys(place.field for trace in traces for place in reads if _belongs(place, trace))
    names = {name: value for trace in traces for name, value in trace.names.items()}
    return FieldCode(tuple(lines), tuple(read), tuple(trace.write.value for trace in traces), names)


def _belongs(place: FieldRead, trace: _Trace) -> bool:
    """In a loop over a table a name stands for another field in each round; only that of this write counts."""
    node = trace.places.get((place.line, place.column))
    if isinstance(node, ast.Name) and node.id in trace.write.bindings:
        bound = trace.write.bindings[node.id]
        return isinstance(bound, ast.Constant) and bound.value == place.field
    return node is not None
