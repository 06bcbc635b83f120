"""Which destination fields mapping code writes, where, and with what; told from the code alone."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from integrations.mappings.loops import Constants, Loop, constants_of, loops_in, rounds_of

Bindings = Mapping[str, ast.expr]
_NO_BINDINGS: Bindings = {}


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """One place where a destination field is given a value.

    `where` is the piece of code that does it, `function` the one it stands in. `bindings` are what the names of a loop
    over a fixed table stand for in this round.
    """

    field: str
    value: ast.expr
    where: ast.expr
    function: ast.FunctionDef
    bindings: Bindings


@dataclass(frozen=True, slots=True)
class Writes:
    """The places where fields are written. `is_complete` is False when the code may write others as well."""

    places: tuple[Write, ...]
    is_complete: bool

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields."""
        return frozenset(place.field for place in self.places)


def find_writes(tree: ast.Module) -> Writes:
    """What `map_record` returns: from dicts, `out["X"] = …`, `out.update(…)`, and functions that return or fill one."""
    writer = _Writer(tree)
    places = sorted(writer.returned_by("map_record"), key=lambda place: (place.where.lineno, place.where.col_offset))
    return Writes(tuple(places), writer.is_complete)


class _Writer:
    """Follows what is returned back to where it was put together."""

    def __init__(self, tree: ast.Module) -> None:
        self._functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self._constants: Constants = constants_of(tree)
        self._loops: dict[str, list[Loop]] = {}
        self._seen: set[tuple[str, str]] = set()
        self.is_complete = True

    def returned_by(self, name: str) -> Iterator[Write]:
        if self._is_new(name, ""):
            function = self._functions.get(name)
            if function is None:
                self.is_complete = False
                return
            for node in _walk_own(function):
                if isinstance(node, ast.Return) and node.value is not None:
                    yield from self._put_together(node.value, function)

    def _is_new(self, function: str, name: str) -> bool:
        is_new = (function, name) not in self._seen
        self._seen.add((function, name))
        return is_new

    def _put_together(self, node: ast.expr, function: ast.FunctionDef) -> Iterator[Write]:
        """The fields of a dict that this expression gives."""
        match node:
            case ast.Constant(value=None) | ast.Call(func=ast.Name(id="skip")):
                return
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    yield from self._entry(key, value, function)
            case ast.Name(id=name):
                yield from self._kept_in(name, function)
            case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, op=ast.BitOr(), right=other):
                yield from self._put_together(one, function)
                yield from self._put_together(other, function)
            case ast.BoolOp(values=values):
                for value in values:
                    yield from self._put_together(value, function)
            case ast.NamedExpr(value=value) | ast.Call(func=ast.Attribute(value=value, attr="copy"), args=[]):
                yield from self._put_together(value, function)
            case ast.Call(func=ast.Name(id="dict"), args=parts, keywords=named):
                yield from self._merged(parts, named, function)
            case ast.Call(func=ast.Name(id=called)) if called in self._functions:
                yield from self.returned_by(called)
            case ast.DictComp(key=key, value=value):
                yield from self._comprehended(node, key, value, function)
            case _:
                self.is_complete = False

    def _entry(self, key: ast.expr | None, value: ast.expr, function: ast.FunctionDef) -> Iterator[Write]:
        if key is None:
            yield from self._put_together(value, function)
            return
        for name, bindings in self._names_of(key, function):
            yield Write(name, value, key, function, bindings)

    def _names_of(self, key: ast.expr, function: ast.FunctionDef) -> Iterator[tuple[str, Bindings]]:
        """The field names this key stands for; one per round of a loop over a fixed table."""
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, _NO_BINDINGS
            return
        rounds = rounds_of(key.id, self._loops_in(function)) if isinstance(key, ast.Name) else None
        if rounds is None or not isinstance(key, ast.Name):
            self.is_complete = False
            return
        for bindings in rounds:
            match bindings[key.id]:
                case ast.Constant(value=str() as name):
                    yield name, bindings
                case _:
                    self.is_complete = False

    def _loops_in(self, function: ast.FunctionDef) -> list[Loop]:
        if function.name not in self._loops:
            self._loops[function.name] = loops_in(function, self._constants)
        return self._loops[function.name]

    def _merged(self, parts: list[ast.expr], named: list[ast.keyword], function: ast.FunctionDef) -> Iterator[Write]:
        """What dict(…) and update(…) take."""
        for part in parts:
            yield from self._put_together(part, function)
        for one in named:
            if one.arg is None:
                yield from self._put_together(one.value, function)
            else:
                yield Write(one.arg, one.value, one.value, function, _NO_BINDINGS)

    def _comprehended(
        self, node: ast.DictComp, key: ast.expr, value: ast.expr, function: ast.FunctionDef
    ) -> Iterator[Write]:
        """{name: … for name, value in kept.items()} has the fields of what it goes over; others those of their table."""
        match node.generators[0]:
            case ast.comprehension(
                target=ast.Tuple(elts=[ast.Name(id=first), *_]),
                iter=ast.Call(func=ast.Attribute(value=ast.Name(id=kept), attr="items")),
            ) if isinstance(key, ast.Name) and key.id == first and kept not in self._constants:
                yield from self._kept_in(kept, function)
            case _:
                yield from self._entry(key, value, function)

    def _kept_in(self, name: str, function: ast.FunctionDef) -> Iterator[Write]:
        """The fields of a dict that has a name in this function, from every place that puts one in."""
        if not self._is_new(function.name, name):
            return
        if name in self._constants and not _is_local(name, function):
            yield from self._put_together(self._constants[name], function)
            return
        if any(argument.arg == name for argument in ast.walk(function.args) if isinstance(argument, ast.arg)):
            self.is_complete = False
        yield from self._filled(name, function)

    def _filled(self, name: str, function: ast.FunctionDef) -> Iterator[Write]:
        for node in _walk_own(function):
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        yield from self._assigned(target, value, name, function)
                case (
                    ast.AnnAssign(target=target, value=ast.expr() as value)
                    | ast.AugAssign(target=target, op=ast.BitOr(), value=value)
                    | ast.NamedExpr(target=target, value=value)
                ):
                    yield from self._assigned(target, value, name, function)
                case ast.Call(func=ast.Attribute(value=ast.Name(id=given), attr=method)) if given == name:
                    yield from self._changed(node, method, function)
                case ast.Call(func=ast.Name(id=called)) if called in self._functions:
                    yield from self._filled_by(node, called, name)

    def _assigned(self, target: ast.expr, value: ast.expr, name: str, function: ast.FunctionDef) -> Iterator[Write]:
        if _is_named(target, name):
            yield from self._put_together(value, function)
        elif isinstance(target, ast.Subscript) and _is_named(target.value, name):
            yield from self._entry(target.slice, value, function)
        elif _is_named(value, name) or any(_is_named(part, name) for part in getattr(target, "elts", ())):
            self.is_complete = False

    def _changed(self, call: ast.Call, method: str, function: ast.FunctionDef) -> Iterator[Write]:
        if method == "update":
            yield from self._merged(call.args, call.keywords, function)
        elif method == "setdefault" and call.args:
            value = call.args[1] if len(call.args) > 1 else ast.Constant(None)
            yield from self._entry(call.args[0], value, function)

    def _filled_by(self, call: ast.Call, called: str, name: str) -> Iterator[Write]:
        """A function of the mapping's own that is given the dict may put fields in."""
        parameters = self._functions[called].args.args
        for position, argument in enumerate(call.args):
            if _is_named(argument, name) and position < len(parameters):
                inner = parameters[position].arg
                if self._is_new(called, f"{inner} filled"):
                    yield from self._filled(inner, self._functions[called])
        if any(_is_named(one.value, name) for one in call.keywords):
            self.is_complete = False


def _walk_own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """What stands in this function, without the functions inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_local(name: str, function: ast.FunctionDef) -> bool:
    return any(
        (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store))
        or (isinstance(node, ast.arg) and node.arg == name)
        for node in ast.walk(function)
    )
