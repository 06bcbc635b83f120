"""Looking records up by what is in them.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_comparisonoperators.htm
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from integrations.adapters.finding import MOST_FOUND, by_text, find_in_parts
from integrations.adapters.salesforce.counting import NUMBERS, TEXTS
from integrations.adapters.salesforce.declaration import LABEL
from integrations.adapters.salesforce.names import is_record_id
from integrations.adapters.salesforce.reading import Reader
from integrations.adapters.salesforce.soql import in_lists, quote_text, select_found, write_time
from integrations.comparing import read_moment, read_number, read_text
from integrations.exceptions import ConfigurationError, SchemaChangedError
from integrations.types import FlatRecord


class Finder:
    """Finds records of one connection."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def find(self, object_name: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[FlatRecord]:
        """All that have one of these values, however they are written."""
        wanted = by_text(values)
        if not wanted:
            return []
        found = self._describe(object_name, field)
        write = _writer(found)
        literals = list(dict.fromkeys(one for value in values if value.strip() for one in write(value.strip())))
        names = tuple(dict.fromkeys((field, *(fields or self._reader.all_fields(object_name)))))

        def ask(chunk: Sequence[str]) -> list[FlatRecord] | None:
            return self._ask(object_name, field, chunk, names)

        records = [one for chunk in in_lists(literals) for one in find_in_parts(chunk, ask)]
        if found.get("type") not in TEXTS:
            return records
        return [record for record in records if read_text(record[field]) in wanted]

    def _describe(self, object_name: str, field: str) -> Mapping[str, Any]:
        """A field of the object a lookup leads to ("Account__r.Company_Key__c") is taken for text: external ids are."""
        if "." in field:
            return {"type": "string"}
        found = self._reader.described(object_name).get(field)
        if found is None:
            words = f"{field} does not exist in {LABEL} any more, or our sign-in may not see it."
            raise SchemaChangedError(f"{words} Look at what else tells who is who in this sync.")
        return found

    def _ask(
        self, object_name: str, field: str, literals: Sequence[str], names: Sequence[str]
    ) -> list[FlatRecord] | None:
        """Page by page. None for too many of several values."""
        records: list[FlatRecord] = []
        last_id = ""
        while len(records) < MOST_FOUND:
            page, is_last = self._reader.rows(select_found(object_name, names, field, literals, last_id), names)
            records += page
            if is_last:
                return records
            last_id = page[-1]["id"]
        return records[:MOST_FOUND] if len(literals) == 1 else None


def _writer(found: Mapping[str, Any]) -> Callable[[str], list[str]]:
    """How a value is written that this field is compared with; nothing for one that it cannot have."""
    kind = str(found.get("type"))
    if found.get("filterable", True):
        if found.get("caseSensitive"):
            return lambda value: [quote_text(one) for one in (value, value.lower(), value.upper())]
        for kinds, write in _LITERALS:
            if kind in kinds:
                return write
    label = found.get("label") or found.get("name")
    words = f"{LABEL} cannot look for anybody by {label}. Look at what else tells who is who in this sync."
    raise ConfigurationError(words, code="field_not_searchable")


def _write_id(value: str) -> list[str]:
    return [quote_text(value)] if is_record_id(value) else []


def _write_number(value: str) -> list[str]:
    number = read_number(value)
    return [] if number is None or not isfinite(number) else [repr(int(number) if number.is_integer() else number)]


def _write_date(value: str) -> list[str]:
    moment = read_moment(value)
    return [] if moment is None else [datetime.fromtimestamp(moment, UTC).date().isoformat()]


def _write_datetime(value: str) -> list[str]:
    moment = read_moment(value)
    return [] if moment is None else [write_time(datetime.fromtimestamp(moment, UTC))]


_LITERALS: Sequence[tuple[frozenset[str], Callable[[str], list[str]]]] = (
    (TEXTS | {"combobox"}, lambda value: [quote_text(value)]),
    (frozenset({"id", "reference"}), _write_id),
    (NUMBERS, _write_number),
    (frozenset({"date"}), _write_date),
    (frozenset({"datetime"}), _write_datetime),
)
