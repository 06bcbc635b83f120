"""Looking records up by what is in them.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide (batch read)
https://developers.hubspot.com/docs/api-reference/search/guide

What is unique is read directly, since the search lags behind by seconds. Everything else is searched for: the search tells
who, and the records are then read as they are by now.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from integrations.adapters.finding import MOST_FOUND, by_text, find_in_parts
from integrations.adapters.hubspot.declaration import BATCH, LABEL
from integrations.adapters.hubspot.paths import RECORD_ID, is_record_id
from integrations.adapters.hubspot.reading import Reader
from integrations.adapters.hubspot.schema import is_email_key
from integrations.adapters.hubspot.searching import MOST_CHARACTERS, START, after_id, is_last_page
from integrations.adapters.wire import dump_json
from integrations.comparing import read_moment, read_text
from integrations.exceptions import SchemaChangedError
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
        names = tuple(dict.fromkeys((field, *fields))) if fields else ()
        found = self._ask(object_name, field, wanted, names)
        return [record for record in found if read_text(record.get(field)) in wanted]

    def _ask(self, object_name: str, field: str, wanted: Mapping[str, str], names: Sequence[str]) -> list[FlatRecord]:
        if field == RECORD_ID:
            return self._reader.read(object_name, [one for one in wanted.values() if is_record_id(one)], names)
        if is_email_key(object_name, field):
            return self._reader.read(object_name, [one.lower() for one in wanted.values()], names, by=field)
        property_ = self._describe(object_name, field)
        if property_.get("hasUniqueValue"):
            return self._read_unique(object_name, property_, wanted, names)
        return self._search(object_name, property_, list(wanted.values()), names)

    def _describe(self, object_name: str, field: str) -> Mapping[str, Any]:
        try:
            return self._reader.described(object_name)[field]
        except KeyError as exc:
            words = f"{field} does not exist in {LABEL} any more. Look at what else tells who is who in this sync."
            raise SchemaChangedError(words) from exc

    def _read_unique(
        self, object_name: str, property_: Mapping[str, Any], wanted: Mapping[str, str], names: Sequence[str]
    ) -> list[FlatRecord]:
        """Directly as the value is given. Whom that does not find may be written in another case: then he is searched for."""
        field = str(property_["name"])
        found = self._reader.read(object_name, list(wanted.values()), names, by=field)
        seen = {read_text(record.get(field)) for record in found}
        missing = [one for text, one in wanted.items() if text not in seen and one.lower() != one.upper()]
        return found + self._search(object_name, property_, missing, names) if missing else found

    def _search(
        self, object_name: str, property_: Mapping[str, Any], values: Sequence[str], names: Sequence[str]
    ) -> list[FlatRecord]:
        field = str(property_["name"])

        def ask(operands: Sequence[str]) -> list[FlatRecord] | None:
            return self._search_once(object_name, field, operands)

        operands = list(dict.fromkeys(one for value in values for one in to_operands(property_, value)))
        ids = [one["id"] for chunk in _chunks(field, operands) for one in find_in_parts(chunk, ask)]
        return self._reader.read(object_name, ids, names) if ids else []

    def _search_once(self, object_name: str, field: str, operands: Sequence[str]) -> list[FlatRecord] | None:
        """Ids of who has one of these, page by page. None for too many of several."""
        found: list[FlatRecord] = []
        last_id = START
        while len(found) < MOST_FOUND:
            body, rows, _ = self._reader.search(object_name, _query(field, operands, last_id))
            if int(body.get("total") or 0) > MOST_FOUND and len(operands) > 1:
                return None
            ids = [str(row["id"]) for row in rows if isinstance(row, dict) and is_record_id(str(row.get("id")))]
            found += [{"id": one} for one in ids]
            if is_last_page(body, rows) or not ids:
                break
            last_id = max(ids, key=int)
        return found


def _query(field: str, operands: Sequence[str], last_id: str) -> dict[str, Any]:
    filters = [{"propertyName": field, "operator": "IN", "values": list(operands)}]
    return after_id(filters, last_id, (RECORD_ID,))


def to_operands(property_: Mapping[str, Any], value: str) -> list[str]:
    """The value as the search compares it: text in lower case, choices as they are on the list, times as milliseconds."""
    kind = property_.get("type")
    if kind in ("date", "datetime"):
        moment = read_moment(value)
        return [] if moment is None else [str(int(moment * 1_000))]
    if kind != "enumeration":
        return [value.lower()]
    options = [str(one.get("value")) for one in property_.get("options") or [] if isinstance(one, dict)]
    return [value, *(option for option in options if read_text(option) == read_text(value))]


def _chunks(field: str, operands: Sequence[str]) -> Iterator[list[str]]:
    """As many as one search takes. A value that alone is too long for it is in no index, and nobody is found by it."""
    room = MOST_CHARACTERS - len(dump_json(_query(field, (), "9" * 19)))
    chunk: list[str] = []
    size = 0
    for operand in operands:
        length = len(dump_json(operand)) + 1
        if chunk and (size + length > room or len(chunk) == BATCH):
            yield chunk
            chunk, size = [], 0
        if length <= room:
            chunk.append(operand)
            size += length
    if chunk:
        yield chunk
