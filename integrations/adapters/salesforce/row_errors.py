"""Why Salesforce refused one row of a batch: our reason, the field, and whether to send it again."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from integrations.adapters.salesforce.declaration import LABEL
from integrations.adapters.salesforce.errors import Problem, read_problems, tell_gone
from integrations.adapters.salesforce.names import is_record_id
from integrations.adapters.salesforce.tables import PASSING, ROW_REASONS, ROW_STOPS
from integrations.enums import SyncMode
from integrations.exceptions import ConfigurationError, SchemaChangedError
from integrations.reasons import sentence
from integrations.types import FlatRecord, Result

_DUPLICATE = re.compile(r"duplicate value found: (\w+) duplicates")
_LOOKUP = re.compile(r"Foreign key external ID: .* not found for field (\w+) in entity (\w+)", re.DOTALL)


def refuse(code: str, field: str = "", technical: str = "", *, is_transient: bool = False) -> Result:
    """A rejected row in our words."""
    words = sentence(code, field, LABEL)
    return Result(False, code=code, message=words, field=field, technical=technical, is_transient=is_transient)


def judge_row(problems: Sequence[Problem], record: FlatRecord) -> Result:
    """Raises ConfigurationError when the problem is not about this row but about all."""
    first = problems[0] if problems else Problem("", "", ())
    if first.code in ROW_STOPS:
        raise _stop(first)
    lookup = _LOOKUP.search(first.message)
    if first.code == "INVALID_FIELD" and lookup is None:
        raise SchemaChangedError(tell_gone(first), technical=first.code)
    code, field = ROW_REASONS.get(first.code, "refused"), first.fields[0] if first.fields else ""
    if lookup is not None:
        code, field = "lookup_not_found", _find_lookup(lookup[1], record) or field
    elif first.code == "INVALID_CROSS_REFERENCE_KEY" and not field and _is_only_id(record):
        code = "not_found"
    if duplicate := _DUPLICATE.search(first.message):
        field = duplicate[1]
    passing = any(p.code in PASSING or "UNABLE_TO_LOCK_ROW" in p.message for p in problems)
    technical = " · ".join(f"{p.code}: {p.message}" for p in problems)
    return refuse("locked" if passing else code, field, technical, is_transient=passing)


def judge_outcome(outcome: Mapping[str, Any], record: FlatRecord, mode: SyncMode) -> Result:
    """One entry of a collection's answer; only an upsert says whether the row is new."""
    if outcome.get("success") is True:
        created = outcome.get("created") is True if mode is SyncMode.UPSERT else mode is SyncMode.CREATE
        return Result(True, str(outcome.get("id") or ""), created)
    return judge_row(read_problems(outcome.get("errors")), record)


def _stop(found: Problem) -> ConfigurationError:
    words = ROW_STOPS[found.code].format(fields=", ".join(found.fields) or "a field")
    if found.code == "INVALID_FIELD_FOR_INSERT_UPDATE":
        return SchemaChangedError(words, technical=found.code)
    return ConfigurationError(words, code=found.code.lower(), technical=found.code)


def _find_lookup(external_id: str, record: FlatRecord) -> str:
    """The dotted field of the record whose last part is the external id of the message."""
    return next((name for name in record if name.endswith(f".{external_id}")), "")


def _is_only_id(record: FlatRecord) -> bool:
    """True when the record's own Id is the only id in it: then it is the one that leads nowhere. Salesforce does not say."""
    texts = {name: value for name, value in record.items() if isinstance(value, str) and is_record_id(value)}
    return [name for name, value in texts.items() if not value.isalpha()] == ["Id"]
