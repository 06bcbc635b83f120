"""Reviews mapping code before anything runs on a record: all checks at once, and which fields it reads and writes."""

import ast
from dataclasses import dataclass

from integrations.enums import SyncMode
from integrations.mappings.checks import check_code
from integrations.mappings.errors import MappingBrokenError
from integrations.mappings.fields_read import find_reads
from integrations.mappings.fields_written import find_writes
from integrations.mappings.findings import Finding, Severity, tidy
from integrations.mappings.loops import constants_of
from integrations.mappings.outcomes import Limits
from integrations.mappings.schema_checks import check_reads, check_writes
from integrations.mappings.session import Sessions
from integrations.mappings.type_checks import check_types
from integrations.types import ObjectSchema


@dataclass(frozen=True, slots=True)
class CodeReview:
    """What the checks found, by line, and the fields of both sides as far as the code alone tells them.

    `reads_all_told` and `writes_all_told` are False when the code may read or write other fields as well.
    """

    findings: tuple[Finding, ...]
    fields_read: frozenset[str] = frozenset()
    fields_written: frozenset[str] = frozenset()
    reads_all_told: bool = False
    writes_all_told: bool = False

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What must change before the code may be used."""
        return tuple(finding for finding in self.findings if finding.severity == Severity.ERROR)


def review_code(
    code: str, source: ObjectSchema, destination: ObjectSchema, *, key: str = "", mode: str = SyncMode.UPSERT
) -> CodeReview:
    """Everything that can be said about this mapping code without running it on a record. Never raises for bad code.

    `key` is the destination field that tells who a record is, or empty when that is not known yet.
    """
    findings = check_code(code)
    try:
        tree = ast.parse(code)
        reads, writes = find_reads(tree), find_writes(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return CodeReview(tuple(findings))
    found = list(findings)
    if not findings:
        found += [*_check_loading(code), *check_types(code, tree, source, reads)]
    if _has_entry(tree):
        found += check_reads(reads, source)
        found += check_writes(writes, constants_of(tree), destination, key=key, mode=SyncMode(mode))
    return CodeReview(tuple(tidy(found)), reads.fields, writes.fields, reads.is_complete, writes.is_complete)


def _has_entry(tree: ast.Module) -> bool:
    """Is there a map_record at all?"""
    return any(isinstance(node, ast.FunctionDef) and node.name == "map_record" for node in tree.body)


def _check_loading(code: str) -> list[Finding]:
    """What only the sandbox knows: parts of Python that it does not have."""
    try:
        with Sessions(code, 1, Limits()) as sessions:
            sessions.start(1.0).close()
    except MappingBrokenError as exc:
        return [Finding(exc.line, exc.message, technical=exc.technical)]
    return []
