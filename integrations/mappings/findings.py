"""What is said about mapping code: each finding is a sentence with its place."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MOST_FINDINGS = 100


class Severity(StrEnum):
    """An error must change before the code may be used; a warning may be published with a reason."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about mapping code. `line` and `column` count from 1; they are 0 when it concerns the code as a whole.

    `field` is the source or destination field it concerns, or empty. `technical` is what the type checker said.
    """

    line: int
    message: str
    severity: Severity = Severity.ERROR
    column: int = 0
    field: str = ""
    technical: str = ""


def at(node: ast.AST, message: str, **more: Any) -> Finding:
    """A finding where this piece of code stands."""
    return Finding(getattr(node, "lineno", 0), message, column=getattr(node, "col_offset", -1) + 1, **more)


def tidy(findings: Iterable[Finding]) -> list[Finding]:
    """By line, what is said twice of one line only once, and not more than a person would read."""
    first: dict[tuple[int, str], Finding] = {}
    for finding in sorted(findings, key=lambda one: (one.line, one.column, one.severity, one.message)):
        first.setdefault((finding.line, finding.message), finding)
    return list(first.values())[:MOST_FINDINGS]
