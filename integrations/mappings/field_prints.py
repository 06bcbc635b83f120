"""Which destination fields two versions of mapping code treat differently, told from the code alone.

Each field has a print: how its value comes about and under which conditions, followed through variables, functions and
tables. Names the writer chose do not count: renaming and moving about change no print.
"""

import ast
import copy
import hashlib
from collections.abc import Callable, Iterator

from integrations.mappings.fields_written import Write, find_writes
from integrations.mappings.loops import constants_of

LEFT_OUT = ""
"""In place of a field: who is left out."""
_ENTRY = "map_record"

Naming = Callable[[str], str | None]
"""What stands for a name in a print; None for a name that stands for itself."""


def changed_fields(old: str, new: str) -> set[str]:
    """The fields whose treatment differs; LEFT_OUT among them when it differs who is left out."""
    before, after = field_prints(old), field_prints(new)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def field_prints(code: str) -> dict[str, frozenset[str]]:
    """Each field the code can be seen to set, with the prints of all places that set it; {} for code that is not valid."""
    return _prints(code) or {}


def short_prints(code: str) -> dict[str, str] | None:
    """As `field_prints`, each field's in a few letters, to be kept; None for code that is not valid."""
    found = _prints(code)
    return None if found is None else {name: _digest(*sorted(prints)) for name, prints in found.items()}


def _prints(code: str) -> dict[str, frozenset[str]] | None:
    try:
        tree = ast.parse(code)
        module = _Module(tree)
        found = {LEFT_OUT: module.leavings()}
        for write in find_writes(tree).places:
            found.setdefault(write.field, set()).add(module.print_write(write))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return {name: frozenset(prints) for name, prints in found.items() if prints}


class _Module:
    """The functions and fixed values of some code, by name."""

    def __init__(self, tree: ast.Module) -> None:
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self._outside: dict[str, ast.AST] = {**functions, **constants_of(tree)}
        self._bodies = {name: _Body(self, function) for name, function in functions.items()}
        self._known: dict[str, str] = {}

    def leavings(self) -> set[str]:
        """The prints of all places where a record is left out."""
        entry = self._bodies.get(_ENTRY)
        skipping = (one for body in self._bodies.values() for one in body.skipping())
        return {*skipping, *(entry.returning_nothing() if entry else ())}

    def print_write(self, write: Write) -> str:
        """How this value comes about. In a loop over a fixed table a name stands for another value in each round."""
        rounds = [f"{name}={ast.dump(value)}" for name, value in sorted(write.bindings.items())]
        return " ".join([self._bodies[write.function.name].print_in_place(write.value, write.where), *rounds])

    def print_of(self, node: ast.AST, naming: Naming) -> str:
        """A print of this piece of code; `naming` knows the names around it."""
        own = _own_names(node)

        def stands_for(name: str) -> str | None:
            return own.get(name) or naming(name) or self._name_outside(name)

        return ast.dump(_Renaming(stands_for).visit(copy.deepcopy(node)))

    def _name_outside(self, name: str) -> str | None:
        if name not in self._outside:
            return None
        if name not in self._known:
            self._known[name] = "itself"
            self._known[name] = _digest(self.print_of(self._outside[name], lambda name: None))
        return self._known[name]


class _Body:
    """One function: what its variables are given, and under which conditions its statements run."""

    def __init__(self, module: _Module, function: ast.FunctionDef) -> None:
        self._module = module
        self._arguments = {argument.arg: f"argument {at}" for at, argument in enumerate(function.args.args)}
        self._guards: dict[ast.AST, tuple[ast.expr, ...]] = {}
        self._statements: list[ast.stmt] = []
        self._walk(function.body, ())
        self._given: dict[str, list[ast.stmt]] = {}
        for statement in self._statements:
            for name in _names_given(statement):
                self._given.setdefault(name, []).append(statement)
        self._known: dict[str, str] = {}

    def _walk(self, statements: list[ast.stmt], guards: tuple[ast.expr, ...]) -> None:
        for node in statements:
            self._statements.append(node)
            self._guards |= dict.fromkeys(ast.walk(node), guards)
            condition = getattr(node, "test", None) or getattr(node, "iter", None)
            inner = guards if condition is None else (*guards, condition)
            for part in ("body", "finalbody"):
                self._walk(getattr(node, part, []), inner)
            self._walk(getattr(node, "orelse", []), (*inner, ast.Constant("otherwise")))
            for handler in getattr(node, "handlers", []):
                self._walk(handler.body, (*guards, ast.Constant("on error")))

    def skipping(self) -> Iterator[str]:
        """Every call of skip()."""
        for statement in self._statements:
            match statement:
                case ast.Expr(value=ast.Call(func=ast.Name(id="skip")) as call):
                    yield self.print_in_place(call, statement)

    def returning_nothing(self) -> Iterator[str]:
        """Every return without a record."""
        for statement in self._statements:
            match statement:
                case ast.Return(value=None | ast.Constant(value=None)):
                    yield self.print_in_place(ast.Constant(None), statement)

    def print_in_place(self, value: ast.AST, where: ast.AST) -> str:
        """How this value comes about, and under which conditions what stands at `where` is reached."""
        parts = (value, *self._guards.get(where, ()))
        return " if ".join(self._module.print_of(part, self._name) for part in parts)

    def _name(self, name: str) -> str | None:
        """An argument, or a variable by everything it is given."""
        if name not in self._given:
            return self._arguments.get(name)
        if name not in self._known:
            self._known[name] = "itself"
            given = (self.print_in_place(_value_of(one), one) for one in self._given[name])
            self._known[name] = _digest(*sorted(given))
        return self._known[name]


class _Renaming(ast.NodeTransformer):
    """Puts what a name stands for in its place, and takes docstrings away."""

    def __init__(self, stands_for: Naming) -> None:
        self._stands_for = stands_for

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._stands_for(node.id) or node.id, node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self._stands_for(node.arg) or node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = "function"
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return self.generic_visit(node)


def _own_names(node: ast.AST) -> dict[str, str]:
    """Names this piece of code makes for itself (arguments, loop variables, locals), numbered as they come."""
    own: dict[str, str] = {}
    for part in ast.walk(node):
        if isinstance(part, ast.arg):
            own.setdefault(part.arg, f"own {len(own)}")
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            own.setdefault(part.id, f"own {len(own)}")
    return own


def _names_given(statement: ast.stmt) -> set[str]:
    """The variables this statement itself sets."""
    targets: list[ast.expr] = list(getattr(statement, "targets", []))
    targets += [target] if (target := getattr(statement, "target", None)) is not None else []
    parts = (part for target in targets for part in ast.walk(target))
    return {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def _value_of(statement: ast.stmt) -> ast.AST:
    found: ast.AST | None = getattr(statement, "value", None) or getattr(statement, "iter", None)
    return found or ast.Constant(None)


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
