"""What a published mapping version does with the fields of one object, which is what a change of them can break."""

import ast
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from integrations.mappings.fields_written import find_writes
from integrations.mappings.loops import constants_of
from integrations.mappings.schema_checks import fixed_values

NO_FIELDS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Written:
    """The fields that code writes, and the fixed texts it may write into each. `is_complete` is False when it may write
    others."""

    fields: frozenset[str]
    values: Mapping[str, frozenset[str]]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class FieldUse:
    """One version and one object: as its source it has `reads`, as its destination `written`, as both it has both.

    `published_at`: whoever wrote it knew the fields as they were then. `adds`: it may add records, which then need all that is
    required; `key` may be a field that cannot be written.
    """

    mapping: int
    published_at: datetime
    reads: frozenset[str] = NO_FIELDS
    written: Written | None = None
    keys: frozenset[str] = field(default=NO_FIELDS)
    adds: bool = False

    @property
    def writes(self) -> frozenset[str]:
        """The fields it writes."""
        return self.written.fields if self.written else NO_FIELDS


@lru_cache(maxsize=128)
def find_written(code: str) -> Written:
    """What this code writes, as far as that can be told from it."""
    try:
        return _find_written(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Written(NO_FIELDS, {}, is_complete=False)


def _find_written(tree: ast.Module) -> Written:
    writes, constants = find_writes(tree), constants_of(tree)
    values: dict[str, set[str]] = defaultdict(set)
    for write in writes.places:
        fixed = (node.value for node, _ in fixed_values(write.value, write, constants))
        values[write.field].update(value for value in fixed if isinstance(value, str) and value)
    texts = {name: frozenset(found) for name, found in values.items() if found}
    return Written(writes.fields, texts, writes.is_complete)
