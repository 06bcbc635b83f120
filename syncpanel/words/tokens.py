"""Python code taken apart for colouring: Pygments' tokens, line by line."""

from typing import Any

from pygments.lexers import PythonLexer
from pygments.token import STANDARD_TYPES

PLAIN = frozenset({"", "w", "p", "n", "o"})
"""Classes that have no colour of their own."""

Token = tuple[str, str]
"""CSS class and text."""


def tokens_by_line(code: str) -> list[list[Token]]:
    """The tokens of each line, whatever the code is."""
    lines: list[list[Token]] = [[]]
    for kind, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(code):
        for index, part in enumerate(text.split("\n")):
            if index:
                lines.append([])
            if part:
                lines[-1].append((_css_class(kind), part))
    return lines


def _css_class(kind: Any) -> str:
    while kind is not None and kind not in STANDARD_TYPES:
        kind = kind.parent
    return STANDARD_TYPES.get(kind, "")
