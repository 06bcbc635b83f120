"""The prelude: small reviewed functions that every mapping may call, in the same sandbox.

The modules beside this one are read as text and fed to the sandbox; our own interpreter never imports them. Together
they are one namespace there: each function may use what an earlier module defines.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MODULES = ("values", "people", "places", "dates")
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class FunctionDoc:
    """One function as help pages and prompts show it: `clean_name(value, keep_emoji=True)` and what it does."""

    name: str
    signature: str
    summary: str


@cache
def source() -> str:
    """The prelude's code, as the sandbox gets it."""
    return "\n\n".join((FOLDER / f"{name}.py").read_text("utf-8") for name in MODULES)


@cache
def loop_source() -> str:
    """The code that maps a batch; fed after the mapping code, so that it is the last word."""
    return (FOLDER / "batch.py").read_text("utf-8")


@cache
def names() -> frozenset[str]:
    """Every name the prelude defines, those with a leading underscore included."""
    tree = ast.parse(source())
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    constants = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return frozenset(functions | {name for name in constants if name.isupper()})


@cache
def docs() -> tuple[FunctionDoc, ...]:
    """Name, signature and first sentence of each function a mapping may call, in reading order."""
    functions = [node for node in ast.parse(source()).body if isinstance(node, ast.FunctionDef)]
    return tuple(_describe(node) for node in functions if not node.name.startswith("_") and node.name != "print")


def _describe(node: ast.FunctionDef) -> FunctionDoc:
    for argument in ast.walk(node.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return FunctionDoc(node.name, f"{node.name}({ast.unparse(node.args)})", ast.get_docstring(node) or "")
